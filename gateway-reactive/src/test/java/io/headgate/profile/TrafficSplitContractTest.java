package io.headgate.profile;

import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;
import org.junit.jupiter.api.Nested;
import reactor.core.publisher.Mono;

class TrafficSplitContractTest {

    @Nested
    class WithoutTargets extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return TrafficSplit.weighted(authority -> exchange -> Mono.never());
        }
    }

    @Nested
    class ToATarget extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return next -> TrafficSplit.<HttpExchange, HttpReply>weighted(
                            authority -> next, new WeightedTarget("a", 1), new WeightedTarget("a", 2))
                    .wrap(exchange -> Mono.never());
        }

        @Override
        protected boolean allocates() {
            return true; // the call, which is drawn when it is subscribed
        }
    }

    @Nested
    class ToTheFirstThatIsReady extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return next -> TrafficSplit.<HttpExchange, HttpReply>failover(authority -> next, "a")
                    .wrap(exchange -> Mono.never());
        }

        @Override
        protected boolean allocates() {
            return true;
        }
    }
}
