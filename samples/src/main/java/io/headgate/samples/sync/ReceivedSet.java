package io.headgate.samples.sync;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncUpdate;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a client knows of a set: its entries, how many bytes they are, and a checksum to compare with others. For one thread at a time. */
public final class ReceivedSet {

    private static final int CHECKSUM_BYTES = 8;

    private final Map<String, ByteString> entries = new TreeMap<>();
    private long bytes;

    /** How an update changed the set. */
    public enum Change {
        /** The key was not there. */
        ADDED,
        /** The key has another value. */
        CHANGED,
        /** The key is gone. */
        REMOVED,
        /** The set is as before. */
        NONE
    }

    /**
     * Takes an update in.
     *
     * @param update what came
     * @return what it did, by what was there and not by what it says of itself
     */
    public Change apply(SyncUpdate update) {
        ByteString value = update.value();
        ByteString before = value == null ? entries.remove(update.key()) : entries.put(update.key(), value);
        bytes += size(update.key(), value) - size(update.key(), before);
        if (Objects.equals(before, value)) {
            return Change.NONE;
        }
        return before == null ? Change.ADDED : value == null ? Change.REMOVED : Change.CHANGED;
    }

    private static long size(String key, @Nullable ByteString value) {
        return value == null ? 0 : key.length() + (long) value.size();
    }

    /**
     * How many entries there are.
     *
     * @return 0 or more
     */
    public int size() {
        return entries.size();
    }

    /**
     * How much keys and values are.
     *
     * @return bytes, a character of a key counted as one
     */
    public long bytes() {
        return bytes;
    }

    /**
     * Tells sets apart: equal for equal keys and values, however they were received.
     *
     * @return the first 64 bits of a SHA-256, in hex
     */
    public String checksum() {
        MessageDigest digest = sha256();
        entries.forEach((key, value) -> {
            part(digest, ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)));
            part(digest, value.asReadOnlyByteBuffer());
        });
        return HexFormat.of().formatHex(digest.digest(), 0, CHECKSUM_BYTES);
    }

    @Override
    public String toString() {
        return size() + " entries, " + bytes + " bytes, checksum " + checksum();
    }

    /** With its length before it, so that nothing can be shifted between a key and its value. */
    private static void part(MessageDigest digest, ByteBuffer bytes) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.remaining()));
        digest.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
