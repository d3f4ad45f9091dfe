package io.headgate.tap;

import java.util.concurrent.atomic.LongAdder;

/** What a tap has done so far. */
final class Tally {

    final LongAdder taken = new LongAdder();
    final LongAdder events = new LongAdder();
    final LongAdder droppedEvents = new LongAdder();
    final LongAdder droppedExchanges = new LongAdder();

    TapStats stats(int observers, long openStreams) {
        return new TapStats(
                observers, openStreams, taken.sum(), events.sum(), droppedEvents.sum(), droppedExchanges.sum());
    }
}
