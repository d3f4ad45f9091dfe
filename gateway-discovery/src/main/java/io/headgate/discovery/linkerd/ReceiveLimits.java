package io.headgate.discovery.linkerd;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a stream of the control plane may say nothing, and how long it may live. A stream that reaches its idle time or its
 * end of life is closed and opened again, while what it told stays in force: so a stream that hangs unseen cannot leave a set
 * frozen for ever.
 *
 * @param first most time to the first message, after which the attempt has failed; null for no limit
 * @param idle most time between two messages; null for no limit
 * @param lifetime most time of a stream; null for no limit
 */
public record ReceiveLimits(
        @Nullable Duration first,
        @Nullable Duration idle,
        @Nullable Duration lifetime) {

    /** No limits: services that do not change are silent for days, and rightly so. */
    public static final ReceiveLimits NONE = new ReceiveLimits(null, null, null);

    /** Checks that the limits are above zero, and that none is longer than one after it. */
    public ReceiveLimits {
        Duration shortest = check("first", first, Duration.ofNanos(1));
        shortest = check("idle", idle, shortest);
        check("lifetime", lifetime, shortest);
    }

    private static Duration check(String name, @Nullable Duration limit, Duration shortest) {
        if (limit == null) {
            return shortest;
        }
        if (limit.compareTo(shortest) < 0) {
            throw new IllegalArgumentException(
                    name + ": " + limit + " (expected: above zero, first <= idle <= lifetime)");
        }
        return limit;
    }

    /**
     * A copy with another limit.
     *
     * @param changed most time to the first message, or null
     * @return the copy
     */
    public ReceiveLimits withFirst(@Nullable Duration changed) {
        return new ReceiveLimits(changed, idle, lifetime);
    }

    /**
     * A copy with another limit.
     *
     * @param changed most time between two messages, or null
     * @return the copy
     */
    public ReceiveLimits withIdle(@Nullable Duration changed) {
        return new ReceiveLimits(first, changed, lifetime);
    }

    /**
     * A copy with another limit.
     *
     * @param changed most time of a stream, or null
     * @return the copy
     */
    public ReceiveLimits withLifetime(@Nullable Duration changed) {
        return new ReceiveLimits(first, idle, changed);
    }
}
