package io.headgate.ratelimit;

import io.headgate.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** A store, and what to do when it has not decided in time. */
record StorePlan(RateLimitStore store, StoreFailure failure, Duration timeout) {

    private static final Logger LOG = LoggerFactory.getLogger(StorePlan.class);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final RateDecision ADMITTED = new RateDecision.Admitted();

    StorePlan {
        Objects.requireNonNull(store, "store");
        Objects.requireNonNull(failure, "failure");
        if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: more than nothing, up to a day)");
        }
    }

    /** What the store decides, or what is done in its place. */
    Mono<RateDecision> decide(List<RateClaim> claims, Deadline deadline, LongAdder undecided) {
        Duration patience = deadline.remainingNanos() < timeout.toNanos()
                ? Duration.ofNanos(Math.max(deadline.remainingNanos(), 0))
                : timeout;
        return Mono.defer(() -> store.take(claims)) // one that throws has not decided either
                .timeout(patience)
                .switchIfEmpty(Mono.error(() -> new IllegalStateException("store: no answer (expected: a decision)")))
                .onErrorResume(error -> {
                    undecided.increment();
                    LOG.debug("store of rate limits has not decided, {}", failure, error);
                    return failure == StoreFailure.ADMIT
                            ? Mono.just(ADMITTED)
                            : Mono.error(new StoreUnavailableException(error));
                });
    }
}
