package io.headgate.mux.internal.h2;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.Limit;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.RequestException;
import io.headgate.mux.internal.FieldIntake;
import io.headgate.mux.internal.HeadRules;
import io.headgate.mux.internal.KnownField;
import io.headgate.mux.internal.PathRules;
import io.headgate.mux.internal.TrailerRules;
import io.headgate.mux.internal.WebSockets;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.net.ProtocolException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Translates between neutral heads and header lists of HTTP/2 (RFC 9113 section 8.3). */
final class H2Heads {

    private static final AsciiString[] STATUSES = statuses();
    private static final AsciiString CONTENT_LENGTH = KnownField.CONTENT_LENGTH.text();
    private static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");

    /** What stands for the head of a request that cannot be read. */
    static final RequestHead UNREADABLE = RequestHead.of("GET", "unknown", "/");

    private H2Heads() {}

    /** What is known of a request that is refused: whether it is gRPC, so that it is refused in that language. */
    static RequestHead known(Http2Headers headers) {
        List<CharSequence> types = headers.getAll(CONTENT_TYPE);
        return types.isEmpty() ? UNREADABLE : UNREADABLE.withFields(Fields.of(CONTENT_TYPE, types.get(0)));
    }

    /** A request head with what its connection must know. */
    record Request(RequestHead head, long length, boolean expects) {}

    /**
     * Reads the header list of a request.
     *
     * @param secure whether it came by TLS, which the scheme is then said to be: the connection tells the truth
     */
    static Request request(Http2Headers decoded, boolean endStream, boolean secure, MuxSettings settings) {
        H2DecodedHeaders headers = (H2DecodedHeaders) decoded;
        FieldIntake intake = headers.intake();
        Control control = new Control();
        for (int i = 0; i < headers.size(); i++) {
            CharSequence name = headers.name(i);
            CharSequence value = headers.value(i);
            if (name.charAt(0) != ':') {
                checkValue(name, value);
                intake.add(name, value);
            } else {
                control.add(name, value);
            }
        }
        String method = present(":method", control.method).toString();
        boolean connect = method.equals("CONNECT") && (control.protocol != null || settings.connectMethod());
        if (connect) {
            checkConnect(control, intake, endStream);
        } else {
            HeadRules.checkMethod(method);
            control.checkNoProtocol();
        }
        boolean hasTarget = !connect || control.protocol != null;
        if (hasTarget) {
            HeadRules.checkScheme(present(":scheme", control.scheme));
            HeadRules.checkTarget(connect ? "GET" : method, present(":path", control.path));
            control.scheme = secure ? "https" : control.scheme;
        }
        String host = authority(control.authority, intake);
        HeadRules.checkExpectation(intake.expect());
        HeadRules.checkCount(intake.seen(), settings.maxFields());
        Fields fields = intake.fields();
        if (connect) {
            return new Request(tunnel(control, host, fields, settings), Body.UNKNOWN_LENGTH, false);
        }
        RequestHead head = new RequestHead(
                method,
                present(":scheme", control.scheme).toString(),
                host,
                PathRules.canonical(present(":path", control.path).toString(), settings.paths()),
                fields);
        return new Request(head, length(intake), intake.expect() != null && !endStream);
    }

    /** The pseudo-headers of a request. */
    private static final class Control {

        private @Nullable CharSequence method;
        private @Nullable CharSequence scheme;
        private @Nullable CharSequence path;
        private @Nullable CharSequence authority;
        private @Nullable CharSequence protocol;

        void add(CharSequence name, CharSequence value) {
            if (Http2Headers.PseudoHeaderName.METHOD.value().contentEquals(name)) {
                method = once(name, method, value);
            } else if (Http2Headers.PseudoHeaderName.PATH.value().contentEquals(name)) {
                path = once(name, path, value);
            } else if (Http2Headers.PseudoHeaderName.SCHEME.value().contentEquals(name)) {
                scheme = once(name, scheme, value);
            } else if (Http2Headers.PseudoHeaderName.AUTHORITY.value().contentEquals(name)) {
                authority = once(name, authority, value);
            } else if (Http2Headers.PseudoHeaderName.PROTOCOL.value().contentEquals(name)) {
                protocol = once(name, protocol, value);
            } else {
                throw HeadRules.bad(
                        Limit.PSEUDO_HEADER, "pseudo-header", name, ":method, :scheme, :path, :authority or :protocol");
            }
        }

