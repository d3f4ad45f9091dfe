package io.headgate.function.driver.process;

import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/** The head of a request: always {@code POST /call}, with the fields of the call and those that frame its body. */
final class RequestHead {

    private static final byte[] START = ascii("POST /call HTTP/1.1\r\nhost: localhost\r\n");
    private static final byte[] CONTENT_LENGTH = ascii("content-length: ");
    private static final byte[] CHUNKED = ascii("transfer-encoding: chunked\r\n\r\n");
    private static final byte[] END = ascii("\r\n\r\n");
    private static final int LONGEST_LENGTH = 19;

    /** What is said of one connection, and what is said anew here. */
    private static final AsciiString[] OURS = {
        AsciiString.cached("connection"),
        AsciiString.cached("content-length"),
        AsciiString.cached("expect"),
        AsciiString.cached("host"),
        AsciiString.cached("keep-alive"),
        AsciiString.cached("proxy-connection"),
        AsciiString.cached("te"),
        AsciiString.cached("trailer"),
        AsciiString.cached("transfer-encoding"),
        AsciiString.cached("upgrade")
    };

    private RequestHead() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** How many bytes the head has at most; the framing is taken for the longest there is. */
    static int length(Fields fields) {
        int length = START.length + CONTENT_LENGTH.length + LONGEST_LENGTH + END.length;
        for (int i = 0; i < fields.size(); i++) {
            length += fields.name(i).length() + fields.value(i).length() + 4;
        }
        return length;
    }

    /** Writes the head; a negative length is one that is not known. */
    static void write(ByteBuf to, Fields fields, long bodyLength) {
        to.writeBytes(START);
        for (int i = 0; i < fields.size(); i++) {
            if (!isOurs(fields.name(i))) {
                write(to, fields.name(i));
                ByteBufUtil.writeShortBE(to, ':' << 8 | ' ');
                write(to, fields.value(i));
                ByteBufUtil.writeShortBE(to, '\r' << 8 | '\n');
            }
        }
        if (bodyLength < 0) {
            to.writeBytes(CHUNKED);
        } else {
            to.writeBytes(CONTENT_LENGTH);
            write(to, Long.toString(bodyLength));
            to.writeBytes(END);
        }
    }

    private static boolean isOurs(CharSequence name) {
        for (AsciiString ours : OURS) {
            if (ours.contentEqualsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }

    /** Fields have no character above U+00FF. */
    private static void write(ByteBuf to, CharSequence text) {
        to.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    }
}
