package io.headgate.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.test.TestExchange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Many threads at once. */
class TapRaceTest {

    private static final int THREADS = 8;
    private static final int ROUNDS = 50;

    private final Tap tap = Tap.create();
    private final Service<HttpExchange, HttpReply> service =
            tap.stage(TapPoint.INBOUND).wrap(exchange -> Mono.just(HttpReply.of(204)));

    @Test
    void eachLimitIsExact() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            int limit = 1 + round % 7 * 13;
            Observer observer =
                    Observer.of(tap, TapRequest.of(limit, TapMatch.EVERYTHING).withQueue(1_000));
            race(50, () -> service.call(TestExchange.get("/")).subscribe());

            await().until(observer::isCompleted);
            long[] all = LongStream.range(0, limit).toArray();
            assertThat(sorted(observer, RequestInit.class)).containsExactly(all);
            assertThat(sorted(observer, ResponseEnd.class)).containsExactly(all);
        }
        assertThat(tap.observations()).isEmpty();
        assertThat(service.call(TestExchange.get("/"))).isNotInstanceOf(TappedCall.class);
    }

    @Test
    void aShortQueueDropsWholeExchangesAndNoEnds() throws Exception {
        Observer observer = Observer.of(tap, Taps.EVERYTHING.withQueue(2));
        race(500, () -> service.call(TestExchange.get("/")).subscribe());
        await().until(() -> delivered(observer) == THREADS * 500);

        assertThat(sorted(observer, ResponseEnd.class)).isEqualTo(sorted(observer, RequestInit.class));
        assertThat(tap.stats().openStreams()).isZero();
        observer.cancel();
    }

    private static long delivered(Observer observer) {
        return observer.events(ResponseEnd.class).size()
                + observer.events(TapEvent.Dropped.class).stream()
                        .mapToLong(TapEvent.Dropped::exchanges)
                        .sum();
    }

    @Test
    void observersComeAndGoBetweenExchanges() throws Exception {
        AtomicBoolean go = new AtomicBoolean(true);
        FutureTask<Integer> load = new FutureTask<>(() -> {
            int calls = 0;
            while (go.get()) {
                service.call(TestExchange.get("/")).subscribe();
                calls++;
            }
            return calls;
        });
        new Thread(load, "load").start();
        race(100, () -> {
            Observer observer =
                    Observer.of(tap, TapRequest.of(10_000, TapMatch.EVERYTHING).withQueue(10), 5);
            observer.cancel();
            int seen = observer.events().size();
            assertThat(seen).isLessThanOrEqualTo(5);
        });
        go.set(false);

        assertThat(load.get()).isPositive();
        await().untilAsserted(() -> assertThat(tap.stats().observers()).isZero());
        assertThat(service.call(TestExchange.get("/"))).isNotInstanceOf(TappedCall.class);
    }

    private static long[] sorted(Observer observer, Class<? extends TapEvent.OfExchange> type) {
        return observer.streams(type).stream()
                .mapToLong(Long::longValue)
                .sorted()
                .toArray();
    }

    private static void race(int times, Runnable task) throws Exception {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        List<FutureTask<Boolean>> racers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            racers.add(new FutureTask<>(() -> {
                start.await();
                for (int n = 0; n < times; n++) {
                    task.run();
                }
                return true;
            }));
        }
        racers.forEach(racer -> new Thread(racer, "racer").start());
        for (FutureTask<Boolean> racer : racers) {
            assertThat(racer.get()).isTrue();
        }
    }
}
