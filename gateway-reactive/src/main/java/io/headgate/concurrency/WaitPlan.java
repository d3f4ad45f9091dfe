package io.headgate.concurrency;

import java.time.Duration;

/**
 * How calls wait for a permit.
 *
 * @param places how many may wait
 * @param patience how long each may wait
 */
record WaitPlan(int places, Duration patience) {

    static final WaitPlan NONE = new WaitPlan(0, Duration.ZERO);

    static WaitPlan of(int places, Duration patience) {
        if (places < 0) {
            throw new IllegalArgumentException("queue: " + places + " (expected: 0 or more)");
        }
        if (patience.isNegative() || places > 0 && patience.isZero()) {
            throw new IllegalArgumentException("wait: " + patience + " (expected: more than nothing)");
        }
        return new WaitPlan(places, patience);
    }
}
