package io.headgate.tracing;

import io.headgate.classify.Classification;
import io.headgate.http.ReplyHead;
import org.jspecify.annotations.Nullable;

/** What went wrong, in one of few words: a value of {@code error.type}. */
final class Errors {

    private static final String UNCLASSIFIED = "unclassified";

    private Errors() {}

    /**
     * The error of something that is over.
     *
     * @param failed whether it is an error
     * @param verdict what it came to
     * @param reply the head of the reply
     * @param cause what made it fail
     * @return what the classifier calls it, else the type of the cause, else the status; null when it is no error
     */
    static @Nullable String type(
            boolean failed, Classification verdict, @Nullable ReplyHead reply, @Nullable Throwable cause) {
        if (!failed) {
            return null;
        }
        if (verdict.error() != null && !verdict.error().equals(UNCLASSIFIED)) {
            return verdict.error();
        }
        if (cause != null) {
            return cause.getClass().getName();
        }
        String grpc = GrpcStatus.name(verdict);
        if (grpc != null) {
            return grpc;
        }
        return reply == null ? "_OTHER" : Integer.toString(reply.status());
    }
}
