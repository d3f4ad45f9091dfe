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
import org.jspecify.annotations.Nullable;

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
        warmUp(propagator);
        return new ObservationHandler.FirstMatchingCompositeObservationHandler(
                new Exchanges(tracer, propagator),
                new Attempts(tracer, propagator),
                new PropagatingReceiverTracingObservationHandler<>(tracer, propagator),
                new PropagatingSenderTracingObservationHandler<>(tracer, propagator),
                new DefaultTracingObservationHandler(tracer));
    }

    /** OpenTelemetry reads files of the class path when it is first used, which must not be on an event loop. */
    private static void warmUp(Propagator propagator) {
        propagator.extract("", (nothing, key) -> null);
    }

    private static void tag(Observation.Context context, Span span) {
        for (KeyValue entry : context.getAllKeyValues()) {
            Integer number = number(entry);
            if (number == null) {
                span.tag(entry.getKey(), entry.getValue());
            } else {
                span.tag(entry.getKey(), number);
            }
        }
    }

    private static void tag(Observation.Context context, Span.Builder span) {
        for (KeyValue entry : context.getAllKeyValues()) {
            Integer number = number(entry);
            if (number == null) {
                span.tag(entry.getKey(), entry.getValue());
            } else {
                span.tag(entry.getKey(), number);
            }
        }
    }

    private static @Nullable Integer number(KeyValue entry) {
        if (!NUMBERS.contains(entry.getKey())) {
            return null;
        }
        try {
            return Integer.valueOf(entry.getValue());
        } catch (NumberFormatException notOne) {
            return null; // of a convention that has words for it
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
            tag(context, builder);
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
