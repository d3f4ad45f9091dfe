package io.headgate.function.dispatch;

/**
 * The right to make one call at an instance. It ends with the first {@link #release} or {@link #fail}; further ones do nothing.
 *
 * <p><b>Threading.</b> Any thread may call.
 *
 * @param <I> what stands for an instance
 */
public interface Slot<I> {

    /**
     * The instance that may be called.
     *
     * @return the instance; not to be used once the slot has ended
     */
    I instance();

    /** Gives the slot back: the call has ended, and the instance is fit for the next one. */
    void release();

    /**
     * Gives the slot back, and the instance up: it gets no more calls, and is stopped as soon as the other calls that it has, if it may
     * have several, have ended.
     *
     * @param why for the log
     */
    void fail(String why);
}
