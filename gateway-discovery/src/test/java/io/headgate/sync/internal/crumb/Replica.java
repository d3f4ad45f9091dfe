package io.headgate.sync.internal.crumb;

import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.compression.Snappy;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a client makes of the bytes that it gets: the folded set, and what was said in which order. */
final class Replica {

    final TreeMap<String, SyncUpdate> entries = new TreeMap<>();
    final List<SyncUpdate> told = new ArrayList<>();
    final List<SyncStatus> statuses = new ArrayList<>();
    final List<Integer> frameSizes = new ArrayList<>();
    final List<String> frames = new ArrayList<>();
    long position;
    String lastRevision = "";
    private final Format format;
    private final ByteBuf plain = Unpooled.buffer();
    private final ByteBuf chunks = Unpooled.buffer();
    private final Snappy snappy = new Snappy();

    Replica(Format format) {
        this.format = format;
    }

    static Replica plain() {
        return new Replica(Format.PLAIN);
    }

    SyncStatus status() {
        return statuses.isEmpty() ? SyncStatus.WAIT_FOR_DATASTORE : statuses.get(statuses.size() - 1);
    }

    /** Reads what there is and releases it; false when there was nothing. */
    boolean take(CrumbCursor cursor, int maxBytes) {
        return read(cursor.take(maxBytes));
    }

    boolean take(SnapshotReader reader, int maxBytes) {
        return read(reader.take(maxBytes));
    }

    Replica takeAll(SnapshotReader reader) {
        while (take(reader, 100_000)) {
            continue;
        }
        return this;
    }

    Replica takeAll(CrumbCursor cursor) {
        while (take(cursor, 100_000)) {
            continue;
        }
        return this;
    }

    boolean read(@Nullable ByteBuf bytes) {
        if (bytes == null) {
            return false;
        }
        try {
            if (format == Format.PLAIN) {
                plain.writeBytes(bytes);
            } else {
                chunks.writeBytes(bytes);
                decompress();
            }
        } finally {
            bytes.release();
        }
        frames();
        return true;
    }

    private void decompress() {
        while (chunks.readableBytes() >= 4) {
            int type = chunks.getByte(chunks.readerIndex());
            int length = chunks.getUnsignedMediumLE(chunks.readerIndex() + 1);
            if (chunks.readableBytes() < 4 + length) {
                break;
            }
            ByteBuf data = chunks.skipBytes(8).readSlice(length - 4);
            if (type == 1) {
                plain.writeBytes(data);
            } else {
                snappy.decode(data, plain);
                snappy.reset();
            }
        }
        chunks.discardReadBytes();
    }

    private void frames() {
        while (plain.isReadable()) {
            int start = plain.readerIndex();
            try {
                frame();
            } catch (IndexOutOfBoundsException e) { // the rest is still to come
                plain.readerIndex(start);
                break;
            }
        }
        plain.discardReadBytes();
    }

    private void frame() {
        int kind = plain.readByte();
        long end = plain.readLong();
        if (kind == 'S') {
            statuses.add(SyncStatus.values()[plain.readByte()]);
        } else {
            List<SyncUpdate> updates = new ArrayList<>();
            for (int left = plain.readInt(); left > 0; left--) {
                updates.add(SimpleFrames.readEntry(plain));
            }
            updates.forEach(this::apply);
            frameSizes.add(updates.size());
        }
        frames.add((char) kind + "" + end);
        position = end == 0 ? position : end;
    }

    private void apply(SyncUpdate update) {
        told.add(update);
        lastRevision = update.revision();
        if (update.isPresent()) {
            entries.put(update.key(), update.withType(UpdateType.NEW));
        } else {
            entries.remove(update.key());
        }
    }
}
