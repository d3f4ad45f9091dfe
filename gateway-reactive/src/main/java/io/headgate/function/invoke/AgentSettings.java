package io.headgate.function.invoke;

import java.time.Duration;

/**
 * What an agent allows to functions.
 *
 * @param maxReplyFieldBytes the largest head of a reply, names and values together; beyond it the call fails and the instance is killed
 * @param maxReplyBytes the largest body of a reply; beyond it the call fails and the instance is kept
 * @param stopGrace how long an instance has to end when it is asked to, before it is killed
 * @param closeGrace how long calls may go on when the agent is closed
 */
public record AgentSettings(int maxReplyFieldBytes, long maxReplyBytes, Duration stopGrace, Duration closeGrace) {

    /** 64 KiB of head, any body, 2 seconds for an instance to end, 30 for calls. */
    public static final AgentSettings DEFAULTS =
            new AgentSettings(64 << 10, Long.MAX_VALUE, Duration.ofSeconds(2), Duration.ofSeconds(30));

    /** Checks the values. */
    public AgentSettings {
        atLeast("maxReplyFieldBytes", maxReplyFieldBytes, 1);
        atLeast("maxReplyBytes", maxReplyBytes, 1);
        notNegative("stopGrace", stopGrace);
        notNegative("closeGrace", closeGrace);
    }

    private static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " or more)");
        }
    }

    private static void notNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: zero or more)");
        }
    }

    /**
     * A copy with another limit of reply heads.
     *
     * @param changed bytes, 1 or more
     * @return the copy
     */
    public AgentSettings withMaxReplyFieldBytes(int changed) {
        return new AgentSettings(changed, maxReplyBytes, stopGrace, closeGrace);
    }

    /**
     * A copy with another limit of reply bodies.
     *
     * @param changed bytes, 1 or more
     * @return the copy
     */
    public AgentSettings withMaxReplyBytes(long changed) {
        return new AgentSettings(maxReplyFieldBytes, changed, stopGrace, closeGrace);
    }

    /**
     * A copy in which instances have another time to end.
     *
     * @param changed zero or more
     * @return the copy
     */
    public AgentSettings withStopGrace(Duration changed) {
        return new AgentSettings(maxReplyFieldBytes, maxReplyBytes, changed, closeGrace);
    }

    /**
     * A copy in which calls have another time when the agent is closed.
     *
     * @param changed zero or more
     * @return the copy
     */
    public AgentSettings withCloseGrace(Duration changed) {
        return new AgentSettings(maxReplyFieldBytes, maxReplyBytes, stopGrace, changed);
    }
}
