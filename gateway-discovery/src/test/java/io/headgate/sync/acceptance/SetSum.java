package io.headgate.sync.acceptance;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncUpdate;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A set as it is after updates, and the checksum of it that the programs in Go print. Not for several threads. */
final class SetSum {

    private final Map<byte[], ByteString> entries = new TreeMap<>(Arrays::compareUnsigned);

    SetSum apply(List<SyncUpdate> updates) {
        for (SyncUpdate update : updates) {
            byte[] key = update.key().getBytes(StandardCharsets.UTF_8);
            if (update.value() == null) {
                entries.remove(key);
            } else {
                entries.put(key, update.value());
            }
        }
        return this;
    }

    int size() {
        return entries.size();
    }

    boolean has(String key) {
        return entries.containsKey(key.getBytes(StandardCharsets.UTF_8));
    }

    String checksum() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            entries.forEach((key, value) -> {
                part(digest, key);
                part(digest, value.toByteArray());
            });
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void part(MessageDigest digest, byte[] bytes) {
        digest.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
        digest.update(bytes);
    }

    /** What {@link #size} and {@link #checksum} say, as a line of a program in Go has it. */
    @Override
    public String toString() {
        return "entries=" + size() + " checksum=" + checksum();
    }
}
