package io.headgate.hedge;

import io.headgate.http.HttpExchange;
import io.headgate.retry.RetryPolicy;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * What is hedged.
 *
 * @param requests which requests may be made twice at the same time; {@linkplain RetryPolicy#isIdempotent idempotent} ones unless set
 * @param delay how long to wait before another attempt; {@link HedgeDelay#DEFAULTS} unless set
 * @param maxHedges most attempts beside the first one, 1 to 10; 1 unless set
 * @param bodyBytes how much of a request body is kept for other attempts; 64 KiB unless set
 */
public record HedgePolicy(Predicate<HttpExchange> requests, HedgeDelay delay, int maxHedges, int bodyBytes) {

    /** One hedge for idempotent requests, at the 95th percentile. */
    public static final HedgePolicy DEFAULTS =
            new HedgePolicy(RetryPolicy::isIdempotent, HedgeDelay.DEFAULTS, 1, 64 * 1024);

    /** Checks the parts. */
    public HedgePolicy {
        Objects.requireNonNull(requests, "requests");
        Objects.requireNonNull(delay, "delay");
        if (maxHedges < 1 || maxHedges > 10) {
            throw new IllegalArgumentException("maxHedges: " + maxHedges + " (expected: 1..10)");
        }
        if (bodyBytes < 0) {
            throw new IllegalArgumentException("bodyBytes: " + bodyBytes + " (expected: 0 or more)");
        }
    }

    /**
     * A copy for other requests.
     *
     * @param changed which requests may be made twice at the same time
     * @return the copy
     */
    public HedgePolicy withRequests(Predicate<HttpExchange> changed) {
        return new HedgePolicy(changed, delay, maxHedges, bodyBytes);
    }

    /**
     * A copy with another delay.
     *
     * @param changed the delay
     * @return the copy
     */
    public HedgePolicy withDelay(HedgeDelay changed) {
        return new HedgePolicy(requests, changed, maxHedges, bodyBytes);
    }

    /**
     * A copy with another number of hedges.
     *
     * @param changed 1 to 10
     * @return the copy
     */
    public HedgePolicy withMaxHedges(int changed) {
        return new HedgePolicy(requests, delay, changed, bodyBytes);
    }

    /**
     * A copy with another bound for bodies.
     *
     * @param changed how many bytes are kept; 0 to hedge requests without a body only
     * @return the copy
     */
    public HedgePolicy withBodyBytes(int changed) {
        return new HedgePolicy(requests, delay, maxHedges, changed);
    }
}
