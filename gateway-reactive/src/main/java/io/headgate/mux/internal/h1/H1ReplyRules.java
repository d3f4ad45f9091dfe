package io.headgate.mux.internal.h1;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.internal.FieldIntake;
import io.headgate.mux.internal.Grpc;
import io.headgate.mux.internal.WebSockets;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.AsciiString;
import java.net.ProtocolException;

/** What an upstream may answer; anything else is its error, and ends its connection (RFC 9112 section 6.3). */
final class H1ReplyRules {

    private static final AsciiString CHUNKED = AsciiString.cached("chunked");

    private H1ReplyRules() {}

    /**
     * Checks status, framing and number of fields.
     *
     * @param upgradable whether an upgrade was asked for
     */
    static void check(HttpResponse response, FieldIntake intake, boolean upgradable, MuxSettings settings)
            throws ProtocolException {
        int status = response.status().code();
        if (response.protocolVersion().majorVersion() != 1
                || status < 100
                || status > 599
                || status == 101 && !upgradable) {
            throw new ProtocolException(response.protocolVersion() + " " + status
                    + " (expected: HTTP/1.x and 100..599, but no upgrade that was not asked for)");
        }
        CharSequence coding = intake.transferEncoding();
        if (coding != null
                && (intake.transferEncodings() > 1
                        || intake.contentLengths() > 0
                        || !AsciiString.contentEqualsIgnoreCase(coding, CHUNKED))) {
            throw new ProtocolException("transfer-encoding: " + coding + " (expected: chunked, once and alone)");
        }
        if (intake.contentLengths() > 1) {
            throw new ProtocolException("content-length: " + intake.contentLengths() + " times (expected: once)");
        }
        if (intake.seen() > settings.maxFields()) {
            throw new ProtocolException(
                    "header fields: " + intake.seen() + " (expected: at most " + settings.maxFields() + ")");
        }
    }

    /** How long the body of a final reply is: 0 for none, {@link Body#UNKNOWN_LENGTH} unless its head says it. */
    static long bodyLength(RequestHead request, ReplyHead reply, FieldIntake intake) {
        if (request.method().equals("HEAD") || reply.status() == 204 || reply.status() == 304) {
            return 0;
        }
        CharSequence length = intake.contentLength();
        if (length == null) {
            return Grpc.isTrailersOnly(request, reply) ? 0 : Body.UNKNOWN_LENGTH;
        }
        return Long.parseLong(length, 0, length.length(), 10); // the decoder has read it, too
    }

    /** Checks that the upgrade is the one asked for, and that its peer has read the key. */
    static void checkUpgrade(Fields fields, FieldIntake intake, String webSocketKey) throws ProtocolException {
        String accept = fields.get(WebSockets.ACCEPT);
        if (!WebSockets.isNamedBy(intake.upgrade())
                || !WebSockets.accept(webSocketKey).equals(accept)) {
            throw new ProtocolException(
                    WebSockets.ACCEPT + ": " + accept + " (expected: the one of the key, and the upgrade asked for)");
        }
    }
}
