package io.headgate.function.dispatch;

import io.headgate.function.model.FunctionException;

/** A call that wants a slot; checks that it is answered once, and with an instance that may be called. */
final class Caller implements Waiter<Worker> {

    final Workload workload;
    private final Faults faults;
    Ticket ticket;
    Slot<Worker> slot;
    Grant grant;
    FunctionException error;
    boolean cancelled;
    boolean over;

    private Caller(Workload workload, Faults faults) {
        this.workload = workload;
        this.faults = faults;
    }

    static Caller of(Dispatcher<Worker> dispatcher, Workload workload, long deadline, Faults faults) {
        Caller caller = new Caller(workload, faults);
        caller.ticket = dispatcher.acquire(workload, deadline, caller);
        return caller;
    }

    @Override
    public void granted(Slot<Worker> granted, Grant how) {
        faults.check(slot == null && error == null && !cancelled, "answered twice");
        slot = granted;
        grant = how;
        Worker worker = granted.instance();
        faults.check(worker.workload.key().equals(workload.key()), "a slot of another function");
        faults.check(!worker.stopped && !worker.ended, "a slot of a dead instance");
        faults.check(!worker.frozen, "a slot of a frozen instance");
        worker.calls++;
        faults.check(worker.calls <= Math.max(1, workload.limits().concurrency()), "a slot used twice at once");
    }

    @Override
    public void refused(FunctionException why) {
        faults.check(slot == null && error == null && !cancelled, "answered twice");
        error = why;
    }

    boolean waits() {
        return slot == null && error == null && !cancelled;
    }

    boolean holds() {
        return slot != null && !over;
    }

    void release() {
        over = true;
        slot.instance().calls--;
        slot.release();
    }

    void fail() {
        over = true;
        slot.instance().calls--;
        slot.fail("the call failed");
    }

    void cancel() {
        cancelled = ticket.cancel();
    }
}
