package io.headgate.hedge;

import io.headgate.Service;
import io.headgate.classify.Classification;
import io.headgate.classify.Classifier;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.retry.internal.DroppedReply;
import io.headgate.retry.internal.ReplayBody;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** One request and its attempts, side by side. Ends once: by a winner, by the failure of the last attempt, or by a cancel. */
final class HedgeCall implements Subscription, Runnable, Scannable {

    private static final AtomicIntegerFieldUpdater<HedgeCall> OVER =
            AtomicIntegerFieldUpdater.newUpdater(HedgeCall.class, "over");
    private static final AtomicIntegerFieldUpdater<HedgeCall> RUNNING =
            AtomicIntegerFieldUpdater.newUpdater(HedgeCall.class, "running");

    private final Hedge hedge;
    private final HttpExchange exchange;
    private final Service<HttpExchange, HttpReply> next;
    private final CoreSubscriber<? super HttpReply> actual;
    private final Classifier classifier;
    private final @Nullable ReplayBody body;
    private int hedges;
    private volatile int over;
    private volatile int running = 1; // attempts that may still win
    private volatile boolean requested;
    private volatile @Nullable Try latest; // and from there all before it
    private volatile @Nullable Disposable timer;

    HedgeCall(
            Hedge hedge,
            HttpExchange exchange,
            Service<HttpExchange, HttpReply> next,
            CoreSubscriber<? super HttpReply> actual) {
        this.hedge = hedge;
        this.exchange = exchange;
        this.next = next;
        this.actual = actual;
        classifier = Classifier.of(exchange);
        body = exchange.body().isEmpty() ? null : new ReplayBody(exchange.body(), hedge.policy.bodyBytes());
    }

    // ---- the caller's side

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            requested = true;
            for (Try each = latest; each != null; each = each.before) {
                each.demand();
            }
        }
    }

    @Override
    public void cancel() {
        if (end()) {
            cancelAllBut(null);
            dropBody();
        }
    }

    private boolean end() {
        if (over == 0 && OVER.compareAndSet(this, 0, 1)) {
            Disposable set = timer;
            if (set != null) {
                set.dispose();
            }
            return true;
        }
        return false;
    }

    // ---- attempts

    void start() {
        launch(body == null ? exchange : exchange.withBody(body.another()));
        wait(1);
    }

    private void wait(int number) {
        if (over == 0 && number <= hedge.policy.maxHedges()) {
            timer = hedge.timer.schedule(this, hedge.latencies.delayNanos());
            if (over == 1) {
                stopTimer();
            }
        }
    }

    private void stopTimer() {
        Disposable set = timer;
        if (set != null) {
            set.dispose();
        }
    }

    /** The attempts so far are slow. */
    @Override
    public void run() {
        if (over == 1 || !isPossible()) {
            return;
        }
        if (!hedge.budget.tryWithdraw()) {
            hedge.noBudget.increment();
            return;
        }
        if (RUNNING.getAndUpdate(this, count -> count == 0 ? 0 : count + 1) == 0) {
            return; // all have failed just now
        }
        hedges++;
        hedge.hedges.increment();
        launch(hedged());
        wait(hedges + 1);
    }

    private boolean isPossible() {
        return (body == null || body.isRepeatable())
                && !exchange.deadline().isExpired()
                && next.status() == Service.Status.OPEN;
    }

    private HttpExchange hedged() {
        HttpExchange given = exchange.withAttribute(Hedge.NUMBER, hedges).withInterim(head -> {});
        if (body == null) {
            return given;
        }
        if (exchange.head().fields().contains("expect")) {
            given = given.withHead(
                    exchange.head().withFields(exchange.head().fields().without("expect")));
        }
        return given.withBody(body.another());
    }

    private void launch(HttpExchange given) {
        Try attempt = new Try(given.body(), hedges, latest);
        latest = attempt;
        if (over == 1) { // a cancel that came before did not see it
            attempt.cancel();
            return;
        }
        try {
            next.call(given).subscribe(attempt);
        } catch (RuntimeException e) {
            attempt.onError(e);
        }
    }

    private void cancelAllBut(@Nullable Try winner) {
        for (Try each = latest; each != null; each = each.before) {
            if (each != winner) {
                each.cancel();
            }
        }
    }

    private void dropBody() {
        if (body != null) {
            body.drop();
        }
    }

    private void deposit() {
        if (hedge.deposits) {
            hedge.budget.deposit();
        }
    }

    private void win(Try winner, HttpReply reply) {
        if (!end()) {
            reply.discard();
            return;
        }
        cancelAllBut(winner);
        if (winner.number > 0) {
            hedge.won.increment();
        }
        deposit();
        accept(winner, reply);
    }

    private void accept(Try winner, HttpReply reply) {
        if (body != null) {
            body.settle(winner.given);
        }
        actual.onNext(reply);
        actual.onComplete();
    }

    /** Whether no other attempt can win any more, so that the failure is the end. */
    private boolean isLast() {
        return RUNNING.decrementAndGet(this) == 0;
    }

    private void failed(Try loser, HttpReply reply) {
        if (!isLast()) {
            DroppedReply.drop(reply);
        } else if (end()) {
            deposit();
            accept(loser, reply);
        } else {
            reply.discard();
        }
    }

    private void failed(Throwable cause) {
        if (isLast() && end()) {
            dropBody();
            actual.onError(cause);
        }
    }

    private void ended() {
        if (isLast() && end()) {
            dropBody();
            actual.onComplete();
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        return key == Attr.ACTUAL ? actual : null;
    }

    /** One attempt. */
    private final class Try implements CoreSubscriber<HttpReply>, Scannable {

        private static final AtomicIntegerFieldUpdater<Try> STATE =
                AtomicIntegerFieldUpdater.newUpdater(Try.class, "state");
        private static final AtomicReferenceFieldUpdater<Try, @Nullable Subscription> UPSTREAM =
                AtomicReferenceFieldUpdater.newUpdater(Try.class, Subscription.class, "upstream");

        private static final int OPEN = 0;
        private static final int ENDED = 1;

        private final Body given;
        private final int number;
        private final @Nullable Try before;
        private final long begun = hedge.clock.getAsLong();
        private volatile int state;
        private volatile @Nullable Subscription upstream;

        Try(Body given, int number, @Nullable Try before) {
            this.given = given;
            this.number = number;
            this.before = before;
        }

        private boolean finish() {
            return STATE.compareAndSet(this, OPEN, ENDED);
        }

        /** How long it took, or has taken until it was cancelled, which is less than it would have. */
        private void record() {
            hedge.latencies.record(hedge.clock.getAsLong() - begun);
        }

        void demand() {
            Subscription source = upstream;
            if (source != null) {
                source.request(Long.MAX_VALUE);
            }
        }

        void cancel() {
            if (finish()) {
                if (upstream != null) {
                    record();
                }
                Operators.terminate(UPSTREAM, this);
            }
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            if (Operators.setOnce(UPSTREAM, this, subscription) && requested) {
                subscription.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(HttpReply reply) {
            if (!finish()) {
                reply.discard();
                return;
            }
            record();
            Classification verdict = classifier.atHead(exchange.head(), reply.head());
            if (verdict != null && verdict.isFailure()) {
                failed(this, reply);
            } else {
                win(this, reply);
            }
        }

        @Override
        public void onError(Throwable error) {
            if (finish()) {
                failed(error);
            }
        }

        @Override
        public void onComplete() {
            if (finish()) {
                ended();
            }
        }

        @Override
        public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
            if (key == Attr.PARENT) {
                return upstream;
            }
            return key == Attr.ACTUAL ? actual : null;
        }
    }
}
