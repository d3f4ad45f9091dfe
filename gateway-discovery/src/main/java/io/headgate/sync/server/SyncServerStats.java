package io.headgate.sync.server;

import io.headgate.sync.SyncStatus;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a server does, at the time of asking.
 *
 * @param listening whether it accepts connections
 * @param connections clients that are connected, those included whose hello has not come yet
 * @param streaming clients that are being served
 * @param limit how many there may be before some are shed
 * @param accepted clients in total
 * @param shed clients that were asked to leave because there were too many, in total
 * @param graceUsed clients that were let fall behind because their snapshot was not long ago, in total
 * @param resumed clients that went on where they had been, in total
 * @param bytesWritten what was given to the sockets, before TLS
 * @param ends clients that are gone, in total, by why; a reason that never was is not there
 * @param topics each topic by its syncer type
 */
public record SyncServerStats(
        boolean listening,
        int connections,
        int streaming,
        int limit,
        long accepted,
        long shed,
        long graceUsed,
        long resumed,
        long bytesWritten,
        Map<SyncEnd, Long> ends,
        Map<String, Topic> topics) {

    /** Copies the maps. */
    public SyncServerStats {
        ends = Map.copyOf(ends);
        topics = Map.copyOf(topics);
    }

    /**
     * One topic. What is counted of snapshots and bytes is that of clients without prefixes.
     *
     * @param status how complete its picture is
     * @param entries keys that are there
     * @param position the number of its newest breadcrumb
     * @param streaming clients that are being served with it
     * @param views different sets of prefixes that clients are being served with
     * @param updates what its source has told, in total
     * @param skipped of them, what changed nothing and was told to nobody
     * @param crumbs breadcrumbs that were made, in total
     * @param snapshotsGenerated snapshots that were begun, in total
     * @param snapshotsReused clients that read one that was there, in total
     * @param snapshotRawBytes bytes of snapshots, in total
     * @param snapshotCompressedBytes what those of them became that were compressed
     * @param bytesHeld what is in memory of snapshots and of what has changed, for clients and for those who come back
     * @param heard when the source of all was heard of; null when it does not say
     */
    public record Topic(
            SyncStatus status,
            int entries,
            long position,
            int streaming,
            int views,
            long updates,
            long skipped,
            long crumbs,
            long snapshotsGenerated,
            long snapshotsReused,
            long snapshotRawBytes,
            long snapshotCompressedBytes,
            long bytesHeld,
            @Nullable Instant heard) {}

    /**
     * Whether every topic has a complete picture.
     *
     * @return what readiness means
     */
    public boolean isReady() {
        return topics.values().stream().allMatch(topic -> topic.status() == SyncStatus.IN_SYNC);
    }

    /**
     * How many clients ended for a reason.
     *
     * @param reason why
     * @return zero or more
     */
    public long ended(SyncEnd reason) {
        return ends.getOrDefault(reason, 0L);
    }
}
