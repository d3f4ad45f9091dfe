package io.headgate.ratelimit;

import java.util.List;
import reactor.core.publisher.Mono;

/**
 * Where limits are kept that several gateways share. {@link RateLimits} keeps its own ones by itself, without a store.
 *
 * <p><b>Threading.</b> Called on event loops, so it must not block; may answer on any thread.
 *
 * <p><b>Cancellation.</b> A client that goes away, or an answer that takes too long, cancels the claim; what has been
 * taken by then may stay taken.
 *
 * <p><b>Errors.</b> A store that fails, answers nothing or is too slow has not decided; the stage then does what its
 * {@link StoreFailure} says.
 */
@FunctionalInterface
public interface RateLimitStore {

    /**
     * Takes from several limits at once: from all of them, or from none when one refuses.
     *
     * @param claims what to take, at least one, of different limits
     * @return the decision, made anew for each subscription
     */
    Mono<RateDecision> take(List<RateClaim> claims);
}
