package io.headgate.retry;

import io.headgate.Stage;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;
import io.headgate.test.TestExchange;
import io.headgate.timeout.CoarseTimer;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

class RetryContractTest {

    private static RetryBudget few() {
        return RetryBudget.of(new BudgetSettings(0, 3, Duration.ofSeconds(1)), () -> 0);
    }

    private abstract static class Retries extends StageContract {

        @Override
        protected boolean retries() {
            return true;
        }

        @Override
        protected boolean rewrites() {
            return true; // the request body is another object, with the same content
        }

        @Override
        protected boolean allocates() {
            return true;
        }

        @Override
        protected Duration timerGrain() {
            return CoarseTimer.DEFAULT_GRAIN;
        }
    }

    @Nested
    class OfRequestsThatAreHeld extends Retries {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Retry.of(RetryPolicy.DEFAULTS, few());
        }
    }

    @Nested
    class OfRequestsThatAreKept extends Retries {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Retry.of(RetryPolicy.DEFAULTS.withAnyMethod(), few());
        }
    }

    @Nested
    class WithEverything extends Retries {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            RetryPolicy policy = RetryPolicy.DEFAULTS
                    .withAnyMethod()
                    .withPerTry(Duration.ofSeconds(90))
                    .withBackoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(100)));
            return Retry.of(policy, few());
        }
    }

    @Nested
    class OfTunnels extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Retry.of(RetryPolicy.DEFAULTS.withAnyMethod(), few());
        }

        @Override
        protected HttpExchange exchange(Body body) {
            HttpExchange given = TestExchange.post("/", body);
            return given.withHead(given.head().withUpgrade("websocket"));
        }
    }
}
