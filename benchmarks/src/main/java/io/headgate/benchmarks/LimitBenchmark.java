package io.headgate.benchmarks;

import io.headgate.Key;
import io.headgate.Service;
import io.headgate.concurrency.Bulkhead;
import io.headgate.concurrency.ConcurrencyLimit;
import io.headgate.concurrency.LoadShedding;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.ratelimit.RateKey;
import io.headgate.ratelimit.RateLimit;
import io.headgate.ratelimit.RateLimits;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.infra.Blackhole;
import reactor.core.publisher.Mono;

/** What limits add to a call that they admit, and what a refusal costs: one call, one subscriber, a reply without a body. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LimitBenchmark {

    private static final Key<String> TENANT = Key.of("tenant");
    private static final RateLimit WIDE = RateLimit.perSecond(1_000_000).withBurst(1_000_000_000_000L);

    private final HttpExchange exchange = HttpExchange.of(RequestHead.of("GET", "example.org", "/"), Body.empty())
            .withAttribute(TENANT, "orders");
    private final Mono<HttpReply> reply = Mono.just(HttpReply.of(204));
    private final Service<HttpExchange, HttpReply> endpoint = input -> reply;

    private final Service<HttpExchange, HttpReply> rate =
            RateLimits.create().with(WIDE, RateKey.attribute(TENANT)).wrap(endpoint);
    private final Service<HttpExchange, HttpReply> twoRates = RateLimits.create()
            .with(WIDE, RateKey.attribute(TENANT))
            .with(WIDE, RateKey.all())
            .wrap(endpoint);
    private final Service<HttpExchange, HttpReply> concurrency =
            ConcurrencyLimit.of(100).withQueue(100, Duration.ofSeconds(1)).wrap(endpoint);
    private final Service<HttpExchange, HttpReply> bulkhead =
            Bulkhead.of(100, input -> input.attributes().get(TENANT)).wrap(endpoint);
    private final Service<HttpExchange, HttpReply> shedding =
            LoadShedding.create().wrap(endpoint);
    private final Service<HttpExchange, HttpReply> rateAndConcurrency =
            RateLimits.create().with(WIDE, RateKey.attribute(TENANT)).wrap(concurrency);
    private final Service<HttpExchange, HttpReply> refusing = refusing();

    private static Service<HttpExchange, HttpReply> refusing() {
        return RateLimits.create()
                .with(RateLimit.of(1, Duration.ofDays(1)), RateKey.all())
                .wrap(input -> Mono.just(HttpReply.of(204)));
    }

    /** The endpoint alone. */
    @Benchmark
    public void none(Blackhole blackhole) {
        run(endpoint, blackhole);
    }

    /** A rate limit by key. */
    @Benchmark
    public void rateLimit(Blackhole blackhole) {
        run(rate, blackhole);
    }

    /** A rate limit by key and one for all. */
    @Benchmark
    public void twoRateLimits(Blackhole blackhole) {
        run(twoRates, blackhole);
    }

    /** A limit of concurrency, whose permit comes back with the end of the reply. */
    @Benchmark
    public void concurrencyLimit(Blackhole blackhole) {
        run(concurrency, blackhole);
    }

    /** The same by two threads at once. */
    @Benchmark
    @Threads(2)
    public void concurrencyLimitByTwoThreads(Blackhole blackhole) {
        run(concurrency, blackhole);
    }

    /** A limit of concurrency by key. */
    @Benchmark
    public void bulkhead(Blackhole blackhole) {
        run(bulkhead, blackhole);
    }

    /** A limit that is learnt from latency. */
    @Benchmark
    public void loadShedding(Blackhole blackhole) {
        run(shedding, blackhole);
    }

    /** A rate limit above a limit of concurrency. */
    @Benchmark
    public void rateAndConcurrencyLimit(Blackhole blackhole) {
        run(rateAndConcurrency, blackhole);
    }

    /** A request that a rate limit refuses. */
    @Benchmark
    public void refusal(Blackhole blackhole) {
        run(refusing, blackhole);
    }

    private void run(Service<HttpExchange, HttpReply> service, Blackhole blackhole) {
        service.call(exchange).subscribe(new Sink(blackhole));
    }
}
