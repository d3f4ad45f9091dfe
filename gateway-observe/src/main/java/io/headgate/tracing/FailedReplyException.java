package io.headgate.tracing;

import io.headgate.classify.Classification;
import io.headgate.http.ReplyHead;
import org.jspecify.annotations.Nullable;

/** Makes a span one of an error where there is a whole reply and no exception: it is told, and never thrown. */
final class FailedReplyException extends Exception {

    private static final long serialVersionUID = 1L;

    private FailedReplyException(String message) {
        super(message, null, false, false);
    }

    static FailedReplyException of(@Nullable ReplyHead reply, Classification verdict) {
        String grpc = GrpcStatus.name(verdict);
        if (grpc != null) {
            return new FailedReplyException("grpc-status: " + grpc);
        }
        return new FailedReplyException(reply == null ? "no reply" : "status: " + reply.status());
    }
}
