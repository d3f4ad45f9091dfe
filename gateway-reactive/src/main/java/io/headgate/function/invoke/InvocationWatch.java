package io.headgate.function.invoke;

import io.netty.buffer.ByteBuf;

/** Is told how one call goes. Does not block; whatever it throws is logged. */
public interface InvocationWatch {

    /** Looks away. */
    InvocationWatch NONE = new InvocationWatch() {};

    /**
     * The call has an instance and is about to be sent to it.
     *
     * @param cold whether the instance was started for it
     * @param waitedNanos how long the call waited for it
     */
    default void started(boolean cold, long waitedNanos) {}

    /**
     * Asked before the call is sent: whether all that the function prints before its reply ends, or the call fails, is to be told before
     * that end. The instance is held for so much longer. Otherwise what is printed last may come after the end, and is then told to
     * nobody. What is printed just before a call runs out of its time, or is cancelled, may be missed in any case.
     *
     * @return false unless overridden
     */
    default boolean hearsAll() {
        return false;
    }

    /**
     * The function has printed something while the call ran.
     *
     * @param bytes not cut at lines; borrowed
     */
    default void printed(ByteBuf bytes) {}
}
