package io.headgate.samples;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Prints spans, or drops them as a far collector would take them: out of sight. */
final class SpanLines implements SpanExporter {

    private final @Nullable Consumer<String> lines;

    SpanLines(@Nullable Consumer<String> lines) {
        this.lines = lines;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        if (lines != null) {
            spans.stream().map(SpanLines::line).forEach(lines);
        }
        return CompletableResultCode.ofSuccess();
    }

    private static String line(SpanData span) {
        StringJoiner attributes = new StringJoiner(" ");
        TreeMap<String, Object> sorted = new TreeMap<>();
        span.getAttributes().forEach((key, value) -> sorted.put(key.getKey(), value));
        sorted.forEach((key, value) -> attributes.add(key + "=" + value));
        String parent = span.getParentSpanContext().isValid() ? " parent=" + span.getParentSpanId() : "";
        return String.format(
                Locale.ROOT,
                "span trace=%s id=%s%s %s \"%s\" %.1fms %s",
                span.getTraceId(),
                span.getSpanId(),
                parent,
                span.getKind().name().toLowerCase(Locale.ROOT),
                span.getName(),
                (span.getEndEpochNanos() - span.getStartEpochNanos()) / 1e6,
                attributes);
    }

    @Override
    public CompletableResultCode flush() {
        return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
        return CompletableResultCode.ofSuccess();
    }
}
