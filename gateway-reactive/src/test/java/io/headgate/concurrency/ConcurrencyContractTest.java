package io.headgate.concurrency;

import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

class ConcurrencyContractTest {

    /** A scripted body is watched from outside, which makes another object of the same content. */
    private abstract static class Limiting extends StageContract {

        @Override
        protected boolean allocates() {
            return true; // a permit for each call
        }

        @Override
        protected boolean rewrites() {
            return true;
        }
    }

    @Nested
    class OfALimit extends Limiting {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return ConcurrencyLimit.of(100).withQueue(10, Duration.ofSeconds(1));
        }
    }

    @Nested
    class OfABulkhead extends Limiting {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Bulkhead.of(100, HttpExchange::head);
        }
    }

    @Nested
    class OfLoadShedding extends Limiting {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return LoadShedding.create();
        }
    }
}
