package io.headgate.sync.internal.crumb;

import java.time.Duration;

/**
 * Bounds of a cache.
 *
 * @param batch how many updates a crumb holds at most, and how many are gathered before they are published
 * @param frameBytes about how large a frame becomes at most, unless it holds a single entry
 * @param slabBytes how large the pieces of the log become; a single larger crumb gets a piece of its own
 * @param retainedBytes how much of the log is kept for clients that come back
 * @param retainedFor how long it is kept for them
 * @param snapshotChunk how many entries a frame of a snapshot holds at most
 * @param snapshotStale how many changes there may be after a snapshot, as a share of its entries, before the next client gets a new one
 * @param snapshotIdle how long a snapshot that nobody asks for is kept
 * @param prefixSets how many sets of prefixes may be in use at once
 */
public record CrumbSettings(
        int batch,
        int frameBytes,
        int slabBytes,
        long retainedBytes,
        Duration retainedFor,
        int snapshotChunk,
        double snapshotStale,
        Duration snapshotIdle,
        int prefixSets) {

    /** 100 updates a crumb, 16 MiB or a minute for those who come back, snapshots of 1000 entries a frame. */
    public static final CrumbSettings DEFAULTS = new CrumbSettings(
            100,
            1024 * 1024,
            512 * 1024,
            16 * 1024 * 1024,
            Duration.ofMinutes(1),
            1000,
            0.25,
            Duration.ofSeconds(1),
            100);

    /** Checks the bounds. */
    public CrumbSettings {
        positive("batch", batch);
        positive("frameBytes", frameBytes);
        positive("slabBytes", slabBytes);
        notNegative("retainedBytes", retainedBytes);
        notNegative("retainedFor", retainedFor.toNanos());
        positive("snapshotChunk", snapshotChunk);
        if (!(snapshotStale >= 0)) {
            throw new IllegalArgumentException("snapshotStale: " + snapshotStale + " (expected: >= 0)");
        }
        notNegative("snapshotIdle", snapshotIdle.toNanos());
        positive("prefixSets", prefixSets);
    }

    /**
     * With another size of crumbs.
     *
     * @param updates how many a crumb holds at most
     * @return a changed copy
     */
    public CrumbSettings withBatch(int updates) {
        return new CrumbSettings(
                updates,
                frameBytes,
                slabBytes,
                retainedBytes,
                retainedFor,
                snapshotChunk,
                snapshotStale,
                snapshotIdle,
                prefixSets);
    }

    /**
     * With another size of frames.
     *
     * @param bytes about how many at most
     * @return a changed copy
     */
    public CrumbSettings withFrameBytes(int bytes) {
        return new CrumbSettings(
                batch,
                bytes,
                slabBytes,
                retainedBytes,
                retainedFor,
                snapshotChunk,
                snapshotStale,
                snapshotIdle,
                prefixSets);
    }

    /**
     * With another size of the pieces of the log.
     *
     * @param bytes how many
     * @return a changed copy
     */
    public CrumbSettings withSlabBytes(int bytes) {
        return new CrumbSettings(
                batch,
                frameBytes,
                bytes,
                retainedBytes,
                retainedFor,
                snapshotChunk,
                snapshotStale,
                snapshotIdle,
                prefixSets);
    }

    /**
     * With more or less for clients that come back.
     *
     * @param bytes how much of the log is kept
     * @param time and how long
     * @return a changed copy
     */
    public CrumbSettings withRetained(long bytes, Duration time) {
        return new CrumbSettings(
                batch, frameBytes, slabBytes, bytes, time, snapshotChunk, snapshotStale, snapshotIdle, prefixSets);
    }

    /**
     * With other snapshots.
     *
     * @param chunk how many entries a frame holds at most
     * @param stale how many changes may come after one, as a share of its entries
     * @param idle how long one is kept that nobody asks for
     * @return a changed copy
     */
    public CrumbSettings withSnapshots(int chunk, double stale, Duration idle) {
        return new CrumbSettings(
                batch, frameBytes, slabBytes, retainedBytes, retainedFor, chunk, stale, idle, prefixSets);
    }

    /**
     * With more or fewer sets of prefixes.
     *
     * @param sets how many may be in use at once
     * @return a changed copy
     */
    public CrumbSettings withPrefixSets(int sets) {
        return new CrumbSettings(
                batch,
                frameBytes,
                slabBytes,
                retainedBytes,
                retainedFor,
                snapshotChunk,
                snapshotStale,
                snapshotIdle,
                sets);
    }

    /** For a part of the set: there may be many, so each keeps less for those who come back. */
    CrumbSettings forPart() {
        return withRetained(retainedBytes / 16, retainedFor);
    }

    private static void positive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
        }
    }

    private static void notNegative(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0)");
        }
    }
}
