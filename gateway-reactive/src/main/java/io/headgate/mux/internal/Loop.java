package io.headgate.mux.internal;

import io.headgate.http.ConnectionInfo;
import io.headgate.mux.Limit;
import io.headgate.mux.LimitObserver;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the connections of one event loop share: the queue of connections to flush, the clock and the gauges. All but
 * {@link #run}, {@link #isCurrent} and reading gauges is for the event loop alone.
 */
public final class Loop {

    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

    private final int index;
    private final EventLoop executor;
    private final Ticker ticker;
    private final LimitObserver limits;
    private final List<Flushable> dirty = new ArrayList<>();
    private final Runnable flushDirty = this::flushDirty;
    private boolean flushScheduled;

    /** Open client connections. */
    public final Gauge frontConnections = new Gauge();
    /** Open upstream connections, busy and idle. */
    public final Gauge backConnections = new Gauge();
    /** Exchanges of clients that have not ended. */
    public final Gauge frontExchanges = new Gauge();
    /** Exchanges with upstreams that have not ended. */
    public final Gauge backExchanges = new Gauge();
    /** Exchanges that wait for an upstream connection. */
    public final Gauge pending = new Gauge();

    public Loop(int index, EventLoop executor, Duration tick) {
        this(index, executor, tick, LimitObserver.NONE);
    }

    public Loop(int index, EventLoop executor, Duration tick, LimitObserver limits) {
        this.index = index;
        this.executor = executor;
        this.limits = limits;
        this.ticker = new Ticker(executor, tick);
    }

    /** The place of this loop among those of its gateway. */
    public int index() {
        return index;
    }

    public EventLoop executor() {
        return executor;
    }

    public Ticker ticker() {
        return ticker;
    }

    public boolean isCurrent() {
        return executor.inEventLoop();
    }

    /**
     * Runs now when called on the loop, else soon.
     *
     * @return false when the loop has ended, and its connections with it
     */
    public boolean run(Runnable task) {
        if (executor.inEventLoop()) {
            task.run();
            return true;
        }
        try {
            executor.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            LOG.debug("event loop has ended, its connections are closed", e);
            return false;
        }
    }

    /** Tells the observer that a peer has overstepped a limit. */
    public void exceeded(Limit limit, ConnectionInfo connection) {
        try {
            limits.exceeded(limit, connection);
        } catch (RuntimeException e) {
            LOG.error("limit observer failed for {} of {}", limit, connection, e);
        }
    }

    /**
     * Asks for a flush at the end of this loop turn: after all sockets that are ready have been read, so that what they
     * caused goes out in one send per connection. The caller keeps a flag so as to ask only once.
     */
    public void flushLater(Flushable connection) {
        dirty.add(connection);
        if (!flushScheduled) {
            flushScheduled = true;
            executor.execute(flushDirty);
        }
    }

    private void flushDirty() {
        try {
            for (int i = 0; i < dirty.size(); i++) { // by index: a flush may dirty another connection
                flush(dirty.get(i));
            }
        } finally {
            dirty.clear();
            flushScheduled = false;
        }
    }

    private static void flush(Flushable connection) {
        try {
            connection.flushNow();
        } catch (RuntimeException e) {
            LOG.error("flush of {} failed", connection, e);
        }
    }
}
