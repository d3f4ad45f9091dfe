package io.headgate.samples.tap;

import io.headgate.http.Fields;
import io.headgate.samples.tap.HarExchange.Captured;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The body of a reply in HAR: text, or else base64. A whole one is unpacked, as browsers show it. */
final class HarContent {

    private static final int MOST_UNPACKED = 8 << 20;

    private HarContent() {}

    /**
     * Fills in what is known.
     *
     * @param passed how many bytes have passed in all, -1 when that is not known
     */
    static ObjectNode of(ObjectNode json, String type, Fields headers, Captured body, long passed) {
        byte[] bytes = body.bytes();
        byte[] unpacked = body.isWhole(passed) ? unpacked(bytes, headers.get("content-encoding")) : null;
        byte[] shown = unpacked == null ? bytes : unpacked;
        json.put("size", unpacked == null ? Math.max(passed, bytes.length) : unpacked.length);
        if (unpacked != null) {
            json.put("compression", unpacked.length - bytes.length);
        }
        json.put("mimeType", type);
        if (shown.length > 0) {
            String text = Printable.utf8(shown);
            if (text == null) {
                json.put("text", Base64.getEncoder().encodeToString(shown)).put("encoding", "base64");
            } else {
                json.put("text", text);
            }
        }
        if (bytes.length > 0 && !body.isWhole(passed)) {
            json.put("comment", "only the first " + bytes.length + " bytes");
        }
        return json;
    }

    /** Null when it is not packed, or not in a way that is known here, or when it would be too large. */
    private static byte @Nullable [] unpacked(byte[] bytes, @Nullable String encoding) {
        if (encoding == null || bytes.length == 0) {
            return null;
        }
        try (InputStream packed = unpacking(bytes, encoding.toLowerCase(Locale.ROOT))) {
            byte[] unpacked = packed == null ? null : packed.readNBytes(MOST_UNPACKED + 1);
            return unpacked == null || unpacked.length > MOST_UNPACKED ? null : unpacked;
        } catch (IOException broken) {
            return null; // then it is shown as it came
        }
    }

    private static @Nullable InputStream unpacking(byte[] bytes, String encoding) throws IOException {
        InputStream packed = new ByteArrayInputStream(bytes);
        return switch (encoding) {
            case "gzip", "x-gzip" -> new GZIPInputStream(packed);
            case "deflate" -> new InflaterInputStream(packed);
            default -> null;
        };
    }
}
