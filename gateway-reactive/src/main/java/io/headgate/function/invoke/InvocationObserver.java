package io.headgate.function.invoke;

/**
 * Is told of all calls, for metrics and logs. The calls for one invocation come in this order:
 *
 * <pre>
 * queued [started] ended
 * </pre>
 *
 * <p>A call begins when its request is there, whole where requests are buffered. One whose client leaves before, or sends too much, is told
 * then: it is queued and has ended in one breath. A request for an asynchronous call is none yet.
 *
 * <p>Does not block; whatever it throws is logged.
 *
 * <p><b>Threading.</b> Any thread, for one invocation one after another; the end of one that its caller gives up comes on the thread
 * of the caller.
 */
public interface InvocationObserver {

    /** Looks away. */
    InvocationObserver NONE = new InvocationObserver() {};

    /**
     * A call waits for an instance; also one that finds an idle one at once.
     *
     * @param call the call; its payload is not for the observer
     */
    default void queued(Invocation call) {}

    /**
     * A call has an instance and is about to be sent to it.
     *
     * @param call the call
     * @param cold whether the instance was started for it
     * @param waitedNanos how long the call waited for it
     */
    default void started(Invocation call, boolean cold, long waitedNanos) {}

    /**
     * A call is over, to the last byte of its reply. Comes exactly once.
     *
     * @param call the call
     * @param end how
     */
    default void ended(Invocation call, InvocationEnd end) {}
}
