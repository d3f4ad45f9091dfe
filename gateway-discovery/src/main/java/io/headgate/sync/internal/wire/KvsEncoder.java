package io.headgate.sync.internal.wire;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.gob.Gob;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The frame that nearly everything on the wire is. Sizes are counted first, so that the lengths before the entries are known
 * and the bytes are written once. Immutable.
 */
final class KvsEncoder {

    /** What a buffer can take, with the length before it. */
    private static final int LARGEST = Integer.MAX_VALUE - 16;

    private static final byte[] STRING_FOLLOWS = {6, 's', 't', 'r', 'i', 'n', 'g', 2 * 6};

    private final byte[] head;
    private final boolean versions;
    private final boolean positions;

    KvsEncoder(SyncLayout layout) {
        boolean sent = layout.types().contains(SyncType.KVS);
        head = sent ? layout.head(SyncType.KVS) : new byte[0];
        versions = layout.newest() != SyncType.Since.ORIGIN;
        positions = layout.newest() == SyncType.Since.OURS;
    }

    void write(List<SyncUpdate> updates, long position, ByteBuf out) {
        if (head.length == 0) {
            throw new IllegalArgumentException("message: Kvs (expected: one that this side may send)");
        }
        boolean positioned = positions && position != 0;
        long length = bodySize(updates, positioned ? position : 0);
        long frame = head.length + Gob.uintSize(length) + 1 + length;
        if (frame > LARGEST) {
            throw new IllegalArgumentException("entries: " + updates.size() + " of " + length + " bytes, the first "
                    + updates.get(0).key() + " (expected: at most " + LARGEST + " bytes in a message)");
        }
        out.ensureWritable(Gob.uintSize(frame) + (int) frame);
        Gob.uint(out, frame);
        out.writeBytes(head);
        Gob.uint(out, length);
        if (!updates.isEmpty()) {
            out.writeByte(1);
            Gob.uint(out, updates.size());
            ValueOutput values = new ValueOutput(out);
            for (int i = 0; i < updates.size(); i++) {
                update(updates.get(i), out, values);
            }
        }
        if (positioned) {
            out.writeByte(updates.isEmpty() ? 2 : 1);
            Gob.uint(out, position);
        }
        out.writeShort(0);
    }

    private long bodySize(List<SyncUpdate> updates, long position) {
        long size = 1L + (position == 0 ? 0 : 1 + Gob.uintSize(position));
        if (!updates.isEmpty()) {
            size += 1 + Gob.uintSize(updates.size());
            for (int i = 0; i < updates.size(); i++) {
                size += size(updates.get(i));
            }
        }
        return size;
    }

    private long size(SyncUpdate update) {
        long size = 1;
        if (!update.key().isEmpty()) {
            size += 1 + Gob.stringSize(update.key());
        }
        ByteString value = update.value();
        if (value != null) {
            size += 1 + Gob.uintSize(value.size()) + value.size();
        }
        if (!update.revision().isEmpty()) {
            int text = Gob.stringSize(update.revision());
            size += 1 + STRING_FOLLOWS.length + Gob.uintSize(1 + text) + 1 + text;
        }
        if (versions && !update.resourceVersion().isEmpty()) {
            size += 1 + Gob.stringSize(update.resourceVersion());
        }
        long ttl = SyncEncoder.nanos(update.ttl());
        if (ttl != 0) {
            size += 1 + Gob.sintSize(ttl);
        }
        return update.type().ordinal() == 0 ? size : size + 2;
    }

    private void update(SyncUpdate update, ByteBuf out, ValueOutput values) {
        int field = -1;
        if (!update.key().isEmpty()) {
            field = begin(out, field, 0);
            Gob.string(out, update.key());
        }
        ByteString value = update.value();
        if (value != null) {
            field = begin(out, field, 1); // even when empty: absent would be a deletion
            Gob.uint(out, value.size());
            values.write(value);
        }
        if (!update.revision().isEmpty()) {
            field = begin(out, field, 2);
            out.writeBytes(STRING_FOLLOWS);
            Gob.uint(out, 1 + Gob.stringSize(update.revision()));
            out.writeByte(0);
            Gob.string(out, update.revision());
        }
        int next = 3;
        if (versions) {
            if (!update.resourceVersion().isEmpty()) {
                field = begin(out, field, next);
                Gob.string(out, update.resourceVersion());
            }
            next++;
        }
        long ttl = SyncEncoder.nanos(update.ttl());
        if (ttl != 0) {
            field = begin(out, field, next);
            Gob.sint(out, ttl);
        }
        if (update.type().ordinal() != 0) {
            begin(out, field, next + 1);
            out.writeByte(update.type().ordinal());
        }
        out.writeByte(0);
    }

    private static int begin(ByteBuf out, int last, int field) {
        out.writeByte(field - last);
        return field;
    }

    /** Takes the bytes of values without a copy in between. */
    private static final class ValueOutput extends ByteOutput {

        private final ByteBuf out;

        ValueOutput(ByteBuf out) {
            this.out = out;
        }

        void write(ByteString value) {
            try {
                UnsafeByteOperations.unsafeWriteTo(value, this);
            } catch (IOException e) {
                throw new UncheckedIOException(e); // nothing here throws it
            }
        }

        @Override
        public void write(byte value) {
            out.writeByte(value);
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            out.writeBytes(value, offset, length);
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            out.writeBytes(value, offset, length);
        }

        @Override
        public void write(ByteBuffer value) {
            out.writeBytes(value);
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            out.writeBytes(value);
        }
    }
}
