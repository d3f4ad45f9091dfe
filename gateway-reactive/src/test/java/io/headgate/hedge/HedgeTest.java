package io.headgate.hedge;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.retry.BudgetSettings;
import io.headgate.retry.RetryBudget;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import io.headgate.test.VirtualClock;
import io.headgate.timeout.CoarseTimer;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.BaseSubscriber;

class HedgeTest {

    private static final HedgePolicy POLICY = HedgePolicy.DEFAULTS.withDelay(HedgeDelay.fixed(Duration.ofMillis(100)));
    private static final Duration DELAY = Duration.ofMillis(120);

    private final VirtualClock clock = VirtualClock.install();
    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final ScriptedService next = ScriptedService.create();
    private final RetryBudget budget =
            RetryBudget.of(new BudgetSettings(1, 2, Duration.ofSeconds(1)), () -> clock.now(TimeUnit.NANOSECONDS));
    private Hedge hedge = hedge(POLICY);
    private Service<HttpExchange, HttpReply> service = hedge.wrap(next);

    private Hedge hedge(HedgePolicy policy) {
        return Hedge.of(policy, budget).withTimer(CoarseTimer.on(clock), () -> clock.now(TimeUnit.NANOSECONDS));
    }

    private void use(HedgePolicy policy) {
        hedge = hedge(policy);
        service = hedge.wrap(next);
    }

    @AfterEach
    void nothingIsLeft() {
        clock.advance(Duration.ofMillis(20));
        assertThat(clock.pending()).as("timers").isZero();
        clock.close();
        allocator.assertNoLeaks();
    }

    private static final class Result extends BaseSubscriber<HttpReply> {

        HttpReply reply;
        Throwable error;

        @Override
        protected void hookOnNext(HttpReply value) {
            reply = value;
        }

        @Override
        protected void hookOnError(Throwable failure) {
            error = failure;
        }
    }

    private Result call(HttpExchange exchange) {
        Result result = new Result();
        service.call(exchange).subscribe(result);
        return result;
    }

    private ScriptedService.Call attempt(int number) {
        assertThat(next.calls()).as("attempts").hasSizeGreaterThanOrEqualTo(number);
        return next.calls().get(number - 1);
    }

    private static StringBuilder read(Body body) {
        StringBuilder text = new StringBuilder();
        body.subscribe(buffer -> {
            text.append(buffer.toString(StandardCharsets.UTF_8));
            buffer.release();
        });
        return text;
    }

    private static HttpExchange put(Body body) {
        return HttpExchange.of(RequestHead.of("PUT", "test.example", "/"), body);
    }

    @Test
    void aFastReplyIsNotHedged() {
        HttpExchange exchange = TestExchange.get("/");
        Result result = call(exchange);
        assertThat(attempt(1).exchange()).isSameAs(exchange);
        attempt(1).reply(HttpReply.of(200));
        clock.advance(DELAY);
        assertThat(result.reply.status()).isEqualTo(200);
        assertThat(next.calls()).hasSize(1);
    }

    @Test
    void theFirstReplyWinsAndTheOtherAttemptIsCancelled() {
        Result result = call(TestExchange.get("/"));
        clock.advance(DELAY);
        assertThat(attempt(2).exchange().attributes().get(Hedge.NUMBER)).isEqualTo(1);
        attempt(2).reply(HttpReply.of(200, Fields.of("x", "hedge"), Body.empty()));
        assertThat(result.reply.fields().get("x")).isEqualTo("hedge");
        assertThat(attempt(1).cancels()).isEqualTo(1);
        attempt(1).reply(HttpReply.of(200, Fields.empty(), Body.of(allocator.utf8("late"))));
        clock.advance(DELAY);
        assertThat(next.calls()).hasSize(2);
        assertThat(hedge.stats()).isEqualTo(new HedgeStats(1, 1, 0));
    }

    @Test
    void theFirstAttemptMayStillWin() {
        Result result = call(TestExchange.get("/"));
        clock.advance(DELAY);
        attempt(1).reply(HttpReply.of(204));
        assertThat(result.reply.status()).isEqualTo(204);
        assertThat(attempt(2).cancels()).isEqualTo(1);
        assertThat(hedge.stats()).isEqualTo(new HedgeStats(1, 0, 0));
    }

    @Test
    void aFailureDoesNotWinWhileAnotherAttemptIsUnderWay() {
        Result result = call(TestExchange.get("/"));
        clock.advance(DELAY);
        ScriptedBody dropped = attempt(2).reply(503, Fields.empty()).emit(allocator.utf8("sorry"));
        dropped.complete();
        assertThat(result.reply).isNull();
        attempt(1).reply(HttpReply.of(200));
        assertThat(result.reply.status()).isEqualTo(200);
    }

