package io.headgate.timeout;

import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

class TimeoutContractTest {

    @Nested
    class OfTheHead extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Timeout.of(Duration.ofMinutes(2));
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
    class OfTheExchange extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return ExchangeTimeout.of(Duration.ofHours(2));
        }

        @Override
        protected boolean rewrites() {
            return true; // the deadline, and the reply body is another object
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
    class DeadlineSent extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return DeadlineField.of("x-timeout-ms").send();
        }
    }

    @Nested
    class DeadlineReceived extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return DeadlineField.of("x-timeout-ms").receive(io.headgate.forward.Networks.NONE);
        }
    }
}
