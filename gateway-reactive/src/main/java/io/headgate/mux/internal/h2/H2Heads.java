package io.headgate.mux.internal.h2;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.Limit;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.internal.FieldIntake;
import io.headgate.mux.internal.HeadRules;
import io.headgate.mux.internal.KnownField;
import io.headgate.mux.internal.PathRules;
import io.headgate.mux.internal.TrailerRules;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.net.ProtocolException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Translates between neutral heads and header lists of HTTP/2 (RFC 9113 section 8.3). */
final class H2Heads {

    private static final AsciiString[] STATUSES = statuses();
    private static final AsciiString CONTENT_LENGTH = KnownField.CONTENT_LENGTH.text();

    private H2Heads() {}

    /** A request head with what its connection must know. */
    record Request(RequestHead head, long length, boolean expects) {}

    static Request request(Http2Headers decoded, boolean endStream, MuxSettings settings) {
        H2DecodedHeaders headers = (H2DecodedHeaders) decoded;
        FieldIntake intake = headers.intake();
        CharSequence method = null;
        CharSequence scheme = null;
        CharSequence path = null;
        CharSequence authority = null;
        for (int i = 0; i < headers.size(); i++) {
            CharSequence name = headers.name(i);
            CharSequence value = headers.value(i);
            if (name.charAt(0) != ':') {
                checkValue(name, value);
                intake.add(name, value);
            } else if (Http2Headers.PseudoHeaderName.METHOD.value().contentEquals(name)) {
                method = once(name, method, value);
            } else if (Http2Headers.PseudoHeaderName.PATH.value().contentEquals(name)) {
                path = once(name, path, value);
            } else if (Http2Headers.PseudoHeaderName.SCHEME.value().contentEquals(name)) {
                scheme = once(name, scheme, value);
            } else if (Http2Headers.PseudoHeaderName.AUTHORITY.value().contentEquals(name)) {
                authority = once(name, authority, value);
            } else {
                throw HeadRules.bad(
                        Limit.PSEUDO_HEADER, "pseudo-header", name, ":method, :scheme, :path or :authority");
            }
        }
        HeadRules.checkMethod(present(":method", method));
        HeadRules.checkScheme(present(":scheme", scheme));
        HeadRules.checkTarget(present(":method", method), present(":path", path));
        String host = authority(authority, intake);
        HeadRules.checkExpectation(intake.expect());
        HeadRules.checkCount(intake.seen(), settings.maxFields());
        Fields fields = intake.fields();
        RequestHead head = new RequestHead(
                present(":method", method).toString(),
                present(":scheme", scheme).toString(),
                host,
                PathRules.canonical(present(":path", path).toString(), settings.paths()),
                fields);
        return new Request(head, length(intake), intake.expect() != null && !endStream);
    }

    private static CharSequence once(CharSequence name, @Nullable CharSequence before, CharSequence value) {
        if (before != null) {
            throw HeadRules.bad(Limit.PSEUDO_HEADER, name.toString(), value, "only once");
        }
        return value;
    }

    private static CharSequence present(String name, @Nullable CharSequence value) {
        if (value == null || value.length() == 0) {
            throw HeadRules.bad(Limit.PSEUDO_HEADER, name, "missing", "exactly one");
        }
        return value;
    }

    /** Space at the ends of a value makes a message malformed (RFC 9113 section 8.2.1); the codec checks the rest. */
    private static void checkValue(CharSequence name, CharSequence value) {
        int length = value.length();
        if (length > 0 && (isSpace(value.charAt(0)) || isSpace(value.charAt(length - 1)))) {
            throw HeadRules.bad(Limit.SYNTAX, name.toString(), value, "no white space at the ends");
        }
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t';
    }

    private static String authority(@Nullable CharSequence authority, FieldIntake intake) {
        CharSequence host = intake.host();
        if (intake.hosts() > 1) {
            throw HeadRules.bad(Limit.AUTHORITY, "host", intake.hosts() + " fields", "at most one");
        }
        if (authority != null && host != null && !AsciiString.contentEqualsIgnoreCase(authority, host)) {
            throw HeadRules.bad(Limit.AUTHORITY, "host", host, "the same as :authority");
        }
        CharSequence named = authority != null ? authority : host;
        HeadRules.checkAuthority(present(":authority", named));
        return present(":authority", named).toString();
    }

    /** The promised length; the codec has checked that it is one number and checks the bytes against it. */
    private static long length(FieldIntake intake) {
        CharSequence text = intake.contentLength();
        try {
            return text == null ? Body.UNKNOWN_LENGTH : Long.parseLong(text.toString());
        } catch (NumberFormatException e) {
            throw HeadRules.bad(Limit.FRAMING, "content-length", String.valueOf(text), "one decimal number");
        }
    }

    /** A reply head with the length of its body. */
    record Reply(ReplyHead head, long length) {}

    static Reply reply(Http2Headers decoded, MuxSettings settings) throws ProtocolException {
        H2DecodedHeaders headers = (H2DecodedHeaders) decoded;
        FieldIntake intake = headers.intake();
        for (int i = 0; i < headers.size(); i++) {
            CharSequence name = headers.name(i);
            if (name.charAt(0) != ':') {
                intake.add(name, headers.value(i));
            } else if (!Http2Headers.PseudoHeaderName.STATUS.value().contentEquals(name)) {
                throw new ProtocolException("pseudo-header: " + name + " (expected: :status)");
            }
        }
        if (intake.seen() > settings.maxFields()) {
            throw new ProtocolException(
                    "header fields: " + intake.seen() + " (expected: at most " + settings.maxFields() + ")");
        }
        return new Reply(new ReplyHead(status(headers.status()), intake.fields()), length(intake));
    }

