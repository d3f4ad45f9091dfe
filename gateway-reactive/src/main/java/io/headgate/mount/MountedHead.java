package io.headgate.mount;

import io.headgate.http.HttpVersion;
import io.headgate.http.RequestHead;
import io.headgate.mux.Limit;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.RequestException;
import io.headgate.mux.internal.FieldIntake;
import io.headgate.mux.internal.FieldNames;
import io.headgate.mux.internal.HeadRules;
import io.headgate.mux.internal.h1.H1Heads;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Reads the heads that Reactor Netty hands over, by the rules of the mux. Those of HTTP/2 come translated to HTTP/1.1: with
 * {@code host} for the authority, with fields that say what got lost, and with {@code transfer-encoding: chunked} where a body
 * of unknown length follows.
 */
final class MountedHead {

    /** Fields of the translation; a client that sends them itself means to steer somebody's. */
    private static final AsciiString SYNTHETIC = AsciiString.cached("x-http2-");

    private static final AsciiString SCHEME = AsciiString.cached("x-http2-scheme");

    private MountedHead() {}

    static HttpVersion version(HttpServerRequest request) {
        return request.version().majorVersion() == 2 ? HttpVersion.HTTP_2 : H1Heads.version(request.version());
    }

    static H1Heads.Request read(HttpServerRequest request, HttpVersion version, MuxSettings settings) {
        HttpHeaders headers = request.requestHeaders();
        FieldIntake intake = FieldIntake.inPlaceOf(new CharSequence[Math.max(headers.size(), 1) * 2]);
        CharSequence scheme = null;
        for (Iterator<Map.Entry<CharSequence, CharSequence>> i = headers.iteratorCharSequence(); i.hasNext(); ) {
            Map.Entry<CharSequence, CharSequence> field = i.next();
            CharSequence name = field.getKey();
            if (!AsciiString.regionMatches(name, true, 0, SYNTHETIC, 0, SYNTHETIC.length())) {
                add(name, field.getValue(), intake, settings);
            } else if (SCHEME.contentEqualsIgnoreCase(name)) {
                scheme = field.getValue();
            }
        }
        boolean secure = request.connectionScheme().equals("https");
        String method = request.method().name();
        if (version != HttpVersion.HTTP_2) {
            return H1Heads.request(method, request.uri(), version, intake, secure, settings);
        }
        CharSequence named = checkScheme(scheme);
        HeadRules.checkMethod(method);
        HeadRules.checkTarget(method, request.uri()); // here, because of HTTP/1.1 an absolute form would be taken apart
        H1Heads.Request read = H1Heads.request(method, request.uri(), version, intake, secure, settings);
        return secure ? read : withScheme(named, read);
    }

    /** Checks what it adds: the server may have been told not to, and minds no space at the ends of values of HTTP/2. */
    private static void add(CharSequence name, CharSequence value, FieldIntake intake, MuxSettings settings) {
        int found = FieldNames.scan(name);
        if ((found & FieldNames.INVALID) != 0) {
            throw HeadRules.bad(Limit.SYNTAX, "field name", name, "a token");
        }
        int length = value.length();
        boolean padded = length > 0 && (isSpace(value.charAt(0)) || isSpace(value.charAt(length - 1)));
        if (padded || HttpHeaderValidationUtil.validateValidHeaderValue(value) != -1) {
            throw HeadRules.bad(
                    Limit.SYNTAX, name.toString(), value, "no control characters, and no white space at the ends");
        }
        boolean underscore = (found & FieldNames.UNDERSCORE) != 0;
        if (underscore && (settings.dropUnderscores() || FieldNames.isRisky(name))
                || HttpHeaderNames.UPGRADE.contentEqualsIgnoreCase(name)) { // nothing is upgraded here
            intake.dropped(1);
        } else {
            intake.add(name, value);
        }
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t';
    }

    private static CharSequence checkScheme(@Nullable CharSequence scheme) {
        if (scheme == null) {
            throw new RequestException(400, Limit.PSEUDO_HEADER, ":scheme: missing (expected: exactly one)");
        }
        HeadRules.checkScheme(scheme);
        return scheme;
    }

    private static H1Heads.Request withScheme(CharSequence scheme, H1Heads.Request read) {
        RequestHead head = read.head();
        RequestHead named =
                new RequestHead(head.method(), scheme.toString(), head.authority(), head.target(), head.fields());
        return new H1Heads.Request(
                named, read.version(), read.length(), read.chunked(), read.persistent(), read.expects(), null);
    }
}
