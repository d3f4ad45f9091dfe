package io.headgate.mux.internal;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The client connections of one listener on one event loop, and how they come to an end. For its event loop alone, but for
 * {@link #connections} and reading {@link #exchanges}.
 */
public final class Fronts implements Timed {

    /** Hears what is left while connections end; on the event loop. */
    @FunctionalInterface
    public interface Watcher {

        /**
         * Something has changed.
         *
         * @param connections how many are left; after zero nothing more is said
         * @param exchanges how many are on them
         * @param cut how many were cut short
         */
        void left(int connections, int exchanges, int cut);
    }

    /** A connection that speaks no protocol yet: it has nothing to say, and nothing to lose. */
    private static final class Silent implements FrontConnection {

        private final Channel channel;

        Silent(Channel channel) {
            this.channel = channel;
        }

        @Override
        public int active() {
            return 0;
        }

        @Override
        public void drain() {}

        @Override
        public void end() {
            channel.close();
        }
    }

    private final Loop loop;
    private final Duration linger;
    private final Map<Channel, FrontConnection> open = new IdentityHashMap<>();
    private final Gauge connections = new Gauge();
    /** Exchanges of clients that have not ended. */
    public final Gauge exchanges = new Gauge();

    private boolean draining;
    private boolean ended;
    private long since; // when the drain began, or when it was ended
    private Duration patience = Duration.ZERO;
    private int cut;
    private int toldConnections = -1;
    private int toldExchanges = -1;
    private @Nullable Watcher watcher;
    private Ticker.@Nullable Registration timer;

    /**
     * Nobody yet.
     *
     * @param linger how long connections may take to close once all exchanges have been ended
     */
    public Fronts(Loop loop, Duration linger) {
        this.loop = loop;
        this.linger = linger;
    }

    // ---- connections

    /** A connection was accepted. */
    public void accepted(Channel channel) {
        connections.add(1);
        loop.frontConnections.add(1);
        open.put(channel, new Silent(channel));
        channel.closeFuture().addListener(closed -> {
            open.remove(channel);
            connections.add(-1);
            loop.frontConnections.add(-1);
            if (draining) {
                tell();
            }
        });
    }

    /** A connection is in the hands of another handler from now on. */
    public void handledBy(Channel channel, FrontConnection front) {
        if (open.replace(channel, front) == null) {
            return; // closed, or not accepted by a listener
        }
        if (ended) {
            front.end();
        } else if (draining) {
            front.drain();
        }
    }

    /** How many are open; for any thread. */
    public long connections() {
        return connections.get();
    }

    // ---- the end

    /** Whether clients are to be told to go elsewhere. */
    public boolean isDraining() {
        return draining;
    }

    /**
     * Whether a connection without exchanges has waited long enough for one more request, which may be on its way: it cannot
     * be told to go elsewhere but in a reply.
     *
     * @param idleSince since when it waits, on the clock of the ticker
     */
    public boolean isTimeToLeave(long idleSince) {
        return draining && loop.ticker().isOver(idleSince - since > 0 ? idleSince : since, patience);
    }

    /**
     * Asks all clients to go elsewhere, now and later ones.
     *
     * @param wait how long connections without exchanges wait for one more request
     * @param watching hears at once what is left, and then each change, at most a tick late
     */
    public void drain(Duration wait, Watcher watching) {
        draining = true;
        patience = wait;
        watcher = watching;
        timer = loop.ticker().register(this);
        since = loop.ticker().now();
        List.copyOf(open.values()).forEach(FrontConnection::drain);
        tell();
    }

    /** Ends all connections, with the exchanges on them. */
    public void end() {
        if (ended || !draining) {
            return;
        }
        ended = true;
        since = loop.ticker().now();
        cut = exchanges();
        List.copyOf(open.values()).forEach(FrontConnection::end);
        tell();
    }

    private int exchanges() {
        int sum = 0;
        for (FrontConnection front : open.values()) {
            sum += front.active();
        }
        return sum;
    }

    private void tell() {
        int exchanges = exchanges();
        if (open.size() == toldConnections && exchanges == toldExchanges) {
            return;
        }
        toldConnections = open.size();
        toldExchanges = exchanges;
        Objects.requireNonNull(watcher).left(toldConnections, exchanges, cut);
        if (open.isEmpty() && timer != null) {
            timer.close();
            timer = null;
        }
    }

    @Override
    public void tick(long now) {
        tell();
        if (ended && loop.ticker().isOver(since, linger)) {
            List.copyOf(open.keySet()).forEach(Channel::close);
        }
    }

    @Override
    public String toString() {
        return open.size() + " client connections" + (draining ? ", draining" : "");
    }
}
