package io.headgate.breaker;

import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

class BreakerContractTest {

    /** Watches each call; the reply is another object with a watched body. */
    abstract static class Watching extends StageContract {

        @Override
        protected boolean allocates() {
            return true;
        }

        @Override
        protected boolean rewrites() {
            return true; // the body of the reply is watched: another object, with the same content
        }
    }

    @Nested
    class Closed extends Watching {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return CircuitBreaker.of(BreakerSettings.DEFAULTS.withFailureShare(0.5, 20, Duration.ofSeconds(10)));
        }
    }

    @Nested
    class Ejecting extends Watching {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Ejection.of(EjectionSettings.DEFAULTS.withLatencyFactor(3)).stageFor("endpoint");
        }
    }

    @Nested
    class OfResilience4j extends Watching {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Resilience4jBreaker.of(io.github.resilience4j.circuitbreaker.CircuitBreaker.of(
                    "endpoint", CircuitBreakerConfig.ofDefaults()));
        }
    }

    @Nested
    class Off extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return CircuitBreaker.of(BreakerSettings.DEFAULTS.withConsecutiveFailures(0));
        }
    }
}
