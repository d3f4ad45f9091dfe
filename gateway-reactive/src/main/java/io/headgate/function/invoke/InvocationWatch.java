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
     * The function has printed something while the call ran.
     *
     * @param bytes not cut at lines; borrowed
     */
    default void printed(ByteBuf bytes) {}
}
