package io.headgate.sync.internal.crumb;

import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.wire.SnappyWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A picture as bytes that are made once, read by everybody who came at about the same time, and read while they are made.
 *
 * <p>A reader holds the piece that it reads and so those after it; this holds the first one while others may still join.
 *
 * <p><b>Threading.</b> One thread at a time makes it ({@link #step}). Any thread joins, leaves and retires, under a lock that
 * nobody takes while reading.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time writes
final class SharedSnapshot {

    private final Picture picture;
    private final Frames frames;
    private final ByteBufAllocator allocator;
    private final CrumbSettings settings;
    private final @Nullable SnappyWriter snappy;
    private final AtomicLong held;
    private final Iterator<SyncUpdate> rest;
    private Slab tail; // of who makes it
    private final ByteBuf scratch; // of who makes it
    private long pieces;
    private volatile boolean aborted;
    private volatile boolean complete;
    private volatile long rawBytes;
    private volatile long bytes;

    private final Slab first; // held until retired
    private final CrumbCursor anchor; // guarded by this
    private boolean retired; // guarded by this
    private int readers; // guarded by this

    /**
     * A snapshot of which nothing is made.
     *
     * @param anchor takes ownership; stands behind the crumb of the picture
     * @param snappy compresses it, null when it shall be plain
     */
    SharedSnapshot(
            Picture picture,
            CrumbCursor anchor,
            Frames frames,
            ByteBufAllocator allocator,
            CrumbSettings settings,
            @Nullable SnappyWriter snappy,
            AtomicLong held) {
        this.picture = picture;
        this.anchor = anchor;
        this.frames = frames;
        this.allocator = allocator;
        this.settings = settings;
        this.snappy = snappy;
        this.held = held;
        rest = picture.entries().values().iterator();
        first = new Slab(Unpooled.EMPTY_BUFFER, 0, held);
        tail = first.hold();
        complete = !rest.hasNext() && status() == SyncStatus.WAIT_FOR_DATASTORE;
        scratch = complete ? Unpooled.EMPTY_BUFFER : allocator.directBuffer();
        if (complete) {
            tail.release();
        }
    }

    long position() {
        return picture.crumb().position();
    }

    /** How many entries it has. */
    int size() {
        return picture.entries().size();
    }

    SyncStatus status() {
        return picture.crumb().status();
    }

    boolean isComplete() {
        return complete;
    }

    boolean isAborted() {
        return aborted;
    }

    /** How many bytes of frames were made. */
    long rawBytes() {
        return rawBytes;
    }

    /** How many bytes they became. */
    long bytes() {
        return bytes;
    }

    /**
     * Makes the next piece.
     *
     * @return whether there is more to make; false as well when nobody reads any more, which is the end of it
     */
    boolean step() {
        if (complete || aborted) {
            return false;
        }
        if (isAbandoned()) {
            abort();
            return false;
        }
        List<SyncUpdate> entries = Portion.next(rest, settings.snapshotChunk(), settings.frameBytes());
        boolean last = !rest.hasNext();
        scratch.clear();
        encode(entries, last, scratch);
        rawBytes = rawBytes + scratch.readableBytes();
        publish(snappy == null ? exactly(scratch) : compressed(scratch, snappy));
        if (last) {
            finish();
        }
        return !last;
    }

    private void encode(List<SyncUpdate> entries, boolean last, ByteBuf out) {
        boolean told = last && status() != SyncStatus.WAIT_FOR_DATASTORE;
        if (!entries.isEmpty()) {
            frames.kvs(entries, last && !told ? position() : 0, out);
        }
        if (told) {
            frames.status(status(), position(), out);
        }
    }

    private ByteBuf compressed(ByteBuf raw, SnappyWriter chunks) {
        ByteBuf out = allocator.directBuffer(raw.readableBytes() / 2 + 64);
        try {
            chunks.write(raw, out);
            return exactly(out);
        } finally {
            out.release();
        }
    }

    /** A copy without room to grow: it may be kept for minutes. */
    private ByteBuf exactly(ByteBuf bytes) {
        int size = bytes.readableBytes();
        return allocator.directBuffer(size, size).writeBytes(bytes, bytes.readerIndex(), size);
    }

    private void publish(ByteBuf piece) {
        bytes = bytes + piece.readableBytes();
        Slab slab = new Slab(piece, ++pieces, held);
        slab.seal(0);
        Slab before = tail;
        tail = slab.hold();
        before.link(slab);
        before.release();
    }

    private void finish() {
        complete = true;
        letGo();
    }

    private void letGo() {
        tail.release();
        scratch.release();
    }

    /** Makes no more of it; what was made stays with those who read it. To be called by who makes it. */
    void abort() {
        retire();
        if (!complete && !aborted) {
            aborted = true;
            letGo();
        }
    }

    private synchronized boolean isAbandoned() {
        return readers == 0;
    }

    /**
     * One more reader.
     *
     * @return null when it is too late
     */
    synchronized @Nullable SnapshotReader join() {
        if (retired) {
            return null;
        }
        readers++;
        return new SnapshotReader(this, first.hold(), anchor.fork());
    }

    synchronized void left() {
        readers--;
    }

    /** Nobody joins any more; those who read go on. */
    synchronized void retire() {
        if (!retired) {
            retired = true;
            first.release();
            anchor.close();
        }
    }
}
