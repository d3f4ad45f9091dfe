package io.headgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class LatestServiceTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    /** Answers when it is told to, and notes how it is closed. */
    private static final class Scripted implements Service<String, String> {

        private final Sinks.One<String> reply = Sinks.one();
        private final AtomicInteger calls = new AtomicInteger();
        private final List<Duration> closes = new ArrayList<>();

        @Override
        public Mono<String> call(String input) {
            return reply.asMono().doOnSubscribe(subscribed -> calls.incrementAndGet());
        }

        @Override
        public Mono<Void> closeAsync(Duration grace) {
            return Mono.fromRunnable(() -> closes.add(grace));
        }
    }

    private final TestPublisher<Service<String, String>> services = TestPublisher.create();
    private final LatestService<String, String> latest = LatestService.follow(services.flux(), LONG);
    private final Scripted first = new Scripted();
    private final Scripted second = new Scripted();

    private static Service<String, String> named(String name) {
        return input -> Mono.just(name + " " + input);
    }

    @Test
    void callsBeforeTheFirstServiceAreRefusedAndMayBeRepeated() {
        StepVerifier.create(latest.call("a"))
                .expectErrorSatisfies(error -> {
                    GatewayException refusal = (GatewayException) error;
                    assertThat(refusal.status()).isEqualTo(503);
                    assertThat(refusal.traits()).containsExactlyInAnyOrder(Trait.RETRYABLE, Trait.REJECTED);
                })
                .verify(LONG);
        assertThat(latest.status()).isEqualTo(Service.Status.BUSY);
    }

    @Test
    void readyCompletesWithTheFirstService() {
        StepVerifier.create(latest.ready())
                .then(() -> services.next(named("one")))
                .expectComplete()
                .verify(LONG);
        assertThat(latest.status()).isEqualTo(Service.Status.OPEN);
    }

    @Test
    void callThatWasDescribedBeforeAChangeGoesToTheNewService() {
        services.next(named("one"));
        Mono<String> call = latest.call("a");
        StepVerifier.create(call).expectNext("one a").expectComplete().verify(LONG);
        services.next(named("two"));
        StepVerifier.create(call).expectNext("two a").expectComplete().verify(LONG);
    }

    @Test
    void replacedServiceIsClosedAfterItsLastCall() {
        services.next(first);
        StepVerifier one = StepVerifier.create(latest.call("a"))
                .expectNext("x")
                .expectComplete()
                .verifyLater();
        StepVerifier two = StepVerifier.create(latest.call("b"))
                .expectNext("x")
                .expectComplete()
                .verifyLater();
        services.next(second);
        assertThat(first.closes).isEmpty();
        first.reply.tryEmitValue("x");
        one.verify(LONG);
        two.verify(LONG);
        assertThat(first.closes)
                .singleElement()
                .satisfies(left -> assertThat(left).isBetween(Duration.ofNanos(1), LONG));
        assertThat(second.closes).isEmpty();
    }

    @Test
    void cancelledCallCountsAsOver() {
        services.next(first);
        StepVerifier.create(latest.call("a")).thenCancel().verify(LONG);
        services.next(second);
        assertThat(first.closes).hasSize(1);
    }

    @Test
    void failedCallCountsAsOver() {
        services.next(first);
        first.reply.tryEmitError(new IllegalStateException("down"));
        StepVerifier.create(latest.call("a")).expectErrorMessage("down").verify(LONG);
        services.next(second);
        assertThat(first.closes).hasSize(1);
    }

    @Test
    void serviceThatThrowsFailsItsCallAndNothingElse() {
        services.next(input -> {
            throw new IllegalStateException("thrown");
        });
        StepVerifier.create(latest.call("a")).expectErrorMessage("thrown").verify(LONG);
        services.next(named("two"));
        StepVerifier.create(latest.call("a"))
                .expectNext("two a")
                .expectComplete()
                .verify(LONG);
    }

    @Test
    void replacedServiceIsClosedWhenTheGraceIsOver() {
        Sinks.Many<Service<String, String>> stream = Sinks.many().unicast().onBackpressureBuffer();
        StepVerifier.withVirtualTime(() -> {
                    LatestService<String, String> following = LatestService.follow(stream.asFlux(), LONG);
                    stream.tryEmitNext(first);
                    following.call("a").subscribe();
                    stream.tryEmitNext(second);
                    return Mono.delay(LONG.plusSeconds(1));
                })
                .expectSubscription()
                .then(() -> assertThat(first.closes).isEmpty())
                .thenAwait(LONG.plusSeconds(1))
                .expectNextCount(1)
                .expectComplete()
                .verify(LONG);
        assertThat(first.closes).hasSize(1);
    }

    @Test
    void sameServiceAgainIsNotClosed() {
        services.next(first);
        services.next(first);
        assertThat(first.closes).isEmpty();
    }

    @Test
    void failureOfTheStreamKeepsTheLastService() {
        services.next(named("one"));
        assertThat(latest.failure()).isNull();
        services.error(new IllegalStateException("source lost"));
        StepVerifier.create(latest.call("a"))
                .expectNext("one a")
                .expectComplete()
                .verify(LONG);
        assertThat(latest.failure()).hasMessage("source lost");
    }

    @Test
    void closeLeavesTheStreamAndClosesTheLastService() {
        services.next(first);
        StepVerifier.create(latest.closeAsync(Duration.ZERO)).expectComplete().verify(LONG);
        services.assertCancelled();
        assertThat(first.closes).containsExactly(Duration.ZERO);
        assertThat(latest.status()).isEqualTo(Service.Status.CLOSED);
        StepVerifier.create(latest.call("a"))
                .expectError(GatewayException.class)
                .verify(LONG);
    }

    @Test
    void negativeGraceIsRefused() {
        assertThatThrownBy(() -> LatestService.follow(Flux.never(), Duration.ofSeconds(-1)))
                .hasMessage("grace: PT-1S (expected: 0 to 365 days)");
    }

    @Test
    void noCallReachesAServiceThatIsClosed() {
        record Closing(AtomicInteger inside, AtomicInteger wrong) implements Service<Integer, Integer> {

            @Override
            public Mono<Integer> call(Integer input) {
                return Mono.fromSupplier(() -> {
                    if (inside.get() < 0) {
                        wrong.incrementAndGet();
                    }
                    return input;
                });
            }

            @Override
            public Mono<Void> closeAsync(Duration grace) {
                return Mono.fromRunnable(() -> inside.set(-1));
            }
        }
        AtomicInteger wrong = new AtomicInteger();
        Sinks.Many<Service<Integer, Integer>> stream = Sinks.many().unicast().onBackpressureBuffer();
        LatestService<Integer, Integer> following = LatestService.follow(stream.asFlux(), LONG);
        stream.tryEmitNext(new Closing(new AtomicInteger(), wrong));
        Flux<Integer> calls = Flux.range(0, 20_000)
                .parallel(2)
                .runOn(Schedulers.parallel())
                .flatMap(following::call)
                .sequential();
        Flux<Integer> changes = Flux.range(0, 2_000)
                .publishOn(Schedulers.single())
                .doOnNext(change -> stream.tryEmitNext(new Closing(new AtomicInteger(), wrong)));
        StepVerifier.create(calls.mergeWith(changes))
                .expectNextCount(22_000)
                .expectComplete()
                .verify(LONG);
        assertThat(wrong).hasValue(0);
    }
}
