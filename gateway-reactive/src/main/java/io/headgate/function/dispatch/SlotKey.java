package io.headgate.function.dispatch;

import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which instances may take a call: those that were started with the very same configuration. It is the SHA-256 of all that matters to an
 * instance. After a change of the function or its application, calls get a new key; instances with the old one are never used again.
 *
 * @param a first part of the hash
 * @param b second part of the hash
 * @param c third part of the hash
 * @param d last part of the hash
 */
public record SlotKey(long a, long b, long c, long d) {

    /**
     * The key of calls of a function. Takes a few microseconds.
     *
     * @param app the application
     * @param fn the function
     * @return the key
     */
    public static SlotKey of(App app, Fn fn) {
        MessageDigest digest = sha256();
        add(digest, app.id());
        add(digest, app.name());
        add(digest, app.syslogUrl() == null ? "" : app.syslogUrl());
        add(digest, fn.id());
        add(digest, fn.name());
        add(digest, fn.image());
        add(digest, Integer.toString(fn.timeoutSeconds()));
        add(digest, Integer.toString(fn.idleTimeoutSeconds()));
        add(digest, Integer.toString(fn.memoryMb()));
        add(digest, app.config());
        add(digest, fn.config());
        add(digest, app.annotations().values());
        add(digest, fn.annotations().values());
        byte[] hash = digest.digest();
        return new SlotKey(part(hash, 0), part(hash, 8), part(hash, 16), part(hash, 24));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    private static void add(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = bytes.length; // before the text, so that no text can look like two
        digest.update(
                new byte[] {(byte) (length >>> 24), (byte) (length >>> 16), (byte) (length >>> 8), (byte) length});
        digest.update(bytes);
    }

    private static void add(MessageDigest digest, Map<String, String> map) {
        add(digest, Integer.toString(map.size()));
        new TreeMap<>(map).forEach((key, value) -> {
            add(digest, key);
            add(digest, value);
        });
    }

    private static long part(byte[] hash, int from) {
        long part = 0;
        for (int i = from; i < from + Long.BYTES; i++) {
            part = part << 8 | hash[i] & 0xFF;
        }
        return part;
    }

    @Override
    public int hashCode() {
        return (int) a; // as good as any other part of a hash
    }

    @Override
    public String toString() {
        return String.format("%016x%016x%016x%016x", a, b, c, d);
    }
}
