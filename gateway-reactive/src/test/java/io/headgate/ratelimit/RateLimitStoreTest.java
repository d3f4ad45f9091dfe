package io.headgate.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.Service;
import io.headgate.Trait;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import io.headgate.test.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

class RateLimitStoreTest {

    private static final RateLimit LIMIT = RateLimit.perSecond(1);
    private static final RateLimits LIMITS =
            RateLimits.create().with(LIMIT, RateKey.all()).with(LIMIT.withBurst(2), RateKey.client());

    private final ScriptedService next = ScriptedService.create();
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

    private StepVerifier.FirstStep<HttpReply> call(RateLimitStore store, StoreFailure failure) {
        Service<HttpExchange, HttpReply> service =
                LIMITS.withStore(store, failure).wrap(next);
        return StepVerifier.create(service.call(TestExchange.get("/")));
    }

    private void answer() {
        next.onlyCall().reply(HttpReply.of(204));
    }

    @Test
    void asksForAllLimitsAtOnce() {
        List<List<RateClaim>> asked = new ArrayList<>();
        call(
                        claims -> {
                            asked.add(claims);
                            return Mono.just(new RateDecision.Admitted());
                        },
                        StoreFailure.REFUSE)
                .then(this::answer)
                .expectNextCount(1)
                .verifyComplete();

        assertThat(asked)
                .containsExactly(
                        List.of(new RateClaim(LIMIT, "all", 1), new RateClaim(LIMIT.withBurst(2), "local", 1)));
    }

    @Test
    void aRefusalOfTheStoreIsARefusal() {
        call(claims -> Mono.just(new RateDecision.Refused(LIMIT, Duration.ofSeconds(2))), StoreFailure.ADMIT)
                .verifyErrorSatisfies(error -> assertThat(error)
                        .isInstanceOfSatisfying(
                                RateLimitedException.class,
                                e -> assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(2))));
        assertThat(next.calls()).isEmpty();
    }

    @Test
    void aStoreThatIsTooSlowIsNotWaitedFor() {
        call(claims -> Mono.never(), StoreFailure.ADMIT)
                .then(() -> clock.advance(RateLimits.DEFAULT_STORE_TIMEOUT.minusNanos(1)))
                .then(() -> assertThat(next.calls()).isEmpty())
                .then(() -> clock.advance(Duration.ofNanos(1)))
                .then(this::answer)
                .expectNextCount(1)
                .verifyComplete();
    }

    @Test
    void theDeadlineIsNotOutlivedByTheWaitForAStore() {
        Service<HttpExchange, HttpReply> service = LIMITS.withStore(
                        claims -> Mono.never(), StoreFailure.REFUSE, Duration.ofHours(2))
                .wrap(next);
        HttpExchange exchange = TestExchange.get("/").withDeadline(Deadline.after(Duration.ofHours(1)));

        StepVerifier.create(service.call(exchange))
                .then(() -> clock.advance(Duration.ofHours(1)))
                .verifyError(StoreUnavailableException.class);
    }

    @Test
    void aStoreThatFailsThrowsOrSaysNothingHasNotDecided() {
        IllegalStateException failure = new IllegalStateException("made by the test");
        List<RateLimitStore> stores = List.of(claims -> Mono.error(failure), claims -> Mono.empty(), claims -> {
            throw failure;
        });
        for (RateLimitStore store : stores) {
            RateLimits stage = LIMITS.withStore(store, StoreFailure.REFUSE);
            StepVerifier.create(stage.wrap(next).call(TestExchange.get("/")))
                    .verifyErrorSatisfies(error -> assertThat(error)
                            .isInstanceOfSatisfying(StoreUnavailableException.class, e -> {
                                assertThat(e.status()).isEqualTo(503);
                                assertThat(e.is(Trait.REJECTED)).isTrue();
                                assertThat(e.getCause()).isNotNull();
                            }));
            assertThat(stage.stats().undecided()).isEqualTo(1);
        }
        assertThat(next.calls()).isEmpty();
    }

    @Test
    void aClientThatGoesAwayCancelsTheClaim() {
        Sinks.One<RateDecision> decision = Sinks.one();
        call(claims -> decision.asMono(), StoreFailure.ADMIT).thenCancel().verify();

        assertThat(decision.currentSubscriberCount()).isZero();
        assertThat(next.calls()).isEmpty();
    }
}
