package io.headgate.ratelimit;

import java.time.Duration;
import java.util.Objects;

/** The answer of a {@link RateLimitStore}. */
public sealed interface RateDecision {

    /** All limits admit, and each has been charged. */
    record Admitted() implements RateDecision {}

    /**
     * A limit refuses, and none has been charged.
     *
     * @param limit the one that refuses; of several, the one that takes longest to come back
     * @param retryAfter when there is enough again, if nobody else asks
     */
    record Refused(RateLimit limit, Duration retryAfter) implements RateDecision {

        /** Checks that nothing is missing. */
        public Refused {
            Objects.requireNonNull(limit, "limit");
            Objects.requireNonNull(retryAfter, "retryAfter");
        }
    }
}
