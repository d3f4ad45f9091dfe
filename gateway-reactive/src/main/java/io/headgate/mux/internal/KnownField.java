package io.headgate.mux.internal;

import io.netty.util.AsciiString;

/** The fields that the mux itself must know; found by length first, so that most names cost one switch. */
public enum KnownField {
    CONNECTION("connection"),
    CONTENT_LENGTH("content-length"),
    COOKIE("cookie"),
    EXPECT("expect"),
    HOST("host"),
    HTTP2_SETTINGS("http2-settings"),
    KEEP_ALIVE("keep-alive"),
    PROXY("proxy"),
    PROXY_CONNECTION("proxy-connection"),
    TE("te"),
    TRAILER("trailer"),
    TRANSFER_ENCODING("transfer-encoding"),
    UPGRADE("upgrade"),
    /** Any other field. */
    OTHER("");

    private final AsciiString text;

    KnownField(String text) {
        this.text = AsciiString.cached(text);
    }

    public AsciiString text() {
        return text;
    }

    public static KnownField of(CharSequence name) {
        return switch (name.length()) {
            case 2 -> match(name, TE);
            case 4 -> match(name, HOST);
            case 5 -> match(name, PROXY);
            case 6 -> match(name, COOKIE, EXPECT);
            case 7 -> match(name, UPGRADE, TRAILER);
            case 10 -> match(name, CONNECTION, KEEP_ALIVE);
            case 14 -> match(name, CONTENT_LENGTH, HTTP2_SETTINGS);
            case 16 -> match(name, PROXY_CONNECTION);
            case 17 -> match(name, TRANSFER_ENCODING);
            default -> OTHER;
        };
    }

    private static KnownField match(CharSequence name, KnownField one) {
        return AsciiString.contentEqualsIgnoreCase(name, one.text) ? one : OTHER;
    }

    private static KnownField match(CharSequence name, KnownField one, KnownField two) {
        return AsciiString.contentEqualsIgnoreCase(name, one.text) ? one : match(name, two);
    }
}
