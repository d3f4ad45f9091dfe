package io.headgate.tap;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What an observer was too slow for. Any thread counts; one at a time reports. */
final class Drops {

    private final Tally tally;
    private final AtomicLong exchanges = new AtomicLong();
    private final AtomicLong others = new AtomicLong(); // events of exchanges that were taken
    private volatile long exchangesTold;
    private volatile long othersTold;

    Drops(Tally tally) {
        this.tally = tally;
    }

    /** An exchange was not taken. */
    void exchange() {
        exchanges.incrementAndGet();
        tally.droppedEvents.increment();
        tally.droppedExchanges.increment();
    }

    /** An event of an exchange that was taken is missing. */
    void event() {
        others.incrementAndGet();
        tally.droppedEvents.increment();
    }

    /** What was dropped since the last time, or null when nothing was. */
    TapEvent.@Nullable Dropped report() {
        long nowExchanges = exchanges.get();
        long nowOthers = others.get();
        long moreExchanges = nowExchanges - exchangesTold;
        long more = nowOthers - othersTold + moreExchanges;
        exchangesTold = nowExchanges;
        othersTold = nowOthers;
        return more == 0 ? null : new TapEvent.Dropped(more, moreExchanges);
    }

    /** Whether nothing is left to report. */
    boolean areReported() {
        return exchanges.get() == exchangesTold && others.get() == othersTold;
    }

    long exchanges() {
        return exchanges.get();
    }

    long events() {
        return exchanges.get() + others.get();
    }
}
