package io.headgate.tracing;

import io.headgate.Stage;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;
import io.headgate.test.TestExchange;
import io.micrometer.observation.ObservationRegistry;

/** Both stages, for an exchange that was not picked. */
class IdleTracingContractTest extends StageContract {

    @Override
    protected Stage<HttpExchange, HttpReply> stage() {
        Tracing tracing = Tracing.of(ObservationRegistry.create());
        return next -> tracing.context().wrap(tracing.attempts().wrap(next));
    }

    @Override
    protected HttpExchange exchange(Body body) {
        return AttemptsContractTest.observed(TestExchange.post("/", body));
    }
}
