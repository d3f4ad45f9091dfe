package io.headgate.function.dispatch;

import java.time.Duration;
import java.util.List;

/** What happens to instances without calls: they are frozen, unfrozen for the next call, and stopped when none comes for long. */
final class Rest<I> {

    private final Foreman<I> foreman;
    private final long freezeAfter;
    private final long orderNanos;

    Rest(Foreman<I> foreman) {
        this.foreman = foreman;
        Duration after = foreman.settings.freezeAfter();
        freezeAfter = after == null ? Long.MAX_VALUE : after.toNanos();
        orderNanos = foreman.settings.freezeTimeout().toNanos();
    }

    /**
     * Sees to it that somebody looks after an idle instance. A timer that is there already is left alone: it finds out by itself how long
     * the instance has been idle, so that calls neither set nor cancel timers.
     */
    void soon(Unit<I> unit) {
        within(unit, Math.min(freezeAfter, unit.queue.idleNanos));
    }

    private void within(Unit<I> unit, long nanos) {
        if (!unit.armed.get() && unit.armed.compareAndSet(false, true)) {
            unit.restTask = foreman.timers.schedule(() -> look(unit), nanos);
            if (unit.phase() == Unit.DEAD) {
                forget(unit);
            }
        }
    }

    /** Takes the timer back, which may otherwise wait for an hour with what it holds. */
    void forget(Unit<I> unit) {
        Timers.Task task = unit.restTask;
        if (task != null) {
            task.cancel();
        }
    }

    private void look(Unit<I> unit) {
        unit.armed.set(false);
        if (unit.phase() == Unit.LIVE && unit.calls() > 0) {
            return; // the end of its last call comes back here
        }
        long early = Math.min(freezeAfter, unit.queue.idleNanos) - (foreman.timers.nanoTime() - unit.idleSince);
        if (unit.isIdle() && early > 0) {
            within(unit, early);
            return;
        }
        synchronized (foreman.lock) {
            long again = rests(unit, foreman.timers.nanoTime());
            if (again != Long.MAX_VALUE) {
                within(unit, again);
            }
        }
        foreman.outbox.flush();
    }

    private long rests(Unit<I> unit, long now) {
        boolean paused = unit.phase() == Unit.PAUSED;
        if (!paused && !unit.isIdle()) {
            return Long.MAX_VALUE;
        }
        long idle = now - unit.idleSince;
        long most = unit.queue.idleNanos;
        if (idle >= most && unit.queue.roster.size() > unit.queue.roster.least) {
            if (unit.seize()) {
                foreman.retires(unit, "idle for " + unit.queue.workload.idleTimeout(), now);
            }
            return Long.MAX_VALUE;
        }
        long left = idle >= most ? most : most - idle;
        if (paused || freezeAfter == Long.MAX_VALUE) {
            return left;
        }
        if (idle < freezeAfter) {
            return Math.min(left, freezeAfter - idle);
        }
        if (unit.becomesFromIdle(Unit.PAUSING)) {
            foreman.outbox.add(() -> freezes(unit));
        }
        return Long.MAX_VALUE;
    }

    private void freezes(Unit<I> unit) {
        new Order(() -> isFrozen(unit), cause -> breaks(unit, Unit.PAUSING, "could not be frozen: " + cause))
                .give(outcome -> foreman.crew.freeze(unit.instance(), outcome), foreman.timers, orderNanos);
    }

    private void isFrozen(Unit<I> unit) {
        boolean rests;
        synchronized (foreman.lock) {
            if (unit.phase() != Unit.PAUSING) {
                return;
            }
            unit.become(Unit.PAUSED);
            rests = unit.promised.isEmpty();
            if (rests) {
                within(unit, Math.max(0, unit.queue.idleNanos - (foreman.timers.nanoTime() - unit.idleSince)));
            } else {
                unfreezes(unit);
            }
        }
        foreman.outbox.flush();
        if (rests && foreman.isHungry()) {
            foreman.serve();
        }
    }

    /** A call wants a slot of an instance that was frozen a moment ago. */
    void wakes(Unit<I> unit, Lease<I> lease) {
        synchronized (foreman.lock) {
            switch (unit.phase()) {
                case Unit.PAUSING, Unit.RESUMING -> unit.promised.add(lease);
                case Unit.PAUSED -> {
                    unit.promised.add(lease);
                    unfreezes(unit);
                }
                case Unit.LIVE -> {
                    if (unit.enter() == Unit.LIVE) {
                        keeps(unit, List.of(lease));
                    }
                }
                default -> foreman.breaksPromises(unit.queue, List.of(lease));
            }
        }
        foreman.outbox.flush();
    }

    private void unfreezes(Unit<I> unit) {
        unit.become(Unit.RESUMING);
        foreman.outbox.add(() -> new Order(
                        () -> goesOn(unit), cause -> breaks(unit, Unit.RESUMING, "could not be unfrozen: " + cause))
                .give(outcome -> foreman.crew.unfreeze(unit.instance(), outcome), foreman.timers, orderNanos));
    }

    private void goesOn(Unit<I> unit) {
        synchronized (foreman.lock) {
            if (unit.phase() != Unit.RESUMING) {
                return;
            }
            List<Lease<I>> calls = List.copyOf(unit.promised);
            unit.promised.clear();
            forget(unit); // it would look when the idle time is over, too late to freeze it again
            unit.armed.set(false);
            unit.resume(calls.size());
            keeps(unit, calls);
        }
        foreman.outbox.flush();
    }

    private void keeps(Unit<I> unit, List<Lease<I>> calls) {
        for (Lease<I> lease : calls) {
            foreman.outbox.add(() -> {
                unit.queue.promiseEnds(lease, false);
                unit.queue.grants(lease, unit);
            });
        }
    }

    private void breaks(Unit<I> unit, int phase, String why) {
        synchronized (foreman.lock) {
            if (unit.phase() == phase) {
                foreman.retires(unit, why, foreman.timers.nanoTime());
            }
        }
        foreman.outbox.flush();
    }
}
