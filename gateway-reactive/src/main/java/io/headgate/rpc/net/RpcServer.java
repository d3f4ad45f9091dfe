package io.headgate.rpc.net;

import io.headgate.rpc.RpcConnection;
import io.headgate.tls.internal.ServerContexts;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** An open port for calls. Any thread may use it. */
public final class RpcServer {

    /** How often a drain is looked at by somebody who wants to see it. */
    private static final Duration GLANCE = Duration.ofMillis(100);

    private final RpcAddress address;
    private final Bound bound;
    private final Guests guests;
    private final Mono<Void> unbound;

    private RpcServer(RpcAddress address, Bound bound, Guests guests, @Nullable ServerContexts tls) {
        this.address = address;
        this.bound = bound;
        this.guests = guests;
        this.unbound = bound.close()
                .doFinally(signal -> {
                    if (tls != null) {
                        tls.dispose();
                    }
                })
                .cache();
    }

    /**
     * Opens a server. A stale file of a unix socket is replaced: one that is a socket and that nobody listens on.
     *
     * @param spec what it is to be
     * @return the server, once it accepts connections; each subscription opens one. Fails with an {@link java.io.IOException}
     *     that names the address when it cannot be listened on, and with an {@link IllegalArgumentException} when the address
     *     and TLS do not fit together. Cancelling it before closes what was opened
     */
    public static Mono<RpcServer> bind(RpcServerSpec spec) {
        boolean protect = spec.address().scheme() == RpcAddress.Scheme.TLS;
        if (protect != (spec.tls() != null)) {
            return Mono.error(new IllegalArgumentException("tls: " + (protect ? "none" : "given") + " for "
                    + spec.address() + " (expected: given exactly for an address that begins with tls:)"));
        }
        if (spec.tls() == null) {
            return bind(spec, null);
        }
        return ServerContexts.open(spec.tls())
                .flatMap(contexts -> bind(spec, contexts)
                        .doOnError(failure -> contexts.dispose())
                        .doOnCancel(contexts::dispose));
    }

    private static Mono<RpcServer> bind(RpcServerSpec spec, @Nullable ServerContexts tls) {
        return Mono.defer(() -> {
            Guests guests = new Guests(spec, tls);
            return Bound.listen(spec, guests)
                    .map(bound -> new RpcServer(bound.address(), bound, guests, tls))
                    .doOnDiscard(
                            RpcServer.class,
                            late -> late.closeAsync(Duration.ZERO).subscribe());
        });
    }

    /**
     * Where it listens; with the port that the system chose when port 0 was asked for.
     *
     * @return the address, which clients can be given
     */
    public RpcAddress address() {
        return address;
    }

    /**
     * The port that it listens on.
     *
     * @return 1 to 65535 for TCP and TLS, else 0
     */
    public int port() {
        return address.port();
    }

    /**
     * The clients that are connected now, with what each does.
     *
     * @return an immutable copy
     */
    public List<RpcConnection> connections() {
        return guests.connections();
    }

    /**
     * What the server does, at the time of asking.
     *
     * @return figures that are read without stopping anything
     */
    public RpcServerStats stats() {
        return guests.stats(bound.isOpen());
    }

    /**
     * Stops to accept clients; those that are connected go on.
     *
     * @return completes when the address is free
     */
    public Mono<Void> unbind() {
        return unbound;
    }

    /**
     * Ends the server: stops to accept clients, and ends their connections layer by layer, as
     * {@link RpcConnection#closeAsync} does. Again: the earlier end of the grace counts.
     *
     * @param grace how long calls in flight may take; zero cuts them at once
     * @return completes when no client is left; each subscription closes. Cancelling it changes nothing
     */
    public Mono<Void> closeAsync(Duration grace) {
        Objects.requireNonNull(grace, "grace");
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace: " + grace + " (expected: zero or more)");
        }
        return unbound.then(Mono.defer(() -> guests.closeAsync(grace)));
    }

    /**
     * Ends the server as {@link #closeAsync} does, and shows how far that has come.
     *
     * @param grace how long calls in flight may take
     * @return a state stream, conflated for slow subscribers, of what is left: at once, ten times a second, and when nothing
     *     is; then it completes. Cancelling it stops the telling, not the drain
     */
    public Flux<RpcServerStats> drain(Duration grace) {
        return Flux.defer(() -> {
            Mono<Void> closed = closeAsync(grace).cache();
            closed.subscribe();
            return Flux.interval(Duration.ZERO, GLANCE)
                    .onBackpressureLatest()
                    .map(tick -> stats())
                    .takeUntilOther(closed)
                    .concatWith(Mono.fromSupplier(this::stats));
        });
    }

    @Override
    public String toString() {
        return "RPC server on " + address;
    }
}
