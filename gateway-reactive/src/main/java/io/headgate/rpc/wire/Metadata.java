package io.headgate.rpc.wire;

import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Fields of metadata on the wire, names in lower case, both in ISO 8859-1.
 *
 * <pre>
 *   u16 count { u16 length, name, u32 length, value }*
 * </pre>
 */
final class Metadata {

    private Metadata() {}

    static int size(Fields fields) {
        int size = 2;
        for (int i = 0; i < fields.size(); i++) {
            size += 6 + fields.name(i).length() + fields.value(i).length();
        }
        return size;
    }

    static void write(ByteBuf out, Fields fields) {
        out.writeShort(fields.size());
        for (int i = 0; i < fields.size(); i++) {
            CharSequence name = fields.name(i);
            out.writeShort(name.length());
            for (int c = 0; c < name.length(); c++) {
                char each = name.charAt(c);
                out.writeByte(each >= 'A' && each <= 'Z' ? each + ('a' - 'A') : each);
            }
            CharSequence value = fields.value(i);
            out.writeInt(value.length());
            out.writeCharSequence(value, StandardCharsets.ISO_8859_1);
        }
    }

    /** Reads all that is left. */
    static Fields read(ByteBuf in, String frame) {
        int count = left(in, frame, 2).readUnsignedShort();
        if (count == 0) {
            ended(in, frame);
            return Fields.empty();
        }
        Fields.Builder fields = Fields.builder();
        for (int i = 0; i < count; i++) {
            String name = text(in, frame, left(in, frame, 2).readUnsignedShort());
            String value = text(in, frame, left(in, frame, 4).readInt());
            try {
                fields.add(name, value);
            } catch (IllegalArgumentException e) {
                throw new WireViolation("metadata of " + frame + ": " + e.getMessage());
            }
        }
        ended(in, frame);
        return fields.build();
    }

    private static String text(ByteBuf in, String frame, int length) {
        if (length < 0) {
            throw cutShort(frame);
        }
        byte[] bytes = new byte[left(in, frame, length).isReadable() ? length : 0];
        in.readBytes(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static ByteBuf left(ByteBuf in, String frame, int expected) {
        if (in.readableBytes() < expected) {
            throw cutShort(frame);
        }
        return in;
    }

    private static void ended(ByteBuf in, String frame) {
        if (in.isReadable()) {
            throw new WireViolation(frame + ": " + in.readableBytes() + " bytes left over (expected: none)");
        }
    }

    private static WireViolation cutShort(String frame) {
        return new WireViolation(frame + ": ends in its metadata (expected: all fields that it announces)");
    }
}
