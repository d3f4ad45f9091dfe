package io.headgate.function.dispatch;

import io.headgate.function.model.FunctionException;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Slots of one configuration and the calls that wait for them. A call that finds a free slot takes it by compare-and-set; else it waits
 * in line. No slot stays free while a call waits: who puts a call in line looks for a slot after that, and who puts a slot on the stack
 * looks for a call. Both are brought together by one thread at a time, which others leave their part to.
 */
final class SlotQueue<I> {

    /** So many calls that have left may stay in line for good. */
    private static final int TOLERATED = 64;

    final Foreman<I> foreman;
    final Workload workload;
    final int concurrency;
    final long idleNanos;
    final SlotStack<I> stack = new SlotStack<>();
    final AtomicInteger waiting = new AtomicInteger();
    final LongAdder granted = new LongAdder();
    final Roster<I> roster;
    final QueuePulse pulse;

    /** Nobody may wait here any more; the key has a new queue or will have one. */
    volatile boolean removed;

    private final Deque<Lease<I>> line = new ConcurrentLinkedDeque<>();
    private final Queue<Lease<I>> promised = new ConcurrentLinkedQueue<>();
    private final AtomicInteger gone = new AtomicInteger();
    private final AtomicInteger missed = new AtomicInteger();

    SlotQueue(Foreman<I> foreman, Workload workload) {
        this.foreman = foreman;
        this.workload = workload;
        concurrency = Math.max(1, workload.limits().concurrency());
        idleNanos = workload.idleTimeout().toNanos();
        roster = new Roster<>(this);
        pulse = new QueuePulse(foreman.timers, foreman.settings.hotPoll().toNanos(), this::look);
    }

    /** Gives the call a slot, puts it in line or refuses it. False when this queue is removed. */
    boolean admit(Lease<I> lease) {
        return waiting.get() == 0 && takesTop(lease) || joins(lease);
    }

    private boolean takesTop(Lease<I> lease) {
        SlotNode<I> node;
        while ((node = stack.pop()) != null) {
            Unit<I> unit = node.unit();
            int phase = unit.enter();
            if (phase == Unit.LIVE) {
                if (unit.fresh) {
                    unit.fresh = false;
                }
                lease.take(unit);
                granted.increment();
                lease.tellGranted(Grant.AT_ONCE);
                return true;
            }
            if (phase != Unit.DEAD && phase != Unit.CLOSING) {
                stack.push(new SlotNode<>(unit)); // frozen: whoever gets it waits for it
                return false;
            }
        }
        return false;
    }

    private boolean joins(Lease<I> lease) {
        if (waiting.incrementAndGet() > workload.limits().maxWaiting()) {
            waiting.decrementAndGet();
            lease.refuse(workload, foreman.observer, Refusals.tooMany(this));
            return true;
        }
        if (removed) {
            waiting.decrementAndGet();
            return false;
        }
        lease.since = foreman.timers.nanoTime();
        lease.deadline =
                earlier(lease.deadline, lease.since, workload.limits().maxWait().toNanos());
        lease.waitsIn(this);
        foreman.observer.waits(workload);
        line.addLast(lease);
        refusesWhenClosed(lease);
        drain();
        if (lease.isWaiting()) {
            pulse.beatBy(lease.deadline);
            foreman.scale(this);
        }
        return true;
    }

    private static long earlier(long deadline, long now, long mostNanos) {
        long latest = now + mostNanos;
        return deadline == Long.MAX_VALUE || deadline - latest > 0 ? latest : deadline;
    }

    /** The call does not wait any more. */
    void leaves(Lease<I> lease) {
        int left = waiting.decrementAndGet();
        if (gone.incrementAndGet() > TOLERATED + left) {
            gone.set(0);
            line.removeIf(call -> !call.isWaiting());
        }
        if (left == 0 && foreman.isHungry()) {
            foreman.serve(); // a launch that is not needed any more may stand in the way of others
        }
    }

