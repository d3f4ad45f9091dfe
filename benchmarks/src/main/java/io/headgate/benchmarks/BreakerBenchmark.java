package io.headgate.benchmarks;

import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.breaker.BreakerSettings;
import io.headgate.breaker.CircuitBreaker;
import io.headgate.breaker.Ejection;
import io.headgate.breaker.Resilience4jBreaker;
import io.headgate.http.Body;
import io.headgate.http.CallWatch;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** What a breaker adds to a call that succeeds: one call, one subscriber, a reply without a body, the end told. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BreakerBenchmark {

    private final HttpExchange exchange = HttpExchange.of(RequestHead.of("GET", "example.org", "/"), Body.empty());
    private final Mono<HttpReply> reply = Mono.just(HttpReply.of(204));
    private final Service<HttpExchange, HttpReply> endpoint = input -> reply;

    private final Service<HttpExchange, HttpReply> watched =
            CallWatch.stage(input -> new IdleWatch()).wrap(endpoint);
    private final Service<HttpExchange, HttpReply> consecutive =
            CircuitBreaker.create().wrap(endpoint);
    private final Service<HttpExchange, HttpReply> share = CircuitBreaker.of(
                    BreakerSettings.DEFAULTS.withFailureShare(0.5, 20, Duration.ofSeconds(10)))
            .wrap(endpoint);
    private final Service<HttpExchange, HttpReply> ejection =
            Ejection.create().stageFor("endpoint").wrap(endpoint);
    private final Service<HttpExchange, HttpReply> resilience4j =
            resilience4j(SlidingWindowSynchronizationStrategy.SYNCHRONIZED).wrap(endpoint);
    private final Service<HttpExchange, HttpReply> lockFreeResilience4j =
            resilience4j(SlidingWindowSynchronizationStrategy.LOCK_FREE).wrap(endpoint);
    private final Service<HttpExchange, HttpReply> open = opened();

    private static Stage<HttpExchange, HttpReply> resilience4j(SlidingWindowSynchronizationStrategy strategy) {
        CircuitBreakerConfig config = CircuitBreakerConfig.custom()
                .slidingWindowType(SlidingWindowType.TIME_BASED)
                .slidingWindowSize(10)
                .slidingWindowSynchronizationStrategy(strategy)
                .build();
        return Resilience4jBreaker.of(io.github.resilience4j.circuitbreaker.CircuitBreaker.of("endpoint", config));
    }

    private Service<HttpExchange, HttpReply> opened() {
        CircuitBreaker breaker = CircuitBreaker.of(BreakerSettings.DEFAULTS
                .withConsecutiveFailures(1)
                .withBackoff(Duration.ofDays(1), Duration.ofDays(1), 0));
        breaker.wrap(input -> Mono.just(HttpReply.of(500))).call(exchange).subscribe();
        return breaker.wrap(endpoint);
    }

    /** No stage. */
    @Benchmark
    public void none(Blackhole hole) {
        endpoint.call(exchange).subscribe(new Reader(hole));
    }

    /** A watch that does nothing: what it costs to see the end of a call. */
    @Benchmark
    public void watch(Blackhole hole) {
        watched.call(exchange).subscribe(new Reader(hole));
    }

    /** A closed breaker that counts failures in a row. */
    @Benchmark
    public void consecutiveFailures(Blackhole hole) {
        consecutive.call(exchange).subscribe(new Reader(hole));
    }

    /** A closed breaker that counts the share as well. */
    @Benchmark
    public void failureShare(Blackhole hole) {
        share.call(exchange).subscribe(new Reader(hole));
    }

    /** An endpoint that may be ejected. */
    @Benchmark
    public void ejection(Blackhole hole) {
        ejection.call(exchange).subscribe(new Reader(hole));
    }

    /** A closed breaker of Resilience4j with a window of ten seconds, by default under a lock. */
    @Benchmark
    public void resilience4j(Blackhole hole) {
        resilience4j.call(exchange).subscribe(new Reader(hole));
    }

    /** The same without the lock. */
    @Benchmark
    public void lockFreeResilience4j(Blackhole hole) {
        lockFreeResilience4j.call(exchange).subscribe(new Reader(hole));
    }

    /** An open breaker that refuses. */
    @Benchmark
    public void refusal(Blackhole hole) {
        open.call(exchange).subscribe(new Reader(hole));
    }

    private static final class Reader implements CoreSubscriber<HttpReply> {

        private final Blackhole hole;

        Reader(Blackhole hole) {
            this.hole = hole;
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(HttpReply given) {
            hole.consume(given);
        }

        @Override
        public void onError(Throwable error) {
            hole.consume(error);
        }

        @Override
        public void onComplete() {
            hole.consume(this);
        }
    }
}
