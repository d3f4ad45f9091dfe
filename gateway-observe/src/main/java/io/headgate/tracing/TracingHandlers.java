package io.headgate.tracing;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingReceiverTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingSenderTracingObservationHandler;
import io.micrometer.tracing.propagation.Propagator;
import java.util.Set;

/**
 * What makes spans of observations, for registries that no framework has set up.
 *
 * <pre>{@code
 * registry.observationConfig().observationHandler(TracingHandlers.of(tracer, propagator));
 * }</pre>
 *
 * <p>It handles all observations as Micrometer Tracing does. Those of {@link Tracing} besides have numbers where OpenTelemetry
 * wants numbers ({@code http.response.status_code}, {@code server.port}), and spans of exchanges have the name of the method and
 * what the head says from their beginning, so that a sampler of the tracer can go by them. With the handlers of Micrometer alone
 * these are texts, and come at the end.
 */
public final class TracingHandlers {

    private static final Set<String> NUMBERS = Set.of(Keys.STATUS, Keys.SERVER_PORT, Keys.RESEND_COUNT);

    private TracingHandlers() {}

    /**
     * Makes spans of all observations.
     *
     * @param tracer makes the spans; its exporter must not block the threads that end them
     * @param propagator reads and writes trace contexts: W3C, B3, or both
     * @return the handler for a registry
     */
    public static ObservationHandler<Observation.Context> of(Tracer tracer, Propagator propagator) {
        return new ObservationHandler.FirstMatchingCompositeObservationHandler(
                new Exchanges(tracer, propagator),
                new Attempts(tracer, propagator),
                new PropagatingReceiverTracingObservationHandler<>(tracer, propagator),
                new PropagatingSenderTracingObservationHandler<>(tracer, propagator),
                new DefaultTracingObservationHandler(tracer));
    }

    private static void tag(Observation.Context context, Span span) {
        for (KeyValue entry : context.getAllKeyValues()) {
            if (NUMBERS.contains(entry.getKey())) {
                tagNumber(span, entry);
            } else {
                span.tag(entry.getKey(), entry.getValue());
            }
        }
    }

    /** A port of an authority is of digits, but how many is up to the client. */
    private static void tagNumber(Span span, KeyValue entry) {
        try {
            span.tag(entry.getKey(), Integer.parseInt(entry.getValue()));
        } catch (NumberFormatException notOne) {
            span.tag(entry.getKey(), entry.getValue());
        }
    }

    private static final class Exchanges extends PropagatingReceiverTracingObservationHandler<ExchangeContext> {

        Exchanges(Tracer tracer, Propagator propagator) {
            super(tracer, propagator);
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return context instanceof ExchangeContext;
        }

        @Override
        public Span.Builder customizeExtractedSpan(ExchangeContext context, Span.Builder builder) {
            builder.name(Methods.name(context.exchange().head().method()));
            for (KeyValue entry : context.getAllKeyValues()) {
                builder.tag(entry.getKey(), entry.getValue());
            }
            return builder;
        }

        @Override
        public void tagSpan(ExchangeContext context, Span span) {
            tag(context, span);
        }
    }

    private static final class Attempts extends PropagatingSenderTracingObservationHandler<AttemptContext> {

        Attempts(Tracer tracer, Propagator propagator) {
            super(tracer, propagator);
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return context instanceof AttemptContext;
        }

        @Override
        public void tagSpan(AttemptContext context, Span span) {
            tag(context, span);
        }
    }
}
