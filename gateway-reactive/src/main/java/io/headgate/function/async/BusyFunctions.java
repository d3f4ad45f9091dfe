package io.headgate.function.async;

import io.headgate.retry.Backoff;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * Functions that had no room: their calls are not taken for a while, so that they do not take the place of calls of others. The time
 * grows with each refusal until one of their calls has run.
 *
 * <p><b>Threading.</b> Any thread may call.
 */
final class BusyFunctions {

    /** With that many at rest nothing is taken at all: the machine is full, and a query with more names is no use. */
    static final int MOST = 64;

    private static final int MOST_REMEMBERED = 1024;

    private final Backoff backoff;
    private final Scheduler timer;
    private final DoubleSupplier random;
    private final Runnable rested;
    private final Map<String, Rest> rests = new HashMap<>(); // guarded by this
    private boolean closed; // guarded by this

    /** How often a function was refused in a row, and what ends its rest while it has one. */
    private record Rest(int refusals, @Nullable Disposable end) {}

    BusyFunctions(AsyncSetup setup, Runnable rested) {
        this.backoff = setup.settings().busyBackoff();
        this.timer = setup.timer();
        this.random = setup.random();
        this.rested = rested;
    }

    /** A function had no room. Returns how long it is left alone. */
    synchronized Duration refused(String fnId) {
        Rest before = rests.get(fnId);
        boolean isResting = before != null && before.end() != null; // refused together with others: that is one refusal
        int refusals = before == null ? 1 : isResting ? before.refusals() : before.refusals() + 1;
        long nanos = 1 + backoff.nanos(refusals, random.getAsDouble());
        if (!isResting && !closed) {
            Disposable end = timer.schedule(() -> end(fnId, refusals), nanos, TimeUnit.NANOSECONDS);
            rests.put(fnId, new Rest(refusals, end));
        }
        return Duration.ofNanos(nanos);
    }

    private void end(String fnId, int refusals) {
        synchronized (this) {
            rests.put(fnId, new Rest(refusals, null));
            if (rests.size() > MOST_REMEMBERED) {
                rests.values().removeIf(rest -> rest.end() == null);
            }
        }
        rested.run();
    }

    /** One of its calls has run: there is room. */
    synchronized void ran(String fnId) {
        Rest rest = rests.remove(fnId);
        if (rest != null && rest.end() != null) {
            rest.end().dispose();
        }
    }

    /** Those that are left alone now. */
    synchronized Set<String> resting() {
        if (rests.isEmpty()) {
            return Set.of();
        }
        return rests.entrySet().stream()
                .filter(entry -> entry.getValue().end() != null)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    synchronized void close() {
        closed = true;
        rests.values().forEach(rest -> {
            if (rest.end() != null) {
                rest.end().dispose();
            }
        });
        rests.clear();
    }
}
