package io.headgate.ratelimit;

import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import reactor.core.publisher.Mono;

class RateLimitsContractTest {

    private static final RateLimits LIMITS = RateLimits.create()
            .with(RateLimit.perSecond(100_000), RateKey.client())
            .with(RateLimit.perSecond(1_000_000), RateKey.all());

    private abstract static class Admitting extends StageContract {

        @Override
        protected boolean allocates() {
            return true; // a call counts when it is subscribed
        }
    }

    @Nested
    class KeptHere extends Admitting {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return LIMITS;
        }
    }

    @Nested
    class KeptInAStoreThatAdmits extends Admitting {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return LIMITS.withStore(claims -> Mono.just(new RateDecision.Admitted()), StoreFailure.REFUSE);
        }
    }

    @Nested
    class KeptInAStoreThatFails extends Admitting {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return LIMITS.withStore(
                    claims -> Mono.error(new IllegalStateException("made by the test")),
                    StoreFailure.ADMIT,
                    Duration.ofSeconds(1));
        }
    }
}
