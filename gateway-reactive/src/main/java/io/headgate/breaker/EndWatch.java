package io.headgate.breaker;

import io.headgate.Deadline;
import io.headgate.GatewayException;
import io.headgate.Trait;
import io.headgate.classify.Classification;
import io.headgate.classify.Classifier;
import io.headgate.http.CallWatch;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.ReplyHead;
import org.jspecify.annotations.Nullable;

/** Judges a call when it ends. */
abstract class EndWatch implements CallWatch {

    private static final int TOO_MANY_REQUESTS = 429;
    private static final int RESOURCE_EXHAUSTED = 8;

    private final HttpExchange exchange;
    private final long timeoutFloor;
    private final long started; // on the clock of deadlines, when there is one
    private @Nullable ReplyHead head;
    private boolean tunnelled;

    /**
     * For one call, which begins now.
     *
     * @param timeoutFloor nanoseconds that a call must have been given for its deadline to say something
     */
    EndWatch(HttpExchange exchange, long timeoutFloor) {
        this.exchange = exchange;
        this.timeoutFloor = timeoutFloor;
        this.started = exchange.deadline().isNone() ? 0 : System.nanoTime();
    }

    /**
     * The call has ended. Called once.
     *
     * @param cause why, when it failed without a whole reply
     */
    abstract void ended(Verdict verdict, @Nullable Throwable cause);

    /** The head of the reply is there. */
    void replied() {}

    /** The head of the reply is no failure, as far as one can tell. */
    void promising() {}

    @Override
    public final void onReply(ReplyHead reply) {
        head = reply;
        replied();
        if (exchange.head().isTunnelledBy(reply.status())) {
            tunnelled = true; // what comes of a tunnel is between those who use it
            ended(Verdict.SUCCESS, null);
            return;
        }
        Classification early = classifier().atHead(exchange.head(), reply);
        if (early == null || early.isSuccess() && !isLimited(reply, early)) {
            promising();
        }
    }

    @Override
    public final void onComplete(Fields trailers) {
        ReplyHead reply = head;
        if (tunnelled || reply == null) {
            return;
        }
        Classification late = classifier().atEnd(exchange.head(), reply, trailers);
        if (isLimited(reply, late)) {
            ended(Verdict.LIMITED, null);
        } else {
            ended(late.isSuccess() ? Verdict.SUCCESS : Verdict.FAILURE, null);
        }
    }

    @Override
    public final void onFailure(Throwable cause) {
        if (!tunnelled) {
            ended(ofFailure(cause), cause);
        }
    }

    /** Timeouts that stand above cancel; they leave the deadline that has passed. */
    @Override
    public final void onCancel() {
        if (!tunnelled) {
            ended(exchange.deadline().isExpired() ? ofTimeout() : Verdict.NONE, null);
        }
    }

    private Verdict ofFailure(Throwable cause) {
        if (cause instanceof GatewayException known
                && (known.is(Trait.CANCELLED) || known.is(Trait.REJECTED) || known.is(Trait.CLIENT_FAULT))) {
            return Verdict.NONE;
        }
        if (exchange.deadline().isExpired()) {
            return ofTimeout();
        }
        Classification classification = classifier().ofFailure(cause);
        if (classification.grpcStatus() == RESOURCE_EXHAUSTED) {
            return Verdict.LIMITED;
        }
        return classification.isSuccess() ? Verdict.SUCCESS : Verdict.FAILURE;
    }

    /** Clients choose deadlines too: one that nobody could have met says nothing. */
    private Verdict ofTimeout() {
        Deadline deadline = exchange.deadline();
        return deadline.nanoTime() - started >= timeoutFloor ? Verdict.FAILURE : Verdict.NONE;
    }

    private static boolean isLimited(ReplyHead reply, Classification classification) {
        return reply.status() == TOO_MANY_REQUESTS || classification.grpcStatus() == RESOURCE_EXHAUSTED;
    }

    private Classifier classifier() {
        return Classifier.of(exchange);
    }
}
