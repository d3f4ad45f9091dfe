package io.headgate.tracing;

import io.headgate.classify.Classification;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import io.headgate.resolve.Endpoint;
import io.micrometer.observation.transport.RequestReplySenderContext;
import org.jspecify.annotations.Nullable;

/**
 * The client observation of an attempt: its carrier collects the fields of the trace context, which go into the head of the
 * request, and its response is the head of the reply, when there was one. What is known only when the attempt is over is null
 * before; a convention is asked at both times.
 */
public final class AttemptContext extends RequestReplySenderContext<Fields.Builder, ReplyHead> {

    private final HttpExchange exchange;
    private @Nullable Endpoint endpoint;
    private @Nullable Outcome outcome;
    private @Nullable Throwable cause;
    private @Nullable Classification verdict;

    AttemptContext(HttpExchange exchange, @Nullable Endpoint endpoint) {
        super(Carriers::write);
        this.exchange = exchange;
        this.endpoint = endpoint;
        setCarrier(Fields.builder());
    }

    void endpoint(@Nullable Endpoint known) {
        endpoint = known;
    }

    void end(Outcome how, @Nullable Throwable why, Classification what) {
        outcome = how;
        cause = why;
        verdict = what;
    }

    /**
     * The exchange as the attempt was given it.
     *
     * @return to be looked at only
     */
    public HttpExchange exchange() {
        return exchange;
    }

    /**
     * Where the attempt goes.
     *
     * @return the endpoint, or null while it is not known
     */
    public @Nullable Endpoint endpoint() {
        return endpoint;
    }

    /**
     * How the attempt ended: {@link Outcome#COMPLETE} with the last byte of the reply, {@link Outcome#FAILED} or
     * {@link Outcome#CANCELLED} before that.
     *
     * @return the outcome, or null while the attempt runs
     */
    public @Nullable Outcome outcome() {
        return outcome;
    }

    /**
     * What made the attempt fail.
     *
     * @return the cause, or null
     */
    public @Nullable Throwable cause() {
        return cause;
    }

    /**
     * What the attempt came to, by the classifier of its route.
     *
     * @return the verdict, or null while the attempt runs
     */
    public @Nullable Classification classification() {
        return verdict;
    }
}