        void checkNoProtocol() {
            if (protocol != null) {
                throw HeadRules.bad(Limit.PSEUDO_HEADER, ":protocol", protocol, "only with CONNECT");
            }
        }
    }

    /** With {@code :protocol} an extended CONNECT (RFC 8441 section 4), else a plain one (RFC 9113 section 8.5). */
    private static void checkConnect(Control control, FieldIntake intake, boolean endStream) {
        if (endStream || intake.contentLengths() > 0) {
            throw HeadRules.bad(Limit.FRAMING, "content", "of CONNECT", "none, and an open stream");
        }
        if (control.protocol == null) {
            if (control.scheme != null || control.path != null) {
                throw HeadRules.bad(Limit.PSEUDO_HEADER, ":scheme and :path", "of CONNECT", "neither");
            }
            HeadRules.checkConnectAuthority(present(":authority", control.authority));
        } else if (!WebSockets.isNamedBy(control.protocol)) {
            throw new RequestException(
                    501, Limit.METHOD, ":protocol: " + control.protocol + " (expected: " + WebSockets.PROTOCOL + ")");
        }
    }

    private static RequestHead tunnel(Control control, String host, Fields fields, MuxSettings settings) {
        if (control.protocol == null) {
            return new RequestHead("CONNECT", "http", host, host, fields);
        }
        if (!WebSockets.hasVersion(fields)) {
            throw new RequestException(501, Limit.METHOD, "sec-websocket-version: another (expected: 13)");
        }
        return new RequestHead(
                "GET",
                present(":scheme", control.scheme).toString(),
                host,
                PathRules.canonical(present(":path", control.path).toString(), settings.paths()),
                fields.without(WebSockets.KEY),
                WebSockets.PROTOCOL);
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
        private final boolean secure;

        Memo(boolean secure) {
            this.secure = secure;
        }

        /** The scheme of a request: by TLS it is https, whatever the client spoke. */
        AsciiString scheme(RequestHead head) {
            return of(secure ? "https" : head.scheme());
        }

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
        if (head.wantsTunnel()) {
            return connect(head, out, memo);
        }
        out.length(body.length(), !body.isEmpty());
        return ReadOnlyHttp2Headers.clientHeaders(
                false,
                memo.of(head.method()),
                memo.of(head.target()),
                memo.scheme(head),
                memo.of(head.authority()),
                out.entries());
    }

    /** An upgrade is an extended CONNECT here, and a plain one has neither scheme nor path. */
    private static Http2Headers connect(RequestHead head, Out rest, Memo memo) {
        Out out = new Out(rest.size + 5);
        out.add(Http2Headers.PseudoHeaderName.METHOD.value(), "CONNECT");
        if (head.upgrade() != null) {
            out.add(Http2Headers.PseudoHeaderName.PROTOCOL.value(), head.upgrade());
            out.add(Http2Headers.PseudoHeaderName.SCHEME.value(), memo.scheme(head));
            out.add(Http2Headers.PseudoHeaderName.PATH.value(), memo.of(head.target()));
        }
        out.add(Http2Headers.PseudoHeaderName.AUTHORITY.value(), memo.of(head.authority()));
        AsciiString[] fields = rest.entries();
        for (int i = 0; i < fields.length; i += 2) {
            out.add(fields[i], fields[i + 1]);
        }
        return ReadOnlyHttp2Headers.trailers(false, out.entries()); // all of it in this order
    }

    /** The header list of a reply that opens a tunnel, which is 200 whatever asked for it (RFC 8441 section 5). */
    static Http2Headers toTunnelHeaders(ReplyHead head, boolean upgrade) {
        return toHeaders(
                upgrade ? new ReplyHead(200, head.fields().without(WebSockets.ACCEPT)) : head,
                Body.UNKNOWN_LENGTH,
                false);
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
