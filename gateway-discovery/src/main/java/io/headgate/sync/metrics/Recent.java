package io.headgate.sync.metrics;

import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** What a source has said a moment ago, so that the meters of one scrape share one answer. Any thread; nobody waits. */
final class Recent<S> implements Supplier<S> {

    /** Longer than a scrape takes, shorter than the time between two. */
    static final long MOST_NANOS = 100_000_000;

    private record Answer<S>(S value, long since) {}

    private final Supplier<? extends S> source;
    private final LongSupplier clock;
    private volatile Answer<S> last;

    Recent(Supplier<? extends S> source, LongSupplier clock) {
        this.source = source;
        this.clock = clock;
        this.last = new Answer<>(source.get(), clock.getAsLong());
    }

    @Override
    public S get() {
        Answer<S> answer = last;
        long now = clock.getAsLong();
        if (now - answer.since() >= MOST_NANOS) {
            answer = new Answer<>(source.get(), now);
            last = answer;
        }
        return answer.value();
    }
}
