package io.headgate.rpc.net;

import io.headgate.Service;
import io.headgate.retry.Backoff;
import io.headgate.rpc.Dialect;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.headgate.tls.ClientTls;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.netty.resources.LoopResources;

/**
 * What a client is to be. Immutable; each {@code with} method returns a copy.
 *
 * @param address where the server is
 * @param dialect what is spoken with it
 * @param rpc times and limits of connections, what the server may call, and who looks
 * @param tls how connections are protected; {@link ClientTls#DEFAULTS} unless set, and used only when the address begins with
 *     {@code tls:}
 * @param connectTimeout for the connection, TLS and the handshake of the dialect, together
 * @param backoff between attempts that fail
 * @param loops the event loops, which stay the caller's; null for those that all of Reactor Netty share
 */
public record RpcClientSpec(
        RpcAddress address,
        Dialect dialect,
        RpcSpec rpc,
        ClientTls tls,
        Duration connectTimeout,
        Backoff backoff,
        @Nullable LoopResources loops) {

    /** 5 seconds: a lost SYN is sent again after one, and after three. */
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** From 100 ms, twice as long each time up to half a minute, each up to a half shorter by chance. */
    public static final Backoff DEFAULT_BACKOFF = Backoff.exponential(Duration.ofMillis(100), Duration.ofSeconds(30));

    /** Checks the parts. */
    public RpcClientSpec {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(dialect, "dialect");
        Objects.requireNonNull(rpc, "rpc");
        Objects.requireNonNull(tls, "tls");
        Objects.requireNonNull(backoff, "backoff");
        if (connectTimeout.compareTo(Duration.ofMillis(1)) < 0 || connectTimeout.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(
                    "connectTimeout: " + connectTimeout + " (expected: 1 millisecond to 1 day)");
        }
        if (address.scheme() != RpcAddress.Scheme.UNIX
                && address.scheme() != RpcAddress.Scheme.LOCAL
                && address.port() == 0) {
            throw new IllegalArgumentException("port: 0 in " + address + " (expected: 1..65535)");
        }
    }

    /**
     * A client.
     *
     * @param address where the server is, as {@link RpcAddress#of} reads it
     * @param dialect what is spoken with it
     * @return with defaults for the rest
     */
    public static RpcClientSpec of(String address, Dialect dialect) {
        return of(RpcAddress.of(address), dialect);
    }

    /**
     * A client.
     *
     * @param address where the server is
     * @param dialect what is spoken with it
     * @return with defaults for the rest
     */
    public static RpcClientSpec of(RpcAddress address, Dialect dialect) {
        return new RpcClientSpec(
                address, dialect, RpcSpec.DEFAULTS, ClientTls.DEFAULTS, DEFAULT_CONNECT_TIMEOUT, DEFAULT_BACKOFF, null);
    }

    /**
     * A copy with other times, limits, handler and observer.
     *
     * @param changed for each connection
     * @return the copy
     */
    public RpcClientSpec withRpc(RpcSpec changed) {
        return new RpcClientSpec(address, dialect, changed, tls, connectTimeout, backoff, loops);
    }

    /**
     * A copy that the server may call.
     *
     * @param handler answers the calls of the server
     * @return the copy
     */
    public RpcClientSpec withHandler(Service<RpcRequest, RpcReply> handler) {
        return withRpc(rpc.withHandler(handler));
    }

    /**
     * A copy with other trust or another certificate.
     *
     * @param changed how connections are protected
     * @return the copy
     */
    public RpcClientSpec withTls(ClientTls changed) {
        return new RpcClientSpec(address, dialect, rpc, changed, connectTimeout, backoff, loops);
    }

    /**
     * A copy with another time to connect; {@link #DEFAULT_CONNECT_TIMEOUT} without.
     *
     * @param changed 1 millisecond to 1 day
     * @return the copy
     */
    public RpcClientSpec withConnectTimeout(Duration changed) {
        return new RpcClientSpec(address, dialect, rpc, tls, changed, backoff, loops);
    }

    /**
     * A copy with another wait between attempts; {@link #DEFAULT_BACKOFF} without.
     *
     * @param changed the wait
     * @return the copy
     */
    public RpcClientSpec withBackoff(Backoff changed) {
        return new RpcClientSpec(address, dialect, rpc, tls, connectTimeout, changed, loops);
    }

    /**
     * A copy on event loops of the caller's.
     *
     * @param changed the event loops; whoever made them disposes them, after the client
     * @return the copy
     */
    public RpcClientSpec withLoops(LoopResources changed) {
        return new RpcClientSpec(
                address, dialect, rpc, tls, connectTimeout, backoff, Objects.requireNonNull(changed, "loops"));
    }
}
