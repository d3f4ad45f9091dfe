package io.headgate.ratelimit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Bounds the memory that a key of a stranger takes. */
final class Digest {

    private static final int LONGEST = 64;

    private Digest() {}

    /** The text itself, or when it is long its digest: two long texts with the same beginning stay two. */
    static String ofLong(String text) {
        if (text.length() <= LONGEST) {
            return text;
        }
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("digest: SHA-256 is missing (expected: what every JDK has)", e);
        }
    }
}
