package io.headgate.ratelimit;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A limit on how many requests may come refuses one more: answered with 429 (RFC 6585 section 4), or with gRPC status
 * RESOURCE_EXHAUSTED, before any work. The reply says when to come again, in {@code retry-after} (RFC 9110 section
 * 10.2.3) and in {@code ratelimit} and {@code ratelimit-policy} (draft-ietf-httpapi-ratelimit-headers-10).
 */
public final class RateLimitedException extends GatewayException {

    private static final long serialVersionUID = 1L;

    private static final Duration SECOND = Duration.ofSeconds(1);

    @SuppressWarnings("serial") // exceptions of the gateway are not sent anywhere
    private final RateLimit limit;

    private final Duration retryAfter;

    /**
     * A limit refuses.
     *
     * @param limit the limit
     * @param retryAfter when there is enough again
     */
    public RateLimitedException(RateLimit limit, Duration retryAfter) {
        super(
                429,
                Set.of(Trait.REJECTED),
                "rate: over " + limit.name() + " (expected: at most " + limit.requests() + " in " + limit.period()
                        + ")",
                null,
                false);
        this.limit = limit;
        this.retryAfter = retryAfter;
    }

    /**
     * The limit that refuses.
     *
     * @return the limit
     */
    public RateLimit limit() {
        return limit;
    }

    /**
     * When there is enough again, if nobody else asks.
     *
     * @return more than nothing
     */
    public Duration retryAfter() {
        return retryAfter;
    }

    @Override
    public Map<String, String> replyFields() {
        long seconds = ceilSeconds(retryAfter);
        long window = ceilSeconds(limit.period());
        long quota = limit.period().compareTo(SECOND) < 0
                ? limit.requests() * (SECOND.toNanos() / limit.period().toNanos())
                : limit.requests();
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("retry-after", String.valueOf(seconds));
        fields.put("ratelimit-policy", '"' + limit.name() + "\";q=" + quota + ";w=" + window);
        fields.put("ratelimit", '"' + limit.name() + "\";r=0;t=" + seconds);
        return fields;
    }

    /** Fields count whole seconds; one that comes too early is refused again. */
    private static long ceilSeconds(Duration time) {
        return Math.max(1, time.plusSeconds(1).minusNanos(1).getSeconds());
    }
}