    /** Brings free slots and calls in line together. */
    void drain() {
        if (missed.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        while (seen != 0) {
            while (bringsTogether()) {
                // the next two
            }
            seen = missed.addAndGet(-seen);
        }
    }

    private boolean bringsTogether() {
        Lease<I> lease = first();
        SlotNode<I> node = lease == null ? null : stack.pop();
        if (lease == null || node == null) {
            return false;
        }
        Unit<I> unit = node.unit();
        int phase = unit.enter();
        if (phase == Unit.LIVE) {
            line.removeFirstOccurrence(lease);
            grants(lease, unit);
        } else if (phase != Unit.DEAD && phase != Unit.CLOSING) {
            promised.add(lease);
            line.removeFirstOccurrence(lease);
            foreman.wakes(unit, lease);
            refusesWhenClosed(lease);
        }
        return true;
    }

    private @Nullable Lease<I> first() {
        Lease<I> lease = line.peekFirst();
        while (lease != null && !lease.isWaiting()) {
            line.removeFirstOccurrence(lease);
            lease = line.peekFirst();
        }
        return lease;
    }

    /** Gives a call, which waits, a slot that the instance has counted already. */
    void grants(Lease<I> lease, Unit<I> unit) {
        if (!lease.take(unit)) {
            givesBack(unit, new SlotNode<>(unit));
            return;
        }
        waiting.decrementAndGet();
        granted.increment();
        boolean cold = unit.fresh && unit.readyAt - lease.since >= 0;
        unit.fresh = false;
        lease.tellGranted(new Grant(cold, Math.max(1, foreman.timers.nanoTime() - lease.since)));
    }

    /** A promise is kept, or cannot be: then the call is the first in line again. */
    void promiseEnds(Lease<I> lease, boolean back) {
        if (back && lease.isWaiting()) {
            line.addFirst(lease);
        }
        promised.remove(lease);
        refusesWhenClosed(lease);
    }

    /** A call on its way from one list to the other may be overlooked when all are refused. */
    private void refusesWhenClosed(Lease<I> lease) {
        if (foreman.isClosed()) {
            lease.refuse(workload, foreman.observer, Refusals.closed());
        }
    }

    /** A call has ended, and its instance is fit for another one. */
    void released(Unit<I> unit, SlotNode<I> node) {
        if (!foreman.isHungry() || !foreman.takesBack(unit)) {
            givesBack(unit, node);
        }
    }

    private void givesBack(Unit<I> unit, SlotNode<I> node) {
        int left = unit.leave(foreman.timers.nanoTime());
        if (Unit.isLive(left)) {
            offers(unit, node);
        } else if (Unit.isClosed(left)) {
            foreman.buries(unit);
        }
    }

    /** Puts a free slot on the stack. */
    void offers(Unit<I> unit, SlotNode<I> node) {
        stack.push(node);
        if (unit.isDead()) {
            foreman.sweeps(this);
        }
        if (waiting.get() != 0) {
            drain();
        }
        if (unit.isIdle()) {
            foreman.restsSoon(unit);
            if (foreman.isHungry()) {
                foreman.serve();
            }
        }
    }

    /** Refuses who has waited long enough, and asks for one more instance. Returns when to look again at the latest. */
    private long look(long now) {
        if (waiting.get() == 0) {
            return QueuePulse.NEVER;
        }
        long next = QueuePulse.NEVER - 1; // a call on its way from one list to the other is seen the next time
        for (Lease<I> lease : line) {
            next = expires(lease, now, next);
        }
        for (Lease<I> lease : promised) {
            next = expires(lease, now, next);
        }
        pulse.measure(granted.sum(), now);
        drain();
        foreman.scale(this);
        return next;
    }

    private long expires(Lease<I> lease, long now, long next) {
        if (!lease.isWaiting()) {
            return next;
        }
        long left = lease.deadline - now;
        if (left <= 0) {
            lease.refuse(workload, foreman.observer, Refusals.busy(this));
            return next;
        }
        return Math.min(next, left);
    }

    /** Refuses the call that has waited longest. */
    void refuseFirst(FunctionException error) {
        Lease<I> lease = first();
        if (lease != null) {
            lease.refuse(workload, foreman.observer, error);
        }
    }

    void refuseAll() {
        FunctionException closed = Refusals.closed();
        line.forEach(lease -> lease.refuse(workload, foreman.observer, closed));
        promised.forEach(lease -> lease.refuse(workload, foreman.observer, closed));
        line.removeIf(lease -> !lease.isWaiting());
        pulse.stop();
    }

    /** Why calls wait, as far as one can tell. */
    String lack() {
        if (roster.hasClaim()) {
            return "memory or CPU";
        }
        return !roster.hasReady() ? "an instance to start" : "a free instance";
    }
}
