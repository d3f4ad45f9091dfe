package io.headgate.mux.internal.h1;

import io.headgate.http.Fields;
import io.headgate.http.HttpVersion;
import io.headgate.http.RequestHead;
import io.headgate.mux.Limit;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.RequestException;
import io.headgate.mux.internal.FieldIntake;
import io.headgate.mux.internal.HeadRules;
import io.headgate.mux.internal.PathRules;
import io.headgate.mux.internal.TrailerRules;
import io.headgate.mux.internal.WebSockets;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what Netty decoded into neutral heads, and refuses what the decoder lets through. */
public final class H1Heads {

    private static final AsciiString CHUNKED = AsciiString.cached("chunked");

    private H1Heads() {}

    /** A request head with what its connection must know. */
    public record Request(
            RequestHead head,
            HttpVersion version,
            long length,
            boolean chunked,
            boolean persistent,
            boolean expects,
            @Nullable String webSocketKey) {

        public boolean hasBody() {
            return chunked || length > 0;
        }
    }

    static FieldIntake intake(HttpMessage message) {
        return ((H1DecodedHeaders) message.headers()).intake();
    }

    static Fields trailers(HttpHeaders headers) {
        if (headers.isEmpty()) {
            return Fields.empty();
        }
        TrailerRules.Intake intake = new TrailerRules.Intake();
        for (Iterator<Map.Entry<CharSequence, CharSequence>> i = headers.iteratorCharSequence(); i.hasNext(); ) {
            Map.Entry<CharSequence, CharSequence> field = i.next();
            intake.add(field.getKey(), field.getValue());
        }
        return intake.fields();
    }

    /** Why the decoder refused a message. */
    static RequestException refusal(@Nullable Throwable cause, MuxSettings settings) {
        if (cause instanceof TooLongHttpLineException) {
            return new RequestException(
                    414,
                    Limit.REQUEST_LINE,
                    "request line: too long (expected: at most " + settings.maxLineBytes() + " bytes)");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return new RequestException(
                    431,
                    Limit.HEAD_BYTES,
                    "header fields: too large (expected: at most " + settings.maxHeadBytes() + " bytes)");
        }
        return new RequestException(400, Limit.SYNTAX, "request: malformed (expected: HTTP/1.1 as of RFC 9112)");
    }

    /** What a head is refused with that does not come to its end in time. */
    static RequestException late(MuxSettings settings) {
        return new RequestException(
                408, Limit.SLOW_HEAD, "request head: not complete (expected: within " + settings.requestHead() + ")");
    }

    static Request request(HttpRequest request, boolean secure, MuxSettings settings) {
        HttpVersion version = version(request.protocolVersion());
        return request(request.method().name(), request.uri(), version, intake(request), secure, settings);
    }

    /** The same of a head that was decoded elsewhere. */
    public static Request request(
            String method, String uri, HttpVersion version, FieldIntake intake, boolean secure, MuxSettings settings) {
        HeadRules.checkCount(intake.seen(), settings.maxFields());
        Fields fields = intake.fields();
        boolean connect = settings.connectMethod() && method.equals("CONNECT");
        if (!connect) {
            HeadRules.checkMethod(method);
        }
        HeadRules.checkExpectation(version == HttpVersion.HTTP_1_0 ? null : intake.expect());
        boolean chunked = isChunked(intake);
        long length = intake.contentLengths() == 0 ? 0 : length(intake);
        String scheme = secure ? "https" : "http";
        boolean bodiless = !chunked && length == 0;
        RequestHead head = connect
                ? connect(uri, scheme, intake, fields, bodiless)
                : head(method, uri, scheme, intake, fields, settings);
        String key = null;
        if (bodiless && version == HttpVersion.HTTP_1_1 && WebSockets.isNamedBy(intake.upgrade())) {
            key = WebSockets.isHandshake(head) ? head.fields().get(WebSockets.KEY) : null;
        }
        if (key != null) {
            head = head.withUpgrade(WebSockets.PROTOCOL).withFields(fields.without(WebSockets.KEY));
        }
        boolean persistent = version == HttpVersion.HTTP_1_0 ? intake.keepAlive() && !intake.close() : !intake.close();
        boolean expects = version != HttpVersion.HTTP_1_0 && intake.expect() != null;
        return new Request(head, version, length, chunked, persistent, expects, key);
    }

