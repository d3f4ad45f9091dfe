package io.headgate.benchmarks;

import io.headgate.Service;
import io.headgate.classify.Classifier;
import io.headgate.http.Body;
import io.headgate.http.CallWatch;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.ExchangeRecord;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.metrics.HttpConvention;
import io.headgate.metrics.HttpMetrics;
import io.headgate.metrics.LinkerdConvention;
import io.headgate.metrics.OtelConvention;
import io.headgate.resolve.Endpoint;
import io.headgate.route.Route;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** What it costs to measure an exchange of a client, and an attempt at an endpoint, with the registry of Prometheus. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HttpMetricsBenchmark {

    private static final Duration[] BUCKETS = OtelConvention.SECONDS.stream()
            .map(seconds -> Duration.ofMillis(Math.round(seconds * 1000)))
            .toArray(Duration[]::new);

    private final Endpoint endpoint = Endpoint.of("127.0.0.1", 9000);
    private final Route<String> route = Route.of("user", "users").withPath("/users/{id}");
    private final HttpExchange exchange =
            HttpExchange.of(RequestHead.of("GET", "example.org", "/users/7"), Body.empty());
    private final ReplyHead head = new ReplyHead(200, Fields.empty());
    private final Mono<HttpReply> reply = Mono.just(HttpReply.of(200));

    private final Service<HttpExchange, HttpReply> bare = input -> reply;
    private final Service<HttpExchange, HttpReply> watched =
            CallWatch.stage(input -> new IdleWatch()).wrap(bare);
    private final Service<HttpExchange, HttpReply> otel =
            metrics(OtelConvention.DEFAULTS).stageFor(endpoint).wrap(bare);
    private final Service<HttpExchange, HttpReply> linkerd =
            metrics(LinkerdConvention.DEFAULTS).stageFor(endpoint).wrap(bare);

    private final ExchangeObserver.Factory records = ExchangeRecord.to(record -> {});
    private final ExchangeObserver.Factory otelExchanges =
            metrics(OtelConvention.DEFAULTS).exchanges();
    private final ExchangeObserver.Factory linkerdExchanges =
            metrics(LinkerdConvention.DEFAULTS).exchanges();
    private final MeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ExchangeObserver.Factory naive = ExchangeRecord.to(this::lookUpAndRecord);

    private static HttpMetrics metrics(HttpConvention convention) {
        return HttpMetrics.of(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), convention);
    }

    /** The same series as by the conventions of OpenTelemetry, but for active requests, looked up for each exchange. */
    private void lookUpAndRecord(ExchangeRecord record) {
        boolean failed = Classifier.judge(record).isFailure();
        Route<?> taken = record.note(Route.KEY);
        ReplyHead replied = record.reply();
        Timer.builder("http.server.request.duration")
                .tags(Tags.of(
                        "http.request.method",
                        record.exchange().head().method(),
                        "http.response.status_code",
                        replied == null ? "" : Integer.toString(replied.status()),
                        "http.route",
                        taken == null ? "" : taken.path().toString(),
                        "url.scheme",
                        record.exchange().head().scheme(),
                        "network.protocol.version",
                        record.exchange().connection().version().toString(),
                        "error.type",
                        failed ? "failed" : ""))
                .serviceLevelObjectives(BUCKETS)
                .register(registry)
                .record(record.durationNanos(), TimeUnit.NANOSECONDS);
    }

    private ExchangeObserver observed(ExchangeObserver.Factory factory) {
        HttpExchange seen = new HttpExchange(
                exchange.head(),
                exchange.body(),
                exchange.connection(),
                exchange.deadline(),
                ExchangeNotes.attributes(),
                exchange.interim());
        ExchangeObserver observer = factory.observe(seen);
        if (observer == null) {
            throw new IllegalStateException("not observed");
        }
        ExchangeNotes.note(seen, Route.KEY, route);
        observer.onRequestEnd();
        observer.onReplyHead(head);
        observer.onReplyData(100);
        observer.onEnd(Outcome.COMPLETE, null);
        return observer;
    }

    /** An exchange of which a record is made for nobody. */
    @Benchmark
    public ExchangeObserver exchangeRecord() {
        return observed(records);
    }

    /** The same, measured by the conventions of OpenTelemetry. */
    @Benchmark
    public ExchangeObserver exchangeOtel() {
        return observed(otelExchanges);
    }

    /** The same, measured by Linkerd's names. */
    @Benchmark
    public ExchangeObserver exchangeLinkerd() {
        return observed(linkerdExchanges);
    }

    /** The same, with a look-up in the registry. */
    @Benchmark
    public ExchangeObserver exchangeLookedUp() {
        return observed(naive);
    }

    /** A call that nobody measures. */
    @Benchmark
    public void attemptBare(Blackhole hole) {
        bare.call(exchange).subscribe(new Reader(hole));
    }

    /** A call with a watch that does nothing. */
    @Benchmark
    public void attemptWatched(Blackhole hole) {
        watched.call(exchange).subscribe(new Reader(hole));
    }

    /** A call that is measured by the conventions of OpenTelemetry. */
    @Benchmark
    public void attemptOtel(Blackhole hole) {
        otel.call(exchange).subscribe(new Reader(hole));
    }

    /** A call that is measured by Linkerd's names. */
    @Benchmark
    public void attemptLinkerd(Blackhole hole) {
        linkerd.call(exchange).subscribe(new Reader(hole));
    }

    private static final class Reader implements CoreSubscriber<HttpReply> {

        private final Blackhole hole;

        Reader(Blackhole hole) {
            this.hole = hole;
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(HttpReply answer) {
            answer.discard();
            hole.consume(answer);
        }

        @Override
        public void onError(Throwable error) {
            hole.consume(error);
        }

        @Override
        public void onComplete() {
            // the reply was consumed
        }
    }
}
