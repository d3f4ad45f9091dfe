package io.headgate.gateway;

import java.time.Duration;

/** The range of the grace of a drain. */
final class Graces {

    private static final Duration LONGEST = Duration.ofDays(365);

    private Graces() {}

    static void check(Duration grace) {
        if (grace.isNegative() || grace.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("grace: " + grace + " (expected: 0 to 365 days)");
        }
    }
}
