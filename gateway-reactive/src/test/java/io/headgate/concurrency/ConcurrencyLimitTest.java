package io.headgate.concurrency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.headgate.Deadline;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.Trait;
import io.headgate.concurrency.OverloadedException.Reason;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mux.DeadlineException;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import io.headgate.test.VirtualClock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

class ConcurrencyLimitTest {

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final ScriptedService next = ScriptedService.create();
    private final ConcurrencyLimit one = ConcurrencyLimit.of(1).withQueue(2, PATIENCE);
    private final Service<HttpExchange, HttpReply> service = one.wrap(next);
    private VirtualClock clock;

    @BeforeEach
    void startTime() {
        clock = VirtualClock.install();
    }

    @AfterEach
    void noTimerStays() {
        assertThat(clock.pending()).isZero();
        clock.close();
    }

    private void answer(int call) {
        next.calls().get(call).reply(HttpReply.of(204));
    }

    private static Reason reason(Held call) {
        return ((OverloadedException) call.error).reason();
    }

    @Test
    void aCallThatIsTooManyWaitsForItsTurn() {
        Held first = Held.call(service);
        Held second = Held.call(service);
        Held third = Held.call(service);
        assertThat(next.calls()).hasSize(1);
        assertThat(one.stats()).isEqualTo(new ConcurrencyStats(1, 1, 2, 0, 0));
        answer(0);
        assertThat(first.reply.status()).isEqualTo(204);
        assertThat(next.calls()).hasSize(2);
        answer(1);
        assertThat(second.reply.status()).isEqualTo(204);
        answer(2);

        assertThat(third.reply.status()).isEqualTo(204);
        assertThat(one.stats()).isEqualTo(new ConcurrencyStats(1, 0, 0, 0, 0));
    }

    @Test
    void aFullQueueRefusesAtOnce() {
        for (int i = 0; i < 3; i++) {
            Held.call(service);
        }
        Held fourth = Held.call(service);

        assertThat(reason(fourth)).isEqualTo(Reason.FULL);
        assertThat(((OverloadedException) fourth.error).traits())
                .containsExactlyInAnyOrder(Trait.REJECTED, Trait.RETRYABLE);
        assertThat(((OverloadedException) fourth.error).status()).isEqualTo(503);
        assertThat(one.stats().refused()).isEqualTo(1);
        clock.advance(PATIENCE);
        answer(0);
    }

    @Test
    void patienceEnds() {
        Held.call(service);
        clock.advance(Duration.ofMillis(10));
        Held second = Held.call(service);
        clock.advance(PATIENCE.minusNanos(1));
        assertThat(second.error).isNull();
        clock.advance(Duration.ofNanos(1));
        assertThat(reason(second)).isEqualTo(Reason.WAITED_TOO_LONG);
        assertThat(one.stats()).isEqualTo(new ConcurrencyStats(1, 1, 0, 0, 1));
        answer(0);

        assertThat(next.calls()).hasSize(1);
        assertThat(one.stats().active()).isZero();
    }

    @Test
    void theDeadlineEndsTheWaitWhenItIsEarlier() {
        ConcurrencyLimit patient = ConcurrencyLimit.of(1).withQueue(2, Duration.ofHours(2));
        Service<HttpExchange, HttpReply> limited = patient.wrap(next);
        Held.call(limited);
        Held second = Held.call(limited, TestExchange.get("/").withDeadline(Deadline.after(Duration.ofHours(1))));
        clock.advance(Duration.ofMinutes(59));
        assertThat(second.error).isNull();
        clock.advance(Duration.ofMinutes(1));

        assertThat(second.error).isInstanceOf(DeadlineException.class);
        assertThat(patient.stats()).isEqualTo(new ConcurrencyStats(1, 1, 0, 0, 1));
        answer(0);
    }

    @Test
    void whoHasNoTimeLeftDoesNotQueue() {
        Held.call(service);
        Held second = Held.call(service, TestExchange.get("/").withDeadline(Deadline.after(Duration.ZERO)));

        assertThat(second.error).isInstanceOf(DeadlineException.class);
        assertThat(one.stats().waiting()).isZero();
        answer(0);
    }

    @Test
    void aCancelWhileWaitingGivesThePlaceBack() {
        Held.call(service);
        Held second = Held.call(service);
        Held third = Held.call(service);
        second.cancel();
        second.cancel();
        assertThat(one.stats().waiting()).isEqualTo(1);
        Held fourth = Held.call(service);
        assertThat(fourth.error).isNull();
        answer(0);
        answer(1);
        answer(2);

        assertThat(next.calls()).hasSize(3);
        assertThat(second.reply).isNull();
        assertThat(third.reply).isNotNull();
        assertThat(fourth.reply).isNotNull();
        assertThat(one.stats()).isEqualTo(new ConcurrencyStats(1, 0, 0, 0, 0));
    }

    @Test
    void aCancelAfterTheWaitReachesTheService() {
        Held.call(service);
        Held second = Held.call(service);
        answer(0);
        second.cancel();

        assertThat(next.calls().get(1).cancels()).isEqualTo(1);
        assertThat(one.stats().active()).isZero();
    }

