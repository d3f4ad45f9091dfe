package io.headgate.benchmarks;

import io.headgate.Service;
import io.headgate.hedge.Hedge;
import io.headgate.hedge.HedgePolicy;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.retry.BudgetSettings;
import io.headgate.retry.Retry;
import io.headgate.retry.RetryBudget;
import io.headgate.retry.RetryPolicy;
import io.headgate.timeout.CoarseTimer;
import io.headgate.timeout.Timeout;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * What retries, timeouts and hedging cost a GET without a body that succeeds at once: nothing is tried again, nothing times out. The
 * reply comes after the subscription, as from a socket, so that timers are started and stopped.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ResilienceBenchmark {

    private final HttpExchange exchange = HttpExchange.of(RequestHead.of("GET", "example.org", "/"), Body.empty());
    private final HttpReply reply = HttpReply.of(204);
    private final Late late = new Late();
    private final CoarseTimer timer = CoarseTimer.create();
    private final RetryBudget budget = RetryBudget.of(BudgetSettings.DEFAULTS);
    private final Service<HttpExchange, HttpReply> bare = input -> late;
    private final Service<HttpExchange, HttpReply> retry =
            Retry.of(RetryPolicy.DEFAULTS, budget).withTimer(timer).wrap(bare);
    private final Service<HttpExchange, HttpReply> timeout =
            Timeout.of(Duration.ofSeconds(10)).withTimer(timer).wrap(bare);
    private final Service<HttpExchange, HttpReply> hedge = hedge(bare);
    private final Service<HttpExchange, HttpReply> all = Timeout.of(Duration.ofSeconds(10))
            .withTimer(timer)
            .wrap(Retry.of(RetryPolicy.DEFAULTS, budget).withTimer(timer).wrap(hedge(bare)));
    private final Runnable nothing = () -> {};

    private Service<HttpExchange, HttpReply> hedge(Service<HttpExchange, HttpReply> next) {
        return Hedge.of(HedgePolicy.DEFAULTS, budget)
                .withTimer(timer, System::nanoTime)
                .wrap(next);
    }

    private Sink call(Service<HttpExchange, HttpReply> service) {
        Sink sink = new Sink();
        service.call(exchange).subscribe(sink);
        late.answer(reply);
        return sink;
    }

    /** No stage. */
    @Benchmark
    public Object none() {
        return call(bare);
    }

    /** Retries within a budget. */
    @Benchmark
    public Object retry() {
        return call(retry);
    }

    /** A timeout, whose timer is started and stopped. */
    @Benchmark
    public Object timeout() {
        return call(timeout);
    }

    /** Hedging by a percentile, whose timer is started and stopped. */
    @Benchmark
    public Object hedge() {
        return call(hedge);
    }

    /** All three. */
    @Benchmark
    public Object timeoutRetryHedge() {
        return call(all);
    }

    /** A timer that is started and stopped. */
    @Benchmark
    public Disposable timer() {
        Disposable task = timer.schedule(nothing, TimeUnit.SECONDS.toNanos(10));
        task.dispose();
        return task;
    }

    /** Payment into a budget. */
    @Benchmark
    public void deposit() {
        budget.deposit();
    }

    /** Replies when it is told to. */
    private static final class Late extends Mono<HttpReply> implements Subscription {

        private @Nullable CoreSubscriber<? super HttpReply> waiting;

        @Override
        public void subscribe(CoreSubscriber<? super HttpReply> actual) {
            waiting = actual;
            actual.onSubscribe(this);
        }

        void answer(HttpReply reply) {
            CoreSubscriber<? super HttpReply> actual = waiting;
            if (actual != null) {
                actual.onNext(reply);
                actual.onComplete();
            }
        }

        @Override
        public void request(long n) {
            // one reply comes anyway
        }

        @Override
        public void cancel() {
            // there is nothing to stop
        }
    }

    /** Takes everything. */
    private static final class Sink implements CoreSubscriber<HttpReply> {

        private @Nullable Object last;

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(HttpReply reply) {
            last = reply;
        }

        @Override
        public void onError(Throwable error) {
            last = error;
        }

        @Override
        public void onComplete() {
            // the reply was all
        }

        @Override
        public String toString() {
            return String.valueOf(last);
        }
    }
}
