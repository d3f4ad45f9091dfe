package io.headgate.function.dispatch;

import io.headgate.function.model.FunctionException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that there is of one call: the place in the queue, then the slot, then, given back, the free slot on the stack. So a call allocates
 * this and nothing else.
 */
final class Lease<I> extends SlotNode<I> implements Ticket, Slot<I> {

    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private static final int WAITING = 0;
    private static final int HELD = 1;
    private static final int OVER = 2;
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Lease.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int state;
    private @Nullable Waiter<I> waiter;
    private @Nullable SlotQueue<I> queue;

    /** When it began to wait. */
    long since;

    /** Until when it may wait. */
    long deadline;

    Lease(Waiter<I> waiter) {
        super(null);
        this.waiter = waiter;
    }

    /** Says which queue counts it among those that wait. */
    void waitsIn(@Nullable SlotQueue<I> waitsIn) {
        queue = waitsIn;
    }

    boolean isWaiting() {
        return state == WAITING;
    }

    /** Gives it a slot, which the instance has already counted. False when it wants none any more. */
    boolean take(Unit<I> of) {
        if (!STATE.compareAndSet(this, WAITING, HELD)) {
            return false;
        }
        unit = of;
        return true;
    }

    void tellGranted(Grant grant) {
        Waiter<I> told = waiter;
        waiter = null; // the stack keeps this object, and is not to keep the caller's
        if (told == null) {
            return;
        }
        try {
            unit().queue.foreman.observer.granted(unit().queue.workload, grant);
            told.granted(this, grant);
        } catch (RuntimeException | Error e) {
            LOG.error("A waiter failed when it was granted a slot of {}", unit().queue.workload, e);
            release();
        }
    }

    /** Refuses it, unless it has a slot or is over. */
    void refuse(Workload workload, DispatchObserver observer, FunctionException error) {
        Waiter<I> told = waiter;
        if (told == null || !STATE.compareAndSet(this, WAITING, OVER)) {
            return;
        }
        waiter = null;
        SlotQueue<I> waited = queue;
        if (waited != null) {
            waited.leaves(this);
        }
        try {
            observer.refused(workload, waited != null, error);
            told.refused(error);
        } catch (RuntimeException | Error e) {
            LOG.error("A waiter failed when it was refused a slot of {}", workload, e);
        }
    }

    @Override
    public boolean cancel() {
        if (!STATE.compareAndSet(this, WAITING, OVER)) {
            return false;
        }
        waiter = null;
        SlotQueue<I> waited = queue;
        if (waited != null) {
            waited.leaves(this);
            waited.foreman.observer.left(waited.workload);
        }
        return true;
    }

    @Override
    public I instance() {
        return unit().instance();
    }

    @Override
    public void release() {
        if (STATE.compareAndSet(this, HELD, OVER)) {
            unit().queue.released(unit(), this);
        }
    }

    @Override
    public void fail(String why) {
        if (STATE.compareAndSet(this, HELD, OVER)) {
            unit().queue.foreman.fails(unit(), why);
        }
    }
}