    public static HttpVersion version(io.netty.handler.codec.http.HttpVersion version) {
        if (version.majorVersion() != 1) {
            throw new RequestException(505, Limit.VERSION, "version: " + version + " (expected: HTTP/1.1)");
        }
        return version.minorVersion() == 0 ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1;
    }

    /** One field whose value is exactly chunked, without a Content-Length beside it: else two readers may disagree. */
    private static boolean isChunked(FieldIntake intake) {
        CharSequence coding = intake.transferEncoding();
        if (coding == null) {
            return false;
        }
        if (intake.transferEncodings() > 1 || !AsciiString.contentEqualsIgnoreCase(coding, CHUNKED)) {
            throw HeadRules.bad(Limit.FRAMING, "transfer-encoding", coding, "chunked, once");
        }
        if (intake.contentLengths() > 0) {
            throw HeadRules.bad(Limit.FRAMING, "content-length", "beside transfer-encoding", "one of the two");
        }
        return true;
    }

    private static long length(FieldIntake intake) {
        CharSequence text = intake.contentLength();
        if (intake.contentLengths() > 1 || text == null || text.length() == 0 || text.length() > 18) {
            throw HeadRules.bad(Limit.FRAMING, "content-length", String.valueOf(text), "one decimal number");
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                throw HeadRules.bad(Limit.FRAMING, "content-length", text, "one decimal number");
            }
            value = value * 10 + c - '0';
        }
        return value;
    }

    /** The target is the authority, with a port (RFC 9110 section 9.3.6). */
    private static RequestHead connect(String uri, String scheme, FieldIntake intake, Fields fields, boolean bodiless) {
        if (intake.hosts() != 1 || !uri.equalsIgnoreCase(String.valueOf(intake.host()))) {
            throw HeadRules.bad(
                    Limit.AUTHORITY, "host", String.valueOf(intake.host()), "the target of CONNECT, " + uri);
        }
        if (!bodiless) {
            throw HeadRules.bad(Limit.FRAMING, "content", "of CONNECT", "none");
        }
        HeadRules.checkConnectAuthority(uri);
        return new RequestHead("CONNECT", scheme, uri, uri, fields);
    }

    private static RequestHead head(
            String method, String uri, String scheme, FieldIntake intake, Fields fields, MuxSettings settings) {
        CharSequence host = intake.host();
        if (intake.hosts() != 1 || host == null) {
            throw HeadRules.bad(Limit.AUTHORITY, "host", intake.hosts() + " fields", "exactly one");
        }
        String authority = host.toString();
        String target = uri;
        if (!uri.isEmpty() && uri.charAt(0) != '/' && !uri.equals("*")) {
            int start = absoluteAuthority(uri);
            int end = start;
            while (end < uri.length() && uri.charAt(end) != '/' && uri.charAt(end) != '?') {
                end++;
            }
            String named = uri.substring(start, end);
            if (!named.equalsIgnoreCase(authority)) {
                throw HeadRules.bad(Limit.AUTHORITY, "host", host, "the authority of the request target, " + named);
            }
            String root = method.equals("OPTIONS") ? "*" : "/"; // RFC 9112 section 3.2.4
            target =
                    end == uri.length() ? root : uri.charAt(end) == '?' ? "/" + uri.substring(end) : uri.substring(end);
        }
        HeadRules.checkAuthority(authority);
        HeadRules.checkTarget(method, target);
        return new RequestHead(method, scheme, authority, PathRules.canonical(target, settings.paths()), fields);
    }

    private static int absoluteAuthority(String uri) {
        if (uri.regionMatches(true, 0, "http://", 0, 7)) {
            return 7;
        }
        if (uri.regionMatches(true, 0, "https://", 0, 8)) {
            return 8;
        }
        throw HeadRules.bad(Limit.TARGET, "target", uri, "a path, or a URI of http or https");
    }
}
