package io.headgate.function.invoke;

import java.time.Duration;

/**
 * How HTTP requests become calls.
 *
 * @param streaming whether bodies pass as they come, both ways, unless a function or trigger says otherwise; see {@link Invocations}
 * @param maxRequestBytes the largest request that is buffered, beyond it 413; requests that are streamed have no limit here
 * @param maxReplyBytes the largest reply that is buffered, beyond it 502; replies that are streamed have no limit here
 * @param detachedWait how long a detached call may wait for an instance
 */
public record InvocationSettings(boolean streaming, int maxRequestBytes, int maxReplyBytes, Duration detachedWait) {

    /** Buffered, 16 MiB each way, and 30 seconds. */
    public static final InvocationSettings DEFAULTS =
            new InvocationSettings(false, 16 << 20, 16 << 20, Duration.ofSeconds(30));

    /** Checks the values. */
    public InvocationSettings {
        atLeastOne("maxRequestBytes", maxRequestBytes);
        atLeastOne("maxReplyBytes", maxReplyBytes);
        if (detachedWait.isNegative() || detachedWait.isZero()) {
            throw new IllegalArgumentException("detachedWait: " + detachedWait + " (expected: more than zero)");
        }
    }

    private static void atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
        }
    }

    /**
     * A copy with another way to pass bodies.
     *
     * @param changed true to stream, false to buffer
     * @return the copy
     */
    public InvocationSettings withStreaming(boolean changed) {
        return new InvocationSettings(changed, maxRequestBytes, maxReplyBytes, detachedWait);
    }

    /**
     * A copy with another limit of buffered requests.
     *
     * @param changed bytes, 1 or more
     * @return the copy
     */
    public InvocationSettings withMaxRequestBytes(int changed) {
        return new InvocationSettings(streaming, changed, maxReplyBytes, detachedWait);
    }

    /**
     * A copy with another limit of buffered replies.
     *
     * @param changed bytes, 1 or more
     * @return the copy
     */
    public InvocationSettings withMaxReplyBytes(int changed) {
        return new InvocationSettings(streaming, maxRequestBytes, changed, detachedWait);
    }

    /**
     * A copy in which detached calls wait for another time.
     *
     * @param changed more than zero
     * @return the copy
     */
    public InvocationSettings withDetachedWait(Duration changed) {
        return new InvocationSettings(streaming, maxRequestBytes, maxReplyBytes, changed);
    }
}
