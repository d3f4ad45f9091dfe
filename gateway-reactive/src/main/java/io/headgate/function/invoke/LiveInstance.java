package io.headgate.function.invoke;

import io.headgate.function.dispatch.Workload;
import io.headgate.function.driver.Instance;
import io.headgate.function.log.OutputRouter;

/** An instance as the dispatcher knows it: the running function, and where its output goes. */
final class LiveInstance {

    private final String id;
    private final Workload workload;
    private final Instance instance;
    private final OutputRouter output;
    private volatile boolean over;
    private volatile boolean stopped;

    LiveInstance(String id, Workload workload, Instance instance, OutputRouter output) {
        this.id = id;
        this.workload = workload;
        this.instance = instance;
        this.output = output;
    }

    Instance instance() {
        return instance;
    }

    OutputRouter output() {
        return output;
    }

    /** It has ended by itself; the dispatcher may not know yet. */
    boolean isOver() {
        return over;
    }

    void markOver() {
        over = true;
    }

    /** It is stopped from here: a call that it still has is cut, and not by the function. */
    boolean isStopped() {
        return stopped;
    }

    void markStopped() {
        stopped = !over;
    }

    @Override
    public String toString() {
        return "instance " + id + " of " + workload;
    }
}