    @Test
    void aWaitingCallThatTheServiceThrowsAtHurtsNobodyElse() {
        AtomicInteger calls = new AtomicInteger();
        Service<HttpExchange, HttpReply> throwing = one.wrap(exchange -> {
            if (calls.getAndIncrement() == 1) {
                throw new IllegalStateException("made by the test");
            }
            return next.call(exchange);
        });
        Held.call(throwing);
        Held second = Held.call(throwing);
        Held third = Held.call(throwing);
        answer(0);
        answer(1);

        assertThat(second.error).isInstanceOf(IllegalStateException.class);
        assertThat(third.reply).isNotNull();
        assertThat(one.stats().active()).isZero();
    }

    @Test
    void saysBusyWhileACallWouldWait() {
        assertThat(service.status()).isEqualTo(Service.Status.OPEN);
        Held.call(service);
        assertThat(service.status()).isEqualTo(Service.Status.BUSY);
        next.status(Service.Status.CLOSED);
        assertThat(service.status()).isEqualTo(Service.Status.CLOSED);
        next.status(Service.Status.OPEN);
        answer(0);
        assertThat(service.status()).isEqualTo(Service.Status.OPEN);
    }

    @Test
    void refusesLimitsThatAreNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConcurrencyLimit.of(0))
                .withMessage("limit: 0 (expected: at least 1)");
        assertThatIllegalArgumentException().isThrownBy(() -> one.withQueue(-1, PATIENCE));
        assertThatIllegalArgumentException().isThrownBy(() -> one.withQueue(1, Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> one.withQueue(1, ChronoUnit.FOREVER.getDuration()));
        assertThatIllegalArgumentException().isThrownBy(() -> Bulkhead.of(0, exchange -> "a"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Bulkhead.of(1, exchange -> "a").withKeys(0));
    }

    @Test
    void aBulkheadKeepsKeysApart() {
        Bulkhead bulkhead = Bulkhead.of(1, exchange -> exchange.head().path()).withKeys(2);
        Service<HttpExchange, HttpReply> parted = bulkhead.wrap(next);
        Held slow = Held.call(parted, TestExchange.get("/slow"));
        Held refused = Held.call(parted, TestExchange.get("/slow"));
        Held other = Held.call(parted, TestExchange.get("/other"));

        assertThat(reason(refused)).isEqualTo(Reason.FULL);
        assertThat(other.error).isNull();
        Held stranger = Held.call(parted, TestExchange.get("/third"));
        Held another = Held.call(parted, TestExchange.get("/fourth"));
        assertThat(stranger.error).isNull();
        assertThat(reason(another)).as("shares what is left").isEqualTo(Reason.FULL);
        assertThat(bulkhead.stats()).isEqualTo(new BulkheadStats(2, 2, 2, 0));
        for (int i = 0; i < 3; i++) {
            answer(i);
        }
        assertThat(slow.reply).isNotNull();
        Held fourth = Held.call(parted, TestExchange.get("/fourth"));
        assertThat(fourth.error).isNull();
        assertThat(bulkhead.stats().strangers()).as("an idle key made room").isEqualTo(2);
        answer(3);
    }

    @Test
    void aCallWithoutAKeyPassesTheBulkhead() {
        Service<HttpExchange, HttpReply> open = Bulkhead.of(1, exchange -> null).wrap(next);
        Held.call(open);
        Held.call(open);

        assertThat(next.calls()).hasSize(2);
        answer(0);
        answer(1);
    }

    @Test
    void everyCallEndsAndEveryPermitComesBackUnderStress() throws Exception {
        ConcurrencyLimit limit = ConcurrencyLimit.of(4).withQueue(1000, Duration.ofSeconds(20));

        assertEveryCallEnds(limit);
        Awaitility.await()
                .untilAsserted(() -> assertThat(limit.stats().active()).isZero());
        assertThat(limit.stats().waiting()).isZero();
    }

    /** Compartments are forgotten all the time, while calls come for them. */
    @Test
    void everyCallOfABulkheadEndsUnderStress() throws Exception {
        Bulkhead bulkhead = Bulkhead.of(
                        2, exchange -> ThreadLocalRandom.current().nextInt(50))
                .withQueue(1000, Duration.ofSeconds(20))
                .withKeys(5);

        assertEveryCallEnds(bulkhead);
        Awaitility.await().untilAsserted(() -> {
            for (int key = 0; key < 50; key++) {
                assertThat(bulkhead.taken(key)).isZero();
            }
        });
        assertThat(bulkhead.stats().keys()).isBetween(1, 5);
    }

    /** Real threads: calls are answered and cancelled, in the queue and out of it, while others come. */
    private void assertEveryCallEnds(Stage<HttpExchange, HttpReply> stage) throws InterruptedException {
        clock.close(); // real time
        Service<HttpExchange, HttpReply> busy = stage.wrap(
                exchange -> Mono.fromSupplier(() -> HttpReply.of(204)).subscribeOn(Schedulers.parallel()));
        int threads = 6;
        int each = 2000;
        CountDownLatch over = new CountDownLatch(threads * each);
        for (int t = 0; t < threads; t++) {
            boolean leaves = t % 3 == 0;
            Thread caller = new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    Disposable call = busy.call(TestExchange.get("/"))
                            .onErrorComplete(OverloadedException.class)
                            .doFinally(end -> over.countDown())
                            .subscribe();
                    if (leaves && i % 2 == 0) {
                        call.dispose();
                    }
                }
            });
            caller.start();
        }

        assertThat(over.await(30, TimeUnit.SECONDS)).as("every call ended").isTrue();
        clock = VirtualClock.install();
    }
}
