package io.headgate.benchmarks;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.tap.Tap;
import io.headgate.tap.TapEvent;
import io.headgate.tap.TapMatch;
import io.headgate.tap.TapPoint;
import io.headgate.tap.TapRequest;
import java.util.concurrent.ThreadLocalRandom;
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
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** What a tap adds to a call: when nobody observes, when an observer wants none, some or all, and when it is stalled. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TapBenchmark {

    private static final long ENDLESS = 0xffff_ffffL;

    private final HttpExchange exchange =
            HttpExchange.of(RequestHead.of("GET", "example.org", "/orders/7?full=true"), Body.empty());
    private final Mono<HttpReply> reply = Mono.just(HttpReply.of(204));
    private final Service<HttpExchange, HttpReply> endpoint = input -> reply;

    private final Service<HttpExchange, HttpReply> idle =
            Tap.create().stage(TapPoint.INBOUND).wrap(endpoint);
    private final Service<HttpExchange, HttpReply> other =
            observed(Schedulers.immediate(), 1, path("/carts"), Long.MAX_VALUE);
    private final Service<HttpExchange, HttpReply> hundredth =
            observed(Schedulers.immediate(), 0.01, path("/orders"), Long.MAX_VALUE);
    private final Service<HttpExchange, HttpReply> all =
            observed(Schedulers.immediate(), 1, path("/orders"), Long.MAX_VALUE);
    private final Service<HttpExchange, HttpReply> elsewhere =
            observed(Schedulers.boundedElastic(), 1, path("/orders"), Long.MAX_VALUE);
    private final Service<HttpExchange, HttpReply> stalled = observed(Schedulers.immediate(), 1, path("/orders"), 0);

    private static TapMatch path(String prefix) {
        return TapMatch.all(new TapMatch.Method("GET"), new TapMatch.Path(TapMatch.Text.prefix(prefix)));
    }

    private Service<HttpExchange, HttpReply> observed(
            Scheduler scheduler, double probability, TapMatch match, long demand) {
        Tap tap = Tap.create(
                1,
                scheduler,
                System::nanoTime,
                () -> ThreadLocalRandom.current().nextLong());
        tap.observe(TapRequest.of(ENDLESS, match).withProbability(probability)).subscribe(new Observer(demand));
        return tap.stage(TapPoint.INBOUND).wrap(endpoint);
    }

    /** The endpoint alone, not subscribed. */
    @Benchmark
    public Object noneCall() {
        return endpoint.call(exchange);
    }

    /** Below a tap that nobody observes, not subscribed. */
    @Benchmark
    public Object idleCall() {
        return idle.call(exchange);
    }

    /** The endpoint alone. */
    @Benchmark
    public void none(Blackhole blackhole) {
        run(endpoint, blackhole);
    }

    /** Nobody observes. */
    @Benchmark
    public void idle(Blackhole blackhole) {
        run(idle, blackhole);
    }

    /** Somebody observes something else. */
    @Benchmark
    public void other(Blackhole blackhole) {
        run(other, blackhole);
    }

    /** One of a hundred is taken, and told on the same thread. */
    @Benchmark
    public void hundredth(Blackhole blackhole) {
        run(hundredth, blackhole);
    }

    /** All are taken, and told on the same thread. */
    @Benchmark
    public void all(Blackhole blackhole) {
        run(all, blackhole);
    }

    /** All are taken, and told on another thread, as far as it keeps up. */
    @Benchmark
    public void elsewhere(Blackhole blackhole) {
        run(elsewhere, blackhole);
    }

    /** All are wanted by an observer that takes no event. */
    @Benchmark
    public void stalled(Blackhole blackhole) {
        run(stalled, blackhole);
    }

    private void run(Service<HttpExchange, HttpReply> service, Blackhole blackhole) {
        service.call(exchange).subscribe(new Sink(blackhole));
    }

    /** Takes as many events as it wants, for nothing. */
    private record Observer(long demand) implements CoreSubscriber<TapEvent> {

        @Override
        public void onSubscribe(Subscription subscription) {
            if (demand > 0) {
                subscription.request(demand);
            }
        }

        @Override
        public void onNext(TapEvent event) {
            // it was made, that is what is measured
        }

        @Override
        public void onError(Throwable error) {
            throw new IllegalStateException(error);
        }

        @Override
        public void onComplete() {
            // not in this life
        }
    }
}
