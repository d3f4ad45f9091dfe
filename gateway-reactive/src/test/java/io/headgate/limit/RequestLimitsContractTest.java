package io.headgate.limit;

import io.headgate.Stage;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;
import io.headgate.test.TestExchange;
import org.junit.jupiter.api.Nested;

class RequestLimitsContractTest {

    private static final RequestLimits LIMITS =
            RequestLimits.create().withBody(1024).withTarget(100).withHead(1000).withFields(10);

    /** Requests whose size is known beforehand pass untouched. */
    @Nested
    class OfKnownLength extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return LIMITS.withBody(Long.MAX_VALUE);
        }
    }

    /** Bodies are counted. */
    @Nested
    class OfUnknownLength extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return LIMITS;
        }

        @Override
        protected HttpExchange exchange(Body body) {
            return TestExchange.post("/", body.isEmpty() ? body : body.via(chunks -> chunks));
        }

        @Override
        protected boolean rewrites() {
            return true; // the body is another object, with the same content
        }
    }
}
