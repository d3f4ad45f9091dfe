package io.headgate.concurrency;

import io.headgate.Service;
import io.headgate.http.CallWatch;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mux.DeadlineException;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** A call that takes a permit first, or waits for one, or is refused. Each subscription does so by itself. */
final class LimitedCall extends Mono<HttpReply> {

    private final HttpExchange exchange;
    private final Service<HttpExchange, HttpReply> next;
    private final PermitSource source;
    private final Object key;
    private final WaitPlan wait;
    private final Refusals refusals;

    LimitedCall(
            HttpExchange exchange,
            Service<HttpExchange, HttpReply> next,
            PermitSource source,
            Object key,
            WaitPlan wait,
            Refusals refusals) {
        this.exchange = exchange;
        this.next = next;
        this.source = source;
        this.key = key;
        this.wait = wait;
        this.refusals = refusals;
    }

    @Override
    public void subscribe(CoreSubscriber<? super HttpReply> actual) {
        Permits permits = source.find(key);
        Permits.Answer answer = permits.tryTake();
        while (answer == Permits.Answer.RETIRED) {
            permits = findAgain(permits);
            answer = permits.tryTake();
        }
        if (answer == Permits.Answer.GRANTED) {
            start(new Permit(permits), actual);
        } else if (wait.places() == 0) {
            Operators.error(actual, refusals.full());
        } else if (exchange.deadline().isExpired()) {
            Operators.error(actual, deadlinePassed());
        } else {
            new WaitingCall(this, actual).begin(permits, wait.patience(), exchange.deadline());
        }
    }

    Permits findAgain(Permits retired) {
        source.forget(key, retired);
        return source.find(key);
    }

    /** Makes the call, which has its permit now; that comes back whatever happens. */
    void start(Permit permit, CoreSubscriber<? super HttpReply> actual) {
        try {
            CallWatch.watch(next.call(exchange), permit).subscribe(actual);
        } catch (RuntimeException e) {
            permit.back();
            Operators.reportThrowInSubscribe(actual, e);
        }
    }

    OverloadedException full() {
        return refusals.full();
    }

    OverloadedException waitedTooLong() {
        return refusals.waitedTooLong();
    }

    DeadlineException deadlinePassed() {
        refusals.deadlinePassed();
        return DeadlineException.exceeded();
    }
}
