package io.headgate.sync.server;

import io.headgate.sync.SyncEvent;
import java.net.InetSocketAddress;
import java.time.Duration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** An open port that serves sets of entries. Any thread may use it. */
public final class SyncServer {

    private SyncServer() {}

    /**
     * Opens a server.
     *
     * @param spec what it is to be
     * @return the server, once it accepts connections; each subscription opens one. Fails with an {@link java.io.IOException}
     *     that names the address when it cannot be listened on. Cancelling it before closes what was opened
     */
    public static Mono<SyncServer> bind(SyncServerSpec spec) {
        return Mono.error(new UnsupportedOperationException("bind: not yet (expected: soon)"));
    }

    /**
     * Where it listens, with the port that the system chose when port 0 was asked for.
     *
     * @return the address, resolved
     */
    public InetSocketAddress address() {
        throw new UnsupportedOperationException();
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
        throw new UnsupportedOperationException();
    }

    /**
     * A topic, for those in the same process.
     *
     * @param type its syncer type
     * @return a state stream
     * @throws IllegalArgumentException when the server has no such topic
     */
    public Flux<SyncEvent> events(String type) {
        throw new UnsupportedOperationException();
    }

    /**
     * How many clients there may be before some are shed.
     *
     * @return at least 1
     */
    public int limit() {
        throw new UnsupportedOperationException();
    }

    /**
     * Changes how many clients there may be. While there are more, one chosen at random leaves per drop interval.
     *
     * @param connections at least 1
     */
    public void limit(int connections) {
        throw new UnsupportedOperationException();
    }

    /**
     * Stops to accept clients; those that are connected go on.
     *
     * @return completes when the address is free
     */
    public Mono<Void> unbind() {
        throw new UnsupportedOperationException();
    }

    /**
     * Ends the server as its settings say: stops to accept clients, and lets them go one after the other, so that the servers
     * that they turn to are not overrun.
     *
     * @return completes when no client is left; each subscription closes. Cancelling it changes nothing
     */
    public Mono<Void> closeAsync() {
        throw new UnsupportedOperationException();
    }

    /**
     * Ends the server: stops to accept clients, and lets them go one after the other. Again: the shorter time counts.
     *
     * @param timeout how long that may take; zero lets all go at once
     * @return completes when no client is left; each subscription closes. Cancelling it changes nothing
     */
    public Mono<Void> closeAsync(Duration timeout) {
        throw new UnsupportedOperationException();
    }
}
