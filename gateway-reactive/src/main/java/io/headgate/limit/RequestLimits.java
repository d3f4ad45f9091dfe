package io.headgate.limit;

import io.headgate.GatewayException;
import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.Body;
import io.headgate.http.BodyTooLargeException;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import io.headgate.http.RequestHead;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Refuses requests that are larger than a service wants them: 413 for the body, 414 for the target, 431 for the header
 * fields. The mux has limits of its own for all that comes in ({@code MuxSettings}); these are lower and for one service.
 *
 * <p>A body whose length is announced is refused before anything is sent upstream, and one that keeps within the limit
 * passes untouched. A body of unknown length is counted as it streams: at the first byte too many the upstream exchange is
 * given up and the client is answered with 413, or its reply cut when it has begun. What goes through a tunnel (WebSocket,
 * CONNECT) is no body and is not counted.
 *
 * <p>Immutable; each {@code with} method returns a copy. Without a limit the stage is not there at all; with one it costs a
 * look at the head, and a counter for bodies of unknown length.
 *
 * <p><b>Ownership.</b> A refused body is left to the connection. The chunk that is one too many is released here; those
 * before it have gone on.
 *
 * <p><b>Errors.</b> {@link BodyTooLargeException}, {@link RefusedException}.
 */
public final class RequestLimits implements Stage<HttpExchange, HttpReply> {

    /** What RFC 9113 section 6.5.2 adds for each field. */
    private static final int FIELD_OVERHEAD = 32;

    private static final RequestLimits NONE =
            new RequestLimits(Long.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);

    private final long maxBodyBytes;
    private final int maxTargetBytes;
    private final int maxHeadBytes;
    private final int maxFields;

    private RequestLimits(long maxBodyBytes, int maxTargetBytes, int maxHeadBytes, int maxFields) {
        this.maxBodyBytes = maxBodyBytes;
        this.maxTargetBytes = maxTargetBytes;
        this.maxHeadBytes = maxHeadBytes;
        this.maxFields = maxFields;
    }

    /**
     * No limit yet.
     *
     * @return the stage, which does nothing
     */
    public static RequestLimits create() {
        return NONE;
    }

    /**
     * A copy that limits bodies.
     *
     * @param bytes most bytes of a body, trailers not counted; 0 refuses all but empty ones
     * @return the copy
     */
    public RequestLimits withBody(long bytes) {
        notNegative("body", bytes);
        return new RequestLimits(bytes, maxTargetBytes, maxHeadBytes, maxFields);
    }

    /**
     * A copy that limits targets.
     *
     * @param bytes longest path with query
     * @return the copy
     */
    public RequestLimits withTarget(int bytes) {
        notNegative("target", bytes - 1L);
        return new RequestLimits(maxBodyBytes, bytes, maxHeadBytes, maxFields);
    }

    /**
     * A copy that limits the size of header sections.
     *
     * @param bytes most bytes of names and values and 32 for each field, as RFC 9113 section 6.5.2 counts
     * @return the copy
     */
    public RequestLimits withHead(int bytes) {
        notNegative("head", bytes);
        return new RequestLimits(maxBodyBytes, maxTargetBytes, bytes, maxFields);
    }

    /**
     * A copy that limits how many header fields there are.
     *
     * @param count most fields; duplicates count
     * @return the copy
     */
    public RequestLimits withFields(int count) {
        notNegative("fields", count);
        return new RequestLimits(maxBodyBytes, maxTargetBytes, maxHeadBytes, count);
    }

    private static void notNegative(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: more)");
        }
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        if (this == NONE) {
            return next;
        }
        return new Layer<>("request-limits", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                GatewayException refusal = refusal(exchange);
                if (refusal != null) {
                    return Mono.error(refusal);
                }
                Body body = exchange.body();
                boolean counted = maxBodyBytes != Long.MAX_VALUE
                        && body.length() == Body.UNKNOWN_LENGTH
                        && !exchange.head().wantsTunnel();
                return next.call(counted ? exchange.withBody(counted(body)) : exchange);
            }
        };
    }

    private @Nullable GatewayException refusal(HttpExchange exchange) {
        RequestHead head = exchange.head();
        if (head.target().length() > maxTargetBytes) {
            return refusal(414, "target", head.target().length(), maxTargetBytes, "bytes");
        }
        if (head.fields().size() > maxFields) {
            return refusal(431, "header fields", head.fields().size(), maxFields, "fields");
        }
        long size = maxHeadBytes == Integer.MAX_VALUE ? 0 : size(head.fields());
        if (size > maxHeadBytes) {
            return refusal(431, "header fields", size, maxHeadBytes, "bytes");
        }
        return exchange.body().length() > maxBodyBytes ? BodyTooLargeException.refused(maxBodyBytes) : null;
    }

    private static RefusedException refusal(int status, String what, long value, int most, String unit) {
        return new RefusedException(
                status, what + ": " + value + " " + unit + " (expected: at most " + most + " " + unit + ")");
    }

    private static long size(Fields fields) {
        long size = 0;
        for (int i = 0; i < fields.size(); i++) {
            size += fields.name(i).length() + fields.value(i).length() + FIELD_OVERHEAD;
        }
        return size;
    }

    private Body counted(Body body) {
        return body.via(chunks -> new CountedFlux(chunks, maxBodyBytes));
    }
}
