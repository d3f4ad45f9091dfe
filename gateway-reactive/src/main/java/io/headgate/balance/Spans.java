package io.headgate.balance;

import java.time.Duration;

/** Ranges of times in settings. */
final class Spans {

    private Spans() {}

    static void check(String name, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " to " + most + ")");
        }
    }
}
