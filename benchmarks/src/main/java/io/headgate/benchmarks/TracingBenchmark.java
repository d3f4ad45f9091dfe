package io.headgate.benchmarks;

import io.headgate.Attributes;
import io.headgate.Deadline;
import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.ConnectionInfo;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.http.RequestHead;
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
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;
import reactor.core.publisher.Mono;

/**
 * What tracing adds to an exchange: the observer of the exchange, the stages of context and attempts, one subscriber, a reply
 * without a body. Spans end in a tracer of OpenTelemetry that exports nothing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TracingBenchmark {

    private static final Fields FIELDS = Fields.of(
            "user-agent", "bench/1",
            "accept", "*/*",
            "accept-encoding", "gzip",
            "cookie", "session=0123456789",
            "x-request-id", "0190a5f0-0000-7000-8000-000000000000");

    private final RequestHead head = new RequestHead("GET", "http", "example.org", "/orders/7", FIELDS);
    private final HttpReply reply = HttpReply.of(204);
    private final Mono<HttpReply> replies = Mono.just(reply);

    private final Setup off = new Setup(ExchangeObserver.Factory.NONE, input -> replies);
    private final Setup observed = new Setup(exchange -> null, input -> replies);
    private final Setup notPicked = setup(tracing(Sampler.alwaysOn()).withShare(0));
    private final Setup onePercent = setup(tracing(Sampler.alwaysOn()).withShare(0.01));
    private final Setup all = setup(tracing(Sampler.alwaysOn()));
    private final Setup leftToTracer = setup(tracing(Sampler.alwaysOff()));

    /** No observer, no stage. */
    @Benchmark
    public void off(Blackhole hole) {
        run(off, hole);
    }

    /** An observer of another kind that does not want to know: what notes cost. */
    @Benchmark
    public void observed(Blackhole hole) {
        run(observed, hole);
    }

    /** The 99 of 100. */
    @Benchmark
    public void notPicked(Blackhole hole) {
        run(notPicked, hole);
    }

    /** One of 100, on average. */
    @Benchmark
    public void onePercent(Blackhole hole) {
        run(onePercent, hole);
    }

    /** Every exchange, two spans each. */
    @Benchmark
    public void all(Blackhole hole) {
        run(all, hole);
    }

    /** Every exchange is observed, and then the tracer samples none. */
    @Benchmark
    public void leftToTracer(Blackhole hole) {
        run(leftToTracer, hole);
    }

    private void run(Setup setup, Blackhole hole) {
        boolean none = setup.observers == ExchangeObserver.Factory.NONE;
        Attributes attributes = none ? Attributes.EMPTY : ExchangeNotes.attributes();
        HttpExchange exchange =
                new HttpExchange(head, Body.empty(), ConnectionInfo.NONE, Deadline.NONE, attributes, interim -> {});
        ExchangeObserver observer = none ? null : setup.observers.observe(exchange);
        setup.service.call(exchange).subscribe(new Sink(hole));
        if (observer != null) {
            observer.onReplyHead(reply.head());
            observer.onEnd(Outcome.COMPLETE, null);
        }
    }

    private Setup setup(Tracing tracing) {
        return new Setup(
                tracing.observers(), tracing.context().wrap(tracing.attempts().wrap(input -> replies)));
    }

    private static Tracing tracing(Sampler sampler) {
        Tracer otel = SdkTracerProvider.builder().setSampler(sampler).build().get("bench");
        OtelTracer tracer = new OtelTracer(otel, new OtelCurrentTraceContext(), event -> {});
        ContextPropagators w3c = ContextPropagators.create(W3CTraceContextPropagator.getInstance());
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(TracingHandlers.of(tracer, new OtelPropagator(w3c, otel)));
        return Tracing.of(registry);
    }

    private record Setup(ExchangeObserver.Factory observers, Service<HttpExchange, HttpReply> service) {}
}
