package io.headgate.function.dispatch;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides which instances there are, and orders the crew to make it so. What it does is rare, and done under one lock; the crew and callers
 * are told without it, by the outbox. Methods with the time as a parameter are called under the lock.
 */
final class Foreman<I> {

    /** An instance that ends by itself sooner than this came to nothing. */
    private static final long SHORT_LIFE = Duration.ofSeconds(10).toNanos();

    final DispatchSettings settings;
    final Crew<I> crew;
    final Timers timers;
    final DispatchObserver observer;
    final Object lock = new Object();
    final Outbox outbox = new Outbox();

    private final Map<SlotKey, SlotQueue<I>> queues = new ConcurrentHashMap<>();
    private final Map<String, SlotQueue<I>> current = new HashMap<>();
    private final Map<I, Unit<I>> units = new IdentityHashMap<>();
    private final List<Runnable> onClosed = new ArrayList<>();
    private final Tokens tokens;
    private final ClaimLine<I> claims;
    private final Rest<I> rest;
    private int present;
    private long evictions;
    private volatile boolean closed;

    Foreman(DispatchSettings settings, Crew<I> crew, Timers timers, DispatchObserver observer) {
        this.settings = settings;
        this.crew = crew;
        this.timers = timers;
        this.observer = observer;
        tokens = new Tokens(settings.budget());
        claims = new ClaimLine<>(this, tokens, settings.patience().toNanos());
        rest = new Rest<>(this);
    }

    boolean isClosed() {
        return closed;
    }

    boolean isHungry() {
        return claims.isHungry();
    }

    @Nullable SlotQueue<I> queue(SlotKey key) {
        return queues.get(key);
    }

    /** The queue of a workload, which keeps its function warm from now on; null when no instance of it fits the machine. */
    @Nullable SlotQueue<I> open(Workload workload) {
        MachineBudget budget = settings.budget();
        if (workload.memoryBytes() > budget.memoryBytes() || workload.cpuMillis() > budget.cpuMillis()) {
            return null;
        }
        SlotQueue<I> queue;
        synchronized (lock) {
            queue = queues.get(workload.key());
            if (queue == null) {
                long now = timers.nanoTime();
                queue = new SlotQueue<>(this, workload);
                queues.put(workload.key(), queue);
                SlotQueue<I> before = current.put(workload.fn().id(), queue);
                if (before != null) {
                    before.roster.least = 0;
                }
                queue.roster.least = workload.limits().minInstances();
                queue.roster.touchedAt = now;
                empties(queue, now);
                grows(queue, now);
            }
        }
        outbox.flush();
        return queue;
    }

    void forget(String fnId) {
        synchronized (lock) {
            SlotQueue<I> queue = current.remove(fnId);
            if (queue != null) {
                queue.roster.least = 0;
            }
        }
    }

    /** Looks once whether a queue needs one more instance. */
    void scale(SlotQueue<I> queue) {
        if (queue.roster.isSettled()) {
            return;
        }
        synchronized (lock) {
            grows(queue, timers.nanoTime());
        }
        outbox.flush();
    }

    private void grows(SlotQueue<I> queue, long now) {
        if (!closed && !queue.roster.hasClaim() && queue.roster.needsOne(now)) {
            claims.add(queue, now);
            claims.serve(now);
        }
    }

    /** Looks once whether launches that wait can go on. */
    void serve() {
        synchronized (lock) {
            claims.serve(timers.nanoTime());
        }
        outbox.flush();
    }

    void launches(Unit<I> unit, long now) {
        Roster<I> roster = unit.queue.roster;
        tokens.take(unit.queue.workload);
        present++;
        roster.claims(null, now);
        unit.become(Unit.STARTING);
        roster.add(unit);
        claims.staffed(unit.queue, true);
        Start<I> start = new Start<>(this, unit);
        unit.start = start;
        outbox.add(() -> orders(start));
    }

    private void orders(Start<I> start) {
        try {
            crew.launch(start);
        } catch (RuntimeException | Error e) {
            start.failed(new FunctionException(
                    ErrorKind.START_FAILED, "An instance of " + start.workload() + " could not be started", e));
        }
    }

    void isReady(Unit<I> unit, I instance) {
        synchronized (lock) {
            long now = timers.nanoTime();
            unit.start = null;
            unit.ready(instance, now);
            units.put(instance, unit);
            if (closed) {
                retires(unit, "the server stops", now);
            } else {
                for (int i = 0; i < unit.queue.concurrency; i++) {
                    unit.queue.stack.push(new SlotNode<>(unit));
                }
                outbox.add(() -> settles(unit));
            }
        }
        outbox.flush();
    }

