package io.headgate.http;

import java.util.Objects;

/**
 * The head of a reply, interim or final. There is no reason phrase: HTTP/2 has none, and HTTP/1.1 writes the standard one.
 *
 * @param status 100 to 599; below 200 the reply is interim
 * @param fields the header fields
 */
public record ReplyHead(int status, Fields fields) {

    /** The interim reply that asks the client to go on and send its body (RFC 9110 section 15.2.1). */
    public static final ReplyHead CONTINUE = new ReplyHead(100, Fields.empty());

    /** Checks the status. */
    public ReplyHead {
        if (status < 100 || status > 599) {
            throw new IllegalArgumentException("status: " + status + " (expected: 100..599)");
        }
        Objects.requireNonNull(fields, "fields");
    }

    /**
     * Tells whether more heads follow.
     *
     * @return true for a status below 200 other than 101
     */
    public boolean isInterim() {
        return status < 200 && status != 101;
    }

    /**
     * Tells whether this is the head of a gRPC reply: its content type is {@code application/grpc}, alone or with a suffix.
     *
     * @return true for gRPC, false for gRPC-Web
     */
    public boolean isGrpc() {
        int at = fields.indexOf("content-type", 0);
        return at >= 0 && GrpcContentType.matches(fields.value(at));
    }
}
