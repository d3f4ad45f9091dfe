package io.headgate.concurrency;

import io.headgate.Deadline;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/**
 * A call in the queue. It begins when it is granted a permit; until then its caller may leave, and its time may run
 * out.
 */
final class WaitingCall extends Permits.Waiter implements CoreSubscriber<HttpReply>, Scannable {

    private final LimitedCall call;
    private final CoreSubscriber<? super HttpReply> actual;
    private final Demand demand = new Demand();
    private final Disposable.Swap timer = Disposables.swap();

    WaitingCall(LimitedCall call, CoreSubscriber<? super HttpReply> actual) {
        this.call = call;
        this.actual = actual;
    }

    /** Queues. The caller has its subscription first: what follows may end the call at once. */
    void begin(Permits full, Duration patience, Deadline deadline) {
        actual.onSubscribe(demand);
        Permits permits = full;
        Permits.Answer answer = permits.queue(this);
        while (answer == Permits.Answer.RETIRED) {
            permits = call.findAgain(permits);
            answer = permits.queue(this);
        }
        if (answer == Permits.Answer.REFUSED) {
            actual.onError(call.full());
        } else if (isWaiting()) {
            startTimer(patience.toNanos(), deadline.remainingNanos());
        }
    }

    /** A timer that comes too late, because the wait is over by now, is disposed by the swap. */
    private void startTimer(long patience, long left) {
        boolean deadlineFirst = left < patience;
        long nanos = Math.max(Math.min(patience, left), 0);
        timer.update(Schedulers.parallel().schedule(() -> timeOut(deadlineFirst), nanos, TimeUnit.NANOSECONDS));
    }

    private void timeOut(boolean deadlineFirst) {
        if (leave()) {
            actual.onError(deadlineFirst ? call.deadlinePassed() : call.waitedTooLong());
        }
    }

    @Override
    void granted() {
        timer.dispose();
        call.start(new Permit(home()), this);
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        demand.set(subscription);
    }

    @Override
    public void onNext(HttpReply reply) {
        actual.onNext(reply);
    }

    @Override
    public void onError(Throwable error) {
        actual.onError(error);
    }

    @Override
    public void onComplete() {
        actual.onComplete();
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        return key == Attr.ACTUAL ? actual : null;
    }

    /** What the caller wants, kept until there is somebody to tell. */
    private final class Demand extends Operators.DeferredSubscription {

        @Override
        public void cancel() {
            if (leave()) {
                timer.dispose();
            }
            super.cancel();
        }
    }
}
