package io.headgate.function.dispatch;

import io.headgate.function.model.FunctionException;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what an observer throws from those who are watched. */
final class GuardedObserver implements DispatchObserver {

    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final DispatchObserver observer;

    private GuardedObserver(DispatchObserver observer) {
        this.observer = observer;
    }

    static DispatchObserver of(DispatchObserver observer) {
        return Objects.requireNonNull(observer, "observer") == NONE ? NONE : new GuardedObserver(observer);
    }

    @Override
    public void moved(Workload workload, InstanceState from, InstanceState to, long nanos) {
        guard(() -> observer.moved(workload, from, to, nanos));
    }

    @Override
    public void waits(Workload workload) {
        guard(() -> observer.waits(workload));
    }

    @Override
    public void granted(Workload workload, Grant grant) {
        guard(() -> observer.granted(workload, grant));
    }

    @Override
    public void refused(Workload workload, boolean waited, FunctionException error) {
        guard(() -> observer.refused(workload, waited, error));
    }

    @Override
    public void left(Workload workload) {
        guard(() -> observer.left(workload));
    }

    @Override
    public void evicted(Workload victim, InstanceState state, Workload claimant) {
        guard(() -> observer.evicted(victim, state, claimant));
    }

    private static void guard(Runnable report) {
        try {
            report.run();
        } catch (RuntimeException | Error e) {
            LOG.error("An observer of the dispatcher failed", e);
        }
    }
}
