package io.headgate.metrics;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a source has said a moment ago, so that all meters of one scrape share one answer that fits together. Any thread may ask;
 * nobody waits: while one thread asks the source, others get the answer before.
 */
final class Recent<S> implements Supplier<S> {

    /** Longer than a scrape takes, shorter than the time between two. */
    static final long MOST_NANOS = 100_000_000;

    private static final Logger LOG = LoggerFactory.getLogger(Recent.class);

    private final Supplier<? extends S> source;
    private final LongSupplier clock;
    private final Consumer<? super S> renewed;
    private final AtomicBoolean asking = new AtomicBoolean(true); // until it has begun
    private volatile S last;
    private volatile long since;
    private volatile boolean failing;

    /**
     * Asks for the first time.
     *
     * @param renewed is given each answer, one after another
     */
    Recent(Supplier<? extends S> source, LongSupplier clock, Consumer<? super S> renewed) {
        this.source = source;
        this.clock = clock;
        this.renewed = renewed;
        this.since = clock.getAsLong();
        this.last = source.get();
    }

    /** Passes the first answer on; asks again from now on. */
    void begin() {
        renewed.accept(last);
        asking.set(false);
    }

    @Override
    public S get() {
        if (clock.getAsLong() - since >= MOST_NANOS && asking.compareAndSet(false, true)) {
            try {
                renew();
            } finally {
                asking.set(false);
            }
        }
        return last;
    }

    /** A source that fails must not fail the scrape of all others. */
    private void renew() {
        since = clock.getAsLong();
        try {
            last = source.get();
            renewed.accept(last);
            failing = false;
        } catch (RuntimeException e) {
            if (!failing) {
                failing = true;
                LOG.warn("figures cannot be read, the last ones stay", e);
            }
        }
    }
}
