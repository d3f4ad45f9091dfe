package io.headgate.function.async;

import io.headgate.function.model.FunctionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what an observer throws from the calls. */
record GuardedObserver(AsyncObserver observer) implements AsyncObserver {

    private static final Logger LOG = LoggerFactory.getLogger(AsyncObserver.class);

    private static void guarded(Runnable tell) {
        try {
            tell.run();
        } catch (RuntimeException e) {
            LOG.warn("An observer of asynchronous calls failed", e);
        }
    }

    @Override
    public void accepted(QueuedCall call) {
        guarded(() -> observer.accepted(call));
    }

    @Override
    public void refused(String fnId, FunctionException why) {
        guarded(() -> observer.refused(fnId, why));
    }

    @Override
    public void leased(LeasedCall call) {
        guarded(() -> observer.leased(call));
    }

    @Override
    public void ended(LeasedCall call, CallEnd end) {
        guarded(() -> observer.ended(call, end));
    }

    @Override
    public void gaveBack(LeasedCall call, String why) {
        guarded(() -> observer.gaveBack(call, why));
    }

    @Override
    public void lost(LeasedCall call, String why) {
        guarded(() -> observer.lost(call, why));
    }

    @Override
    public void storeFailed(String operation, Throwable error) {
        guarded(() -> observer.storeFailed(operation, error));
    }

    @Override
    public void forgot(long calls) {
        guarded(() -> observer.forgot(calls));
    }
}
