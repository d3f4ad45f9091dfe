package io.headgate.sync.acceptance;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Bytes of gob, right or wrong, piece by piece; independent of the codec under test. */
final class GobBytes {

    /** What the names of messages begin with. */
    static final String NAMES = "github.com/projectcalico/typha/pkg/syncproto.";

    static final int UINT = 3;
    static final int STRING = 6;
    static final int INTERFACE = 8;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    GobBytes uint(long value) {
        if (value >= 0 && value < 128) {
            out.write((int) value);
            return this;
        }
        int count = (71 - Long.numberOfLeadingZeros(value)) / 8;
        out.write(-count);
        for (int i = count - 1; i >= 0; i--) {
            out.write((int) (value >>> 8 * i));
        }
        return this;
    }

    GobBytes sint(long value) {
        return uint(value < 0 ? ~value << 1 | 1 : value << 1);
    }

    GobBytes text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return uint(bytes.length).raw(bytes);
    }

    GobBytes raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /** A length and that many bytes. */
    GobBytes frame(GobBytes content) {
        byte[] bytes = content.toBytes();
        return uint(bytes.length).raw(bytes);
    }

    /** The definition of a struct with fields that follow in pairs of name and id. */
    GobBytes struct(int id, String name, Object... fields) {
        GobBytes definition = new GobBytes().sint(-id).uint(3).uint(1);
        common(definition, id, name);
        definition.uint(1).uint(fields.length / 2);
        for (int i = 0; i < fields.length; i += 2) {
            definition
                    .uint(1)
                    .text((String) fields[i])
                    .uint(1)
                    .sint((Integer) fields[i + 1])
                    .uint(0);
        }
        return frame(definition.uint(0).uint(0));
    }

    /** The definition of a slice. */
    GobBytes slice(int id, int element) {
        GobBytes definition = new GobBytes().sint(-id).uint(2).uint(1);
        common(definition, id, "");
        return frame(definition.uint(1).sint(element).uint(0).uint(0));
    }

    private static void common(GobBytes definition, int id, String name) {
        if (!name.isEmpty()) {
            definition.uint(1).text(name).uint(1);
        } else {
            definition.uint(2);
        }
        definition.sint(id).uint(0);
    }

    /** An envelope of type 64 around a message. */
    GobBytes message(String name, int id, GobBytes value) {
        byte[] bytes = value.toBytes();
        return frame(new GobBytes()
                .sint(64)
                .uint(1)
                .text(NAMES + name)
                .sint(id)
                .uint(bytes.length)
                .raw(bytes)
                .uint(0));
    }

    /** The definition that every stream has, as type 64. */
    static GobBytes stream() {
        return new GobBytes().struct(64, "Envelope", "Message", INTERFACE);
    }

    byte[] toBytes() {
        return out.toByteArray();
    }
}
