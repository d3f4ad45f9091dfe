package io.headgate.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.test.ScriptedBody;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

class Resilience4jBreakerTest {

    private final ScriptedService next = ScriptedService.create();
    private final io.github.resilience4j.circuitbreaker.CircuitBreaker breaker =
            io.github.resilience4j.circuitbreaker.CircuitBreaker.of(
                    "endpoint",
                    CircuitBreakerConfig.custom()
                            .minimumNumberOfCalls(2)
                            .permittedNumberOfCallsInHalfOpenState(1)
                            .build());
    private final Service<HttpExchange, HttpReply> service =
            Resilience4jBreaker.of(breaker).wrap(next);

    private void call(int status) {
        service.call(TestExchange.get("/")).subscribe();
        next.calls().get(next.calls().size() - 1).reply(HttpReply.of(status));
    }

    @Test
    void theBreakerHearsOfFailuresInTrailers() {
        List<Throwable> causes = new ArrayList<>();
        breaker.getEventPublisher().onError(event -> causes.add(event.getThrowable()));
        for (int i = 0; i < 2; i++) {
            HttpExchange exchange = HttpExchange.of(
                    RequestHead.of("POST", "a", "/s/m").withFields(Fields.of("content-type", "application/grpc")),
                    Body.empty());
            service.call(exchange).flatMapMany(HttpReply::body).subscribe(buffer -> buffer.release());
            ScriptedBody body = next.calls().get(i).reply(200, Fields.of("content-type", "application/grpc"));
            assertThat(breaker.getMetrics().getNumberOfFailedCalls()).isEqualTo(i);
            body.complete(Fields.of("grpc-status", "14"));
        }
        assertThat(breaker.getState()).isEqualTo(State.OPEN);
        assertThat(causes).hasSize(2).hasOnlyElementsOfType(Resilience4jBreaker.FailedReplyException.class);
        StepVerifier.create(service.call(TestExchange.get("/"))).verifyError(BreakerOpenException.class);
    }

    @Test
    void aCancelledProbeGivesItsPermissionBack() {
        breaker.transitionToOpenState();
        breaker.transitionToHalfOpenState();
        service.call(TestExchange.get("/")).subscribe().dispose();
        assertThat(breaker.getState()).isEqualTo(State.HALF_OPEN);
        call(204);

        assertThat(breaker.getState()).isEqualTo(State.CLOSED);
    }

    @Test
    void oneThatReturnsOnlyWhenItIsCalledStaysWelcome() {
        breaker.transitionToOpenState();
        assertThat(service.status()).isEqualTo(Service.Status.OPEN);
        breaker.transitionToForcedOpenState();
        assertThat(service.status()).isEqualTo(Service.Status.BUSY);
    }

    @Test
    void oneThatReturnsByItselfIsBusyWhileItIsOpen() {
        io.github.resilience4j.circuitbreaker.CircuitBreaker returning =
                io.github.resilience4j.circuitbreaker.CircuitBreaker.of(
                        "returning",
                        CircuitBreakerConfig.custom()
                                .automaticTransitionFromOpenToHalfOpenEnabled(true)
                                .build());
        Service<HttpExchange, HttpReply> returns =
                Resilience4jBreaker.of(returning).wrap(next);
        returning.transitionToOpenState();
        assertThat(returns.status()).isEqualTo(Service.Status.BUSY);
        returning.transitionToHalfOpenState();

        assertThat(returns.status()).isEqualTo(Service.Status.OPEN);
    }
}
