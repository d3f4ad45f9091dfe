package io.headgate.tap.linkerd;

import com.google.protobuf.ByteString;
import io.headgate.http.Fields;
import io.headgate.tap.linkerd.internal.wire.Headers;
import io.headgate.tap.linkerd.internal.wire.Headers.Header;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Header fields as the wire spells them: names in text, values in bytes, pseudo-headers of HTTP/2 in front. */
final class WireFields {

    private WireFields() {}

    // ---- to the wire

    static void add(Headers.Builder headers, Fields fields) {
        for (int i = 0; i < fields.size(); i++) {
            add(headers, fields.name(i).toString(), fields.value(i));
        }
    }

    static void add(Headers.Builder headers, String name, CharSequence value) {
        headers.addHeaders(Header.newBuilder().setName(name).setValue(bytes(value)));
    }

    private static ByteString bytes(CharSequence value) {
        return value instanceof AsciiString ascii
                ? ByteString.copyFrom(ascii.array(), ascii.arrayOffset(), ascii.length())
                : ByteString.copyFrom(value.toString(), StandardCharsets.ISO_8859_1);
    }

    // ---- from the wire

    /** Without pseudo-headers, and without what is no field: nothing that came over a wire may fail an observation. */
    static Fields decode(Headers headers) {
        Fields.Builder fields = Fields.builder();
        for (Header header : headers.getHeadersList()) {
            try {
                fields.add(header.getName(), header.getValue().toString(StandardCharsets.ISO_8859_1));
            } catch (IllegalArgumentException e) {
                // no field: left out
            }
        }
        return fields.build();
    }

    static @Nullable String pseudo(Headers headers, String name) {
        for (Header header : headers.getHeadersList()) {
            if (header.getName().equals(name)) {
                return header.getValue().toString(StandardCharsets.ISO_8859_1);
            }
        }
        return null;
    }
}
