package io.headgate.samples;

import io.headgate.tracing.Tracing;
import io.headgate.tracing.TracingHandlers;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelPropagator;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tracing by OpenTelemetry in this process, behind Micrometer; what takes the spans is a line printer at most. */
final class Traces implements AutoCloseable {

    private static final Duration DELAY = Duration.ofMillis(200);
    private static final long PATIENCE_SECONDS = 5;

    private final SdkTracerProvider provider;
    private final Tracing tracing;

    Traces(double share, @Nullable Consumer<String> lines) {
        provider = SdkTracerProvider.builder()
                .setSampler(Sampler.parentBased(Sampler.alwaysOn()))
                .addSpanProcessor(BatchSpanProcessor.builder(new SpanLines(lines))
                        .setScheduleDelay(DELAY)
                        .build())
                .build();
        Tracer otel = provider.get("headgate");
        OtelTracer tracer = new OtelTracer(otel, new OtelCurrentTraceContext(), event -> {});
        OtelPropagator propagator =
                new OtelPropagator(ContextPropagators.create(W3CTraceContextPropagator.getInstance()), otel);
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(TracingHandlers.of(tracer, propagator));
        tracing = Tracing.of(registry).withShare(share);
    }

    Tracing tracing() {
        return tracing;
    }

    /** Spans that have ended are exported when this returns. */
    void flush() {
        provider.forceFlush().join(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        flush();
        provider.shutdown().join(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
