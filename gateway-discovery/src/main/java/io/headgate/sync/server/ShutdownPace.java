package io.headgate.sync.server;

import java.time.Duration;

/** How fast clients leave a server that shuts down. */
final class ShutdownPace {

    private static final int SHARE_PERCENT = 95; // what is left is for the last ones to be gone

    private ShutdownPace() {}

    /** The time between two clients that leave; zero when all are to leave at once. */
    static Duration interval(Duration timeout, Duration longest, int clients) {
        if (clients == 0) {
            return Duration.ZERO;
        }
        Duration even = timeout.multipliedBy(SHARE_PERCENT).dividedBy(100L * clients);
        return even.compareTo(longest) < 0 ? even : longest;
    }
}