    private void settles(Unit<I> unit) {
        unit.queue.drain();
        if (unit.isIdle()) {
            restsSoon(unit);
        }
        scale(unit.queue);
        if (isHungry()) {
            serve();
        }
    }

    void isNotReady(Unit<I> unit, FunctionException error) {
        SlotQueue<I> queue = unit.queue;
        synchronized (lock) {
            long now = timers.nanoTime();
            unit.start = null;
            unit.become(Unit.DEAD);
            leaves(unit, now);
            tokens.give(queue.workload);
            present--;
            retriesLater(queue, now);
            if (!queue.roster.hasReady()) {
                outbox.add(() -> queue.refuseFirst(error));
                outbox.add(() -> scale(queue));
            }
            afterwards(queue, now);
        }
        outbox.flush();
    }

    private void leaves(Unit<I> unit, long now) {
        unit.queue.roster.remove(unit, now);
        if (unit.queue.roster.size() == 0) {
            claims.staffed(unit.queue, false);
            claims.lineUpAgain(unit.queue, now);
        }
    }

    private void retriesLater(SlotQueue<I> queue, long now) {
        long nanos = queue.roster.fails(now, settings.hotPoll().toNanos());
        if (queue.roster.least > 0 && !closed) {
            if (queue.roster.retry != null) {
                queue.roster.retry.cancel(); // it would come too early now
            }
            queue.roster.retry = timers.schedule(() -> scale(queue), nanos);
        }
    }

    /** Tokens or a place have become free. */
    private void afterwards(SlotQueue<I> queue, long now) {
        claims.serve(now);
        empties(queue, now);
        if (closed && present == 0) {
            onClosed.forEach(outbox::add);
            onClosed.clear();
        }
    }

    /** Ends an instance after a call, for a queue that has waited for long. False when that is not needed, or not fair. */
    boolean takesBack(Unit<I> unit) {
        synchronized (lock) {
            long now = timers.nanoTime();
            Workload claimant = claims.claimantFor(unit, now);
            if (claimant == null || unit.phase() != Unit.LIVE) {
                return false;
            }
            evictions++;
            observer.evicted(unit.queue.workload, InstanceState.BUSY, claimant);
            announces(unit);
            closes(unit, "makes room for " + claimant, now);
            claims.serve(now);
        }
        outbox.flush();
        return true;
    }

    private void announces(Unit<I> unit) {
        if (!unit.announced) {
            unit.announced = true;
            tokens.announce(unit.queue.workload);
        }
    }

    void evicts(Unit<I> unit, Workload claimant, long now) {
        evictions++;
        observer.evicted(unit.queue.workload, unit.state(), claimant);
        retires(unit, "makes room for " + claimant, now);
    }

    /** A call has ended after which its instance is not fit for another one. */
    void fails(Unit<I> unit, String why) {
        synchronized (lock) {
            closes(unit, why, timers.nanoTime());
        }
        outbox.flush();
    }

    private void closes(Unit<I> unit, String why, long now) {
        boolean lives = unit.phase() == Unit.LIVE;
        if (lives) {
            unit.become(Unit.CLOSING);
            unit.closes = why;
            unit.queue.stack.sweep();
        }
        if (Unit.isClosed(unit.leave(now))) {
            retires(unit, unit.closes, now);
        } else if (lives) {
            outbox.add(() -> scale(unit.queue));
        }
    }

    /** The last call of an instance that takes no more has ended. */
    void buries(Unit<I> unit) {
        synchronized (lock) {
            if (unit.phase() == Unit.CLOSING) {
                retires(unit, unit.closes, timers.nanoTime());
            }
        }
        outbox.flush();
    }

    void ended(I instance, String why) {
        synchronized (lock) {
            Unit<I> unit = units.get(instance);
            if (unit != null && unit.phase() != Unit.DEAD) {
                long now = timers.nanoTime();
                if (now - unit.readyAt < SHORT_LIFE) {
                    retriesLater(unit.queue, now);
                } else {
                    unit.queue.roster.succeeds(now);
                }
                retires(unit, why, now);
            }
        }
        outbox.flush();
    }

