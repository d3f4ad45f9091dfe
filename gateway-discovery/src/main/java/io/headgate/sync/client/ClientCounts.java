package io.headgate.sync.client;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What all streams of a client have done. */
final class ClientCounts {

    final LongAdder attempts = new LongAdder();
    final LongAdder connected = new LongAdder();
    final LongAdder resumed = new LongAdder();
    final LongAdder bytes = new LongAdder();
    final LongAdder updates = new LongAdder();
    final LongAdder skippedKeys = new LongAdder();
    final LongAdder badValues = new LongAdder();
    private final Map<SyncLoss, LongAdder> losses = new EnumMap<>(SyncLoss.class);

    ClientCounts() {
        for (SyncLoss loss : SyncLoss.values()) {
            losses.put(loss, new LongAdder());
        }
    }

    void lost(SyncLoss why) {
        LongAdder total = losses.get(why);
        if (total != null) {
            total.increment();
        }
    }

    Map<SyncLoss, Long> losses() {
        Map<SyncLoss, Long> all = new EnumMap<>(SyncLoss.class);
        losses.forEach((why, total) -> {
            if (total.sum() > 0) {
                all.put(why, total.sum());
            }
        });
        return all;
    }
}
