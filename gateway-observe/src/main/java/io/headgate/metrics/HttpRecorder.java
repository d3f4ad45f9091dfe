package io.headgate.metrics;

import io.micrometer.core.instrument.Counter;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Some series that are recorded together. Any thread; takes no lock and allocates nothing. */
final class HttpRecorder {

    /** Records nothing. */
    static final HttpRecorder NONE = new HttpRecorder(List.of());

    private final Counter[] counts;
    private final LongAdder[] levels;
    private final HttpBound.Spread[] spreads;

    HttpRecorder(List<HttpBound> bound) {
        counts = of(HttpBound.Count.class, bound).map(HttpBound.Count::meter).toArray(Counter[]::new);
        levels = of(HttpBound.Level.class, bound).map(HttpBound.Level::value).toArray(LongAdder[]::new);
        spreads = of(HttpBound.Spread.class, bound).toArray(HttpBound.Spread[]::new);
    }

    private static <T> Stream<T> of(Class<T> type, List<HttpBound> bound) {
        return bound.stream().filter(type::isInstance).map(type::cast);
    }

    /** One more has begun. */
    void began() {
        add(1);
        for (LongAdder level : levels) {
            level.increment();
        }
    }

    /** One that had begun is over. */
    void left() {
        for (LongAdder level : levels) {
            level.decrement();
        }
    }

    void add(long amount) {
        for (Counter count : counts) {
            count.increment(amount);
        }
    }

    /** Whether there is nothing to record. */
    boolean isEmpty() {
        return counts.length == 0 && levels.length == 0 && spreads.length == 0;
    }

    /** Whether some have begun and are not over. */
    boolean isActive() {
        for (LongAdder level : levels) {
            if (level.sum() != 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * One is over: counts it, and records how it was.
     *
     * @param headNanos to the head of the reply, or negative when there was none
     * @param requestBytes negative when they are not known
     */
    void ended(long nanos, long headNanos, long requestBytes, long replyBytes) {
        add(1);
        for (HttpBound.Spread spread : spreads) {
            spread.record(
                    switch (spread.figure()) {
                        case DURATION -> nanos;
                        case TIME_TO_HEAD -> headNanos;
                        case REQUEST_BYTES -> requestBytes;
                        case REPLY_BYTES -> replyBytes;
                    });
        }
    }
}
