package io.headgate.rpc.endpoint;

import io.headgate.Service;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes objects of interfaces whose methods are calls. What an interface may look like is said at {@link Endpoints}; nothing
 * else has to be written on this side either. Default methods run here and may make several calls.
 *
 * <pre>{@code
 * Files files = RpcClients.create().client(Files.class, connection);
 * files.list("/etc").subscribe(...)
 * }</pre>
 *
 * <p>An interface is read once for each of these objects, so keep one and make all clients by it. Immutable; each {@code with}
 * method returns a copy that has to read interfaces anew.
 *
 * <p><b>Calls.</b> A call is made when its result is subscribed: a {@code Mono} with the first demand, a {@code Flux} at once.
 * Each subscription is a call of its own, with the same arguments.
 *
 * <p><b>Deadlines.</b> The earlier one of {@link #withTimeout}, counted from the subscription on, and of the {@link RpcContext}
 * if the method takes one. The service that is called, a connection as a rule, sees to it that it is kept.
 *
 * <p><b>Ownership.</b> A stream of buffers that is passed in belongs to the call once the other side reads it; who gets a
 * buffer owns it.
 *
 * <p><b>Cancellation.</b> Reaches the service once; with it the stream that was passed in is cancelled, if it is read.
 *
 * <p><b>Errors.</b> {@link io.headgate.rpc.RpcStatus#INVALID_ARGUMENT} for arguments that do not encode, without a call;
 * {@link io.headgate.rpc.RpcStatus#INTERNAL} for a reply that is not what the signature says; both as {@link RpcException}
 * that names the endpoint. Everything else is as the service fails.
 */
public final class RpcClients {

    private final @Nullable Codecs given;
    private final Codecs codecs;
    private final Format.Limits limits;
    private final @Nullable Duration timeout;
    private final Map<Class<?>, ClientPlan> plans = new ConcurrentHashMap<>();

    private RpcClients(@Nullable Codecs given, Format.Limits limits, @Nullable Duration timeout) {
        this.given = given;
        this.codecs = given == null ? Codecs.standard() : given;
        this.limits = limits;
        this.timeout = timeout;
    }

    /**
     * Clients with standard codecs and without a timeout.
     *
     * @return the clients
     */
    public static RpcClients create() {
        return new RpcClients(
                null, new Format.Limits(ByteBufAllocator.DEFAULT, RpcSettings.DEFAULTS.maxElement()), null);
    }

    /**
     * A copy with other codecs.
     *
     * @param changed how values travel; by default {@link Codecs#standard}
     * @return the copy
     */
    public RpcClients withCodecs(Codecs changed) {
        return new RpcClients(Objects.requireNonNull(changed, "codecs"), limits, timeout);
    }

    /**
     * A copy whose buffers come from elsewhere.
     *
     * @param changed the allocator; by default Netty's default
     * @return the copy
     */
    public RpcClients withAllocator(ByteBufAllocator changed) {
        Objects.requireNonNull(changed, "allocator");
        return new RpcClients(given, new Format.Limits(changed, limits.maxElement()), timeout);
    }

    /**
     * A copy with another limit for one value or element, read or written.
     *
     * @param bytes at least one; by default that of {@link RpcSettings#DEFAULTS}
     * @return the copy
     */
    public RpcClients withMaxElement(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("maxElement: " + bytes + " (expected: at least 1)");
        }
        return new RpcClients(given, new Format.Limits(limits.allocator(), bytes), timeout);
    }

    /**
     * A copy whose calls have a deadline.
     *
     * @param changed how long a call may take, its streams included; by default no limit
     * @return the copy
     */
    public RpcClients withTimeout(Duration changed) {
        if (changed.isNegative() || changed.isZero()) {
            throw new IllegalArgumentException("timeout: " + changed + " (expected: more than nothing)");
        }
        return new RpcClients(given, limits, changed);
    }

    /**
     * An object whose methods are calls.
     *
     * @param type the interface
     * @param service what is called: a connection, a stack of stages over connections, or {@link Endpoints} in this process;
     *     stays the caller's to close
     * @param <T> the interface
     * @return the object; may be used by any thread
     * @throws IllegalArgumentException when a signature is not supported; the message has a line for each
     */
    public <T> T client(Class<T> type, Service<RpcRequest, RpcReply> service) {
        ClientPlan plan = plans.computeIfAbsent(type, key -> ClientPlan.read(key, new Contract(codecs, limits)));
        return type.cast(plan.proxy(new Caller(Objects.requireNonNull(service, "service"), timeout)));
    }
}
