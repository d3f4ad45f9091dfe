package io.headgate.classify;

import io.headgate.http.Fields;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The rules that hold where a profile says nothing. */
final class StandardClassifier implements Classifier {

    static final StandardClassifier INSTANCE = new StandardClassifier();

    private static final int UNKNOWN = 2;
    /** UNKNOWN, DEADLINE_EXCEEDED, PERMISSION_DENIED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
    private static final int FAILURES = 1 << 2 | 1 << 4 | 1 << 7 | 1 << 13 | 1 << 14 | 1 << 15;

    private static final Classification[] GRPC = IntStream.rangeClosed(0, 16)
            .mapToObj(status -> new Classification((FAILURES >> status & 1) == 0, status, null))
            .toArray(Classification[]::new);

    private StandardClassifier() {}

    @Override
    public @Nullable Classification atHead(RequestHead request, ReplyHead reply) {
        if (!request.isGrpc()) {
            return Classification.of(reply.status() < 500);
        }
        Classification known = byGrpcStatus(reply.fields());
        // what is not 200 was not made by a gRPC server, so no status will follow either
        return known == null && reply.status() != 200 ? GRPC[UNKNOWN] : known;
    }

    @Override
    public Classification atEnd(RequestHead request, ReplyHead reply, Fields trailers) {
        Classification early = atHead(request, reply);
        if (early != null) {
            return early;
        }
        Classification late = byGrpcStatus(trailers);
        return late == null ? GRPC[UNKNOWN] : late;
    }

    private static @Nullable Classification byGrpcStatus(Fields fields) {
        int at = fields.indexOf("grpc-status", 0);
        return at < 0 ? null : GRPC[status(fields.value(at))];
    }

    private static int status(CharSequence text) {
        int status = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return UNKNOWN;
            }
            status = Math.min(status * 10 + digit, GRPC.length);
        }
        return text.isEmpty() || status >= GRPC.length ? UNKNOWN : status;
    }
}
