package io.headgate.sync.server;

import io.headgate.sync.SyncEvent;
import io.headgate.tls.ServerTls;
import io.headgate.tls.internal.ServerContexts;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** An open port that serves sets of entries. Any thread may use it. */
public final class SyncServer {

    private static final Logger LOG = LoggerFactory.getLogger(SyncServer.class);

    private final SyncServerSpec spec;
    private final InetSocketAddress address;
    private final Guests guests;
    private final Listener listener;
    private final Shedding shedding;
    private final Disposable.Composite held = Disposables.composite();
    private final Mono<Void> unbound;
    private final Sinks.Empty<Void> gone = Sinks.empty();
    private volatile int limit;

    private SyncServer(SyncServerSpec spec, Times times, Guests guests, Listener listener, Disposable... held) {
        this.spec = spec;
        this.address = listener.address();
        this.guests = guests;
        this.listener = listener;
        this.limit = spec.settings().maxConnections();
        this.shedding = new Shedding(guests, times, this::limit);
        this.unbound = listener.close().cache();
        this.held.addAll(List.of(held));
        this.held.add(shedding);
    }

    private void begin() {
        shedding.begin();
        if (spec.limits() != null) {
            held.add(spec.limits()
                    .subscribe(this::follow, failure -> LOG.warn("limits failed, it stays at {}", limit, failure)));
        }
    }

    private void follow(int told) {
        if (told >= 1) {
            limit = told;
        } else {
            LOG.warn("limit: {} (expected: at least 1), it stays at {}", told, limit);
        }
    }

    /**
     * Opens a server.
     *
     * @param spec what it is to be
     * @return the server, once it accepts connections; each subscription opens one. Fails with an {@link java.io.IOException}
     *     that names the address when it cannot be listened on. Cancelling it before closes what was opened
     */
    public static Mono<SyncServer> bind(SyncServerSpec spec) {
        return bind(spec, Times.system());
    }

    static Mono<SyncServer> bind(SyncServerSpec spec, Times times) {
        ServerTls tls = spec.tls();
        if (tls == null) {
            return bind(spec, times, null);
        }
        Duration rest = spec.settings().handshakeTimeout();
        Duration handshake = tls.handshakeTimeout().compareTo(rest) < 0 ? tls.handshakeTimeout() : rest;
        return ServerContexts.open(tls.withHandshakeTimeout(handshake))
                .flatMap(contexts -> bind(spec, times, contexts)
                        .doOnError(failure -> contexts.dispose())
                        .doOnCancel(contexts::dispose));
    }

    private static Mono<SyncServer> bind(SyncServerSpec spec, Times times, @Nullable ServerContexts tls) {
        return Mono.defer(() -> {
            Topics topics = Topics.open(spec, times);
            Guests guests = new Guests(spec, times, topics.byType());
            Disposable contexts = tls == null ? Disposables.disposed() : tls;
            return Listener.open(spec, guests, tls)
                    .map(listener -> new SyncServer(spec, times, guests, listener, topics, contexts))
                    .doOnNext(SyncServer::begin)
                    .doOnError(failure -> topics.dispose())
                    .doOnCancel(topics::dispose)
                    .doOnDiscard(
                            SyncServer.class,
                            late -> late.closeAsync(Duration.ZERO).subscribe());
        });
    }

    /**
     * Where it listens, with the port that the system chose when port 0 was asked for.
     *
     * @return the address, resolved
     */
    public InetSocketAddress address() {
        return address;
    }

    /**
     * The port that it listens on.
     *
     * @return 1 to 65535
     */
    public int port() {
        return address().getPort();
    }

    /**
     * What the server does, at the time of asking.
     *
     * @return figures that are read without stopping anything
     */
    public SyncServerStats stats() {
        return guests.stats(listener.isOpen(), limit);
    }

    /**
     * A topic, for those in the same process.
     *
     * @param type its syncer type
     * @return a state stream
     * @throws IllegalArgumentException when the server has no such topic
     */
    public Flux<SyncEvent> events(String type) {
        Topic topic = guests.topics().get(type);
        if (topic == null) {
            throw new IllegalArgumentException("type: " + type + " (expected: one of "
                    + new TreeSet<>(guests.topics().keySet()) + ")");
        }
        return topic.events();
    }

    /**
     * How many clients there may be before some are shed.
     *
     * @return at least 1
     */
    public int limit() {
        return limit;
    }

    /**
     * Changes how many clients there may be. While there are more, one chosen at random leaves per drop interval.
     *
     * @param connections at least 1
     */
    public void limit(int connections) {
        if (connections < 1) {
            throw new IllegalArgumentException("limit: " + connections + " (expected: at least 1)");
        }
        limit = connections;
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
     * Ends the server as its settings say: stops to accept clients, and lets them go one after the other, so that the servers
     * that they turn to are not overrun.
     *
     * @return completes when no client is left; each subscription closes. Cancelling it changes nothing
     */
    public Mono<Void> closeAsync() {
        return closeAsync(spec.settings().shutdownTimeout());
    }

    /**
     * Ends the server: stops to accept clients, and lets them go one after the other. Again: the shorter time counts.
     *
     * @param timeout how long that may take; zero lets all go at once
     * @return completes when no client is left; each subscription closes. Cancelling it changes nothing
     */
    public Mono<Void> closeAsync(Duration timeout) {
        Objects.requireNonNull(timeout, "timeout");
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: zero or more)");
        }
        return unbound.then(Mono.defer(() -> {
            shedding.shutDown(timeout);
            guests.whenGone(this::end);
            return gone.asMono();
        }));
    }

    private void end() {
        held.dispose();
        gone.tryEmitEmpty();
    }

    @Override
    public String toString() {
        return "sync server on " + address;
    }
}
