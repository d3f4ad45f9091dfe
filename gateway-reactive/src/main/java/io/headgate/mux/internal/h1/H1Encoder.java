package io.headgate.mux.internal.h1;

import io.headgate.http.Fields;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.internal.KnownField;
import io.headgate.mux.internal.OutputBuffer;
import io.headgate.mux.internal.TrailerRules;
import io.headgate.mux.internal.WebSockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes HTTP/1.1 messages (RFC 9112). Framing and connection fields are made here, never copied: whatever a head says about
 * its length or its connection is left out and regenerated. What neutral heads hold has been checked when it came in.
 */
final class H1Encoder {

    /** How the end of a body is told. */
    enum Framing {
        /** There is no body, and no field says so. */
        NONE,
        LENGTH,
        CHUNKED,
        /** The end of the connection is the end of the body: for HTTP/1.0 clients. */
        CLOSE
    }

    private static final int EXPECTED_HEAD = 512;
    private static final byte[] VERSION = ascii(" HTTP/1.1\r\nhost: ");
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] SEPARATOR = {':', ' '};
    private static final byte[] CONTENT_LENGTH = ascii("content-length: ");
    private static final byte[] CHUNKED = ascii("transfer-encoding: chunked\r\n");
    private static final byte[] CLOSE = ascii("connection: close\r\n");
    private static final byte[] KEEP_ALIVE = ascii("connection: keep-alive\r\n");
    private static final byte[] TE = ascii("connection: te\r\n");
    private static final byte[] UPGRADE = ascii("connection: upgrade\r\nupgrade: ");
    private static final byte[] LAST_CHUNK = ascii("0\r\n\r\n");
    private static final byte[] LAST_CHUNK_SIZE = ascii("0\r\n");
    private static final byte[] COOKIE = ascii("cookie: ");
    private static final byte[][] STATUS_LINES = statusLines();

    /** Which connection field a head gets. */
    enum Persistence {
        DEFAULT,
        CLOSE,
        /** Said aloud to HTTP/1.0 clients. */
        KEEP_ALIVE
    }

    private H1Encoder() {}

    /**
     * Writes the head of a request.
     *
     * @param webSocketKey for a handshake: the key of this connection
     */
    static void requestHead(
            OutputBuffer output, RequestHead head, Framing framing, long length, @Nullable String webSocketKey) {
        ByteBuf out = output.tail(EXPECTED_HEAD);
        ByteBufUtil.writeAscii(out, head.method());
        out.writeByte(' ');
        ByteBufUtil.writeAscii(out, head.target());
        out.writeBytes(VERSION);
        ByteBufUtil.writeAscii(out, head.authority());
        out.writeBytes(CRLF);
        Fields fields = head.fields();
        boolean te = false;
        int cookies = 0;
        for (int i = 0; i < fields.size(); i++) {
            CharSequence name = fields.name(i);
            switch (KnownField.of(name)) {
                case OTHER, EXPECT, TRAILER -> field(out, name, fields.value(i));
                case COOKIE -> cookies++;
                case TE -> {
                    te = true;
                    field(out, name, fields.value(i));
                }
                default -> {}
            }
        }
        if (cookies > 0) {
            cookies(out, fields);
        }
        if (head.upgrade() != null) {
            upgrade(out, head.upgrade());
        } else if (te) {
            out.writeBytes(TE);
        }
        if (webSocketKey != null) {
            field(out, WebSockets.KEY, webSocketKey);
        }
        framing(out, framing, length);
        out.writeBytes(CRLF);
    }

    /** HTTP/2 may split cookies; HTTP/1.1 wants them in one field (RFC 9113 section 8.2.3). */
    private static void cookies(ByteBuf out, Fields fields) {
        out.writeBytes(COOKIE);
        boolean first = true;
        AsciiString cookie = KnownField.COOKIE.text();
        for (int at = fields.indexOf(cookie, 0); at >= 0; at = fields.indexOf(cookie, at + 1)) {
            if (fields.value(at).length() == 0) {
                continue; // it would leave a space at the end
            }
            if (!first) {
                out.writeByte(';').writeByte(' ');
            }
            first = false;
            ByteBufUtil.writeAscii(out, fields.value(at));
        }
        out.writeBytes(CRLF);
    }

    private static void upgrade(ByteBuf out, CharSequence protocol) {
        out.writeBytes(UPGRADE);
        ByteBufUtil.writeAscii(out, protocol);
        out.writeBytes(CRLF);
    }

    /**
     * Writes the head of a reply that opens a tunnel.
     *
     * @param webSocketKey of the request when it is a handshake
     */
    static void tunnelHead(OutputBuffer output, ReplyHead head, @Nullable String webSocketKey) {
        ByteBuf out = output.tail(EXPECTED_HEAD);
        out.writeBytes(STATUS_LINES[head.status()]);
        if (webSocketKey != null) {
            upgrade(out, WebSockets.PROTOCOL);
            field(out, WebSockets.ACCEPT, WebSockets.accept(webSocketKey));
        }
        Fields fields = head.fields();
        for (int i = 0; i < fields.size(); i++) {
            CharSequence name = fields.name(i);
            if (KnownField.of(name) == KnownField.OTHER && !WebSockets.ACCEPT.contentEqualsIgnoreCase(name)) {
                field(out, name, fields.value(i));
            }
        }
        out.writeBytes(CRLF);
    }

    /**
     * Writes the head of a reply.
     *
     * @param passLength whether a content-length of the head is passed on although there is no body: it tells what GET would
     *     give, or what has not been modified
     */
    static void replyHead(
            OutputBuffer output,
            ReplyHead head,
            Framing framing,
            long length,
            boolean passLength,
            Persistence persistence) {
        ByteBuf out = output.tail(EXPECTED_HEAD);
        out.writeBytes(STATUS_LINES[head.status()]);
        Fields fields = head.fields();
        for (int i = 0; i < fields.size(); i++) {
            CharSequence name = fields.name(i);
            KnownField known = KnownField.of(name);
            if (known == KnownField.OTHER
                    || known == KnownField.TRAILER
                    || known == KnownField.CONTENT_LENGTH && passLength) {
                field(out, name, fields.value(i));
            }
        }
        framing(out, framing, length);
        if (persistence == Persistence.CLOSE) {
            out.writeBytes(CLOSE);
        } else if (persistence == Persistence.KEEP_ALIVE) {
            out.writeBytes(KEEP_ALIVE);
        }
        out.writeBytes(CRLF);
    }

    private static void framing(ByteBuf out, Framing framing, long length) {
        if (framing == Framing.CHUNKED) {
            out.writeBytes(CHUNKED);
        } else if (framing == Framing.LENGTH) {
            out.writeBytes(CONTENT_LENGTH);
            decimal(out, length);
            out.writeBytes(CRLF);
        }
    }

    /** Writes bytes of a body, taking ownership. */
    static void data(OutputBuffer output, ByteBuf chunk, boolean last, Framing framing) {
        int length = chunk.readableBytes();
        if (framing != Framing.CHUNKED) {
            if (length > 0) {
                output.write(chunk);
            } else {
                chunk.release();
            }
            return;
        }
        if (length > 0) {
            ByteBuf out = output.tail(16);
            ByteBufUtil.writeAscii(out, Integer.toHexString(length));
            out.writeBytes(CRLF);
            output.write(chunk);
            output.tail(8).writeBytes(CRLF);
        } else {
            chunk.release();
        }
        if (last) {
            output.tail(8).writeBytes(LAST_CHUNK);
        }
    }

    /** Writes the end of a body; trailers only where chunked coding can carry them. */
    static void end(OutputBuffer output, Fields trailers, Framing framing) {
        if (framing != Framing.CHUNKED) {
            return;
        }
        if (trailers.isEmpty()) {
            output.tail(8).writeBytes(LAST_CHUNK);
            return;
        }
        ByteBuf out = output.tail(256);
        out.writeBytes(LAST_CHUNK_SIZE);
        for (int i = 0; i < trailers.size(); i++) {
            if (TrailerRules.isAllowed(trailers.name(i))) {
                field(out, trailers.name(i), trailers.value(i));
            }
        }
        out.writeBytes(CRLF);
    }

    private static void field(ByteBuf out, CharSequence name, CharSequence value) {
        ByteBufUtil.writeAscii(out, name);
        out.writeBytes(SEPARATOR);
        ByteBufUtil.writeAscii(out, value);
        out.writeBytes(CRLF);
    }

    private static void decimal(ByteBuf out, long value) {
        if (value < 10) {
            out.writeByte('0' + (int) value);
        } else {
            ByteBufUtil.writeAscii(out, Long.toString(value));
        }
    }

    private static byte[][] statusLines() {
        byte[][] lines = new byte[600][];
        for (int status = 100; status < 600; status++) {
            lines[status] = ascii("HTTP/1.1 " + HttpResponseStatus.valueOf(status) + "\r\n");
        }
        return lines;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
