package io.headgate.retry;

import io.headgate.GatewayException;
import io.headgate.Service;
import io.headgate.Trait;
import io.headgate.classify.Classification;
import io.headgate.classify.Classifier;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.ReplyHead;
import io.headgate.mux.DeadlineException;
import io.headgate.retry.internal.DroppedReply;
import io.headgate.retry.internal.RequestBodies;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;

/** One request and its attempts, one after another; decides after each what comes next. */
final class RetryCall implements Subscription, Scannable {

    private static final AtomicIntegerFieldUpdater<RetryCall> STARTS =
            AtomicIntegerFieldUpdater.newUpdater(RetryCall.class, "starts");

    private final Retry retry;
    private final HttpExchange exchange;
    private final Service<HttpExchange, HttpReply> next;
    private final CoreSubscriber<? super HttpReply> actual;
    private final Classifier classifier;
    private final RequestBodies bodies;
    private final boolean isEligible; // for another attempt after any failure
    private int attempts;
    private volatile int starts;
    private volatile boolean requested;
    private volatile boolean cancelled;
    private volatile @Nullable Attempt current;
    private volatile @Nullable Disposable wait;

    RetryCall(
            Retry retry,
            HttpExchange exchange,
            Service<HttpExchange, HttpReply> next,
            CoreSubscriber<? super HttpReply> actual) {
        this.retry = retry;
        this.exchange = exchange;
        this.next = next;
        this.actual = actual;
        classifier = Classifier.of(exchange);
        isEligible = retry.policy.maxAttempts() > 1 && retry.policy.requests().test(exchange);
        bodies = RequestBodies.of(exchange.body(), isEligible ? retry.policy.bodyBytes() : 0);
    }

    Retry retry() {
        return retry;
    }

    CoreSubscriber<? super HttpReply> actual() {
        return actual;
    }

    boolean isRequested() {
        return requested;
    }

