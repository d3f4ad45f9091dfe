package io.headgate.samples;

import io.headgate.Role;
import io.headgate.ServiceFactory;
import io.headgate.Stack;
import io.headgate.breaker.BreakerSettings;
import io.headgate.breaker.CircuitBreaker;
import io.headgate.breaker.Ejection;
import io.headgate.breaker.EjectionSettings;
import io.headgate.health.HealthChecks;
import io.headgate.health.HttpCheck;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import java.time.Duration;

/** The examples of the pages about endpoints that fail, each between its tags. */
final class BreakerExamples {

    private BreakerExamples() {}

    // tag::circuit-breaker
    static Stack<Endpoint, HttpExchange, HttpReply> guarded(ServiceFactory<Endpoint, HttpExchange, HttpReply> clients) {
        BreakerSettings settings = BreakerSettings.DEFAULTS.withFailureShare(0.5, 20, Duration.ofSeconds(10));
        return Stack.of(clients)
                .pushFor(
                        Role.of("breaker"),
                        "above the endpoint alone: it judges attempts, and the balancer looks at its status",
                        endpoint -> CircuitBreaker.of(settings));
    }
    // end::circuit-breaker

    // tag::outlier-ejection
    static Stack<Endpoint, HttpExchange, HttpReply> compared(
            ServiceFactory<Endpoint, HttpExchange, HttpReply> clients) {
        Ejection ejection = Ejection.of(EjectionSettings.DEFAULTS.withLatencyFactor(5));
        return Stack.of(clients)
                .pushFor(Role.of("breaker"), "above the endpoint alone", endpoint -> CircuitBreaker.create())
                .pushFor(Role.of("ejection"), "above the breaker, whose refusals say nothing", ejection::stageFor);
    }
    // end::outlier-ejection

    // tag::health-checks
    static Resolver healthy(Resolver source, ServiceFactory<Endpoint, HttpExchange, HttpReply> clients) {
        return HealthChecks.of(HttpCheck.of(clients).withPath("/ready"))
                .withInterval(Duration.ofSeconds(2), 0.2)
                .withThresholds(2, 3)
                .around(source);
    }
    // end::health-checks
}