    private static int status(@Nullable CharSequence text) throws ProtocolException {
        if (text != null && text.length() == 3) {
            int status = 0;
            for (int i = 0; i < 3; i++) {
                status = status * 10 + text.charAt(i) - '0';
            }
            if (status >= 100 && status < 600 && status != 101 && STATUSES[status].contentEquals(text)) {
                return status;
            }
        }
        throw new ProtocolException(":status: " + text + " (expected: three digits, 100..599, but no upgrade)");
    }

    static Fields trailers(Http2Headers decoded) {
        H2DecodedHeaders headers = (H2DecodedHeaders) decoded;
        TrailerRules.Intake intake = new TrailerRules.Intake();
        for (int i = 0; i < headers.size(); i++) {
            intake.add(headers.name(i), headers.value(i));
        }
        return intake.fields();
    }

    // ---- to the wire

    /**
     * Turns strings into what the compressor takes, and remembers those that come again and again: methods, authorities,
     * paths. For one connection.
     */
    static final class Memo {

        private static final int SIZE = 64;
        private static final int LONGEST = 128;

        private final String[] texts = new String[SIZE];
        private final AsciiString[] values = new AsciiString[SIZE];

        AsciiString of(String text) {
            int slot = text.hashCode() & SIZE - 1;
            if (text.equals(texts[slot])) {
                return values[slot];
            }
            AsciiString value = AsciiString.of(text);
            if (text.length() <= LONGEST) {
                texts[slot] = text;
                values[slot] = value;
            }
            return value;
        }
    }

    static Http2Headers toHeaders(RequestHead head, Body body, Memo memo) {
        Out out = new Out(head.fields().size() + 4);
        for (int i = 0; i < head.fields().size(); i++) {
            out.requestField(head.fields().name(i), head.fields().value(i));
        }
        out.length(body.length(), !body.isEmpty());
        return ReadOnlyHttp2Headers.clientHeaders(
                false,
                memo.of(head.method()),
                memo.of(head.target()),
                memo.of(head.scheme()),
                memo.of(head.authority()),
                out.entries());
    }

    /**
     * The header list of a reply.
     *
     * @param passLength whether a content-length of the head is passed on although there is no body
     */
    static Http2Headers toHeaders(ReplyHead head, long length, boolean passLength) {
        Out out = new Out(head.fields().size() + 1);
        for (int i = 0; i < head.fields().size(); i++) {
            out.replyField(head.fields().name(i), head.fields().value(i), passLength);
        }
        out.length(length, !passLength && head.status() >= 200 && head.status() != 204);
        return ReadOnlyHttp2Headers.serverHeaders(false, STATUSES[head.status()], out.entries());
    }

    static Http2Headers toTrailers(Fields trailers) {
        Out out = new Out(trailers.size());
        for (int i = 0; i < trailers.size(); i++) {
            if (TrailerRules.isAllowed(trailers.name(i))) {
                out.add(trailers.name(i), trailers.value(i));
            }
        }
        return ReadOnlyHttp2Headers.trailers(false, out.entries());
    }

    /** Names and values in the form that the compressor likes best. */
    private static final class Out {

        private AsciiString[] entries;
        private int size;

        Out(int expected) {
            entries = new AsciiString[Math.max(expected, 1) * 2];
        }

        void requestField(CharSequence name, CharSequence value) {
            switch (KnownField.of(name)) {
                case OTHER, TE, EXPECT -> add(name, value);
                case COOKIE -> crumbs(value);
                default -> {}
            }
        }

        void replyField(CharSequence name, CharSequence value, boolean passLength) {
            KnownField known = KnownField.of(name);
            if (known == KnownField.OTHER || known == KnownField.CONTENT_LENGTH && passLength) {
                add(name, value);
            }
        }

        void length(long length, boolean wanted) {
            if (wanted && length >= 0) {
                add(CONTENT_LENGTH, Long.toString(length));
            }
        }

        /** One field for each cookie compresses better (RFC 9113 section 8.2.3). */
        private void crumbs(CharSequence cookies) {
            AsciiString rest = AsciiString.of(cookies);
            int start = 0;
            for (int at = rest.indexOf("; ", start); at >= 0; at = rest.indexOf("; ", start)) {
                add(KnownField.COOKIE.text(), rest.subSequence(start, at));
                start = at + 2;
            }
            add(KnownField.COOKIE.text(), start == 0 ? rest : rest.subSequence(start));
        }

        void add(CharSequence name, CharSequence value) {
            if (size + 2 > entries.length) {
                entries = Arrays.copyOf(entries, entries.length * 2);
            }
            entries[size++] = AsciiString.of(name).toLowerCase();
            entries[size++] = AsciiString.of(value);
        }

        AsciiString[] entries() {
            return size == entries.length ? entries : Arrays.copyOf(entries, size);
        }
    }

    private static AsciiString[] statuses() {
        AsciiString[] statuses = new AsciiString[600];
        for (int status = 100; status < 600; status++) {
            statuses[status] = AsciiString.cached(Integer.toString(status));
        }
        return statuses;
    }
}
