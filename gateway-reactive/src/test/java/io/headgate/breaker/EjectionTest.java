package io.headgate.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.TestExchange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class EjectionTest {

    private static final EjectionSettings SETTINGS =
            EjectionSettings.DEFAULTS.withComparison(Duration.ofSeconds(10), 10, 5);

    private final HandClock clock = new HandClock();
    private final List<String> told = new ArrayList<>();

    /** An endpoint whose replies and latencies are set by hand. */
    private final class Fake implements Service<HttpExchange, HttpReply> {

        final int number;
        final Service<HttpExchange, HttpReply> service;
        int status = 204;
        long millis;
        Status own = Status.OPEN;

        Fake(int number, Ejection ejection) {
            this.number = number;
            this.service = ejection.stageFor(number).wrap(this);
        }

        @Override
        public Mono<HttpReply> call(HttpExchange exchange) {
            return Mono.fromSupplier(() -> {
                clock.advanceMillis(millis);
                return HttpReply.of(status);
            });
        }

        @Override
        public Status status() {
            return own;
        }

        void fail(int times) {
            reply(500, times);
        }

        void reply(int code, int times) {
            status = code;
            for (int i = 0; i < times; i++) {
                service.call(TestExchange.get("/")).block();
            }
        }

        boolean isEjected() {
            return service.status() == Status.BUSY;
        }
    }

    private Ejection ejection(EjectionSettings settings) {
        return Ejection.of(settings)
                .withListener((endpoint, reason, time) -> told.add(endpoint + " " + reason + " " + time.toSeconds()))
                .withClock(clock);
    }

    private List<Fake> fakes(Ejection ejection, int count) {
        return IntStream.range(0, count).mapToObj(i -> new Fake(i, ejection)).toList();
    }

    private static List<Integer> ejected(List<Fake> fakes) {
        return fakes.stream().filter(Fake::isEjected).map(fake -> fake.number).toList();
    }

    @Test
    void whoIsEjectedIsShownWithTheTimeThatIsLeft() {
        Ejection ejection = ejection(SETTINGS);
        List<Fake> fakes = fakes(ejection, 3);
        assertThat(ejection.ejected()).isEmpty();
        fakes.get(1).fail(5);
        clock.advanceMillis(1000);
        assertThat(ejection.ejected())
                .containsExactly(new EjectedEndpoint(1, SETTINGS.baseEjection().minusSeconds(1)));
        clock.advanceMillis(SETTINGS.baseEjection().toMillis());
        assertThat(ejection.ejected()).isEmpty();
    }

    @Test
    void failuresInARowEject() {
        Ejection ejection = ejection(SETTINGS);
        List<Fake> fakes = fakes(ejection, 3);
        fakes.get(1).fail(4);
        assertThat(ejected(fakes)).isEmpty();
        fakes.get(1).fail(1);

        assertThat(ejected(fakes)).containsExactly(1);
        assertThat(told).containsExactly("1 CONSECUTIVE_FAILURES 30");
        assertThat(ejection.stats()).isEqualTo(new EjectionStats(3, 1, 1, 0));
    }

    @Test
    void refusalsForLoadAreNoFailuresInARow() {
        List<Fake> fakes = fakes(ejection(SETTINGS), 3);
        fakes.get(1).reply(429, 50);

        assertThat(ejected(fakes)).isEmpty();
    }

    @Test
    void comesBackWhenTheTimeIsOver() {
        Ejection ejection = ejection(SETTINGS);
        List<Fake> fakes = fakes(ejection, 3);
        fakes.get(1).fail(5);
        clock.advance(Duration.ofSeconds(30).minusMillis(1));
        assertThat(ejected(fakes)).containsExactly(1);
        clock.advanceMillis(1);

        assertThat(ejected(fakes)).isEmpty();
        assertThat(ejection.stats().ejected()).isZero();
    }

    @Test
    void eachTimeIsLongerUpToTheLongest() {
        List<Fake> fakes = fakes(ejection(SETTINGS.withEjection(Duration.ofSeconds(30), Duration.ofSeconds(100))), 3);
        for (int seconds : new int[] {30, 60, 90, 100, 100}) {
            fakes.get(1).fail(5);
            assertThat(told.get(told.size() - 1)).isEqualTo("1 CONSECUTIVE_FAILURES " + seconds);
            clock.advance(Duration.ofSeconds(seconds));
        }
    }

    @Test
    void intervalsThatGoWellShortenTheNextTime() {
        List<Fake> fakes = fakes(ejection(SETTINGS), 3);
        fakes.get(1).fail(5);
        clock.advance(Duration.ofSeconds(30));
        fakes.get(1).fail(5);
        clock.advance(Duration.ofSeconds(60));
        for (int i = 0; i < 4; i++) {
            fakes.get(1).reply(204, 1);
            clock.advance(Duration.ofSeconds(10));
        }
        fakes.get(1).reply(204, 1);
        fakes.get(1).fail(5);

        assertThat(told.get(told.size() - 1)).isEqualTo("1 CONSECUTIVE_FAILURES 30");
    }

    @Test
    void atMostAShareIsEjectedButAlwaysOne() {
        Ejection ejection = ejection(SETTINGS);
        List<Fake> nine = fakes(ejection, 9);
        nine.forEach(fake -> fake.fail(5));
        assertThat(ejected(nine)).containsExactly(0);
        assertThat(ejection.stats()).isEqualTo(new EjectionStats(9, 1, 1, 8));

        List<Fake> thirty = fakes(ejection(SETTINGS), 30);
        thirty.forEach(fake -> fake.fail(5));
        assertThat(ejected(thirty)).containsExactly(0, 1, 2);
    }

    @Test
    void theLastReadyOnesStay() {
        List<Fake> fakes = fakes(ejection(SETTINGS.withCap(1, 2)), 4);
        fakes.get(3).own = Service.Status.BUSY; // its breaker is open, say
        fakes.forEach(fake -> fake.fail(5));
        assertThat(ejected(fakes)).containsExactly(0, 3);

        List<Fake> one = fakes(ejection(SETTINGS), 1);
        one.get(0).fail(100);
        assertThat(ejected(one)).isEmpty();
    }

    @Test
    void fewerSuccessesThanTheOthersEject() {
        List<Fake> fakes = fakes(ejection(SETTINGS.withConsecutiveFailures(0)), 10);
        for (Fake fake : fakes) {
            fake.reply(204, 90);
            fake.fail(fake.number == 7 ? 30 : 1);
        }
        assertThat(ejected(fakes)).as("before the interval is over").isEmpty();
        clock.advance(Duration.ofSeconds(10));
        fakes.get(0).reply(204, 1);

        assertThat(ejected(fakes)).containsExactly(7);
        assertThat(told).containsExactly("7 FAILURE_SHARE 30");
    }

    @Test
    void theWorstGoesFirst() {
        List<Fake> fakes = fakes(ejection(SETTINGS.withConsecutiveFailures(0)), 15);
        for (Fake fake : fakes) {
            fake.reply(204, 50);
            fake.fail(fake.number == 3 ? 40 : fake.number == 9 ? 50 : 0);
        }
        clock.advance(Duration.ofSeconds(10));
        fakes.get(0).reply(204, 1);

        assertThat(ejected(fakes)).containsExactly(9);
    }

    @Test
    void whenAllFailAlikeNobodyIsOdd() {
        List<Fake> fakes = fakes(ejection(SETTINGS.withConsecutiveFailures(0)), 10);
        fakes.forEach(fake -> fake.fail(50));
        clock.advance(Duration.ofSeconds(10));
        fakes.get(0).fail(1);

        assertThat(ejected(fakes)).isEmpty();
    }

    @Test
    void fewEndpointsOrFewCallsAreNotCompared() {
        List<Fake> four = fakes(ejection(SETTINGS.withConsecutiveFailures(0).withDeviations(0.5)), 4);
        List<Fake> idle = fakes(ejection(SETTINGS.withConsecutiveFailures(0).withDeviations(0.5)), 10);
        four.forEach(fake -> fake.reply(fake.number == 0 ? 500 : 204, 50));
        idle.forEach(fake -> fake.reply(fake.number == 0 ? 500 : 204, 9));
        clock.advance(Duration.ofSeconds(10));
        four.get(1).reply(204, 1);
        idle.get(1).reply(204, 1);

        assertThat(ejected(four)).isEmpty();
        assertThat(ejected(idle)).isEmpty();
    }

    @Test
    void slowerThanTheOthersEjectsWhenItMatters() {
        List<Fake> fakes =
                fakes(ejection(SETTINGS.withLatencyFactor(3).withComparison(Duration.ofMinutes(1), 10, 5)), 10);
        for (Fake fake : fakes) {
            fake.millis = fake.number == 4 ? 100 : fake.number == 5 ? 25 : 10;
            fake.reply(204, 10);
        }
        clock.advance(Duration.ofMinutes(1));
        fakes.get(0).reply(204, 1);

        assertThat(ejected(fakes)).containsExactly(4);
        assertThat(told).containsExactly("4 LATENCY 30");
    }

    @Test
    void anEndpointThatIsClosedBelongsToTheSetNoLonger() {
        Ejection ejection = ejection(SETTINGS);
        List<Fake> fakes = fakes(ejection, 3);
        fakes.get(0).fail(5);
        fakes.get(0).service.closeAsync(Duration.ZERO).block();
        assertThat(ejection.stats()).isEqualTo(new EjectionStats(2, 0, 1, 0));
        fakes.get(1).fail(5);

        assertThat(fakes.get(1).isEjected()).as("the place is free").isTrue();
        fakes.get(0).fail(5);
        assertThat(ejection.stats().ejections())
                .as("calls of one that has left")
                .isEqualTo(2);
    }

    @Test
    void callsToAnEjectedEndpointAreMade() {
        List<Fake> fakes = fakes(ejection(SETTINGS), 3);
        fakes.get(0).fail(5);
        fakes.get(0).status = 204;

        assertThat(fakes.get(0).service.call(TestExchange.get("/")).block().status())
                .isEqualTo(204);
    }

    @Test
    void theCapHoldsForFailuresThatComeTogether() throws Exception {
        for (int round = 0; round < 200; round++) {
            Ejection ejection = Ejection.of(SETTINGS.withConsecutiveFailures(1)).withClock(clock);
            List<Fake> fakes = fakes(ejection, 20);
            fakes.forEach(fake -> fake.status = 500);
            CyclicBarrier start = new CyclicBarrier(4);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                List<Fake> own = fakes.subList(5 * i, 5 * i + 5);
                threads.add(new Thread(() -> {
                    try {
                        start.await();
                    } catch (InterruptedException | BrokenBarrierException e) {
                        throw new IllegalStateException(e);
                    }
                    own.forEach(fake -> fake.service.call(TestExchange.get("/")).subscribe());
                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(ejected(fakes)).hasSize(2);
            assertThat(ejection.stats()).isEqualTo(new EjectionStats(20, 2, 2, 18));
        }
    }
}
