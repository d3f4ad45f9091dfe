package io.headgate.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.forward.Forwarded;
import io.headgate.forward.Networks;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import io.headgate.retry.BudgetSettings;
import io.headgate.retry.Retry;
import io.headgate.retry.RetryBudget;
import io.headgate.retry.RetryPolicy;
import io.headgate.route.Route;
import io.headgate.route.RouteTable;
import io.headgate.test.ScriptedBody;
import io.headgate.test.ScriptedService;
import io.headgate.trace.RequestId;
import io.micrometer.observation.Observation;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** Spans and trace contexts between real connections. */
class TracingOnTheWireTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";
    private static final String TRACEPARENT = "00-" + TRACE + "-" + PARENT + "-01";
    private static final Fields TRACED = Fields.of("traceparent", TRACEPARENT, "tracestate", "a=1,b=2");

    private final Spans spans = new Spans();
    private final Tracing tracing = Tracing.of(spans.registry);
    private final Retry retry = Retry.of(
            RetryPolicy.DEFAULTS.withAnyMethod(), RetryBudget.of(new BudgetSettings(0, 100, Duration.ofSeconds(1))));

    @AfterEach
    void close() {
        spans.close();
    }

    private Wire wire(Pair pair) {
        return wire(pair, tracing, UnaryOperator.identity());
    }

    /** A gateway that traces, with stages between the two ends of the tracing. */
    private static Wire wire(Pair pair, Tracing with, UnaryOperator<Service<HttpExchange, HttpReply>> between) {
        return new Wire(
                pair,
                with.observers(),
                upstream ->
                        with.context().wrap(routed(between.apply(with.attempts().wrap(upstream)))));
    }

    private static Service<HttpExchange, HttpReply> routed(Service<HttpExchange, HttpReply> next) {
        RouteTable<String> table = RouteTable.<String>builder()
                .add(Route.of("orders", "x").withPath("/orders/{id}"))
                .build();
        return Stage.<HttpExchange, HttpReply>around((exchange, service) -> {
                    table.recognize(exchange);
                    return service.call(exchange);
                })
                .wrap(next);
    }

    @ParameterizedTest
    @EnumSource
    void eachHopIsTheChildOfTheOneBefore(Pair pair) {
        try (Wire wire = wire(pair)) {
            Fields seen = wire.answered(TRACED, 200);

            List<SpanData> all = spans.await(2);
            SpanData server = Spans.server(all);
            SpanData client = Spans.clients(all).get(0);
            assertThat(server.getTraceId()).isEqualTo(TRACE);
            assertThat(server.getParentSpanId()).isEqualTo(PARENT);
            assertThat(client.getTraceId()).isEqualTo(TRACE);
            assertThat(client.getParentSpanId()).isEqualTo(server.getSpanId());
            assertThat(seen.all("traceparent")).containsExactly("00-" + TRACE + "-" + client.getSpanId() + "-01");
            assertThat(seen.all("tracestate")).containsExactly("a=1,b=2");
        }
    }

    @ParameterizedTest
    @EnumSource
    void spansSayWhatOpenTelemetryWantsToKnow(Pair pair) {
        try (Wire wire = wire(pair)) {
            wire.answered(Fields.of("user-agent", "test"), 200);

            List<SpanData> all = spans.await(2);
            SpanData server = Spans.server(all);
            assertThat(server.getName()).isEqualTo("GET /orders/{id}");
            assertThat(server.getParentSpanContext().isValid()).isFalse();
            assertThat(Spans.text(server, "http.request.method")).isEqualTo("GET");
            assertThat(Spans.text(server, "http.route")).isEqualTo("/orders/{id}");
            assertThat(Spans.number(server, "http.response.status_code")).isEqualTo(200);
            assertThat(Spans.text(server, "server.address")).isEqualTo("shop.example");
            assertThat(Spans.number(server, "server.port")).isEqualTo(8080);
            assertThat(Spans.text(server, "url.path")).isEqualTo("/orders/7");
            assertThat(Spans.text(server, "url.query")).isNull();
            assertThat(Spans.text(server, "url.scheme")).isEqualTo("http");
            assertThat(Spans.text(server, "client.address")).isEqualTo("127.0.0.1");
            assertThat(Spans.text(server, "user_agent.original")).isEqualTo("test");
            assertThat(Spans.text(server, "network.protocol.version"))
                    .isEqualTo(pair.front.equals("http") ? "1.1" : "2");
            assertThat(Spans.text(server, "gateway.outcome")).isEqualTo("complete");
            assertThat(Spans.text(server, "gateway.route")).isEqualTo("orders");
            assertThat(Spans.text(server, "error.type")).isNull();

            SpanData client = Spans.clients(all).get(0);
            assertThat(client.getName()).isEqualTo("GET");
            assertThat(Spans.text(client, "server.address")).isEqualTo("127.0.0.1");
            assertThat(Spans.number(client, "server.port")).isEqualTo(wire.upstreamPort);
            assertThat(Spans.number(client, "http.response.status_code")).isEqualTo(200);
            assertThat(Spans.number(client, "http.request.resend_count")).isNull();
            assertThat(Spans.text(client, "url.full")).isEqualTo("http://shop.example:8080/orders/7");
            assertThat(Spans.text(client, "network.protocol.version"))
                    .isEqualTo(pair.back.equals("http") ? "1.1" : "2");
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachAttemptHasASpanOfItsOwn(Pair pair) {
        try (Wire wire = wire(pair, tracing, retry::wrap)) {
            CompletableFuture<HttpReply> reply = wire.get("/", TRACED).toFuture();
            wire.call(1).reply(HttpReply.text(503, "sorry"));
            wire.call(2).reply(HttpReply.text(200, "fine"));
            reply.join().discard();

            List<SpanData> all = spans.await(3);
            SpanData server = Spans.server(all);
            List<SpanData> attempts = Spans.clients(all);
            assertThat(attempts)
                    .extracting(SpanData::getParentSpanId)
                    .containsExactly(server.getSpanId(), server.getSpanId());
            assertThat(attempts)
                    .extracting(span -> Spans.number(span, "http.response.status_code"))
                    .containsExactly(503L, 200L);
            assertThat(attempts)
                    .extracting(span -> Spans.number(span, "http.request.resend_count"))
                    .containsExactly(null, 1L);
            assertThat(attempts.get(0).getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
            assertThat(server.getStatus().getStatusCode()).isNotEqualTo(StatusCode.ERROR);
            for (int i = 0; i < 2; i++) {
                assertThat(wire.call(i + 1).exchange().head().fields().get("traceparent"))
                        .contains(attempts.get(i).getSpanId());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReplyOf5xxIsAnErrorOfBoth(Pair pair) {
        try (Wire wire = wire(pair)) {
            wire.answered(TRACED, 503);

            assertThat(spans.await(2)).allSatisfy(span -> {
                assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
                assertThat(Spans.text(span, "error.type")).isEqualTo("503");
                assertThat(Spans.text(span, "gateway.outcome")).isEqualTo("complete");
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReplyOf4xxIsAnErrorOfTheClientSideAlone(Pair pair) {
        try (Wire wire = wire(pair)) {
            wire.answered(TRACED, 404);

            List<SpanData> all = spans.await(2);
            assertThat(Spans.text(Spans.server(all), "error.type")).isNull();
            assertThat(Spans.server(all).getStatus().getStatusCode()).isNotEqualTo(StatusCode.ERROR);
            assertThat(Spans.text(Spans.clients(all).get(0), "error.type")).isEqualTo("404");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anUpstreamThatFailsIsToldOfBoth(Pair pair) {
        try (Wire wire = wire(pair)) {
            CompletableFuture<HttpReply> reply = wire.get("/", TRACED).toFuture();
            ScriptedBody body = wire.call(1).reply(200, Fields.of("content-length", "10"));
            reply.join().body().subscribe(chunk -> chunk.release(), cut -> {});
            Awaitility.await().atMost(Wire.SOON).until(() -> body.requested() > 0);
            body.fail(new IllegalStateException("on purpose"));

            assertThat(spans.await(2)).allSatisfy(span -> {
                assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
                assertThat(Spans.text(span, "gateway.outcome")).isEqualTo("failed");
                assertThat(Spans.text(span, "error.type")).isNotNull();
                assertThat(span.getEvents()).hasSize(1);
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesBeforeTheReplyEndsBothOnce(Pair pair) {
        try (Wire wire = wire(pair)) {
            Disposable call = wire.get("/", TRACED).subscribe();
            wire.call(1);
            call.dispose();

            assertThat(spans.await(2)).allSatisfy(TracingOnTheWireTest::assertCancelled);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesInTheBodyEndsBothOnce(Pair pair) {
        try (Wire wire = wire(pair)) {
            CompletableFuture<HttpReply> reply = wire.get("/", TRACED).toFuture();
            wire.call(1).reply(200, Fields.empty());
            reply.join().discard();

            assertThat(spans.await(2)).allSatisfy(span -> {
                assertCancelled(span);
                assertThat(Spans.number(span, "http.response.status_code")).isEqualTo(200);
            });
        }
    }

    private static void assertCancelled(SpanData span) {
        assertThat(Spans.text(span, "gateway.outcome")).isEqualTo("cancelled");
        assertThat(span.getStatus().getStatusCode()).isNotEqualTo(StatusCode.ERROR);
    }

    @ParameterizedTest
    @EnumSource
    void aRefusalHasASpanAndNoAttempt(Pair pair) {
        UnaryOperator<Service<HttpExchange, HttpReply>> refusing =
                next -> exchange -> Mono.error(new RefusedException(413, "body: too long (expected: shorter)"));
        try (Wire wire = wire(pair, tracing, refusing)) {
            wire.get("/", TRACED).block(Wire.SOON).discard();

            SpanData server = spans.await(1).get(0);
            assertThat(Spans.text(server, "gateway.outcome")).isEqualTo("rejected");
            assertThat(Spans.number(server, "http.response.status_code")).isEqualTo(413);
            assertThat(server.getStatus().getStatusCode()).isNotEqualTo(StatusCode.ERROR);
        }
    }

    @ParameterizedTest
    @EnumSource
    void grpcIsJudgedByItsTrailers(Pair pair) {
        try (Wire wire = wire(pair)) {
            Fields grpc = Fields.of("content-type", "application/grpc", "te", "trailers", "traceparent", TRACEPARENT);
            CompletableFuture<HttpReply> reply =
                    wire.post("/pkg.Shop/Buy", grpc, Body.utf8("x")).toFuture();
            ScriptedService.Call call = wire.call(1);
            ScriptedBody body = call.reply(200, Fields.of("content-type", "application/grpc"));
            Body got = reply.join().body();
            CompletableFuture<Fields> trailers =
                    got.doOnNext(chunk -> chunk.release()).then(got.trailers()).toFuture();
            body.complete(Fields.of("grpc-status", "14"));
            assertThat(trailers.join().get("grpc-status")).isEqualTo("14");

            assertThat(spans.await(2)).allSatisfy(span -> {
                assertThat(Spans.text(span, "rpc.system.name")).isEqualTo("grpc");
                assertThat(Spans.text(span, "rpc.response.status_code")).isEqualTo("UNAVAILABLE");
                assertThat(Spans.text(span, "error.type")).isEqualTo("UNAVAILABLE");
                assertThat(Spans.number(span, "http.response.status_code")).isEqualTo(200);
                assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
                assertThat(span.getName()).isEqualTo("POST");
            });
        }
    }

    /** User code between finds the server span, and what it begins is between the server span and the attempt. */
    @Test
    void userCodeBetweenSeesAndMakesObservations() {
        UnaryOperator<Service<HttpExchange, HttpReply>> user = next -> exchange -> Mono.deferContextual(context -> {
            Observation found = context.get(ObservationThreadLocalAccessor.KEY);
            Observation own = Observation.createNotStarted("own", spans.registry)
                    .parentObservation(found)
                    .start();
            return next.call(exchange)
                    .doFinally(end -> own.stop())
                    .contextWrite(Context.of(ObservationThreadLocalAccessor.KEY, own));
        });
        try (Wire wire = wire(Pair.H1_H1, tracing, user)) {
            wire.answered(TRACED, 200);

            List<SpanData> all = spans.await(3);
            SpanData own = all.stream()
                    .filter(span -> span.getName().equals("own"))
                    .findFirst()
                    .orElseThrow();
            assertThat(own.getParentSpanId()).isEqualTo(Spans.server(all).getSpanId());
            assertThat(Spans.clients(all).get(0).getParentSpanId()).isEqualTo(own.getSpanId());
        }
    }

    @Test
    void theClientBehindATrustedProxyAndTheIdOfTheRequestAreTold() {
        UnaryOperator<Service<HttpExchange, HttpReply>> found = next -> Forwarded.create()
                .withTrusted(Networks.of("127.0.0.0/8"))
                .wrap(RequestId.create().withAllKept().wrap(next));
        try (Wire wire = wire(Pair.H1_H1, tracing, found)) {
            wire.answered(Fields.of("x-forwarded-for", "192.0.2.7", "x-request-id", "id-1"), 200);

            SpanData server = Spans.server(spans.await(2));
            assertThat(Spans.text(server, "client.address")).isEqualTo("192.0.2.7");
            assertThat(Spans.text(server, "gateway.request_id")).isEqualTo("id-1");
        }
    }

    @Test
    void handlersThatThrowHurtNoExchange() {
        spans.registry.observationConfig().observationHandler(new BrokenHandler());
        try (Wire wire = wire(Pair.H1_H1)) {
            for (String broken : List.of("http.server.request start", "http.client.request start", "stop")) {
                String seen = wire.answered(Fields.of("traceparent", TRACEPARENT, "x-broken", broken), 200)
                        .get("traceparent");
                assertThat(seen.equals(TRACEPARENT)).as(broken).isEqualTo(!broken.equals("stop"));
            }
        }
    }
}
