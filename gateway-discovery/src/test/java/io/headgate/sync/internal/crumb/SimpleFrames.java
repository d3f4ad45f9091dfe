package io.headgate.sync.internal.crumb;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Frames that a test can read back without a codec, counted: {@code K position count entries} and {@code S position status}. */
final class SimpleFrames implements Frames {

    final LongAdder entriesEncoded = new LongAdder();

    @Override
    public void kvs(List<SyncUpdate> updates, long position, ByteBuf out) {
        out.writeByte('K').writeLong(position).writeInt(updates.size());
        updates.forEach(update -> entry(update, out));
        entriesEncoded.add(updates.size());
    }

    @Override
    public void status(SyncStatus status, long position, ByteBuf out) {
        out.writeByte('S').writeLong(position).writeByte(status.ordinal());
    }

    private static void entry(SyncUpdate update, ByteBuf out) {
        text(update.key(), out);
        ByteString value = update.value();
        out.writeInt(value == null ? -1 : value.size());
        if (value != null) {
            out.writeBytes(value.toByteArray());
        }
        text(update.revision(), out);
        out.writeLong(update.ttl().toNanos());
        out.writeByte(update.type().ordinal());
    }

    private static void text(String text, ByteBuf out) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length).writeBytes(bytes);
    }

    static SyncUpdate readEntry(ByteBuf in) {
        String key = readText(in);
        int length = in.readInt();
        @Nullable ByteString value = length < 0 ? null : ByteString.copyFrom(bytes(in, length));
        return new SyncUpdate(
                key, value, readText(in), "", Duration.ofNanos(in.readLong()), UpdateType.values()[in.readByte()]);
    }

    private static String readText(ByteBuf in) {
        return new String(bytes(in, in.readInt()), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(ByteBuf in, int length) {
        byte[] bytes = new byte[length];
        in.readBytes(bytes);
        return bytes;
    }
}
