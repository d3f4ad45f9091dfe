package io.headgate.profile;

import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.retry.BudgetSettings;
import io.headgate.test.StageContract;
import io.headgate.timeout.CoarseTimer;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import reactor.core.publisher.Flux;

/** A router whose destination is the next service keeps what a stage keeps. */
class ProfileRouterContractTest {

    private static Stage<HttpExchange, HttpReply> routed(Profile profile) {
        return next -> ProfileRouting.of(name -> Flux.concat(Flux.just(profile), Flux.never()), name -> next)
                .create("test.example:80");
    }

    @Nested
    class OnTheDefaultRoute extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return routed(Profile.EMPTY);
        }

        @Override
        protected boolean allocates() {
            return true; // the call, which chooses when it is subscribed
        }
    }

    @Nested
    class OnARouteThatOnlyHasLabels extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return routed(Profile.of(ProfileRoute.of(RequestMatch.EVERY).withLabel("route", "every")));
        }

        @Override
        protected boolean rewrites() {
            return true; // the exchange is another object, with its labels
        }

        @Override
        protected boolean allocates() {
            return true;
        }
    }

    @Nested
    class OnARouteWithEverything extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return routed(Profile.of(ProfileRoute.of(RequestMatch.EVERY)
                            .withLabel("route", "every")
                            .withRetryable(true)
                            .withTimeout(Duration.ofMinutes(10)))
                    .withRetryBudget(BudgetSettings.DEFAULTS)
                    .withTargets(new WeightedTarget("test.example:80", 1)));
        }

        @Override
        protected boolean rewrites() {
            return true;
        }

        @Override
        protected boolean retries() {
            return true;
        }

        @Override
        protected Duration timerGrain() {
            return CoarseTimer.DEFAULT_GRAIN;
        }

        @Override
        protected boolean allocates() {
            return true;
        }
    }
}