    @Test
    void theLastFailureIsTheReply() {
        Result result = call(TestExchange.get("/"));
        clock.advance(DELAY);
        attempt(1).fail(new IllegalStateException("first"));
        attempt(2).reply(HttpReply.of(503));
        assertThat(result.reply.status()).isEqualTo(503);

        Result alone = call(TestExchange.get("/"));
        IllegalStateException failure = new IllegalStateException("at once");
        attempt(3).fail(failure);
        assertThat(alone.error).isSameAs(failure);
        clock.advance(DELAY);
        assertThat(next.calls()).hasSize(3);
    }

    @Test
    void aCancelReachesAllAttempts() {
        Result result = call(TestExchange.get("/"));
        clock.advance(DELAY);
        result.cancel();
        assertThat(attempt(1).cancels()).isEqualTo(1);
        assertThat(attempt(2).cancels()).isEqualTo(1);
    }

    @Test
    void severalHedgesFollowEachOther() {
        use(POLICY.withMaxHedges(2));
        Result result = call(TestExchange.get("/"));
        clock.advance(DELAY);
        clock.advance(DELAY);
        clock.advance(DELAY);
        assertThat(next.calls()).hasSize(3);
        attempt(3).reply(HttpReply.of(200));
        assertThat(result.reply.status()).isEqualTo(200);
        assertThat(attempt(1).cancels() + attempt(2).cancels()).isEqualTo(2);
    }

    @Test
    void hedgesArePaidForFromTheBudget() {
        for (int i = 0; i < 3; i++) {
            call(TestExchange.get("/"));
        }
        clock.advance(DELAY);
        assertThat(next.calls()).hasSize(5);
        assertThat(hedge.stats().noBudget()).isEqualTo(1);
        next.calls().forEach(call -> call.reply(HttpReply.of(200)));
        assertThat(budget.balance()).isZero();
        service = hedge.withDeposits(true).wrap(next);
        call(TestExchange.get("/"));
        attempt(6).reply(HttpReply.of(200));
        assertThat(budget.balance()).isEqualTo(1);
    }

    @Test
    void whatIsNotIdempotentIsNotHedged() {
        Result result = call(TestExchange.post("/", Body.empty()));
        clock.advance(DELAY);
        assertThat(next.calls()).hasSize(1);
        attempt(1).reply(HttpReply.of(200));
        assertThat(result.reply.status()).isEqualTo(200);
    }

    @Test
    void bothAttemptsGetTheBody() {
        ScriptedBody body = ScriptedBody.create();
        Result result = call(put(body));
        StringBuilder first = read(attempt(1).exchange().body());
        body.emit(allocator.utf8("one "));
        clock.advance(DELAY);
        StringBuilder second = read(attempt(2).exchange().body());
        body.emit(allocator.utf8("two")).complete();
        assertThat(first.toString()).isEqualTo("one two");
        assertThat(second.toString()).isEqualTo("one two");
        attempt(2).reply(HttpReply.of(200));
        assertThat(result.reply.status()).isEqualTo(200);
    }

    @Test
    void aBodyThatGetsTooLongGoesToWhomHasReadMostOfIt() {
        use(POLICY.withBodyBytes(600));
        ScriptedBody body = ScriptedBody.create();
        Result result = call(put(body));
        StringBuilder first = read(attempt(1).exchange().body());
        body.emit(allocator.utf8("one "));
        clock.advance(DELAY);
        BaseSubscriber<ByteBuf> slow = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
                // reads nothing
            }

            @Override
            protected void hookOnError(Throwable error) {
                attempt(2).fail(error);
            }
        };
        attempt(2).exchange().body().subscribe(slow);
        for (int i = 0; i < 4; i++) {
            body.emit(allocator.utf8("more "));
        }
        body.complete();
        assertThat(first.toString()).isEqualTo("one more more more more ");
        assertThat(result.error).isNull();
        attempt(1).reply(HttpReply.of(200));
        assertThat(result.reply.status()).isEqualTo(200);
    }

    @Test
    void theDelayIsAPercentileOfLateWithinBounds() {
        AtomicLong now = new AtomicLong();
        LatencyWindow window =
                new LatencyWindow(HedgeDelay.percentile(90, Duration.ofMillis(20), Duration.ofMillis(500)), now::get);
        assertThat(window.delayNanos()).as("nothing is known").isEqualTo(millis(500));
        for (int i = 1; i <= 100; i++) {
            window.record(millis(i));
        }
        now.addAndGet(millis(1000));
        assertThat(window.delayNanos()).isBetween(millis(89), millis(92));
        for (int i = 0; i < 10_000; i++) {
            window.record(millis(1));
        }
        now.addAndGet(millis(1000));
        assertThat(window.delayNanos()).isEqualTo(millis(20));
        for (int i = 0; i < 100_000; i++) {
            window.record(millis(3_600_000));
        }
        now.addAndGet(millis(1000));
        assertThat(window.delayNanos()).isEqualTo(millis(500));
        now.addAndGet(millis(40_000));
        window.delayNanos();
        for (int i = 0; i < 100; i++) {
            window.record(millis(50));
        }
        now.addAndGet(millis(1000));
        assertThat(window.delayNanos()).as("what is old is forgotten").isBetween(millis(49), millis(51));
    }

    private static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
