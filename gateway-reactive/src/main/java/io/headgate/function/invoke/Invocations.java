package io.headgate.function.invoke;

import io.headgate.Deadline;
import io.headgate.Service;
import io.headgate.function.http.ErrorReplies;
import io.headgate.function.http.JsonReplies;
import io.headgate.function.http.MethodNotAllowedException;
import io.headgate.function.model.CallAnnotations;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.function.model.Ids;
import io.headgate.function.store.Catalog;
import io.headgate.function.store.Target;
import io.headgate.http.Body;
import io.headgate.http.BodyTooLargeException;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.ReplyHead;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.Fuseable.ScalarCallable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Calls functions by HTTP: {@code POST /invoke/{fn_id}} calls one directly, any method on {@code /t/{app}/...} calls the one whose trigger is
 * for the path.
 *
 * <pre>{@code
 * Invocations invocations = Invocations.builder(catalog, agent).async(asyncCalls).build();
 * }</pre>
 *
 * <p><b>Fields.</b> A function that is called directly gets those of the client, and the client gets those of the function. Through a
 * trigger a function gets the request as a whole: {@code Fn-Intent}, {@code Fn-Http-Method}, {@code Fn-Http-Request-Url}, parameters of the path
 * as {@code Fn-Http-Param-*}, and the client's fields with {@code Fn-Http-H-} before their names, but for {@code Content-Type}; its client gets
 * what the function prefixed in the same way, and the status of {@code Fn-Http-Status}. Fields of a connection pass neither way.
 * {@code Fn-Call-Id} is on every reply to a call.
 *
 * <p><b>Ways to call.</b> The client waits, unless a direct call says {@code Fn-Invoke-Type: detached}, which is answered with 202 when the call
 * is about to be sent, or {@code async}, as the annotation {@code headgate.io/async} of a trigger or function does: then the call is
 * recorded, answered with 202, and run later.
 *
 * <p><b>Bodies.</b> Requests and replies are buffered up to the bounds of {@link InvocationSettings}: an instance is not kept by a slow
 * client, and a failure at the end still changes the status. With the annotation {@code headgate.io/stream}, or by the settings, both pass
 * as they come; then a reply that fails in its middle is cut.
 *
 * <p><b>Errors.</b> Failures are replies, made by {@link ErrorReplies}.
 *
 * <p><b>Cancellation.</b> A client that leaves gives its call up as {@link FunctionAgent} says, unless it was detached and has begun.
 *
 * <p><b>Threading.</b> Any thread may call; nothing blocks. A request that comes on an event loop is sent on from there, also when what it
 * is for had to be read first.
 */
public final class Invocations implements Service<HttpExchange, HttpReply> {

    private static final String DIRECT = "/invoke/";
    private static final String TRIGGER = "/t/";

    private final Catalog catalog;
    private final Invoker invoker;
    private final @Nullable AsyncAcceptor async;
    private final InvocationSettings settings;
    private final Ids ids;

    private Invocations(Builder builder) {
        this.catalog = builder.catalog;
        this.invoker = builder.invoker;
        this.async = builder.async;
        this.settings = builder.settings;
        this.ids = builder.ids;
    }

    /**
     * A builder.
     *
     * @param catalog what functions and triggers are looked up in
     * @param invoker runs the calls
     * @return takes no asynchronous calls yet
     */
    public static Builder builder(Catalog catalog, Invoker invoker) {
        return new Builder(catalog, invoker);
    }

    @Override
    public Mono<HttpReply> call(HttpExchange exchange) {
        Mono<Target> target;
        try {
            target = target(exchange);
            if (target instanceof ScalarCallable<?> known && known.call() instanceof Target found) {
                return call(exchange, found); // nearly always the catalog has it, and nobody needs to wait for it
            }
        } catch (Exception e) {
            return Mono.just(refusal(e, exchange, null));
        }
        return here(target)
                .flatMap(found -> call(exchange, found))
                .onErrorResume(e -> Mono.just(refusal(e, exchange, null)));
    }

