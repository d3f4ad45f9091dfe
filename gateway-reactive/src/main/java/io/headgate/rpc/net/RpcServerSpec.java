package io.headgate.rpc.net;

import io.headgate.Service;
import io.headgate.rpc.Dialect;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.headgate.tls.ServerTls;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.netty.resources.LoopResources;

/**
 * What a server is to be. Immutable; each {@code with} method returns a copy.
 *
 * @param address where it listens
 * @param dialects what it speaks. Of several, the first one that begins with the first byte of a client; a client of none is
 *     told so in a line of text, and closed. Within one process a client says what it speaks before its first byte
 * @param rpc times and limits of connections and who looks at them; its handler answers unless {@code handlers} is given
 * @param handlers what answers the calls of one client, made when it has come; null for the handler of {@code rpc}. What it
 *     throws cuts that connection
 * @param tls how connections are protected; given exactly when the address begins with {@code tls:}
 * @param maxConnections most clients at one time; those beyond are closed at once
 * @param firstByte with several dialects, how long a client may be silent before its first byte, its TLS handshake not
 *     counted. A client of 2017 is silent until its first call
 * @param loops the event loops, which stay the caller's; null for those that all of Reactor Netty share
 */
public record RpcServerSpec(
        RpcAddress address,
        List<Dialect> dialects,
        RpcSpec rpc,
        @Nullable Function<? super RpcArrival, ? extends Service<RpcRequest, RpcReply>> handlers,
        @Nullable ServerTls tls,
        int maxConnections,
        Duration firstByte,
        @Nullable LoopResources loops) {

    /** 16,384: what an idle connection costs times that is some ten MiB. */
    public static final int DEFAULT_MAX_CONNECTIONS = 16 * 1024;

    /** 10 seconds, as for a handshake. */
    public static final Duration DEFAULT_FIRST_BYTE = Duration.ofSeconds(10);

    /** Checks the parts. */
    public RpcServerSpec {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(rpc, "rpc");
        dialects = List.copyOf(dialects);
        if (dialects.isEmpty()) {
            throw new IllegalArgumentException("dialects: none (expected: at least one)");
        }
        if (maxConnections < 1) {
            throw new IllegalArgumentException("maxConnections: " + maxConnections + " (expected: at least 1)");
        }
        if (firstByte.compareTo(Duration.ofMillis(1)) < 0 || firstByte.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("firstByte: " + firstByte + " (expected: 1 millisecond to 1 day)");
        }
    }

    /**
     * A server that nobody can call anything of yet.
     *
     * @param address where it listens, as {@link RpcAddress#of} reads it
     * @param first a dialect that it speaks
     * @param more the others
     * @return with defaults for the rest
     */
    public static RpcServerSpec of(String address, Dialect first, Dialect... more) {
        List<Dialect> all = new java.util.ArrayList<>(List.of(more));
        all.add(0, first);
        return new RpcServerSpec(
                RpcAddress.of(address),
                all,
                RpcSpec.DEFAULTS,
                null,
                null,
                DEFAULT_MAX_CONNECTIONS,
                DEFAULT_FIRST_BYTE,
                null);
    }

    /**
     * A copy with other times, limits, handler and observer.
     *
     * @param changed for all connections
     * @return the copy
     */
    public RpcServerSpec withRpc(RpcSpec changed) {
        return new RpcServerSpec(address, dialects, changed, handlers, tls, maxConnections, firstByte, loops);
    }

    /**
     * A copy whose connections all have one handler.
     *
     * @param handler answers the calls of clients
     * @return the copy
     */
    public RpcServerSpec withHandler(Service<RpcRequest, RpcReply> handler) {
        return new RpcServerSpec(
                address, dialects, rpc.withHandler(handler), null, tls, maxConnections, firstByte, loops);
    }

    /**
     * A copy whose connections each have a handler of their own: one that knows its client, or calls it back.
     *
     * @param changed given a client that has come, makes what answers its calls; called on its event loop
     * @return the copy
     */
    public RpcServerSpec withHandlers(Function<? super RpcArrival, ? extends Service<RpcRequest, RpcReply>> changed) {
        Objects.requireNonNull(changed, "handlers");
        return new RpcServerSpec(address, dialects, rpc, changed, tls, maxConnections, firstByte, loops);
    }

    /**
     * A copy whose connections are protected.
     *
     * @param changed how; ALPN and the check of authorities are not used
     * @return the copy
     */
    public RpcServerSpec withTls(ServerTls changed) {
        return new RpcServerSpec(
                address,
                dialects,
                rpc,
                handlers,
                Objects.requireNonNull(changed, "tls"),
                maxConnections,
                firstByte,
                loops);
    }

    /**
     * A copy with another limit; {@link #DEFAULT_MAX_CONNECTIONS} without.
     *
     * @param changed most clients at one time
     * @return the copy
     */
    public RpcServerSpec withMaxConnections(int changed) {
        return new RpcServerSpec(address, dialects, rpc, handlers, tls, changed, firstByte, loops);
    }

    /**
     * A copy with another deadline for the first byte; {@link #DEFAULT_FIRST_BYTE} without.
     *
     * @param changed 1 millisecond to 1 day
     * @return the copy
     */
    public RpcServerSpec withFirstByte(Duration changed) {
        return new RpcServerSpec(address, dialects, rpc, handlers, tls, maxConnections, changed, loops);
    }

    /**
     * A copy on event loops of the caller's.
     *
     * @param changed the event loops; whoever made them disposes them, after the server
     * @return the copy
     */
    public RpcServerSpec withLoops(LoopResources changed) {
        return new RpcServerSpec(
                address,
                dialects,
                rpc,
                handlers,
                tls,
                maxConnections,
                firstByte,
                Objects.requireNonNull(changed, "loops"));
    }
}
