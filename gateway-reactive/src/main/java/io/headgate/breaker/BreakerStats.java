package io.headgate.breaker;

import java.time.Duration;

/**
 * How a circuit breaker is and what it has done. The figures are read one after the other while work goes on.
 *
 * @param state the state
 * @param openings how often it has opened, from half open too
 * @param refusals calls that it has refused
 * @param probes calls that it has let through while it was half open
 * @param consecutiveFailures failures since the last success, while closed
 * @param windowCalls calls that have ended within the window, while closed; zero when the failure share does not count
 * @param windowFailures those of them that have failed or were limited
 * @param untilProbe how long it will refuse all calls; zero unless open
 */
public record BreakerStats(
        BreakerState state,
        long openings,
        long refusals,
        long probes,
        int consecutiveFailures,
        long windowCalls,
        long windowFailures,
        Duration untilProbe) {}
