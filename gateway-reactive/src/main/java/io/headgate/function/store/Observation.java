package io.headgate.function.store;

import io.headgate.function.model.FunctionException;
import io.headgate.function.store.StoreObserver.Outcome;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One operation of a store. Its end is told once: a caller that has its answer may still cancel. */
final class Observation {

    private static final Logger LOG = LoggerFactory.getLogger(Observation.class);

    private final StoreOperation operation;
    private final StoreObserver observer;
    private final LongSupplier nanoTime;
    private final long start;
    private final AtomicBoolean ended = new AtomicBoolean();

    Observation(StoreOperation operation, StoreObserver observer, LongSupplier nanoTime) {
        this.operation = operation;
        this.observer = observer;
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
    }

    void succeeded() {
        end(Outcome.SUCCESS);
    }

    void failed(Throwable failure) {
        boolean isRefusal = failure instanceof FunctionException refusal && refusal.status() < 500;
        end(isRefusal ? Outcome.REFUSED : Outcome.FAILED);
    }

    void cancelled() {
        end(Outcome.CANCELLED);
    }

    private void end(Outcome outcome) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        try {
            observer.ended(operation, nanoTime.getAsLong() - start, outcome);
        } catch (RuntimeException e) {
            LOG.warn("{} of {} failed", observer, operation, e);
        }
    }
}
