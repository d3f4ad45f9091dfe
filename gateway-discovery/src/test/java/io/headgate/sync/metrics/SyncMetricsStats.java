package io.headgate.sync.metrics;

import io.headgate.sync.SyncStatus;
import io.headgate.sync.server.SyncEnd;
import io.headgate.sync.server.SyncServerStats;
import io.headgate.sync.server.SyncServerStats.Topic;
import java.util.Map;

/** What a server would say. */
final class SyncMetricsStats {

    private SyncMetricsStats() {}

    static Topic topic(SyncStatus status) {
        return new Topic(status, 7, 42, 3, 0, 100, 20, 42, 2, 5, 1000, 300, 4096, null);
    }

    static SyncServerStats of(boolean listening, Map<String, Topic> topics) {
        return new SyncServerStats(
                listening, 5, 3, 100, 9, 2, 1, 4, 1000, Map.of(SyncEnd.SHED, 2L, SyncEnd.BAD_BYTES, 1L), topics);
    }
}
