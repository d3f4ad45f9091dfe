package io.headgate.function.http;

import io.headgate.GatewayException;
import io.headgate.Trait;
import io.headgate.http.Fields;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;

/**
 * The one place where failures of functions and of their API become replies: {@code {"message": "..."}} in JSON.
 *
 * <p>A {@link GatewayException}, above all a {@link io.headgate.function.model.FunctionException}, shows its status, its message and its
 * {@linkplain GatewayException#replyFields fields}, {@code retry-after} and {@code allow} among them; its cause goes to the log.
 * Anything else is a 500 that shows an id alone, {@code {"message": "internal error", "id": "..."}}; the log has the failure and its stack
 * trace under the same id. A caller that has left gets 444, which nobody reads and every log shows.
 *
 * <p><b>Threading.</b> Any thread may call; nothing blocks.
 */
public final class ErrorReplies {

    /** The header that carries the id of a call, on every reply to one. */
    public static final String CALL_ID = "fn-call-id";

    private static final Logger LOG = LoggerFactory.getLogger(ErrorReplies.class);

    private ErrorReplies() {}

    /**
     * The reply to a failure where there is no call.
     *
     * @param error the failure
     * @param head the request, for the log
     * @return the reply
     */
    public static HttpReply of(Throwable error, RequestHead head) {
        return of(error, head, null);
    }

    /**
     * The reply to a failure.
     *
     * @param error the failure
     * @param head the request, for the log
     * @param callId the id of the call, or null when there was none
     * @return the reply; it has {@link #CALL_ID} when there was a call
     */
    public static HttpReply of(Throwable error, RequestHead head, @Nullable String callId) {
        Throwable failure = Exceptions.unwrap(error);
        HttpReply reply =
                failure instanceof GatewayException known ? shown(known, head, callId) : masked(failure, head, callId);
        return callId == null ? reply : reply.withFields(reply.fields().with(CALL_ID, callId));
    }

    private static HttpReply shown(GatewayException failure, RequestHead head, @Nullable String callId) {
        if (failure.status() >= 500 && !failure.is(Trait.REJECTED)) {
            LOG.warn("{} {} failed with {}, call {}", head.method(), head.path(), failure.status(), callId, failure);
        } else {
            LOG.debug("{} {} failed with {}, call {}", head.method(), head.path(), failure.status(), callId, failure);
        }
        String message = String.valueOf(failure.getMessage());
        HttpReply reply = JsonReplies.of(failure.status(), "{\"message\":" + JsonReplies.quoted(message) + "}");
        if (failure.replyFields().isEmpty()) {
            return reply;
        }
        Fields.Builder fields = reply.fields().toBuilder();
        failure.replyFields().forEach(fields::set);
        return reply.withFields(fields.build());
    }

    private static HttpReply masked(Throwable failure, RequestHead head, @Nullable String callId) {
        String id = Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE);
        LOG.error("{} {} failed, masked as 500 with id {}, call {}", head.method(), head.path(), id, callId, failure);
        return JsonReplies.of(500, "{\"message\":\"internal error\",\"id\":\"" + id + "\"}");
    }
}
