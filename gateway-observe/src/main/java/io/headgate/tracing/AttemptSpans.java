package io.headgate.tracing;

import io.headgate.http.HttpExchange;
import io.headgate.resolve.Endpoint;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes client observations of attempts. */
final class AttemptSpans {

    private static final Logger LOG = LoggerFactory.getLogger(AttemptSpans.class);
    private static final AttemptConvention STANDARD = AttemptConvention.create();

    private final ObservationRegistry registry;
    private final @Nullable ObservationConvention<AttemptContext> convention;
    private final @Nullable Endpoint endpoint;

    AttemptSpans(
            ObservationRegistry registry,
            @Nullable ObservationConvention<AttemptContext> convention,
            @Nullable Endpoint endpoint) {
        this.registry = registry;
        this.convention = convention;
        this.endpoint = endpoint;
    }

    /** Begins an attempt; null when nobody wants to know, or when a handler failed. */
    @Nullable AttemptSpan begin(HttpExchange exchange, Observation parent) {
        AttemptContext context = new AttemptContext(exchange, endpoint);
        context.setParentObservation(parent);
        try {
            Observation observation = Observation.start(convention, STANDARD, () -> context, registry);
            return observation.isNoop() ? null : new AttemptSpan(observation, context);
        } catch (RuntimeException e) {
            LOG.error("attempt of {}: cannot be traced", exchange, e);
            return null;
        }
    }
}
