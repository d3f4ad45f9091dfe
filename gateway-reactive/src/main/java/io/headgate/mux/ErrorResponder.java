package io.headgate.mux;

import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;

/**
 * The one place where failures become replies.
 *
 * <p>Called on the event loop of the client connection, at most once per exchange; must not block. When it throws, the client
 * gets a bare 500. It is asked while no reply has begun, and for a gRPC reply that has: of the answer to that only the fields
 * are used, as trailers, and if {@code grpc-status} is not among them the reply is cut.
 */
@FunctionalInterface
public interface ErrorResponder {

    /**
     * Makes the reply for a failure.
     *
     * @param error what a stage or the mux failed with
     * @param head the request; of a request too broken to be read, what is known of it
     * @return a final reply
     */
    HttpReply respond(Throwable error, RequestHead head);

    /**
     * The standard responder: problem details in JSON (RFC 9457) with an id, or a trailers-only gRPC status when the request
     * is gRPC. A {@link io.headgate.GatewayException} shows its status, its message and its
     * {@linkplain io.headgate.GatewayException#replyFields fields}; anything else is a 500 that shows
     * the id alone, and the log has the rest under the same id.
     *
     * @return the responder
     */
    static ErrorResponder standard() {
        return StandardErrorResponder.INSTANCE;
    }
}
