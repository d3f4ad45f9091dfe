package io.headgate.function.dispatch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The instances of a queue. Changed under the lock of the {@link Foreman}; what is volatile may be read without. */
final class Roster<I> {

    private static final int MOST_DOUBLINGS = 7;

    private final SlotQueue<I> queue;
    private volatile List<Unit<I>> units = List.of(); // copied on each change, which is rare
    private volatile @Nullable Unit<I> claim;
    private volatile int stopping;

    /** Instances that are kept warm. */
    int least;

    /** When it last had something to do with an instance. */
    long touchedAt;

    /** Waits to have the queue removed; null while it does not. */
    Timers.@Nullable Task expiry;

    /** Waits to try again what came to nothing. */
    Timers.@Nullable Task retry;

    private int failures;
    private long retryAt;

    Roster(SlotQueue<I> queue) {
        this.queue = queue;
    }

    List<Unit<I>> units() {
        return units;
    }

    int size() {
        return units.size();
    }

    int stopping() {
        return stopping;
    }

    boolean hasClaim() {
        return claim != null;
    }

    boolean hasReady() {
        return units.stream().anyMatch(Unit::isReady);
    }

    /** Calls wait, and there is nothing yet that will take them. */
    boolean isPoor() {
        return units.isEmpty() && queue.waiting.get() != 0;
    }

    boolean isEmpty() {
        return units.isEmpty() && stopping == 0 && claim == null;
    }

    /** Tells without the lock whether looking for need of an instance is in vain. */
    boolean isSettled() {
        return claim != null || size() + stopping >= queue.workload.limits().maxInstances();
    }

    /** Tells whether one more instance is needed, a claim not counted. */
    boolean needsOne(long now) {
        if (queue.removed || size() + stopping >= queue.workload.limits().maxInstances()) {
            return false;
        }
        if (size() < least && now - retryAt >= 0) {
            return true;
        }
        int free = 0;
        int starting = 0;
        for (Unit<I> unit : units) {
            free += unit.free();
            starting += unit.phase() == Unit.STARTING ? 1 : 0;
        }
        return LaunchRule.startsOne(queue.waiting.get(), free, starting, queue.concurrency);
    }

    /** Nothing waits any more: the dispatcher is closed. */
    void cancelTimers() {
        if (expiry != null) {
            expiry.cancel();
        }
        if (retry != null) {
            retry.cancel();
        }
    }

    void claims(@Nullable Unit<I> unit, long now) {
        claim = unit;
        touchedAt = now;
    }

    @Nullable Unit<I> claim() {
        return claim;
    }

    void add(Unit<I> unit) {
        List<Unit<I>> more = new ArrayList<>(units);
        more.add(unit);
        units = more;
    }

    void remove(Unit<I> unit, long now) {
        List<Unit<I>> fewer = new ArrayList<>(units);
        fewer.remove(unit);
        units = fewer;
        touchedAt = now;
    }

    void stops(int more, long now) {
        stopping += more; // under the lock
        touchedAt = now;
    }

    /** An instance came to nothing: the next one that no call waits for comes later, and later each time. */
    long fails(long now, long firstNanos) {
        long backoff = firstNanos << Math.min(failures, MOST_DOUBLINGS);
        failures++;
        retryAt = now + backoff;
        return backoff;
    }

    void succeeds(long now) {
        failures = 0;
        retryAt = now;
    }

    /** Idle instances that are not needed to keep the queue warm, those first that have been idle longest. */
    List<Unit<I>> spare() {
        int most = size() - least;
        if (most <= 0 || queue.waiting.get() != 0) {
            return List.of();
        }
        return units.stream()
                .filter(unit -> unit.isIdle() || unit.phase() == Unit.PAUSED)
                .sorted(Comparator.comparingLong(unit -> unit.idleSince - touchedAt))
                .limit(most)
                .toList();
    }

    DispatchStats.QueueStats stats() {
        int[] states = new int[InstanceState.values().length];
        for (Unit<I> unit : units) {
            states[unit.state().ordinal()]++;
        }
        return new DispatchStats.QueueStats(
                queue.workload,
                queue.waiting.get(),
                claim == null ? 0 : 1,
                states[InstanceState.START.ordinal()],
                states[InstanceState.IDLE.ordinal()],
                states[InstanceState.PAUSED.ordinal()],
                states[InstanceState.BUSY.ordinal()],
                stopping,
                queue.granted.sum());
    }
}