    /** What had to be read comes on a thread of the store, which others wait for; the call goes on where the request came in. */
    private static Mono<Target> here(Mono<Target> target) {
        EventExecutor here = target instanceof Callable ? null : ThreadExecutorMap.currentExecutor();
        return here == null ? target : target.publishOn(Schedulers.fromExecutor(here));
    }

    private Mono<Target> target(HttpExchange exchange) {
        String path = exchange.head().path();
        if (path.startsWith(DIRECT) && path.length() > DIRECT.length() && path.indexOf('/', DIRECT.length()) < 0) {
            if (!exchange.head().method().equals("POST")) {
                throw new MethodNotAllowedException(exchange.head().method(), List.of("POST"));
            }
            return catalog.fn(path.substring(DIRECT.length()));
        }
        if (path.startsWith(TRIGGER) && path.length() > TRIGGER.length() && path.charAt(TRIGGER.length()) != '/') {
            int end = path.indexOf('/', TRIGGER.length());
            String app = Percent.decode(path.substring(TRIGGER.length(), end < 0 ? path.length() : end));
            return catalog.trigger(app, end < 0 ? "" : path.substring(end));
        }
        throw new FunctionException(
                ErrorKind.NOT_FOUND, "path: " + path + " (expected: /invoke/{fn_id} or /t/{app}/...)");
    }

    private Mono<HttpReply> call(HttpExchange exchange, Target target) {
        String id = ids.next();
        Mono<HttpReply> reply;
        try {
            CallType type = target.trigger() == null
                    ? CallOptions.ofDirect(target, exchange.head().fields())
                    : CallOptions.ofTrigger(target);
            Incoming incoming = new Incoming(id, exchange, target, type);
            reply = switch (type) {
                case SYNC -> sync(incoming);
                case DETACHED ->
                    buffered(incoming).flatMap(payload -> DetachedRun.run(invoker, detached(incoming, payload)));
                case ASYNC -> recorded(incoming);
            };
        } catch (RuntimeException e) {
            return Mono.just(refusal(e, exchange, id));
        }
        return reply.onErrorResume(e -> Mono.just(refusal(e, exchange, id)));
    }

    private static HttpReply refusal(Throwable error, HttpExchange exchange, @Nullable String id) {
        exchange.body().discard();
        return ErrorReplies.of(error, exchange.head(), id);
    }

    // ---- the client waits

    private Mono<HttpReply> sync(Incoming incoming) {
        HttpExchange exchange = incoming.exchange();
        if (CallOptions.isOn(incoming.target(), CallAnnotations.STREAM, settings.streaming())) {
            sendContinue(exchange);
            return invoker.invoke(incoming.invocation(exchange.body())).map(reply -> streamed(incoming, reply));
        }
        if (exchange.body().isEmpty()) {
            return invoker.invoke(incoming.invocation(Body.empty())).flatMap(reply -> collected(incoming, reply));
        }
        return buffered(incoming)
                .flatMap(payload -> invoker.invoke(incoming.invocation(payload)))
                .flatMap(reply -> collected(incoming, reply));
    }

    private static HttpReply streamed(Incoming incoming, InvocationReply reply) {
        return head(incoming, reply).withBody(reply.body());
    }

    private static HttpReply head(Incoming incoming, InvocationReply reply) {
        try {
            return incoming.reply(reply.fields());
        } catch (RuntimeException e) {
            reply.body().discard();
            throw e;
        }
    }

    private Mono<HttpReply> collected(Incoming incoming, InvocationReply reply) {
        HttpReply head = head(incoming, reply);
        if (reply.body().isEmpty()) {
            return Mono.just(head);
        }
        int max = settings.maxReplyBytes();
        if (reply.body() instanceof ReplyBody own) {
            own.limit(max);
            Body whole = own.passOn();
            if (whole != null) {
                return Mono.just(head.withBody(whole));
            }
        }
        return reply.body()
                .aggregate(max)
                .map(buffer -> head.withBody(Body.of(buffer)))
                .onErrorMap(BodyTooLargeException.class, e -> Verdict.tooLarge(max));
    }

    // ---- the client does not wait

