package io.headgate.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** Many threads call, some give up, while endpoints come, go and are busy. */
@Timeout(120)
class BalancerChurnTest {

    private static final int CALLERS = 4;
    private static final int CALLS = 15_000;

    private final AtomicInteger afterClose = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final ExecutorService threads = Executors.newFixedThreadPool(CALLERS + 1);

    static List<Strategy> strategies() {
        return List.of(
                Strategy.peakEwma(),
                Strategy.roundRobin(),
                Strategy.weighted(),
                Strategy.ringHash(
                        new AffinityKey.Custom(exchange -> exchange.head().target())));
    }

    /**
     * Notices calls after its close, and takes ten at a time. A close without grace is that of an endpoint that was dropped: it ends
     * the calls that are under way, and one that is just about to begin is one of them.
     */
    private final class Picky implements Service<HttpExchange, HttpReply> {

        private final AtomicBoolean shut = new AtomicBoolean();
        private volatile boolean drained;
        private final AtomicInteger calls = new AtomicInteger();

        Picky() {
            opened.incrementAndGet();
        }

        @Override
        public Mono<HttpReply> call(HttpExchange exchange) {
            return Mono.defer(() -> {
                if (drained) {
                    afterClose.incrementAndGet();
                }
                calls.incrementAndGet();
                Mono<HttpReply> reply = Mono.fromSupplier(() -> HttpReply.of(200, Fields.empty(), Body.utf8("hello")));
                Mono<HttpReply> answered = (exchange.head().target().hashCode() & 3) == 0
                        ? reply
                        : reply.subscribeOn(Schedulers.parallel());
                return answered.doFinally(signal -> calls.decrementAndGet());
            });
        }

        @Override
        public Status status() {
            return calls.get() < 10 ? Status.OPEN : Status.BUSY;
        }

        @Override
        public Mono<Void> closeAsync(Duration grace) {
            return Mono.fromRunnable(() -> {
                drained = !grace.isZero();
                if (shut.compareAndSet(false, true)) {
                    closed.incrementAndGet();
                }
            });
        }
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void noCallIsLostAndNoneGoesToAnEndpointThatIsClosed(Strategy strategy) throws Exception {
        Sinks.Many<Update<Endpoint>> updates = Sinks.many().unicast().onBackpressureBuffer();
        Balancer balancer = Balancer.create(
                updates.asFlux(),
                endpoint -> new Picky(),
                BalancerSettings.DEFAULTS
                        .withStrategy(strategy)
                        .withQueue(CALLERS * CALLS)
                        .withTick(Duration.ofMillis(5))
                        .withFailfast(Duration.ofMinutes(10)));
        CountDownLatch ended = new CountDownLatch(CALLERS * CALLS);
        AtomicLong answers = new AtomicLong();
        AtomicInteger failures = new AtomicInteger();
        for (int i = 0; i < CALLERS; i++) {
            SplittableRandom random = new SplittableRandom(i);
            threads.execute(() -> {
                for (int call = 0; call < CALLS; call++) {
                    call(balancer, random, ended, answers, failures);
                }
            });
        }
        churn(updates, ended);
        assertThat(ended.await(60, TimeUnit.SECONDS))
                .as("%s of %s calls have not ended", ended.getCount(), CALLERS * CALLS)
                .isTrue();
        assertThat(failures).hasValue(0);
        assertThat(afterClose).hasValue(0);
        assertThat(answers.get()).isPositive();
        balancer.closeAsync(Duration.ofSeconds(10)).block(Duration.ofSeconds(20));
        assertThat(balancer.stats().openCalls()).isZero();
        assertThat(balancer.stats().waiting()).isZero();
        assertThat(closed.get()).isEqualTo(opened.get());
        threads.shutdownNow();
    }

    private static void call(
            Balancer balancer,
            SplittableRandom random,
            CountDownLatch ended,
            AtomicLong answers,
            AtomicInteger failures) {
        HttpExchange exchange = HttpExchange.of(
                io.headgate.http.RequestHead.of("GET", "test.example", "/" + random.nextInt(100)), Body.empty());
        AtomicBoolean over = new AtomicBoolean();
        Runnable end = () -> {
            if (over.compareAndSet(false, true)) {
                ended.countDown();
            }
        };
        Disposable running = balancer.call(exchange)
                .flatMap(reply -> reply.body().asString(100))
                .subscribe(
                        text -> answers.incrementAndGet(),
                        error -> {
                            failures.incrementAndGet();
                            end.run();
                        },
                        end);
        if (random.nextInt(20) == 0) {
            running.dispose();
            end.run();
        }
    }

    /** Until the calls have ended; at the end there are endpoints. */
    private static void churn(Sinks.Many<Update<Endpoint>> updates, CountDownLatch ended) {
        SplittableRandom random = new SplittableRandom(99);
        for (int i = 0; i < 4_000 && ended.getCount() > 0; i++) {
            Endpoint one = FakeEndpoints.endpoint(1 + random.nextInt(12)).withWeight(random.nextInt(3) * 5_000);
            Update<Endpoint> update = switch (random.nextInt(8)) {
                case 0 -> new Update.Remove<>(List.of(one), Departure.DROP);
                case 1, 2, 3 -> new Update.Remove<>(List.of(one), Departure.DRAIN);
                case 4 -> random.nextInt(10) == 0 ? new Update.Absent<>() : new Update.Upsert<>(List.of(one));
                default -> new Update.Upsert<>(List.of(one));
            };
            updates.tryEmitNext(update).orThrow();
            Thread.onSpinWait();
        }
        updates.tryEmitNext(new Update.Reset<>(List.of(FakeEndpoints.endpoint(1), FakeEndpoints.endpoint(2))))
                .orThrow();
    }
}
