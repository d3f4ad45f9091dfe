package io.headgate.rpc.endpoint;

import io.headgate.Service;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * Objects as a service: a call of {@code Files/list} goes to the method {@code list} of the object that implements the
 * interface {@code Files}. Give it to a connection as its handler, on whichever side.
 *
 * <p>An interface is a service when one of its methods returns a {@code Mono} or a {@code Flux}. Then each of its methods, but
 * for default and static ones, is an endpoint:
 *
 * <ul>
 *   <li>It returns {@code Mono<R>}, {@code Mono<Void>}, {@code Flux<R>} or {@code Flux<ByteBuf>}.
 *   <li>It takes values, and at most one {@code Flux<A>} or {@code Flux<ByteBuf>}, and at most one {@link RpcContext}.
 *   <li>Buffers are passed on as they are, messages of Protocol Buffers as such, all other types as JSON; see {@link Codecs}.
 * </ul>
 *
 * <p>A {@code Mono} that completes empty is an answer: the caller's completes empty as well. Null is a value for parameters
 * that are no primitives.
 *
 * <p>Beside its own endpoints it answers those of {@link EndpointDirectory}, unless there is no JSON on the class path.
 *
 * <p><b>Threading.</b> Handlers are called where the request is read, an event loop as a rule, and must not block.
 *
 * <p><b>Ownership.</b> A handler owns the buffers that it is given, and gives away those that it emits.
 *
 * <p><b>Backpressure.</b> What the caller asks for is asked of the handler's {@code Flux}, one to one, and what the handler asks
 * for is asked of the caller. A {@code Flux} that a handler returns is subscribed at once and asked for nothing: if it fails
 * there, the call fails, and later its stream does.
 *
 * <p><b>Cancellation.</b> Reaches the publisher of the handler once. When a result has ended, so has the stream parameter: what
 * was not read of it is dropped.
 *
 * <p><b>Errors.</b> {@link RpcStatus#UNIMPLEMENTED} for an endpoint that there is not, {@link RpcStatus#INVALID_ARGUMENT} for a
 * request that is not what the signature says, {@link RpcStatus#DEADLINE_EXCEEDED} for one that comes too late,
 * {@link RpcStatus#INTERNAL} for a handler that returns null or what does not encode. What a handler throws or fails with is
 * passed on as it is; the connection masks what is not meant for callers.
 */
public final class Endpoints implements Service<RpcRequest, RpcReply> {

    private static final String DIRECTORY = "headgate/endpoints";

    private final Map<String, Endpoint> endpoints;
    private final List<EndpointInfo> infos;

    private Endpoints(Map<String, Endpoint> endpoints, List<EndpointInfo> infos) {
        this.endpoints = Map.copyOf(endpoints);
        this.infos = infos;
    }

    /**
     * The endpoints of some objects, with default settings.
     *
     * @param handlers implement interfaces that are services
     * @return the service
     * @throws IllegalArgumentException when a signature is not supported, or two endpoints have the same name; the message
     *     has a line for each
     */
    public static Endpoints of(Object... handlers) {
        Builder builder = builder();
        for (Object handler : handlers) {
            builder.add(handler);
        }
        return builder.build();
    }

    /**
     * A builder without endpoints.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * What there is to call.
     *
     * @return the signatures in the order of their names
     */
    public List<EndpointInfo> list() {
        return infos;
    }

    /** The signatures, one on each line. */
    @Override
    public String describe() {
        return infos.stream().map(EndpointInfo::toString).collect(Collectors.joining("\n"));
    }

    @Override
    public Mono<RpcReply> call(RpcRequest request) {
        Endpoint endpoint = endpoints.get(request.endpoint());
        return endpoint == null ? new Unknown(request) : new Handled(endpoint, request);
    }

    @Override
    public String toString() {
        return infos.size() + " endpoints";
    }

    private static final class Handled extends Mono<RpcReply> {

        private final Endpoint endpoint;
        private final RpcRequest request;

        Handled(Endpoint endpoint, RpcRequest request) {
            this.endpoint = endpoint;
            this.request = request;
        }

        @Override
        public void subscribe(CoreSubscriber<? super RpcReply> actual) {
            actual.onSubscribe(new Handling(endpoint, request, actual));
        }
    }

    private static final class Unknown extends Mono<RpcReply> {

        private final RpcRequest request;

        Unknown(RpcRequest request) {
            this.request = request;
        }

        @Override
        public void subscribe(CoreSubscriber<? super RpcReply> actual) {
            request.body().discard();
            Operators.error(
                    actual,
                    RpcException.of(
                            RpcStatus.UNIMPLEMENTED,
                            "endpoint: " + request.endpoint() + " (expected: one that " + DIRECTORY + " lists)"));
        }
    }

    /** Makes the endpoints; not for use by several threads at once. */
    public static final class Builder {

        private record Registered(Class<?> type, Object handler) {}

        private final List<Registered> registered = new ArrayList<>();
        private final List<Object> strangers = new ArrayList<>();
        private @Nullable Codecs codecs;
        private ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;
        private int maxElement = RpcSettings.DEFAULTS.maxElement();

        private Builder() {}

        /**
         * Adds an object under all interfaces of it that are services. Methods that such an interface inherits belong to it,
         * so the interface that it inherits them from is not a service of its own.
         *
         * @param handler implements at least one such interface
         * @return this
         */
        public Builder add(Object handler) {
            Set<Class<?>> services = services(Objects.requireNonNull(handler, "handler"));
            services.forEach(type -> registered.add(new Registered(type, handler)));
            if (services.isEmpty()) {
                strangers.add(handler);
            }
            return this;
        }

        /**
         * Adds an object under one interface.
         *
         * @param type the interface
         * @param handler implements it
         * @param <T> the interface
         * @return this
         */
        public <T> Builder add(Class<T> type, T handler) {
            registered.add(
                    new Registered(Objects.requireNonNull(type, "type"), Objects.requireNonNull(handler, "handler")));
            return this;
        }

        /**
         * How values travel; by default {@link Codecs#standard}.
         *
         * @param changed the codecs
         * @return this
         */
        public Builder codecs(Codecs changed) {
            codecs = Objects.requireNonNull(changed, "codecs");
            return this;
        }

        /**
         * Where buffers come from; by default Netty's default.
         *
         * @param changed the allocator
         * @return this
         */
        public Builder allocator(ByteBufAllocator changed) {
            allocator = Objects.requireNonNull(changed, "allocator");
            return this;
        }

        /**
         * The limit for one value or element, read or written; by default that of {@link RpcSettings#DEFAULTS}.
         *
         * @param bytes at least one
         * @return this
         */
        public Builder maxElement(int bytes) {
            maxElement = bytes;
            return this;
        }

        /**
         * The service.
         *
         * @return the service
         * @throws IllegalArgumentException when a setting or a signature is wrong, or two endpoints have the same name; the
         *     message has a line for each
         */
        public Endpoints build() {
            Contract contract = new Contract(
                    codecs == null ? Codecs.standard() : codecs, new Format.Limits(allocator, Math.max(1, maxElement)));
            if (maxElement < 1) {
                contract.complain("maxElement: " + maxElement + " (expected: at least 1)");
            }
            strangers.forEach(handler -> contract.complain(handler.getClass().getName()
                    + ": no service (expected: an interface with methods that return Mono or Flux)"));
            Map<String, Endpoint> endpoints = new TreeMap<>();
            Map<String, String> sources = new TreeMap<>();
            for (Registered each : registered) {
                read(contract, each, endpoints, sources);
            }
            List<EndpointInfo> infos = endpoints.values().stream()
                    .map(endpoint -> endpoint.signature().info())
                    .toList();
            if (StandardCodecs.hasJson()) {
                EndpointDirectory directory = () -> Mono.just(infos);
                Contract own = new Contract(JsonCodecs.create(), new Format.Limits(allocator, 1 << 20));
                read(own, new Registered(EndpointDirectory.class, directory), endpoints, sources);
                own.check();
            }
            contract.check();
            return new Endpoints(endpoints, infos);
        }

        private static void read(
                Contract contract, Registered each, Map<String, Endpoint> endpoints, Map<String, String> sources) {
            for (Signature signature : contract.read(each.type)) {
                String source = each.type.getName() + '.' + signature.method().getName();
                String other = sources.putIfAbsent(signature.name(), source);
                if (other == null) {
                    endpoints.put(signature.name(), Endpoint.of(signature, each.handler));
                } else {
                    contract.complain(signature.name() + ": both " + other + " and " + source
                            + " (expected: one, or another name by @EndpointName)");
                }
            }
        }

        /** The interfaces that are services and that no other of them extends. */
        private static Set<Class<?>> services(Object handler) {
            Set<Class<?>> all = new LinkedHashSet<>();
            for (Class<?> type = handler.getClass(); type != null; type = type.getSuperclass()) {
                collect(type, all);
            }
            return all.stream()
                    .filter(type -> all.stream().noneMatch(other -> other != type && type.isAssignableFrom(other)))
                    .collect(Collectors.toCollection(LinkedHashSet::new));
        }

        private static void collect(Class<?> type, Set<Class<?>> found) {
            for (Class<?> parent : type.getInterfaces()) {
                if (Contract.isService(parent)) {
                    found.add(parent);
                }
                collect(parent, found);
            }
        }
    }
}
