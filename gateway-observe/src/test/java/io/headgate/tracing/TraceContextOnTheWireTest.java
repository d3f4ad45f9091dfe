package io.headgate.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.forward.Networks;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.Fields;
import io.micrometer.observation.ObservationRegistry;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.extension.trace.propagation.B3Propagator;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trace contexts on their way through: untouched without tracing, replaced with it, and never believed more than they should be. */
class TraceContextOnTheWireTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";
    private static final String SAMPLED = "00-" + TRACE + "-" + SPAN + "-01";
    private static final String UNSAMPLED = "00-" + TRACE + "-" + SPAN + "-00";

    /** All that speaks of traces, well-formed and not. */
    private static final Fields EVERYTHING = Fields.of(
            "traceparent", SAMPLED,
            "tracestate", "a=1, b=2",
            "tracestate", "c=3;x",
            "baggage", "user=%C3%A9, k=v;p=1",
            "b3", TRACE + "-" + SPAN + "-1",
            "x-b3-traceid", "NOT HEX",
            "x-b3-sampled", "1",
            "uber-trace-id", "1:2:3:1");

    private static final List<String> NAMES =
            List.of("traceparent", "tracestate", "baggage", "b3", "x-b3-traceid", "x-b3-sampled", "uber-trace-id");

    /** What there is of traces in some fields, in order. */
    private static List<String> traces(Fields fields) {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < fields.size(); i++) {
            if (NAMES.contains(fields.name(i).toString().toLowerCase(java.util.Locale.ROOT))) {
                found.add(fields.name(i) + ": " + fields.value(i));
            }
        }
        return found;
    }

    private static Wire wire(Pair pair, Tracing tracing) {
        return new Wire(
                pair,
                tracing.observers(),
                upstream -> tracing.context().wrap(tracing.attempts().wrap(upstream)));
    }

    // ---- untouched

    @ParameterizedTest
    @EnumSource
    void passesUntouchedWithoutTracing(Pair pair) {
        try (Wire wire = new Wire(pair, ExchangeObserver.Factory.NONE, upstream -> upstream)) {
            assertThat(traces(wire.answered(EVERYTHING, 200))).isEqualTo(traces(EVERYTHING));
        }
    }

    @ParameterizedTest
    @EnumSource
    void passesUntouchedWhenNobodyHandlesObservations(Pair pair) {
        try (Wire wire = wire(pair, Tracing.of(ObservationRegistry.create()))) {
            assertThat(traces(wire.answered(EVERYTHING, 200))).isEqualTo(traces(EVERYTHING));
        }
    }

    @ParameterizedTest
    @EnumSource
    void passesUntouchedWhenItIsNotPicked(Pair pair) {
        Fields fields = EVERYTHING.toBuilder().set("traceparent", UNSAMPLED).build();
        try (Spans spans = new Spans();
                Wire wire = wire(pair, Tracing.of(spans.registry).withShare(0.5).withDice(() -> 0))) {
            assertThat(traces(wire.answered(fields, 200))).isEqualTo(traces(fields));
            wire.awaitNoExchanges();
            assertThat(spans.finished()).isEmpty();
        }
    }

    // ---- picked

    @Test
    void theWishOfAPeerWhoIsBelievedWinsOverChance() {
        try (Spans spans = new Spans();
                Wire wire = wire(Pair.H1_H1, Tracing.of(spans.registry).withShare(0))) {
            assertThat(wire.answered(Fields.of("traceparent", SAMPLED), 200).get("traceparent"))
                    .contains(TRACE)
                    .doesNotContain(SPAN);
            wire.answered(Fields.empty(), 200);
            assertThat(spans.await(2)).extracting(SpanData::getTraceId).containsOnly(TRACE);
        }
    }

    @Test
    void strangersNeitherContinueTheirTraceNorChooseToBeTraced() {
        try (Spans spans = new Spans();
                Wire all = wire(Pair.H1_H1, Tracing.of(spans.registry).withTrusted(Networks.NONE));
                Wire none = wire(
                        Pair.H1_H1,
                        Tracing.of(spans.registry).withTrusted(Networks.NONE).withShare(0))) {
            Fields seen = all.answered(Fields.of("traceparent", SAMPLED, "tracestate", "a=1"), 200);
            assertThat(seen.all("traceparent")).hasSize(1).first().asString().doesNotContain(TRACE);
            assertThat(seen.get("tracestate"))
                    .as("belongs to the trace that is not continued")
                    .isNull();
            assertThat(none.answered(Fields.of("traceparent", SAMPLED), 200).get("traceparent"))
                    .isEqualTo(SAMPLED);
            assertThat(spans.await(2)).extracting(SpanData::getTraceId).doesNotContain(TRACE);
        }
    }

    @Test
    void peersInTrustedNetworksAreBelieved() {
        try (Spans spans = new Spans();
                Wire wire = wire(
                        Pair.H2_H2,
                        Tracing.of(spans.registry)
                                .withTrusted(Networks.of("127.0.0.0/8"))
                                .withShare(0))) {
            wire.answered(Fields.of("traceparent", SAMPLED), 200);
            assertThat(spans.await(2)).extracting(SpanData::getTraceId).containsOnly(TRACE);
        }
    }

    /** The tracer may say no as well; then the upstream is told so. */
    @Test
    void aTracerThatSamplesNothingSaysSo() {
        try (Spans spans = new Spans(W3CTraceContextPropagator.getInstance(), Sampler.alwaysOff());
                Wire wire = wire(Pair.H1_H2, Tracing.of(spans.registry))) {
            assertThat(wire.answered(Fields.of("traceparent", SAMPLED), 200).get("traceparent"))
                    .startsWith("00-" + TRACE)
                    .endsWith("-00");
            assertThat(spans.finished()).isEmpty();
        }
    }

    // ---- hostile

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"
            })
    void aMalformedContextIsReplacedByANewTrace(String malformed) {
        try (Spans spans = new Spans();
                Wire wire = wire(Pair.H1_H1, Tracing.of(spans.registry))) {
            Fields seen = wire.answered(Fields.of("traceparent", malformed, "tracestate", "a=1"), 200);
            SpanData server = Spans.server(spans.await(2));
            assertThat(server.getParentSpanContext().isValid()).isFalse();
            assertThat(seen.all("traceparent")).hasSize(1).first().asString().contains(server.getTraceId());
            assertThat(seen.contains("tracestate")).isFalse();
        }
    }

    @Test
    void twoContextsAreNone() {
        try (Spans spans = new Spans();
                Wire wire = wire(Pair.H2_H1, Tracing.of(spans.registry))) {
            Fields seen = wire.answered(Fields.of("traceparent", SAMPLED, "traceparent", UNSAMPLED), 200);
            assertThat(Spans.server(spans.await(2)).getTraceId()).isNotEqualTo(TRACE);
            assertThat(seen.all("traceparent")).hasSize(1).first().asString().doesNotContain(TRACE);
        }
    }

    @Test
    void aLongTracestateIsCutAtAMember() {
        String value = "v".repeat(90);
        String members = String.join(
                ",", IntStream.range(0, 30).mapToObj(i -> "k" + i + "=" + value).toList());
        try (Spans spans = new Spans();
                Wire wire = wire(Pair.H1_H1, Tracing.of(spans.registry))) {
            Fields seen = wire.answered(Fields.of("traceparent", SAMPLED, "tracestate", members), 200);
            assertThat(seen.get("tracestate")).hasSizeBetween(512, Carriers.TRACESTATE);
            assertThat(members).startsWith(seen.get("tracestate") + ",");
        }
    }

    @Test
    void manyMembersAreNotPassedOn() {
        String members = "a=1,".repeat(3000) + "b=2";
        try (Spans spans = new Spans();
                Wire wire = wire(Pair.H1_H1, Tracing.of(spans.registry))) {
            Fields seen = wire.answered(Fields.of("traceparent", SAMPLED, "tracestate", members), 200);
            assertThat(seen.get("traceparent")).contains(TRACE);
            assertThat(String.valueOf(seen.get("tracestate"))).hasSizeLessThanOrEqualTo(Carriers.TRACESTATE);
        }
    }

    // ---- other forms

    @ParameterizedTest
    @EnumSource
    void b3InOneField(Pair pair) {
        try (Spans spans = new Spans(B3Propagator.injectingSingleHeader(), Sampler.parentBased(Sampler.alwaysOn()));
                Wire wire = wire(
                        pair,
                        Tracing.of(spans.registry).withFormats(TraceFormat.B3).withShare(0))) {
            Fields seen = wire.answered(
                    Fields.of("b3", TRACE + "-" + SPAN + "-1", "x-b3-flags", "0", "traceparent", SAMPLED), 200);
            List<SpanData> all = spans.await(2);
            assertThat(all).extracting(SpanData::getTraceId).containsOnly(TRACE);
            assertThat(Spans.server(all).getParentSpanId()).isEqualTo(SPAN);
            String client = Spans.clients(all).get(0).getSpanId();
            assertThat(seen.all("b3")).containsExactly(TRACE + "-" + client + "-1");
            assertThat(seen.contains("x-b3-flags")).isFalse();
            assertThat(seen.get("traceparent"))
                    .as("not of a form that is traced")
                    .isEqualTo(SAMPLED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void b3InManyFields(Pair pair) {
        try (Spans spans = new Spans(B3Propagator.injectingMultiHeaders(), Sampler.parentBased(Sampler.alwaysOn()));
                Wire wire = wire(
                        pair,
                        Tracing.of(spans.registry).withFormats(TraceFormat.B3).withShare(0))) {
            Fields seen = wire.answered(
                    Fields.of(
                            "X-B3-TraceId",
                            TRACE,
                            "X-B3-SpanId",
                            SPAN,
                            "X-B3-ParentSpanId",
                            "1111111111111111",
                            "X-B3-Sampled",
                            "1"),
                    200);
            List<SpanData> all = spans.await(2);
            assertThat(Spans.server(all).getParentSpanId()).isEqualTo(SPAN);
            assertThat(seen.all("x-b3-traceid")).containsExactly(TRACE);
            assertThat(seen.all("x-b3-spanid"))
                    .containsExactly(Spans.clients(all).get(0).getSpanId());
            assertThat(seen.all("x-b3-sampled")).containsExactly("1");
            assertThat(seen.contains("x-b3-parentspanid")).isFalse();
        }
    }

    @Test
    void baggageGoesOnWhenThePropagatorKnowsIt() {
        TextMapPropagator both = TextMapPropagator.composite(
                W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance());
        try (Spans spans = new Spans(both, Sampler.alwaysOn());
                Wire wire = wire(Pair.H1_H2, Tracing.of(spans.registry))) {
            Fields seen = wire.answered(Fields.of("traceparent", SAMPLED, "baggage", "user=a"), 200);
            assertThat(seen.all("baggage")).containsExactly("user=a");
            assertThat(seen.get("traceparent")).contains(TRACE).doesNotContain(SPAN);
        }
    }
}
