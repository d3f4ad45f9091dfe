package io.headgate.mux.fuzz;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/**
 * Makes HTTP/2 of a fuzz input: mostly frames in good order, with faults in them as the input says, so that runs get past the
 * frame reader. One byte says what the next frame is.
 */
final class H2Composer {

    private static final byte[] PREFACE = Text.latin1("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int PADDED = 8;
    private static final String[] NAMES = {
        ":method", ":scheme", ":path", ":authority", ":status", ":protocol", "host", "content-length", "te",
                "connection",
        "transfer-encoding", "cookie", "expect", "upgrade", "trailer", "x-a", "X-A", "", "x\r\ny",
                "sec-websocket-version",
        "content-type", "keep-alive", "http2-settings", "proxy", "x-forwarded-for", "authorization",
    };
    private static final String[] VALUES = {
        "GET",
        "POST",
        "HEAD",
        "OPTIONS",
        "CONNECT",
        "TRACE",
        "http",
        "https",
        "ftp",
        "/",
        "/p?q",
        "*",
        "/a b",
        "/a\tb",
        "http://a/",
        "a",
        "a:80",
        "u@a",
        "b",
        "0",
        "3",
        "5",
        "005",
        "+3",
        "99999999999999999999",
        "trailers",
        "gzip",
        "chunked",
        "close, x-a",
        "a=1; b=2",
        "100-continue",
        "websocket",
        "13",
        " a",
        "a ",
        "a\r\nb: c",
        "a\0b",
        "",
        "200",
        "204",
        "304",
        "100",
        "103",
        "101",
        "99",
        "600",
        "2000",
        "\u00e9",
        "GET / HTTP/1.1\r\n\r\n",
    };

    private final Script script;
    private final boolean server;
    private int streams;

    /** What a server says, or what a client says. */
    H2Composer(Script script, boolean server) {
        this.script = script;
        this.server = server;
    }

    /** What comes first. */
    byte[] opening(boolean proper) {
        ByteBuf out = Unpooled.buffer();
        if (!server) {
            out.writeBytes(PREFACE);
        }
        if (proper) {
            frame(out, 4, 0, 0, Unpooled.EMPTY_BUFFER);
        }
        return ByteBufUtil.getBytes(out);
    }

    /** The next frame, or what looks like one. */
    byte[] next() {
        ByteBuf out = Unpooled.buffer();
        int what = script.wireByte();
        switch (what & 15) {
            case 0, 1, 2 -> headers(out, what >> 4);
            case 3, 4 -> data(out, what >> 4);
            case 5 -> frame(out, 8, 0, stream(), Unpooled.copyInt(script.wireByte() << (what >> 4)));
            case 6 -> frame(out, 3, 0, stream(), Unpooled.copyInt(what >> 4));
            case 7 -> settings(out, what >> 4);
            case 8 -> frame(out, 6, what >> 4 & 1, 0, Unpooled.copyLong(script.wireByte()));
            case 9 -> frame(out, 7, 0, 0, Unpooled.copyInt(stream(), what >> 4));
            case 10 -> trailers(out);
            case 11 -> frame(out, 9, what >> 4 & END_HEADERS, stream(), bytes(script.wireByte() & 31));
            case 12 -> frame(out, 2, 0, stream(), bytes(5));
            case 13 -> script.wireBytes(out, 1 + (what >> 4));
            default -> frame(out, script.wireByte(), script.wireByte(), stream(), bytes(script.wireByte() & 63));
        }
        return ByteBufUtil.getBytes(out);
    }

    private ByteBuf bytes(int length) {
        ByteBuf bytes = Unpooled.buffer();
        script.wireBytes(bytes, length);
        return bytes;
    }

    /** A stream that exists, mostly. */
    private int stream() {
        int choice = script.wireByte();
        if (choice > 0xf0) {
            return choice & 15;
        }
        return server ? 1 + 2 * (choice & 7) : Math.max(1, 2 * streams - 1 - 2 * (choice & 7));
    }

    private static void frame(ByteBuf out, int type, int flags, int stream, ByteBuf payload) {
        out.writeMedium(payload.readableBytes());
        out.writeByte(type).writeByte(flags).writeInt(stream);
        out.writeBytes(payload);
    }

    private void settings(ByteBuf out, int variant) {
        ByteBuf payload = Unpooled.buffer();
        if (variant > 0) {
            payload.writeShort(variant & 7).writeInt(script.wireByte() << (script.wireByte() & 31));
        }
        frame(out, 4, variant == 15 ? 1 : 0, 0, payload);
    }

    // ---- messages

    private void headers(ByteBuf out, int variant) {
        ByteBuf block = Unpooled.buffer();
        int stream;
        if (server) {
            stream = stream();
            int status = script.wireByte();
            field(block, ":status", status < 200 ? "200" : VALUES[38 + status % 9]);
        } else {
            stream = 2 * ++streams - 1;
            request(block, variant);
        }
        int more = script.wireByte() & 7;
        for (int i = 0; i < more; i++) {
            field(block);
        }
        int split = (variant & 4) == 0 ? block.readableBytes() : Math.min(3, block.readableBytes());
        int flags = variant & END_STREAM | (split == block.readableBytes() ? END_HEADERS : 0);
        frame(out, 1, flags, stream, block.readSlice(split));
        if (block.isReadable()) {
            frame(out, 9, END_HEADERS, stream, block);
        }
    }

    private static void request(ByteBuf block, int variant) {
        field(block, ":method", (variant & END_STREAM) == 0 ? "POST" : (variant & 2) == 0 ? "GET" : "HEAD");
        if (variant != 15) {
            field(block, ":scheme", "http");
            field(block, ":path", "/p");
            field(block, ":authority", "a");
        }
    }

    private void trailers(ByteBuf out) {
        ByteBuf block = Unpooled.buffer();
        int stream = stream();
        int more = script.wireByte() & 3;
        for (int i = 0; i < more; i++) {
            field(block);
        }
        frame(out, 1, END_HEADERS | END_STREAM, stream, block);
    }

    private void field(ByteBuf block) {
        int name = script.wireByte();
        int value = script.wireByte();
        if (name == 255) {
            block.writeBytes(bytes(1 + (value & 15))); // what compression says, or not
        } else {
            field(block, NAMES[name % NAMES.length], value == 255 ? raw() : VALUES[value % VALUES.length]);
        }
    }

    private String raw() {
        int length = script.wireByte() & 63;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) script.wireByte());
        }
        return text.toString();
    }

    private static void field(ByteBuf block, String name, String value) {
        block.writeByte(0x40);
        block.writeByte(name.length()).writeBytes(Text.latin1(name));
        block.writeByte(value.length()).writeBytes(Text.latin1(value));
    }

    private void data(ByteBuf out, int variant) {
        int stream = stream();
        ByteBuf payload = Unpooled.buffer();
        if ((variant & 2) != 0) {
            payload.writeByte(script.wireByte() & 3);
        }
        int length = script.wireByte();
        payload.writeZero(length < 128 ? length & 7 : (length - 127) * 100);
        frame(out, 0, variant & END_STREAM | ((variant & 2) != 0 ? PADDED : 0), stream, payload);
    }
}
