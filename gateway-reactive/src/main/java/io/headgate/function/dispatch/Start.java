package io.headgate.function.dispatch;

import io.headgate.function.model.FunctionException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The order to start an instance. */
final class Start<I> implements Launch<I> {

    private final Foreman<I> foreman;
    private final Unit<I> unit;
    private @Nullable Runnable onCancel;
    private boolean cancelled;
    private boolean answered;

    Start(Foreman<I> foreman, Unit<I> unit) {
        this.foreman = foreman;
        this.unit = unit;
    }

    @Override
    public Workload workload() {
        return unit.queue.workload;
    }

    @Override
    public void onCancel(Runnable task) {
        Objects.requireNonNull(task, "task");
        synchronized (this) {
            if (answered) {
                return;
            }
            if (!cancelled) {
                onCancel = task;
                return;
            }
        }
        task.run();
    }

    void cancel() {
        Runnable task;
        synchronized (this) {
            cancelled = true;
            task = onCancel;
            onCancel = null;
        }
        if (task != null) {
            task.run();
        }
    }

    private synchronized boolean answers() {
        boolean first = !answered;
        answered = true;
        onCancel = null;
        return first;
    }

    @Override
    public void ready(I instance) {
        Objects.requireNonNull(instance, "instance");
        if (answers()) {
            foreman.isReady(unit, instance);
        }
    }

    @Override
    public void failed(FunctionException error) {
        Objects.requireNonNull(error, "error");
        if (answers()) {
            foreman.isNotReady(unit, error);
        }
    }
}
