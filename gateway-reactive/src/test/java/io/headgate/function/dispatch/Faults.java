package io.headgate.function.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Remembers what must not happen, because the dispatcher catches what its callers throw. */
final class Faults {

    private final Queue<String> faults = new ConcurrentLinkedQueue<>();

    void check(boolean holds, String what) {
        if (!holds) {
            faults.add(what);
        }
    }

    void assertNone() {
        assertThat(faults).isEmpty();
    }
}
