package io.headgate.function.dispatch;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An order to the crew that is answered once: by the crew, by its failure to take it, or by time. */
final class Order implements Crew.Outcome {

    private final AtomicBoolean answered = new AtomicBoolean();
    private final Runnable onDone;
    private final Consumer<Throwable> onFailure;
    private volatile Timers.@Nullable Task timeout;

    Order(Runnable onDone, Consumer<Throwable> onFailure) {
        this.onDone = onDone;
        this.onFailure = onFailure;
    }

    /** Gives the order. */
    void give(Consumer<Crew.Outcome> order) {
        try {
            order.accept(this);
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    /** Gives the order, which fails when it is not answered in time. */
    void give(Consumer<Crew.Outcome> order, Timers timers, long nanos) {
        timeout = timers.schedule(() -> failed(new OverdueException(nanos)), nanos);
        give(order);
    }

    private boolean answers() {
        if (!answered.compareAndSet(false, true)) {
            return false;
        }
        Timers.Task task = timeout;
        if (task != null) {
            task.cancel();
        }
        return true;
    }

    @Override
    public void done() {
        if (answers()) {
            onDone.run();
        }
    }

    @Override
    public void failed(Throwable cause) {
        if (answers()) {
            onFailure.accept(cause);
        }
    }

    private static final class OverdueException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        OverdueException(long nanos) {
            super("no answer within " + nanos / 1_000_000 + " ms", null, false, false);
        }
    }
}
