package io.headgate.admin;

import io.headgate.admin.internal.Answer;
import io.headgate.admin.internal.Resource;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** {@code /metrics}. */
final class MetricsPage {

    private MetricsPage() {}

    static Resource of(Scrape metrics) {
        return Resource.of("/metrics", "metrics, for Prometheus", Scrape.TEXT, Scrape.OPEN_METRICS)
                .on("GET", ask -> {
                    ask.query().only();
                    byte[] body = metrics.scrape(ask.type()).getBytes(StandardCharsets.UTF_8);
                    return new Answer.Content(200, ask.type(), body, Map.of());
                });
    }
}
