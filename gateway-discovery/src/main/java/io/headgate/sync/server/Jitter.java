package io.headgate.sync.server;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Times with some chance in them, so that what began together does not stay together. */
final class Jitter {

    private Jitter() {}

    /** The time, or up to a tenth more. */
    static Duration upToTenthMore(Duration time, RandomGenerator random) {
        return Duration.ofNanos(upToTenthMore(time.toNanos(), random));
    }

    static long upToTenthMore(long nanos, RandomGenerator random) {
        return nanos + (long) (nanos * (random.nextDouble() / 10));
    }

    /** Between 95 and 105 percent of the time. */
    static Duration aboutThat(Duration time, RandomGenerator random) {
        return Duration.ofNanos((long) (time.toNanos() * (0.95 + random.nextDouble() / 10)));
    }
}
