package io.headgate.retry;

import io.headgate.classify.Classification;
import io.headgate.http.Fields;
import io.headgate.http.HttpReply;
import io.headgate.timeout.TimedOutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** One attempt: hands its end to the call exactly once, whichever comes first, and what comes later to nobody. */
final class Attempt implements CoreSubscriber<HttpReply>, Scannable, Peek.Owner {

    private static final AtomicReferenceFieldUpdater<Attempt, @Nullable Subscription> UPSTREAM =
            AtomicReferenceFieldUpdater.newUpdater(Attempt.class, Subscription.class, "upstream");
    private static final AtomicIntegerFieldUpdater<Attempt> PHASE =
            AtomicIntegerFieldUpdater.newUpdater(Attempt.class, "phase");

    private static final int OPEN = 0;
    private static final int PEEKING = 1;
    private static final int OVER = 2;

    private final RetryCall call;
    private final int number;
    private volatile @Nullable Subscription upstream;
    private volatile int phase;
    private volatile @Nullable Disposable timer;
    private volatile @Nullable Peek peek;

    Attempt(RetryCall call, int number) {
        this.call = call;
        this.number = number;
    }

    // ---- from the call

    void limit(Duration perTry) {
        timer = call.retry().timer.schedule(() -> timedOut(perTry), perTry);
    }

    void demand() {
        Subscription source = upstream;
        if (source != null) {
            source.request(Long.MAX_VALUE);
        }
    }

    /** Whether there was something to cancel. */
    boolean cancel() {
        int was = PHASE.getAndSet(this, OVER);
        stopTimer();
        if (was == OPEN) {
            Operators.terminate(UPSTREAM, this);
        } else if (was == PEEKING && peek != null) {
            peek.discard();
        }
        return was != OVER;
    }

    // ---- from below

    @Override
    public Context currentContext() {
        return call.actual().currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (Operators.setOnce(UPSTREAM, this, subscription) && call.isRequested()) {
            subscription.request(Long.MAX_VALUE);
        }
    }

    @Override
    public void onNext(HttpReply reply) {
        if (phase != OPEN) {
            reply.discard();
            return;
        }
        Classification verdict = call.judge(reply);
        if (verdict == null) {
            startPeek(reply);
        } else if (moves(OPEN, OVER)) {
            stopTimer();
            call.replied(reply, verdict, Fields.empty());
        } else {
            reply.discard();
        }
    }

    @Override
    public void onError(Throwable error) {
        if (moves(OPEN, OVER)) {
            stopTimer();
            call.failed(error);
        }
    }

    @Override
    public void onComplete() {
        if (moves(OPEN, OVER)) {
            stopTimer();
            call.ended();
        }
    }

    // ---- a reply whose end must be seen

    private void startPeek(HttpReply reply) {
        Peek started = new Peek(reply, this);
        peek = started;
        if (!moves(OPEN, PEEKING)) {
            reply.discard();
            return;
        }
        stopTimer();
        timer = call.retry()
                .timer
                .schedule(this::peekedEnough, call.retry().policy.peek());
        started.start();
    }

    private void peekedEnough() {
        Peek open = peek;
        if (open != null && moves(PEEKING, OVER)) {
            call.replied(open.reply(), Classification.SUCCESS, Fields.empty());
        }
    }

    @Override
    public void sawData(Peek seen) {
        if (moves(PEEKING, OVER)) {
            stopTimer();
            call.replied(seen.reply(), Classification.SUCCESS, Fields.empty());
        }
    }

    @Override
    public void sawEnd(Peek seen, Fields trailers) {
        if (moves(PEEKING, OVER)) {
            stopTimer();
            call.replied(seen.reply(), call.judge(seen.reply().head(), trailers), trailers);
        }
    }

    @Override
    public void sawFailure(Peek seen, Throwable cause) {
        if (moves(PEEKING, OVER)) {
            stopTimer();
            seen.discard();
            call.failed(cause);
        }
    }

    // ---- time

    private void timedOut(Duration perTry) {
        if (moves(OPEN, OVER)) {
            Operators.terminate(UPSTREAM, this);
            call.failed(TimedOutException.noReply(perTry));
        }
    }

    private void stopTimer() {
        Disposable set = timer;
        if (set != null) {
            set.dispose();
        }
    }

    private boolean moves(int from, int to) {
        return PHASE.compareAndSet(this, from, to);
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return upstream;
        }
        return key == Attr.ACTUAL ? call : null;
    }

    @Override
    public String toString() {
        return "attempt " + number;
    }
}
