package io.headgate.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelPropagator;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** OpenTelemetry behind Micrometer, with an exporter that keeps the spans. */
final class Spans implements AutoCloseable {

    final InMemorySpanExporter exporter = InMemorySpanExporter.create();
    final ObservationRegistry registry = ObservationRegistry.create();
    final OtelTracer tracer;
    final OtelPropagator propagator;
    private final SdkTracerProvider provider;

    Spans() {
        this(W3CTraceContextPropagator.getInstance(), Sampler.parentBased(Sampler.alwaysOn()));
    }

    Spans(TextMapPropagator format, Sampler sampler) {
        provider = SdkTracerProvider.builder()
                .setSampler(sampler)
                .addSpanProcessor(BatchSpanProcessor.builder(exporter)
                        .setScheduleDelay(Duration.ofMillis(10))
                        .build())
                .build();
        io.opentelemetry.api.trace.Tracer otel = provider.get("test");
        tracer = new OtelTracer(otel, new OtelCurrentTraceContext(), event -> {});
        propagator = new OtelPropagator(ContextPropagators.create(format), otel);
        registry.observationConfig().observationHandler(TracingHandlers.of(tracer, propagator));
    }

    /** Waits for some spans, and for no more. */
    List<SpanData> await(int count) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(finished()).hasSize(count));
        return finished();
    }

    List<SpanData> finished() {
        provider.forceFlush().join(5, TimeUnit.SECONDS);
        return exporter.getFinishedSpanItems();
    }

    static SpanData server(List<SpanData> spans) {
        return of(spans, SpanKind.SERVER).get(0);
    }

    static List<SpanData> clients(List<SpanData> spans) {
        return of(spans, SpanKind.CLIENT);
    }

    private static List<SpanData> of(List<SpanData> spans, SpanKind kind) {
        return spans.stream().filter(span -> span.getKind() == kind).toList();
    }

    static @Nullable String text(SpanData span, String key) {
        return span.getAttributes().get(AttributeKey.stringKey(key));
    }

    static @Nullable Long number(SpanData span, String key) {
        return span.getAttributes().get(AttributeKey.longKey(key));
    }

    @Override
    public void close() {
        provider.close();
    }
}