    private Invocation detached(Incoming incoming, Body payload) {
        Deadline waiting = incoming.exchange().deadline().min(Deadline.after(settings.detachedWait()));
        return incoming.invocation(payload).withDeadline(waiting);
    }

    private Mono<HttpReply> recorded(Incoming incoming) {
        if (async == null) {
            throw new FunctionException(
                    ErrorKind.UNSUPPORTED, "asynchronous calls are not available here (expected: sync or detached)");
        }
        HttpExchange exchange = incoming.exchange();
        return buffered(exchange)
                .flatMap(payload -> async.accept(incoming.invocation(payload)).thenReturn(incoming.id()))
                .map(Invocations::accepted);
    }

    private static HttpReply accepted(String id) {
        HttpReply reply = JsonReplies.of(202, "{\"call_id\":\"" + id + "\"}");
        return reply.withFields(reply.fields().with(ReplyFields.CALL_ID, id));
    }

    // ---- the request

    /** For a call that is observed: one whose request does not come whole ends here, and one that comes whole ends where it is run. */
    private Mono<Body> buffered(Incoming incoming) {
        AtomicBoolean told = new AtomicBoolean();
        try {
            return buffered(incoming.exchange())
                    .<Body>handle((payload, sink) -> {
                        if (told.compareAndSet(false, true)) {
                            sink.next(payload);
                        } else {
                            payload.discard();
                        }
                    })
                    .doOnError(why -> dropped(incoming, told, why))
                    .doOnCancel(() -> dropped(incoming, told, null));
        } catch (BodyTooLargeException e) {
            dropped(incoming, told, e);
            throw e;
        }
    }

    private void dropped(Incoming incoming, AtomicBoolean told, @Nullable Throwable why) {
        if (told.compareAndSet(false, true)) {
            invoker.dropped(incoming.invocation(Body.empty()), why);
        }
    }

    private Mono<Body> buffered(HttpExchange exchange) {
        Body body = exchange.body();
        int max = settings.maxRequestBytes();
        if (body.isEmpty()) {
            return Mono.just(body);
        }
        if (body.length() > max) {
            throw BodyTooLargeException.refused(max);
        }
        sendContinue(exchange);
        return body.aggregate(max).map(Invocations::payload);
    }

    private static Body payload(ByteBuf buffer) {
        if (buffer.isReadable()) {
            return Body.of(buffer);
        }
        buffer.release();
        return Body.empty();
    }

    private static void sendContinue(HttpExchange exchange) {
        if (exchange.head().fields().contains("expect")) {
            exchange.interim().accept(ReplyHead.CONTINUE);
        }
    }

    /** Collects the parts; not for use by several threads at once. */
    public static final class Builder {

        private final Catalog catalog;
        private final Invoker invoker;
        private @Nullable AsyncAcceptor async;
        private InvocationSettings settings = InvocationSettings.DEFAULTS;
        private Ids ids = new Ids(Clock.systemUTC());

        private Builder(Catalog catalog, Invoker invoker) {
            this.catalog = Objects.requireNonNull(catalog, "catalog");
            this.invoker = Objects.requireNonNull(invoker, "invoker");
        }

        /**
         * Who takes asynchronous calls.
         *
         * @param acceptor records them; without one they are answered with 501
         * @return this
         */
        public Builder async(AsyncAcceptor acceptor) {
            this.async = Objects.requireNonNull(acceptor, "acceptor");
            return this;
        }

        /**
         * How requests become calls.
         *
         * @param changed {@link InvocationSettings#DEFAULTS} unless set
         * @return this
         */
        public Builder settings(InvocationSettings changed) {
            this.settings = Objects.requireNonNull(changed, "settings");
            return this;
        }

        /**
         * Where ids of calls come from.
         *
         * @param changed a source of its own unless set
         * @return this
         */
        public Builder ids(Ids changed) {
            this.ids = Objects.requireNonNull(changed, "ids");
            return this;
        }

        /**
         * The service.
         *
         * @return ready for requests
         */
        public Invocations build() {
            return new Invocations(this);
        }
    }
}
