package io.headgate.admin;

/**
 * Writes all metrics as Prometheus reads them: {@code PrometheusMeterRegistry::scrape} of Micrometer is one.
 *
 * <p><b>Threading.</b> Called on threads of the admin server, by several at once; may take its time and may block.
 */
@FunctionalInterface
public interface Scrape {

    /** The text format of Prometheus. */
    String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    /** OpenMetrics 1.0. */
    String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /**
     * Writes all metrics.
     *
     * @param contentType {@link #TEXT} or {@link #OPEN_METRICS}, whichever the client likes better
     * @return the metrics in that format
     */
    String scrape(String contentType);
}
