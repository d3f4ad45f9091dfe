package io.headgate.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.headgate.Key;
import io.headgate.Service;
import io.headgate.Trait;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.AllocationAssert;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class RateLimitsTest {

    private static final Key<String> WHO = Key.of("who");
    private static final Service<HttpExchange, HttpReply> OK = exchange -> Mono.just(HttpReply.of(204));

    private final AtomicLong now = new AtomicLong();
    private final RateLimits none = RateLimits.create().withClock(now::get);

    private static HttpExchange from(String who) {
        return TestExchange.get("/").withAttribute(WHO, who);
    }

    /** The refusal, or null when it was let through. */
    private static RateLimitedException ask(Service<HttpExchange, HttpReply> service, String who) {
        try {
            assertThat(service.call(from(who)).block().status()).isEqualTo(204);
            return null;
        } catch (RateLimitedException e) {
            return e;
        }
    }

    @Test
    void withoutALimitItIsNotThere() {
        ScriptedService next = ScriptedService.create();
        assertThat(RateLimits.create().wrap(next)).isSameAs(next);
    }

    @Test
    void refusesBeforeAnyWorkAndSaysWhenToComeAgain() {
        ScriptedService next = ScriptedService.create();
        RateLimits stage = none.with(RateLimit.of(1, Duration.ofSeconds(10)).withName("slow"), RateKey.all());
        Service<HttpExchange, HttpReply> service = stage.wrap(next);
        service.call(from("a")).subscribe();
        now.addAndGet(Duration.ofSeconds(4).toNanos());

        RateLimitedException refusal = ask(service, "b");

        assertThat(next.calls()).hasSize(1);
        assertThat(refusal.status()).isEqualTo(429);
        assertThat(refusal.is(Trait.REJECTED)).isTrue();
        assertThat(refusal.is(Trait.RETRYABLE)).isFalse();
        assertThat(refusal.getStackTrace()).isEmpty();
        assertThat(refusal).hasMessage("rate: over slow (expected: at most 1 in PT10S)");
        assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(6));
        assertThat(refusal.limit().name()).isEqualTo("slow");
        assertThat(stage.stats()).isEqualTo(new RateLimitStats(1, 0, 1, 0));
        next.onlyCall().reply(HttpReply.of(204));
    }

    @Test
    void eachKeyHasItsOwnCapacity() {
        Service<HttpExchange, HttpReply> service =
                none.with(RateLimit.perSecond(1), RateKey.attribute(WHO)).wrap(OK);

        assertThat(ask(service, "a")).isNull();
        assertThat(ask(service, "b")).isNull();
        assertThat(ask(service, "a")).isNotNull();
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(ask(service, "a")).isNull();
    }

    /** A bucket is full from the time of the request that it was made for. */
    @Test
    void aNewKeyMayTakeAWholeBurstAtOnce() {
        Service<HttpExchange, HttpReply> service = RateLimits.create()
                .with(RateLimit.of(1, Duration.ofHours(1)), RateKey.attribute(WHO))
                .wrap(OK);

        for (int i = 0; i < 1000; i++) {
            assertThat(ask(service, "key " + i)).isNull();
            assertThat(ask(service, "key " + i)).isNotNull();
        }
    }

    @Test
    void whatOneLimitRefusesCostsNothingInTheOthers() {
        Service<HttpExchange, HttpReply> service = none.with(
                        RateLimit.perSecond(3).withName("all"), RateKey.all())
                .with(RateLimit.perSecond(1).withName("each"), RateKey.attribute(WHO))
                .wrap(OK);

        assertThat(ask(service, "a")).isNull();
        for (int i = 0; i < 10; i++) {
            assertThat(ask(service, "a").limit().name()).isEqualTo("each");
        }
        assertThat(ask(service, "b")).isNull();
        assertThat(ask(service, "c")).isNull();
        assertThat(ask(service, "d").limit().name()).isEqualTo("all");
        now.addAndGet(Duration.ofMillis(400).toNanos());
        assertThat(ask(service, "d"))
                .as("the refusal before did not cost d anything")
                .isNull();
    }

    @Test
    void anExchangeWithoutAKeyIsNotCounted() {
        Service<HttpExchange, HttpReply> service =
                none.with(RateLimit.perSecond(1), RateKey.attribute(WHO)).wrap(OK);

        for (int i = 0; i < 5; i++) {
            assertThat(service.call(TestExchange.get("/")).block().status()).isEqualTo(204);
        }
    }

    @Test
    void requestsMayCostMoreOrNothing() {
        Service<HttpExchange, HttpReply> service = none.with(RateLimit.perSecond(10), RateKey.all())
                .withCost(exchange -> switch (exchange.attributes().get(WHO)) {
                    case "free" -> 0;
                    case "odd" -> -5;
                    default -> 6;
                })
                .wrap(OK);

        assertThat(ask(service, "dear")).isNull();
        assertThat(ask(service, "dear").retryAfter()).isEqualTo(Duration.ofMillis(200));
        assertThat(ask(service, "free")).isNull();
        assertThat(ask(service, "odd")).isNull();
        assertThat(ask(service, "dear")).isNotNull();
    }

    @Test
    void aKeyThatThrowsFailsItsCall() {
        IllegalStateException failure = new IllegalStateException("made by the test");
        Service<HttpExchange, HttpReply> service = none.with(RateLimit.perSecond(10), exchange -> {
                    throw failure;
                })
                .wrap(OK);

        StepVerifier.create(service.call(from("a"))).verifyErrorMatches(error -> error == failure);
    }

    @Test
    void eachSubscriptionCounts() {
        Mono<HttpReply> call =
                none.with(RateLimit.perSecond(1), RateKey.all()).wrap(OK).call(from("a"));

        assertThat(call.block().status()).isEqualTo(204);
        assertThat(call.onErrorComplete(RateLimitedException.class).block()).isNull();
    }

    @Test
    void whoeverMakesUpKeysGetsTheCapacityOfOneAndLeavesTheOthersAlone() {
        RateLimits stage =
                none.with(RateLimit.perMinute(2), RateKey.attribute(WHO)).withKeys(100);
        Service<HttpExchange, HttpReply> service = stage.wrap(OK);
        assertThat(ask(service, "known")).isNull();
        int admitted = 0;
        for (int i = 0; i < 10_000; i++) {
            admitted += ask(service, "made up " + i) == null ? 1 : 0;
        }

        assertThat(admitted).isEqualTo(99 + 2);
        assertThat(ask(service, "known")).isNull();
        assertThat(ask(service, "known")).isNotNull();
        assertThat(stage.stats().keys()).isEqualTo(100);
        assertThat(stage.stats().strangers()).isEqualTo(10_000 - 99);
    }

    @Test
    void keysWhoseCapacityIsWholeMakeRoom() {
        RateLimits stage =
                none.with(RateLimit.perSecond(1), RateKey.attribute(WHO)).withKeys(100);
        Service<HttpExchange, HttpReply> service = stage.wrap(OK);
        for (int i = 0; i < 10_000; i++) {
            now.addAndGet(Duration.ofMillis(20).toNanos()); // 50 keys a second, of which each is used for one
            assertThat(ask(service, "key " + i)).isNull();
        }

        assertThat(stage.stats().strangers()).isZero();
        assertThat(stage.stats().keys()).isLessThanOrEqualTo(100);
    }

    @Test
    void wrapsShareTheCountAndCopiesDoNot() {
        RateLimits stage = none.with(RateLimit.perSecond(1), RateKey.all());
        assertThat(ask(stage.wrap(OK), "a")).isNull();

        assertThat(ask(stage.wrap(OK), "a")).isNotNull();
        assertThat(ask(stage.withKeys(10).wrap(OK), "a")).isNull();
    }

    @Test
    void aDecisionAllocatesNothing() {
        LocalLimits limits = new LocalLimits(
                java.util.List.of(
                        new RateRule(RateLimit.perSecond(1_000_000), RateKey.attribute(WHO)),
                        new RateRule(RateLimit.perSecond(1_000_000), RateKey.all())),
                100,
                System::nanoTime);
        HttpExchange exchange = from("a");

        assertThat(AllocationAssert.bytesPerCall(() -> limits.take(exchange, 1)))
                .isLessThan(1);
    }

    @Test
    void refusesSettingsThatAreNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.withKeys(0))
                .withMessage("keys: 0 (expected: at least 1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.withStore(claims -> Mono.empty(), StoreFailure.ADMIT, Duration.ZERO));
    }
}
