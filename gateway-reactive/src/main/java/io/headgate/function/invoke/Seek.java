package io.headgate.function.invoke;

import io.headgate.function.dispatch.Dispatcher;
import io.headgate.function.dispatch.Grant;
import io.headgate.function.dispatch.Slot;
import io.headgate.function.dispatch.Ticket;
import io.headgate.function.dispatch.Waiter;
import io.headgate.function.dispatch.Workload;
import io.headgate.function.model.FunctionException;
import org.jspecify.annotations.Nullable;

/** One place in the queue for one call. */
final class Seek implements Waiter<LiveInstance> {

    private final AgentCall call;
    private volatile @Nullable Ticket ticket;

    Seek(AgentCall call) {
        this.call = call;
    }

    /** The answer may come before the ticket does, and so may the end of the call. */
    void begin(Dispatcher<LiveInstance> dispatcher, Workload workload, long deadline) {
        ticket = dispatcher.acquire(workload, deadline, this);
        if (call.isOver()) {
            leave();
        }
    }

    void leave() {
        Ticket mine = ticket;
        if (mine != null) {
            mine.cancel();
        }
    }

    @Override
    public void granted(Slot<LiveInstance> slot, Grant grant) {
        call.granted(slot, grant);
    }

    @Override
    public void refused(FunctionException error) {
        call.refused(error);
    }
}
