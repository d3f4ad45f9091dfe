package io.headgate.balance;

import static io.headgate.balance.FakeEndpoints.endpoint;
import static io.headgate.balance.FakeEndpoints.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Trait;
import io.headgate.balance.NoEndpointException.Reason;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import io.headgate.test.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Sinks;

/** A balancer whose endpoints do what a test says, under a clock that stands still. */
abstract class BalancerTestBase {

    final VirtualClock clock = VirtualClock.install();
    final FakeEndpoints endpoints = new FakeEndpoints();
    final Sinks.Many<Update<Endpoint>> updates = Sinks.many().unicast().onBackpressureBuffer();
    final SplittableRandom random = new SplittableRandom(1);
    Balancer balancer = create(BalancerSettings.DEFAULTS);

    @AfterEach
    void close() {
        clock.close();
    }

    Balancer create(BalancerSettings settings) {
        return Balancer.create(
                updates.asFlux(), endpoints, settings, clock, () -> clock.now(TimeUnit.NANOSECONDS), random::nextLong);
    }

    void recreate(UnaryOperator<BalancerSettings> change) {
        balancer.closeAsync(Duration.ZERO).block();
        Sinks.Many<Update<Endpoint>> fresh = Sinks.many().unicast().onBackpressureBuffer();
        balancer = Balancer.create(
                fresh.asFlux(),
                endpoints,
                change.apply(BalancerSettings.DEFAULTS),
                clock,
                () -> clock.now(TimeUnit.NANOSECONDS),
                random::nextLong);
        other = fresh;
    }

    Sinks.Many<Update<Endpoint>> other = updates;

    void tell(Update<Endpoint> update) {
        other.tryEmitNext(update).orThrow();
    }

    void reset(int... ports) {
        tell(new Update.Reset<>(
                IntStream.of(ports).mapToObj(FakeEndpoints::endpoint).toList()));
    }

    void remove(int port, Departure departure) {
        tell(new Update.Remove<>(List.of(endpoint(port)), departure));
    }

    Outcome call() {
        return call(get());
    }

    Outcome call(HttpExchange exchange) {
        Outcome outcome = new Outcome();
        balancer.call(exchange).subscribe(outcome);
        return outcome;
    }

    /** What became of a call. */
    static final class Outcome extends BaseSubscriber<HttpReply> {
        final List<HttpReply> replies = new ArrayList<>();
        Throwable failure;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(1);
        }

        @Override
        protected void hookOnNext(HttpReply reply) {
            replies.add(reply);
        }

        @Override
        protected void hookOnError(Throwable error) {
            failure = error;
        }

        boolean isOpen() {
            return replies.isEmpty() && failure == null;
        }

        void assertReason(Reason reason, int status) {
            assertThat(failure).isInstanceOfSatisfying(NoEndpointException.class, e -> {
                assertThat(e.reason()).isEqualTo(reason);
                assertThat(e.status()).isEqualTo(status);
                assertThat(e.is(Trait.RETRYABLE)).isTrue();
                assertThat(e.is(Trait.REJECTED)).isTrue();
                assertThat(e.getStackTrace()).isEmpty();
            });
        }
    }
}
