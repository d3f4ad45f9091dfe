package io.headgate.rpc.stream;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** How the whole of a stream is checked from end to end, apart from what the network checks of its packets. */
public enum Checksum {
    /** Not at all. */
    NONE("none"),
    /** Against accidents (RFC 3720, section 12.1); next to free on processors of today. */
    CRC32C("crc32c"),
    /** Against intent, too (FIPS 180-4); at 0.5 to 2 GB a second it can be slower than a network. */
    SHA256("sha-256");

    private final String token;

    Checksum(String token) {
        this.token = token;
    }

    /** The name in metadata. */
    String token() {
        return token;
    }

    /** The kind with a name in metadata, or null when there is none. */
    static @Nullable Checksum named(CharSequence token) {
        for (Checksum kind : values()) {
            if (kind.token.contentEquals(token)) {
                return kind;
            }
        }
        return null;
    }

    /** A sum over nothing yet. */
    Running begin() {
        return switch (this) {
            case NONE -> NOTHING;
            case CRC32C -> new Crc();
            case SHA256 -> new Sha();
        };
    }

    /** A sum that grows. Not thread-safe. */
    interface Running {

        /** Adds bytes; borrows them. */
        void add(ByteBuf bytes);

        /** The sum of what was added, as it travels in metadata; asked once, at the end. */
        String text();
    }

    private static final Running NOTHING = new Running() {
        @Override
        public void add(ByteBuf bytes) {
            // nobody will ask
        }

        @Override
        public String text() {
            return NONE.token;
        }
    };

    private abstract static class OfBuffers implements Running {

        abstract void add(ByteBuffer bytes);

        @Override
        public final void add(ByteBuf bytes) {
            if (bytes.nioBufferCount() == 1) {
                add(bytes.nioBuffer());
                return;
            }
            for (ByteBuffer part : bytes.nioBuffers()) {
                add(part);
            }
        }
    }

    private static final class Crc extends OfBuffers {

        private final CRC32C crc = new CRC32C();

        @Override
        void add(ByteBuffer bytes) {
            crc.update(bytes);
        }

        @Override
        public String text() {
            return CRC32C.token + '=' + HexFormat.of().toHexDigits((int) crc.getValue());
        }
    }

    private static final class Sha extends OfBuffers {

        private final MessageDigest digest;

        Sha() {
            try {
                digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("digest: SHA-256 is missing (expected: what every JDK has)", e);
            }
        }

        @Override
        void add(ByteBuffer bytes) {
            digest.update(bytes);
        }

        @Override
        public String text() {
            return SHA256.token + '=' + HexFormat.of().formatHex(digest.digest());
        }
    }
}
