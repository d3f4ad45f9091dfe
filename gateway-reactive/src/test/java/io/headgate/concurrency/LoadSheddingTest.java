package io.headgate.concurrency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.headgate.Key;
import io.headgate.Service;
import io.headgate.Trait;
import io.headgate.concurrency.OverloadedException.Reason;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoadSheddingTest {

    private static final Key<Priority> PRIORITY = Key.of("priority");
    private static final long MS = 1_000_000;

    private final ScriptedService next = ScriptedService.create();
    private final AtomicLong now = new AtomicLong();
    private final LoadShedding stage = LoadShedding.create()
            .withLimits(10, 10, 100)
            .withPriority(exchange -> exchange.attributes().get(PRIORITY))
            .withClock(now::get);
    private final Service<HttpExchange, HttpReply> service = stage.wrap(next);

    private Held call(Priority priority) {
        return Held.call(service, TestExchange.get("/").withAttribute(PRIORITY, priority));
    }

    private void let(int count, Priority priority) {
        for (int i = 0; i < count; i++) {
            assertThat(call(priority).error).isNull();
        }
    }

    /** Calls one after another, each answered after some time. */
    private void serve(int count, long latency, int status) {
        for (int i = 0; i < count; i++) {
            call(Priority.HIGH);
            now.addAndGet(latency);
            next.calls().get(next.calls().size() - 1).reply(HttpReply.of(status));
        }
    }

    @Test
    void lowPriorityIsShedFirstAndExemptCallsNever() {
        let(6, Priority.LOW);
        assertThat(call(Priority.LOW).error).isInstanceOf(OverloadedException.class);
        assertThat(service.status()).isEqualTo(Service.Status.OPEN);
        let(3, Priority.NORMAL);
        assertThat(call(Priority.NORMAL).error).isInstanceOf(OverloadedException.class);
        assertThat(service.status()).isEqualTo(Service.Status.BUSY);
        let(1, Priority.HIGH);
        Held refused = call(Priority.HIGH);
        let(5, Priority.EXEMPT);

        OverloadedException refusal = (OverloadedException) refused.error;
        assertThat(refusal.reason()).isEqualTo(Reason.SHED);
        assertThat(refusal.status()).isEqualTo(503);
        assertThat(refusal.traits()).containsExactlyInAnyOrder(Trait.REJECTED, Trait.RETRYABLE);
        assertThat(refusal.getStackTrace()).isEmpty();
        assertThat(refusal.replyFields()).containsEntry("retry-after", "1");
        assertThat(stage.stats()).isEqualTo(new LoadStats(10, 15, Duration.ZERO, 1, 1, 1));
        next.calls().forEach(each -> each.reply(HttpReply.of(204)));
        assertThat(stage.stats().active()).isZero();
    }

    @Test
    void latencyIsLearntFromTheHeadsOfReplies() {
        serve(30, 5 * MS, 200);

        assertThat(stage.stats().baseline()).isBetween(Duration.ofNanos(4_700_000), Duration.ofNanos(5_300_000));
    }

    @Test
    void aQuickFailureIsNoSignOfHealth() {
        serve(30, 5 * MS, 200);
        serve(100, MS / 100, 503);

        assertThat(stage.stats().baseline()).isGreaterThan(Duration.ofMillis(4));
    }

    @Test
    void slowFailuresLowerTheLimit() {
        LoadShedding wide = stage.withLimits(10, 80, 100);
        Service<HttpExchange, HttpReply> slow = wide.wrap(next);
        for (int i = 0; i < 300; i++) {
            Held.call(slow, TestExchange.get("/").withAttribute(PRIORITY, Priority.HIGH));
            now.addAndGet(i < 30 ? 5 * MS : 100 * MS);
            ScriptedService.Call last = next.calls().get(next.calls().size() - 1);
            if (i < 30) {
                last.reply(HttpReply.of(200));
            } else {
                last.fail(new IllegalStateException("made by the test"));
            }
        }

        assertThat(wide.stats().limit()).isEqualTo(10);
    }

    @Test
    void healthChecksAreExemptByTheStandardChoice() {
        assertThat(Priority.standard(TestExchange.get("/healthz"))).isEqualTo(Priority.EXEMPT);
        assertThat(Priority.standard(TestExchange.get("/readyz"))).isEqualTo(Priority.EXEMPT);
        assertThat(Priority.standard(TestExchange.get("/orders"))).isEqualTo(Priority.NORMAL);
        assertThat(Priority.standard(TestExchange.post("/healthz", Body.empty())))
                .isEqualTo(Priority.NORMAL);
        RequestHead check = RequestHead.of("POST", "a", "/grpc.health.v1.Health/Check");
        assertThat(Priority.standard(HttpExchange.of(check, Body.empty()))).isEqualTo(Priority.NORMAL);
        assertThat(Priority.standard(
                        HttpExchange.of(check.withFields(Fields.of("content-type", "application/grpc")), Body.empty())))
                .isEqualTo(Priority.EXEMPT);
    }

    @Test
    void aPriorityThatThrowsFailsItsCall() {
        LoadShedding broken = stage.withPriority(exchange -> {
            throw new IllegalStateException("made by the test");
        });
        Held call = Held.call(broken.wrap(next));

        assertThat(call.error).isInstanceOf(IllegalStateException.class);
        assertThat(broken.stats().active()).isZero();
    }

    @Test
    void thereIsRoomForOneOfEachPriority() {
        assertThat(Priority.LOW.room(1)).isEqualTo(1);
        assertThat(Priority.LOW.room(100)).isEqualTo(60);
        assertThat(Priority.NORMAL.room(100)).isEqualTo(90);
        assertThat(Priority.HIGH.room(100)).isEqualTo(100);
        assertThat(Priority.EXEMPT.room(1)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void refusesSettingsThatAreNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stage.withLimits(10, 5, 100))
                .withMessage("limits: 10, 5, 100 (expected: at least 1, each no less than the one before)");
        assertThatIllegalArgumentException().isThrownBy(() -> stage.withTolerance(0.9));
        assertThatIllegalArgumentException().isThrownBy(() -> stage.withTolerance(Double.NaN));
    }
}
