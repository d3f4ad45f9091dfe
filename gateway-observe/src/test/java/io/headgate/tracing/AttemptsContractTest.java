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

/** The stage of attempts, for an exchange that is traced. */
class AttemptsContractTest extends StageContract {

    private final ObservationRegistry registry = ObservationRegistry.create();

    @Override
    protected Stage<HttpExchange, HttpReply> stage() {
        registry.observationConfig().observationHandler(new ObservationTextPublisher(text -> {}));
        return Tracing.of(registry).attempts();
    }

    @Override
    protected HttpExchange exchange(Body body) {
        HttpExchange exchange = observed(TestExchange.post("/", body));
        ExchangeNotes.note(exchange, Tracing.KEY, Observation.start("server", registry));
        return exchange;
    }

    static HttpExchange observed(HttpExchange exchange) {
        return new HttpExchange(
                exchange.head(),
                exchange.body(),
                exchange.connection(),
                exchange.deadline(),
                ExchangeNotes.attributes(),
                exchange.interim());
    }

    @Override
    protected boolean rewrites() {
        return true; // bodies are watched
    }

    @Override
    protected boolean allocates() {
        return true;
    }
}
