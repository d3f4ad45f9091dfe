package io.headgate.hedge;

import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.retry.BudgetSettings;
import io.headgate.retry.RetryBudget;
import io.headgate.test.StageContract;
import io.headgate.timeout.CoarseTimer;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

class HedgeContractTest {

    @Nested
    class OfOthers extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Hedge.of(HedgePolicy.DEFAULTS, RetryBudget.of(BudgetSettings.DEFAULTS));
        }
    }

    @Nested
    class OfItsRequests extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            HedgePolicy policy = HedgePolicy.DEFAULTS
                    .withRequests(exchange -> true)
                    .withDelay(HedgeDelay.fixed(Duration.ofMinutes(1)));
            return Hedge.of(policy, RetryBudget.of(BudgetSettings.DEFAULTS));
        }

        @Override
        protected boolean rewrites() {
            return true; // the request body is another object, with the same content
        }

        @Override
        protected boolean keepsBody() {
            return true;
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
}
