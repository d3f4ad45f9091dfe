package io.headgate.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.TestExchange;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class CircuitBreakersTest {

    private static final BreakerSettings ONE = BreakerSettings.DEFAULTS.withConsecutiveFailures(1);

    private final AtomicInteger closed = new AtomicInteger();
    private final CircuitBreakers breakers = CircuitBreakers.of(() -> CircuitBreaker.of(ONE));

    private Service<HttpExchange, HttpReply> answering(int status) {
        return new Service<>() {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                return Mono.fromSupplier(() -> HttpReply.of(status));
            }

            @Override
            public Mono<Void> closeAsync(Duration grace) {
                return Mono.fromRunnable(closed::incrementAndGet);
            }
        };
    }

    @Test
    void eachEndpointHasABreakerOfItsOwnThatIsShownUntilItsServiceIsClosed() {
        Service<HttpExchange, HttpReply> good = breakers.stageFor("good").wrap(answering(204));
        Service<HttpExchange, HttpReply> bad = breakers.stageFor("bad").wrap(answering(500));
        good.call(TestExchange.get("/")).block();
        bad.call(TestExchange.get("/")).block();
        assertThat(breakers.stats()).containsOnlyKeys("good", "bad");
        assertThat(breakers.stats().get("good").state()).isEqualTo(BreakerState.CLOSED);
        assertThat(breakers.stats().get("bad").state()).isEqualTo(BreakerState.OPEN);
        assertThat(bad.status()).isEqualTo(Service.Status.BUSY);

        bad.closeAsync(Duration.ZERO).block();
        assertThat(closed).hasValue(1);
        assertThat(breakers.stats()).containsOnlyKeys("good");
    }

    @Test
    void laterServiceOfAnEqualEndpointIsTheOneThatIsShown() {
        Service<HttpExchange, HttpReply> before = breakers.stageFor("same").wrap(answering(500));
        before.call(TestExchange.get("/")).block();
        Service<HttpExchange, HttpReply> after = breakers.stageFor("same").wrap(answering(204));
        assertThat(breakers.stats().get("same").state()).isEqualTo(BreakerState.CLOSED);
        before.closeAsync(Duration.ZERO).block();
        assertThat(breakers.stats()).containsOnlyKeys("same");
        after.closeAsync(Duration.ZERO).block();
        assertThat(breakers.stats()).isEmpty();
    }

    @Test
    void breakerThatIsOffIsNeitherThereNorShown() {
        CircuitBreakers off = CircuitBreakers.of(() -> CircuitBreaker.of(ONE.withConsecutiveFailures(0)));
        Service<HttpExchange, HttpReply> next = answering(204);
        assertThat(off.stageFor("any").wrap(next)).isSameAs(next);
        assertThat(off.stats()).isEmpty();
    }
}
