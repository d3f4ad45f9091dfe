package io.headgate.mux.internal;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coarse clock of one event loop: one timer for all connections of the loop instead of one for each exchange, and a
 * time that is read without a system call. It stands still while nobody is registered.
 */
public final class Ticker implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Ticker.class);

    private final EventLoop executor;
    private final long intervalNanos;
    private final List<Registration> registrations = new ArrayList<>();
    private long now;
    private boolean scheduled;

    Ticker(EventLoop executor, Duration interval) {
        this.executor = executor;
        this.intervalNanos = interval.toNanos();
        this.now = read();
    }

    /** By the clock of the event loop, so that who moves that clock moves this one. */
    private long read() {
        return executor.ticker().nanoTime();
    }

    /** The time of the last tick: at most one interval old. */
    public long now() {
        if (registrations.isEmpty()) {
            now = read(); // nobody ticks
        }
        return now;
    }

    /** Whether a time span that began at {@code since} on this clock is longer than the timeout, beyond its grain. */
    public boolean isOver(long since, Duration timeout) {
        return now - since > timeout.toNanos() + intervalNanos;
    }

    public Registration register(Timed timed) {
        Registration registration = new Registration(this, timed, registrations.size());
        registrations.add(registration);
        if (!scheduled) {
            now = read();
            schedule();
        }
        return registration;
    }

    private void schedule() {
        scheduled = true;
        executor.schedule(this, intervalNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void run() {
        now = read();
        for (int i = registrations.size() - 1; i >= 0; i--) { // downward: a tick may remove what it looks at
            if (i < registrations.size()) {
                tick(registrations.get(i).timed);
            }
        }
        scheduled = false; // only now: who registered during this tick must not start a second timer
        if (!registrations.isEmpty()) {
            schedule();
        }
    }

    private void tick(Timed timed) {
        try {
            timed.tick(now);
        } catch (RuntimeException e) {
            LOG.error("timer of {} failed", timed, e);
        }
    }

    /** A place in the list; closing it twice is harmless. */
    public static final class Registration {

        private final Ticker ticker;
        private final Timed timed;
        private int index;

        private Registration(Ticker ticker, Timed timed, int index) {
            this.ticker = ticker;
            this.timed = timed;
            this.index = index;
        }

        public void close() {
            if (index < 0) {
                return;
            }
            List<Registration> all = ticker.registrations;
            Registration last = all.remove(all.size() - 1);
            if (last != this) {
                all.set(index, last);
                last.index = index;
            }
            index = -1;
        }
    }
}
