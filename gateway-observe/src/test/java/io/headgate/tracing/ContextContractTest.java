package io.headgate.tracing;

import io.headgate.Stage;
import io.headgate.http.Body;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;
import io.headgate.test.TestExchange;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationTextPublisher;

/** The stage of the Reactor context, for an exchange that is traced. */
class ContextContractTest extends StageContract {

    private final ObservationRegistry registry = ObservationRegistry.create();

    @Override
    protected Stage<HttpExchange, HttpReply> stage() {
        registry.observationConfig().observationHandler(new ObservationTextPublisher(text -> {}));
        return Tracing.of(registry).context();
    }

    @Override
    protected HttpExchange exchange(Body body) {
        HttpExchange exchange = AttemptsContractTest.observed(TestExchange.post("/", body));
        ExchangeNotes.note(exchange, Tracing.KEY, Observation.start("server", registry));
        return exchange;
    }

    @Override
    protected boolean allocates() {
        return true;
    }
}
