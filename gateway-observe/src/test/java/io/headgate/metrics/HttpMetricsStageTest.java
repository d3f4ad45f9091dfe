package io.headgate.metrics;

import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.test.StageContract;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

class HttpMetricsStageTest extends StageContract {

    @Override
    protected Stage<HttpExchange, HttpReply> stage() {
        return HttpMetrics.of(new SimpleMeterRegistry()).stageFor(Endpoint.of("127.0.0.1", 9000));
    }

    @Override
    protected boolean rewrites() {
        return true; // the body of a reply is watched
    }

    @Override
    protected boolean allocates() {
        return true; // a watch for each call
    }
}
