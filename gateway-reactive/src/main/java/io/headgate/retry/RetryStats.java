package io.headgate.retry;

import java.util.Map;

/**
 * What a retry stage has done.
 *
 * @param retries attempts after the first ones
 * @param recovered requests that an attempt after the first one saved
 * @param skipped failures that the policy is for and that were not tried again, by reason
 */
public record RetryStats(long retries, long recovered, Map<Skipped, Long> skipped) {

    /** Copies the map. */
    public RetryStats {
        skipped = Map.copyOf(skipped);
    }
}