    /** Has a ready instance stopped, whatever it does. */
    void retires(Unit<I> unit, String why, long now) {
        SlotQueue<I> queue = unit.queue;
        unit.become(Unit.DEAD);
        leaves(unit, now);
        queue.roster.stops(1, now);
        announces(unit);
        queue.stack.sweep();
        rest.forget(unit);
        if (!unit.promised.isEmpty()) {
            breaksPromises(queue, List.copyOf(unit.promised));
            unit.promised.clear();
        }
        outbox.add(() -> scale(queue));
        outbox.add(() -> new Order(() -> isGone(unit), cause -> isGone(unit))
                .give(outcome -> crew.stop(unit.instance(), why, outcome)));
    }

    void breaksPromises(SlotQueue<I> queue, List<Lease<I>> calls) {
        for (int i = calls.size() - 1; i >= 0; i--) {
            Lease<I> lease = calls.get(i);
            outbox.add(() -> queue.promiseEnds(lease, true));
        }
        outbox.add(() -> {
            queue.drain();
            scale(queue);
        });
    }

    private void isGone(Unit<I> unit) {
        synchronized (lock) {
            long now = timers.nanoTime();
            units.remove(unit.instance());
            unit.queue.roster.stops(-1, now);
            tokens.arrive(unit.queue.workload);
            present--;
            grows(unit.queue, now);
            afterwards(unit.queue, now);
        }
        outbox.flush();
    }

    void restsSoon(Unit<I> unit) {
        rest.soon(unit);
    }

    void wakes(Unit<I> unit, Lease<I> lease) {
        rest.wakes(unit, lease);
    }

    void sweeps(SlotQueue<I> queue) {
        synchronized (lock) {
            queue.stack.sweep();
        }
    }

    private void empties(SlotQueue<I> queue, long now) {
        Roster<I> roster = queue.roster;
        if (closed || !roster.isEmpty() || roster.expiry != null) {
            return;
        }
        long keep = Math.max(
                settings.queueKeep().toNanos(), 2 * queue.workload.idleTimeout().toNanos());
        roster.expiry = timers.schedule(() -> expires(queue, keep), Math.max(0, roster.touchedAt + keep - now));
    }

    private void expires(SlotQueue<I> queue, long keep) {
        synchronized (lock) {
            long now = timers.nanoTime();
            Roster<I> roster = queue.roster;
            roster.expiry = null;
            if (closed || !roster.isEmpty()) {
                return; // when it is empty again, it begins again
            }
            if (queue.waiting.get() == 0 && now - roster.touchedAt >= keep) {
                queue.removed = true;
                if (queue.waiting.get() == 0) {
                    queues.remove(queue.workload.key());
                    current.remove(queue.workload.fn().id(), queue);
                    return;
                }
                queue.removed = false; // a call has come at the last moment
            }
            if (queue.waiting.get() != 0) {
                roster.touchedAt = now;
            }
            empties(queue, now);
        }
    }

    void close(Duration grace, Runnable done) {
        synchronized (lock) {
            onClosed.add(done);
            long now = timers.nanoTime();
            if (!closed) {
                closed = true;
                queues.values().forEach(queue -> closes(queue, now));
            }
            if (present == 0) {
                onClosed.forEach(outbox::add);
                onClosed.clear();
            } else {
                onClosed.add(timers.schedule(this::kills, grace.toNanos())::cancel);
            }
        }
        outbox.flush();
    }

    private void closes(SlotQueue<I> queue, long now) {
        Unit<I> claim = queue.roster.claim();
        if (claim != null) {
            claims.drop(claim, now);
        }
        queue.roster.cancelTimers();
        outbox.add(queue::refuseAll);
        for (Unit<I> unit : queue.roster.units()) {
            Start<I> start = unit.start;
            if (start != null) {
                outbox.add(start::cancel);
            } else if (unit.phase() != Unit.CLOSING && !unit.closesAfterCalls("the server stops")) {
                retires(unit, "the server stops", now);
            }
        }
    }

    private void kills() {
        synchronized (lock) {
            long now = timers.nanoTime();
            for (Unit<I> unit : List.copyOf(units.values())) {
                if (unit.phase() != Unit.DEAD) {
                    retires(unit, "the server stops, and its time is over", now);
                }
            }
        }
        outbox.flush();
    }

    DispatchStats stats() {
        synchronized (lock) {
            List<DispatchStats.QueueStats> all =
                    queues.values().stream().map(queue -> queue.roster.stats()).toList();
            return new DispatchStats(settings.budget(), tokens.takenMemory(), tokens.takenCpu(), evictions, all);
        }
    }
}
