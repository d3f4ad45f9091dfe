package io.headgate.http;

import java.util.Objects;

/**
 * A reply: a head and a streaming body.
 *
 * <p><b>Ownership.</b> Who receives a reply owns its body and passes the reply on, consumes the body, or calls
 * {@link #discard}. A reply that is dropped otherwise keeps its upstream connection busy until a timeout.
 *
 * @param head the head; its status is final
 * @param body the body
 */
public record HttpReply(ReplyHead head, Body body) {

    /** Checks that the status is final. */
    public HttpReply {
        Objects.requireNonNull(body, "body");
        if (head.isInterim()) {
            throw new IllegalArgumentException("status: " + head.status()
                    + " (expected: a final status; interim heads go to HttpExchange.interim)");
        }
    }

    /**
     * A reply without fields and body.
     *
     * @param status 200 to 599
     * @return the reply
     */
    public static HttpReply of(int status) {
        return new HttpReply(new ReplyHead(status, Fields.empty()), Body.empty());
    }

    /**
     * A reply.
     *
     * @param status 200 to 599
     * @param fields the header fields
     * @param body the body; takes ownership
     * @return the reply
     */
    public static HttpReply of(int status, Fields fields, Body body) {
        return new HttpReply(new ReplyHead(status, fields), body);
    }

    /**
     * Accepts an upgrade: from here on the bodies of the exchange are the two directions of a tunnel. The body of the request
     * brings what the client sends, and this body is what it gets; each ends when its sender closes. For a WebSocket the
     * fields hold {@code sec-websocket-accept} (RFC 6455 section 4.2.2) when the request has a key. A client of HTTP/2 sees
     * status 200 (RFC 8441 section 5).
     *
     * @param fields the header fields, without those that name the upgrade
     * @param body what the client gets; takes ownership
     * @return the reply, of status 101; only for a request whose head has an {@link RequestHead#upgrade}
     */
    public static HttpReply upgraded(Fields fields, Body body) {
        return of(101, fields, body);
    }

    /**
     * A reply of plain text in UTF-8.
     *
     * @param status 200 to 599
     * @param text the text
     * @return the reply
     */
    public static HttpReply text(int status, String text) {
        return of(status, Fields.of("content-type", "text/plain; charset=utf-8"), Body.utf8(text));
    }

    /**
     * The status.
     *
     * @return 200 to 599, or 101 for an upgrade
     */
    public int status() {
        return head.status();
    }

    /**
     * The header fields.
     *
     * @return the fields of the head
     */
    public Fields fields() {
        return head.fields();
    }

    /**
     * A copy with other fields; the body passes to the copy.
     *
     * @param changed the fields
     * @return the copy
     */
    public HttpReply withFields(Fields changed) {
        return new HttpReply(new ReplyHead(head.status(), changed), body);
    }

    /**
     * A copy with another body. The old body is not discarded: either the new one is made of it or the caller discards it.
     *
     * @param changed the body
     * @return the copy
     */
    public HttpReply withBody(Body changed) {
        return new HttpReply(head, changed);
    }

    /**
     * A copy whose body is watched; see {@link Body#watched}.
     *
     * @param watch is told how the body passes
     * @return the copy, or this when the body is the same
     */
    public HttpReply watched(BodyWatch watch) {
        Body seen = body.watched(watch);
        return seen == body ? this : withBody(seen);
    }

    /** Drops the reply: frees its buffers and tells its source that nobody wants the rest. May be called again. */
    public void discard() {
        body.discard();
    }
}
