package io.headgate.test;

import io.headgate.Stage;
import io.headgate.Switch;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import reactor.util.retry.Retry;

/** The stages of the API keep the contract. */
class StageFactoriesContractTest {

    @Nested
    class Identity extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Stage.identity();
        }
    }

    @Nested
    class OnInput extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Stage.onInput(UnaryOperator.identity());
        }
    }

    @Nested
    class OnOutput extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Stage.onOutput(UnaryOperator.identity());
        }

        @Override
        protected boolean allocates() {
            return true; // an operator
        }
    }

    @Nested
    class Around extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Stage.around((exchange, next) -> next.call(exchange));
        }
    }

    @Nested
    class SwitchedOff extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Stage.switched(Switch.off(), Stage.onOutput(reply -> HttpReply.of(500)));
        }
    }

    @Nested
    class SwitchedOn extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Stage.switched(Switch.on(), Stage.onInput(UnaryOperator.identity()));
        }
    }

    @Nested
    class WhenNot extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Stage.when(exchange -> false, Stage.onOutput(reply -> HttpReply.of(500)));
        }
    }

    @Nested
    class When extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Stage.when(exchange -> true, Stage.onInput(UnaryOperator.identity()));
        }
    }

    @Nested
    class Operator extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Stage.operator(Function.identity());
        }

        @Override
        protected boolean allocates() {
            return true; // an operator
        }
    }

    /** Says what the flags are for: a body seen through an operator, and attempts with time in between. */
    @Nested
    class RewritingBodies extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Stage.around((exchange, next) -> next.call(
                            exchange.withBody(exchange.body().via(chunks -> chunks.map(chunk -> chunk))))
                    .map(reply -> reply.withBody(reply.body().via(chunks -> chunks.map(chunk -> chunk)))));
        }

        @Override
        protected boolean rewrites() {
            return true;
        }

        @Override
        protected boolean allocates() {
            return true;
        }
    }

    @Nested
    class Retrying extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Stage.operator(reply -> reply.retryWhen(
                    Retry.backoff(3, Duration.ofSeconds(1)).onRetryExhaustedThrow((spec, signal) -> signal.failure())));
        }

        @Override
        protected boolean retries() {
            return true;
        }

        @Override
        protected boolean allocates() {
            return true;
        }
    }
}
