package io.headgate.retry;

import io.headgate.http.HttpExchange;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is tried again. What counts as a failure is the {@linkplain io.headgate.classify.Classifier classifier's} to say; how many
 * retries there are altogether, the {@linkplain RetryBudget budget's}.
 *
 * @param maxAttempts most attempts for a request, the first one included; {@link #UNLIMITED} unless set: the budget and the
 *     deadline bound them
 * @param requests which requests are made again after a failure; {@linkplain #isIdempotent idempotent} ones unless set. What no
 *     upstream can have processed is made again for every request
 * @param failures which failures are worth another attempt; all unless set
 * @param perTry how long an attempt may take to the head of its reply; null, the default, for no limit
 * @param backoff how long to wait before a retry; not at all unless set
 * @param longestWait the longest wait that an upstream can ask for by {@code retry-after} or {@code grpc-retry-pushback-ms}; one
 *     that asks for more is not tried again. 5 s unless set
 * @param peek how long the head of a gRPC reply without a status may wait for the first data or the trailers; 100 ms unless set
 * @param bodyBytes how much of a request body is kept for another attempt; 64 KiB unless set. A chunk counts for 256 at least
 * @param retriesRejected whether what was refused before any work, to shed load, is tried again as far as it says that it may be;
 *     not unless set
 */
public record RetryPolicy(
        int maxAttempts,
        Predicate<HttpExchange> requests,
        Predicate<FailedAttempt> failures,
        @Nullable Duration perTry,
        Backoff backoff,
        Duration longestWait,
        Duration peek,
        int bodyBytes,
        boolean retriesRejected) {

    /** The {@link #maxAttempts} of a policy that does not bound them. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

    /** Failures of idempotent requests, at once, as often as the budget allows. */
    public static final RetryPolicy DEFAULTS = new RetryPolicy(
            UNLIMITED,
            RetryPolicy::isIdempotent,
            failure -> true,
            null,
            Backoff.NONE,
            Duration.ofSeconds(5),
            Duration.ofMillis(100),
            64 * 1024,
            false);

    /** Checks the parts. */
    public RetryPolicy {
        Objects.requireNonNull(requests, "requests");
        Objects.requireNonNull(failures, "failures");
        Objects.requireNonNull(backoff, "backoff");
        if (maxAttempts < 1) {
            throw new IllegalArgumentException("maxAttempts: " + maxAttempts + " (expected: 1 or more)");
        }
        if (perTry != null && (perTry.isNegative() || perTry.isZero())) {
            throw new IllegalArgumentException("perTry: " + perTry + " (expected: more than zero, or null for none)");
        }
        hourAtMost("longestWait", longestWait);
        hourAtMost("peek", peek);
        if (bodyBytes < 0) {
            throw new IllegalArgumentException("bodyBytes: " + bodyBytes + " (expected: 0 or more)");
        }
    }

    private static void hourAtMost(String name, Duration value) {
        if (value.isNegative() || value.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: zero to one hour)");
        }
    }

    /**
     * Tells whether making a request twice is the same as making it once, by its method (RFC 9110 section 9.2.2).
     *
     * @param exchange the exchange
     * @return true for GET, HEAD, OPTIONS, TRACE, PUT, DELETE; never for gRPC, whose method says nothing
     */
    public static boolean isIdempotent(HttpExchange exchange) {
        return IDEMPOTENT.contains(exchange.head().method());
    }

    /**
     * A copy with another bound for attempts.
     *
     * @param changed most attempts, the first one included; 1 for no retries
     * @return the copy
     */
    public RetryPolicy withMaxAttempts(int changed) {
        return new RetryPolicy(
                changed, requests, failures, perTry, backoff, longestWait, peek, bodyBytes, retriesRejected);
    }

    /**
     * A copy for other requests.
     *
     * @param changed which requests are made again after a failure
     * @return the copy
     */
    public RetryPolicy withRequests(Predicate<HttpExchange> changed) {
        return new RetryPolicy(
                maxAttempts, changed, failures, perTry, backoff, longestWait, peek, bodyBytes, retriesRejected);
    }

    /**
     * A copy for all requests, whatever their method: for routes whose owner says that they can be made again.
     *
     * @return the copy
     */
    public RetryPolicy withAnyMethod() {
        return withRequests(exchange -> true);
    }

    /**
     * A copy for other failures.
     *
     * @param changed which failures are worth another attempt
     * @return the copy
     */
    public RetryPolicy withFailures(Predicate<FailedAttempt> changed) {
        return new RetryPolicy(
                maxAttempts, requests, changed, perTry, backoff, longestWait, peek, bodyBytes, retriesRejected);
    }

    /**
     * A copy with a limit for each attempt.
     *
     * @param changed to the head of the reply; null for none
     * @return the copy
     */
    public RetryPolicy withPerTry(@Nullable Duration changed) {
        return new RetryPolicy(
                maxAttempts, requests, failures, changed, backoff, longestWait, peek, bodyBytes, retriesRejected);
    }

    /**
     * A copy with another wait between attempts.
     *
     * @param changed the wait
     * @return the copy
     */
    public RetryPolicy withBackoff(Backoff changed) {
        return new RetryPolicy(
                maxAttempts, requests, failures, perTry, changed, longestWait, peek, bodyBytes, retriesRejected);
    }

    /**
     * A copy with another bound for waits that upstreams ask for.
     *
     * @param changed the longest wait; zero for no retry when there is one
     * @return the copy
     */
    public RetryPolicy withLongestWait(Duration changed) {
        return new RetryPolicy(
                maxAttempts, requests, failures, perTry, backoff, changed, peek, bodyBytes, retriesRejected);
    }

    /**
     * A copy that holds heads of gRPC replies for another time.
     *
     * @param changed how long at most
     * @return the copy
     */
    public RetryPolicy withPeek(Duration changed) {
        return new RetryPolicy(
                maxAttempts, requests, failures, perTry, backoff, longestWait, changed, bodyBytes, retriesRejected);
    }

    /**
     * A copy with another bound for bodies.
     *
     * @param changed how many bytes are kept; 0 to keep none
     * @return the copy
     */
    public RetryPolicy withBodyBytes(int changed) {
        return new RetryPolicy(
                maxAttempts, requests, failures, perTry, backoff, longestWait, peek, changed, retriesRejected);
    }

    /**
     * A copy that tries again what was refused to shed load, or not.
     *
     * @param changed whether it does
     * @return the copy
     */
    public RetryPolicy withRejected(boolean changed) {
        return new RetryPolicy(maxAttempts, requests, failures, perTry, backoff, longestWait, peek, bodyBytes, changed);
    }
}
