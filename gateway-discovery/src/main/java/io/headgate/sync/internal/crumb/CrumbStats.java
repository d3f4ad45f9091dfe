package io.headgate.sync.internal.crumb;

import io.headgate.sync.SyncStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a cache is.
 *
 * @param position the newest crumb
 * @param status how complete the set is
 * @param size how many entries it has
 * @param updates how many updates came
 * @param skipped how many of them changed nothing
 * @param crumbs how many crumbs were made; what was not skipped by these is their mean size
 * @param ready how often a client that looked for crumbs found some
 * @param dry how often it found none
 * @param snapshotsGenerated how many snapshots were begun
 * @param snapshotsReused how often a client read one that was there
 * @param snapshotRawBytes bytes of frames in all snapshots
 * @param snapshotCompressedBytes bytes that those of them which were compressed became
 * @param bytesHeld bytes of slabs that are held for cursors, for those who come back, and for readers of snapshots
 * @param oldestCursor the last crumb that the slowest client has taken, the newest without clients
 * @param parts how many sets of prefixes have a cache of their own
 * @param heard when the source of all was heard of, null when it does not say
 */
public record CrumbStats(
        long position,
        SyncStatus status,
        int size,
        long updates,
        long skipped,
        long crumbs,
        long ready,
        long dry,
        long snapshotsGenerated,
        long snapshotsReused,
        long snapshotRawBytes,
        long snapshotCompressedBytes,
        long bytesHeld,
        long oldestCursor,
        int parts,
        @Nullable Instant heard) {}
