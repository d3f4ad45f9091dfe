package io.headgate.concurrency;

import java.time.Duration;

/**
 * How calls wait for a permit.
 *
 * @param places how many may wait
 * @param patience how long each may wait
 */
record WaitPlan(int places, Duration patience) {

    private static final Duration LONGEST = Duration.ofDays(366);

    static final WaitPlan NONE = new WaitPlan(0, Duration.ZERO);

    static WaitPlan of(int places, Duration patience) {
        if (places < 0) {
            throw new IllegalArgumentException("queue: " + places + " (expected: 0 or more)");
        }
        if (patience.isNegative() || places > 0 && patience.isZero() || patience.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("wait: " + patience + " (expected: more than nothing, up to 366 days)");
        }
        return new WaitPlan(places, patience);
    }
}
