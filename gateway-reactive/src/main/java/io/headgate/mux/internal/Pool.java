package io.headgate.mux.internal;

import io.headgate.mux.MuxSettings;
import io.headgate.mux.UpstreamException;
import io.headgate.mux.UpstreamException.Failure;
import io.headgate.resolve.Endpoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop to one upstream endpoint, shared by all clients of the loop. An exchange takes the
 * least loaded connection that has room, else waits while connections are dialled, else is refused. For its event loop
 * alone, but for {@link #figures}; no exchange meets a lock.
 */
public final class Pool implements Timed {

    /** Dials one connection; must call {@link #connected} or {@link #dialFailed} exactly once. */
    @FunctionalInterface
    public interface Dialer {
        void dial(Pool pool);

        /** Why no connection can be dialled now, or null: then exchanges fail that would have to wait for one. */
        default @Nullable Throwable away() {
            return null;
        }

        /** Whom the connections lead to, or null when that is not told. */
        default @Nullable Endpoint endpoint() {
            return null;
        }

        /** A connection has come, or gone. */
        default void connections(int change) {}

        /** As many exchanges wait as may, or fewer again. */
        default void full(boolean full) {}
    }

    /**
     * What a pool holds at a moment.
     *
     * @param connections how many are open
     * @param idle those of them without an exchange
     * @param exchanges how many are on connections
     * @param waiting how many exchanges wait for one
     * @param dialing connections that are being made
     */
    public record Figures(int connections, int idle, int exchanges, int waiting, int dialing) {}

    private final Loop loop;
    private final MuxSettings settings;
    private final Dialer dialer;
    private final int maxConnections;
    private final int exchangesPerDial;
    private final List<BackConnection> connections = new CopyOnWriteArrayList<>(); // changes seldom, and others look
    private final List<BackConnection> available = new ArrayList<>();
    private final ArrayDeque<BackExchange> waiting = new ArrayDeque<>();
    private final Gauge queued = new Gauge(); // as many as wait, for others
    private final Gauge dialing = new Gauge();
    private Ticker.@Nullable Registration timer;
    private boolean closed; // to new exchanges
    private boolean cut;
    private final List<Runnable> whenDrained = new ArrayList<>(0);

    /**
     * An empty pool.
     *
     * @param maxConnections the share of this loop
     * @param exchangesPerDial how many waiting exchanges one new connection is expected to serve
     */
    public Pool(Loop loop, MuxSettings settings, Dialer dialer, int maxConnections, int exchangesPerDial) {
        this.loop = loop;
        this.settings = settings;
        this.dialer = dialer;
        this.maxConnections = maxConnections;
        this.exchangesPerDial = exchangesPerDial;
    }

    public Loop loop() {
        return loop;
    }

    public MuxSettings settings() {
        return settings;
    }

    /** Whom the connections lead to, or null when that is not told. */
    public @Nullable Endpoint endpoint() {
        return dialer.endpoint();
    }

    // ---- exchanges

    void acquire(BackExchange exchange) {
        if (cut || closed && exchange.isFirstAttempt()) {
            exchange.fail(UpstreamException.unprocessed(Failure.CONNECT, null));
            return;
        }
        BackConnection connection = pick();
        if (connection != null) {
            start(exchange, connection);
            return;
        }
        Throwable away = dialing() == 0 ? dialer.away() : null;
        if (away != null) {
            exchange.fail(UpstreamException.unprocessed(Failure.CONNECT, away));
            return;
        }
        if (waiting.size() >= settings.maxPending()) {
            exchange.fail(UpstreamException.unprocessed(Failure.OVERLOADED, null));
            return;
        }
        waiting.add(exchange);
        loop.pending.add(1);
        queued.add(1);
        if (waiting.size() == settings.maxPending()) {
            dialer.full(true);
        }
        if (timer == null) {
            timer = loop.ticker().register(this);
        }
        dial();
    }

    /** Takes an exchange out that does not want to wait any longer. */
    void leave(BackExchange exchange) {
        if (waiting.remove(exchange)) {
            left();
            checkDrained();
        }
    }

    private void left() {
        loop.pending.add(-1);
        queued.add(-1);
        if (waiting.size() == settings.maxPending() - 1) {
            dialer.full(false);
        }
        if (waiting.isEmpty() && timer != null) {
            timer.close();
            timer = null;
        }
    }

    /** The least loaded connection with room; the one used last among equals, so that others can idle out. */
    private @Nullable BackConnection pick() {
        while (!available.isEmpty()) {
            int best = available.size() - 1;
            for (int i = best - 1; i >= 0 && available.get(best).active() > 0; i--) {
                if (available.get(i).active() < available.get(best).active()) {
                    best = i;
                }
            }
            BackConnection connection = available.remove(best);
            connection.setListed(false);
            if (connection.hasCapacity()) {
                return connection;
            }
        }
        return null;
    }

    private void start(BackExchange exchange, BackConnection connection) {
        exchange.send(connection);
        list(connection);
    }

    private void list(BackConnection connection) {
        if (!connection.isListed() && connection.hasCapacity()) {
            connection.setListed(true);
            available.add(connection);
        }
    }

    /** A connection may have room again. */
    public void released(BackConnection connection) {
        list(connection);
        while (!waiting.isEmpty()) {
            BackConnection free = pick();
            if (free == null) {
                dial();
                return;
            }
            BackExchange exchange = waiting.remove();
            left();
            start(exchange, free);
        }
        if (closed) {
            closeIfIdle(connection);
        }
    }

    // ---- connections

    private void dial() {
        while (!cut && dialing() < wanted() && hasRoom()) {
            dialing.add(1);
            try {
                dialer.dial(this);
            } catch (RuntimeException e) {
                dialFailed(e);
                return;
            }
        }
    }

    /** Looked at for each dial, because one that fails at once leaves fewer who wait. */
    private int wanted() {
        return (waiting.size() + exchangesPerDial - 1) / exchangesPerDial;
    }

    /** Connections that take no more exchanges do not count: others wait for their place. */
    private boolean hasRoom() {
        int most = maxConnections - dialing();
        return connections.size() < most
                || exchangesPerDial > 1
                        && connections.stream()
                                        .filter(connection -> !connection.isLeaving())
                                        .count()
                                < most;
    }

    /** A dialled connection is ready. */
    public void connected(BackConnection connection) {
        dialing.add(-1);
        loop.backConnections.add(1);
        dialer.connections(1);
        connections.add(connection);
        if (cut) {
            connection.close();
            return;
        }
        released(connection);
    }

    /** Dialling failed: the exchanges that this connection would have served try elsewhere or fail. */
    public void dialFailed(Throwable cause) {
        dialing.add(-1);
        int share = (waiting.size() + dialing()) / (dialing() + 1);
        for (int i = 0; i < share && !waiting.isEmpty(); i++) {
            BackExchange exchange = waiting.remove();
            left();
            exchange.refused(Failure.CONNECT, cause);
        }
        checkDrained();
    }

    /** A connection that was {@link #connected} is gone. */
    public void disconnected(BackConnection connection) {
        if (connections.remove(connection)) {
            loop.backConnections.add(-1);
            dialer.connections(-1);
            if (connection.isListed()) {
                connection.setListed(false);
                available.remove(connection);
            }
            dial();
            checkDrained();
        }
    }

    /**
     * Refuses new exchanges, serves those that are here, closes connections as they become idle.
     *
     * @param drained runs when no connection is left
     */
    public void drain(Runnable drained) {
        closed = true;
        whenDrained.add(drained);
        for (BackConnection connection : List.copyOf(connections)) {
            closeIfIdle(connection);
        }
        checkDrained();
    }

    private void closeIfIdle(BackConnection connection) {
        if (connection.active() == 0) {
            connection.close();
        }
    }

    private void checkDrained() {
        if (closed && waiting.isEmpty() && connections.isEmpty() && dialing() == 0) {
            List<Runnable> told = List.copyOf(whenDrained);
            whenDrained.clear();
            told.forEach(Runnable::run);
        }
    }

    /** Ends the exchanges that wait, and closes all connections with the exchanges on them. */
    public void cut() {
        cut = true;
        while (!waiting.isEmpty()) {
            BackExchange exchange = waiting.remove();
            left();
            exchange.fail(UpstreamException.unprocessed(Failure.CONNECT, null));
        }
        for (BackConnection connection : List.copyOf(connections)) {
            connection.close();
        }
        checkDrained();
    }

    // ---- for any thread

    /** What is here now, as far as another thread can see; exact when nothing goes on. */
    public Figures figures() {
        int open = 0;
        int idle = 0;
        int exchanges = 0;
        for (BackConnection connection : connections) {
            int active = connection.active();
            open++;
            idle += active == 0 ? 1 : 0;
            exchanges += active;
        }
        return new Figures(open, idle, exchanges, (int) queued.get(), dialing());
    }

    private int dialing() {
        return (int) dialing.get();
    }

    @Override
    public void tick(long now) {
        for (BackExchange exchange : List.copyOf(waiting)) {
            exchange.tick(0);
        }
    }
}
