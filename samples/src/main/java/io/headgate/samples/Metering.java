package io.headgate.samples;

import io.headgate.metrics.EngineMetrics;
import io.headgate.metrics.HttpConvention;
import io.headgate.metrics.HttpMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** Metrics in a registry of their own, as Prometheus reads them. */
final class Metering implements AutoCloseable {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final EngineMetrics engines = EngineMetrics.of(registry);
    private final HttpMetrics http;

    Metering(HttpConvention names) {
        http = HttpMetrics.of(registry, names);
    }

    HttpMetrics http() {
        return http;
    }

    EngineMetrics engines() {
        return engines;
    }

    String scrape(String contentType) {
        http.sweep();
        return registry.scrape(contentType);
    }

    @Override
    public void close() {
        http.close();
        registry.close();
    }
}
