package io.headgate.function.dispatch;

import io.headgate.function.model.FunctionException;

/**
 * An instance that is to be started. It is answered once, with {@link #ready} or {@link #failed}; only the first answer counts.
 *
 * <p><b>Threading.</b> Any thread may call.
 *
 * @param <I> what stands for an instance
 */
public interface Launch<I> {

    /**
     * What to start.
     *
     * @return the function and its application
     */
    Workload workload();

    /**
     * Says what to do when the instance is not wanted any more because the dispatcher is being closed. The launch is to be answered all
     * the same, when nothing of it is left.
     *
     * @param task run once, at once if it is so already; not when the launch has been answered
     */
    void onCancel(Runnable task);

    /**
     * The instance is ready for calls.
     *
     * @param instance the instance; from now on the dispatcher will say when it is to be stopped
     */
    void ready(I instance);

    /**
     * There is no instance, and nothing of it is left.
     *
     * @param error why; one call that waits fails with it when there is no other instance that could take it
     */
    void failed(FunctionException error);
}
