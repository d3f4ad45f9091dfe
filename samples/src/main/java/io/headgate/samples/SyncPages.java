package io.headgate.samples;

import io.headgate.Service;
import io.headgate.gateway.GatewaySpec;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.sync.metrics.SyncHealth;
import io.headgate.sync.metrics.SyncMetrics;
import io.headgate.sync.server.SyncServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What a sync server shows over HTTP: metrics, and whether it is alive and ready. */
final class SyncPages implements AutoCloseable {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final SyncMetrics metrics = SyncMetrics.of(registry);
    private @Nullable Running running;

    SyncMetrics metrics() {
        return metrics;
    }

    /** Opens the port and returns its URL. */
    String open(ListenAddress address, SyncServer server) {
        Service<HttpExchange, HttpReply> health = SyncHealth.of(server);
        running = Running.start(
                GatewaySpec.DEFAULTS,
                address,
                gateway -> exchange ->
                        exchange.head().path().equals("/metrics") ? scrape(exchange) : health.call(exchange));
        return running.url();
    }

    private Mono<HttpReply> scrape(HttpExchange exchange) {
        exchange.body().discard();
        return Mono.fromSupplier(() -> HttpReply.of(
                        200, Fields.of("content-type", "text/plain; version=0.0.4"), Body.utf8(registry.scrape())))
                .subscribeOn(Schedulers.boundedElastic()); // a registry may take locks
    }

    @Override
    public void close() {
        if (running != null) {
            running.close();
        }
        metrics.close();
        registry.close();
    }
}
