package io.headgate.retry;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a retry stage does. Any thread may use it. */
final class RetryTally {

    private final LongAdder retries = new LongAdder();
    private final LongAdder recovered = new LongAdder();
    private final Map<Skipped, LongAdder> skipped = new EnumMap<>(Skipped.class);

    RetryTally() {
        for (Skipped why : Skipped.values()) {
            skipped.put(why, new LongAdder());
        }
    }

    void retried() {
        retries.increment();
    }

    void recovered() {
        recovered.increment();
    }

    void skipped(Skipped why) {
        LongAdder count = skipped.get(why);
        if (count != null) {
            count.increment();
        }
    }

    RetryStats stats() {
        Map<Skipped, Long> counts = new EnumMap<>(Skipped.class);
        skipped.forEach((why, count) -> counts.put(why, count.sum()));
        return new RetryStats(retries.sum(), recovered.sum(), counts);
    }
}