    // ---- the caller's side

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            requested = true;
            Attempt attempt = current;
            if (attempt != null) {
                attempt.demand();
            }
        }
    }

    @Override
    public void cancel() {
        cancelled = true; // before the look at what there is to cancel: who starts something looks at it afterwards
        Disposable waiting = wait;
        boolean between = false;
        if (waiting != null && !waiting.isDisposed()) {
            waiting.dispose();
            between = true;
        }
        Attempt attempt = current;
        if (attempt == null || attempt.cancel() || between) {
            bodies.drop();
        }
    }

    // ---- attempts

    /** Starts an attempt; not within another one's start, so that failures at once do not pile up on the stack. */
    void start() {
        if (STARTS.getAndIncrement(this) == 0) {
            do {
                launch();
            } while (STARTS.decrementAndGet(this) > 0);
        }
    }

    private void launch() {
        attempts++;
        Attempt attempt = new Attempt(this, attempts);
        HttpExchange given = attempts == 1 ? bodies.first(exchange) : again();
        current = attempt;
        if (cancelled) {
            attempt.cancel();
            bodies.drop();
            return;
        }
        if (retry.policy.perTry() != null) {
            attempt.limit(retry.policy.perTry());
        }
        try {
            next.call(given).subscribe(attempt);
        } catch (RuntimeException e) {
            attempt.onError(e);
        }
    }

    private HttpExchange again() {
        HttpExchange given = exchange.withAttribute(Retry.ATTEMPT, attempts);
        if (exchange.body().isEmpty()) {
            return given;
        }
        if (exchange.head().fields().contains("expect")) { // nobody is to be asked for what is here already
            given = given.withHead(
                    exchange.head().withFields(exchange.head().fields().without("expect")));
        }
        return given.withBody(bodies.next());
    }

    // ---- how attempts end; each once, and one after another

    /** Judges a reply by its head; null when its end must be waited for, which is worth it. */
    @Nullable Classification judge(HttpReply reply) {
        Classification verdict = classifier.atHead(exchange.head(), reply.head());
        if (verdict != null) {
            return verdict;
        }
        if (reply.body().isEmpty()) {
            return judge(reply.head(), Fields.empty());
        }
        boolean mayMatter = isEligible && !retry.policy.peek().isZero() && obstacle(0, true) == null;
        return mayMatter ? null : Classification.SUCCESS;
    }

    Classification judge(ReplyHead head, Fields trailers) {
        return classifier.atEnd(exchange.head(), head, trailers);
    }

    /** A reply, which is what the client gets unless it is a failure that may be tried again. */
    void replied(HttpReply reply, Classification verdict, Fields trailers) {
        if (verdict.isSuccess()) {
            retry.budget.deposit();
            if (attempts > 1) {
                retry.tally.recovered();
            }
            accept(reply);
            return;
        }
        FailedAttempt failed = new FailedAttempt(exchange, attempts, verdict, reply.head(), null);
        if (!isEligible || !retry.policy.failures().test(failed)) {
            retry.budget.deposit();
            accept(reply);
            return;
        }
        long asked = Pushback.nanos(reply.fields(), trailers);
        if (mayRetry(failed, asked)) {
            DroppedReply.drop(reply);
            retryAfter(failed, asked);
        } else {
            accept(reply);
        }
    }

    /** A failure without a reply that the client could get. */
    void failed(Throwable cause) {
        boolean unprocessed = cause instanceof GatewayException known && known.is(Trait.RETRYABLE);
        FailedAttempt failed = new FailedAttempt(exchange, attempts, classifier.ofFailure(cause), null, cause);
        if (!isWorthRetrying(failed, cause, unprocessed)) {
            retry.budget.deposit();
            fail(cause);
        } else if (mayRetry(failed, Pushback.NONE)) {
            retryAfter(failed, Pushback.NONE);
        } else {
            fail(cause);
        }
    }

    /** An attempt has ended without a reply and without a failure, as no service of HTTP should. */
    void ended() {
        bodies.drop();
        actual.onComplete();
    }

    private boolean isWorthRetrying(FailedAttempt failed, Throwable cause, boolean unprocessed) {
        if (retry.policy.maxAttempts() == 1 || cause instanceof DeadlineException) {
            return false;
        }
        if (cause instanceof GatewayException known) {
            if (known.is(Trait.CLIENT_FAULT) || known.is(Trait.CANCELLED)) {
                return false;
            }
            boolean shed = known.is(Trait.REJECTED) && !known.is(Trait.ELSEWHERE);
            if (shed && !(unprocessed && retry.policy.retriesRejected())) {
                return false;
            }
        }
        if (unprocessed) {
            return true;
        }
        return isEligible
                && !bodies.isOnlyForUnprocessed()
                && failed.classification().isFailure()
                && retry.policy.failures().test(failed);
    }

    /** Pays for a retry, or tells what stands against it. */
    private boolean mayRetry(FailedAttempt failed, long asked) {
        Skipped why = obstacle(asked, failed.reply() != null);
        if (why == null && !retry.budget.tryWithdraw()) {
            why = Skipped.NO_BUDGET;
        }
        if (why == null) {
            return true;
        }
        retry.tally.skipped(why);
        retry.listener.onSkipped(failed, why);
        return false;
    }

    private @Nullable Skipped obstacle(long asked, boolean isReply) {
        if (attempts >= retry.policy.maxAttempts()) {
            return Skipped.MAX_ATTEMPTS;
        }
        if (!bodies.isRepeatable()) {
            return Skipped.BODY;
        }
        if (isReply && !bodies.isWhole()) {
            return Skipped.EARLY_REPLY;
        }
        if (asked == Pushback.FORBIDDEN) {
            return Skipped.FORBIDDEN;
        }
        long wait = Math.max(asked, 0);
        if (wait > retry.policy.longestWait().toNanos()
                || wait >= exchange.deadline().remainingNanos()) {
            return Skipped.NO_TIME;
        }
        return next.status() == Service.Status.OPEN ? null : Skipped.NOT_READY;
    }

    private void retryAfter(FailedAttempt failed, long asked) {
        retry.tally.retried();
        retry.listener.onRetry(failed);
        long own = retry.policy.backoff() == Backoff.NONE
                ? 0
                : retry.policy.backoff().nanos(attempts, retry.random.getAsDouble());
        long nanos = asked > 0 ? asked : Math.min(own, exchange.deadline().remainingNanos() / 2);
        if (nanos <= 0) {
            start();
            return;
        }
        wait = retry.timer.schedule(this::waited, nanos);
        if (cancelled) {
            cancel();
        }
    }

    private void waited() {
        wait = null;
        start();
    }

    private void accept(HttpReply reply) {
        bodies.settle();
        actual.onNext(reply);
        actual.onComplete();
    }

    private void fail(Throwable cause) {
        bodies.drop();
        actual.onError(cause);
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        return key == Attr.CANCELLED ? cancelled : null;
    }
}
