package io.headgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.Role;
import io.headgate.Service;
import io.headgate.Stack;
import io.headgate.classify.Classifier;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Listener;
import io.headgate.http.Body;
import io.headgate.http.ExchangeRecord;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.http.RefusedException;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Clients, a gateway that is measured, and an upstream, all on sockets. */
@Timeout(60)
class HttpMetricsGatewayTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final SimpleMeterRegistry otel = new SimpleMeterRegistry();
    private final SimpleMeterRegistry linkerd = new SimpleMeterRegistry();
    private final HttpMetrics byOtel = HttpMetrics.of(otel);
    private final HttpMetrics byLinkerd = HttpMetrics.of(linkerd, LinkerdConvention.DEFAULTS);
    private final List<ExchangeRecord> records = new CopyOnWriteArrayList<>();
    private final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS
            .withEventLoops(2)
            .withObservers(byOtel.exchanges().and(byLinkerd.exchanges()).and(ExchangeRecord.to(records::add)))
            .withConnectionObserver(byLinkerd.connections()));
    private final Gateway outside = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    private final Socket dead = new Socket();

    @AfterEach
    void close() throws IOException {
        dead.close();
        gateway.closeAsync().block(LONG);
        outside.closeAsync().block(LONG);
        assertThat(otel.find("http.server.active_requests").gauges())
                .extracting(Gauge::value)
                .containsOnly(0.0);
        byOtel.close();
        byLinkerd.close();
        assertThat(otel.getMeters()).isEmpty();
        assertThat(linkerd.getMeters()).isEmpty();
    }

    private Listener listen(Service<HttpExchange, HttpReply> service) {
        return gateway.listen("127.0.0.1", 0, service).block(LONG);
    }

    private static void ask(Listener listener, String request, String answer) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", listener.port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            StringBuilder got = new StringBuilder();
            while (got.indexOf(answer) < 0) {
                int read = in.read();
                assertThat(read).as("next byte after %s", got).isNotNegative();
                got.append((char) read);
            }
        }
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: a.example\r\n\r\n";
    }

    /** A port that refuses connections: bound, so that nobody else is given it, and not listened on. */
    private int deadPort() throws IOException {
        dead.bind(new InetSocketAddress("127.0.0.1", 0));
        return dead.getLocalPort();
    }

    // ---- outcomes

    @Test
    void everyOutcomeCountsTheRequestAndItsEnd() throws IOException {
        Service<HttpExchange, HttpReply> dead = gateway.upstream("http://127.0.0.1:" + deadPort());
        Map<String, Function<HttpExchange, Mono<HttpReply>>> paths = Map.of(
                "/ok", exchange -> Mono.just(HttpReply.text(200, "ok")),
                "/missing", exchange -> Mono.just(HttpReply.of(404)),
                "/broken", exchange -> Mono.just(HttpReply.of(500)),
                "/dead", dead,
                "/refused", exchange -> Mono.error(new RefusedException(429, "made by the test")),
                "/never", exchange -> Mono.never(),
                "/cut", exchange -> Mono.just(HttpReply.of(200, Fields.empty(), body(Flux.never()))));
        Listener listener = listen(exchange -> paths.get(exchange.head().path()).apply(exchange));
        ask(listener, get("/ok"), "ok");
        ask(listener, get("/missing"), "HTTP/1.1 404");
        ask(listener, get("/broken"), "HTTP/1.1 500");
        ask(listener, get("/dead"), "HTTP/1.1 503");
        ask(listener, get("/refused"), "HTTP/1.1 429");
        ask(listener, get("/never"), "");
        ask(listener, get("/cut"), "x");
        ask(listener, "GET /bad|path HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n", "HTTP/1.1 400");
        await().until(() -> records.size() == 8);

        assertThat(records)
                .extracting(ExchangeRecord::outcome)
                .containsOnly(Outcome.COMPLETE, Outcome.FAILED, Outcome.REJECTED, Outcome.CANCELLED);
        assertThat(total(linkerd, "request")).isEqualTo(8);
        assertThat(counts("response", "classification", "error")).isEqualTo(judged());
        assertThat(durations("http.server.request.duration", "http.response.status_code", "error.type"))
                .containsOnly(
                        Map.entry("200/-", 2L),
                        Map.entry("404/-", 1L),
                        Map.entry("500/500", 1L),
                        Map.entry("503/unprocessed", 1L),
                        Map.entry("429/rejected", 1L),
                        Map.entry("400/rejected", 1L),
                        Map.entry("-/cancelled", 1L));
    }

    private static Body body(Flux<Void> rest) {
        return Body.of(Flux.concat(
                Flux.defer(() -> Flux.just(io.netty.buffer.Unpooled.copiedBuffer("x", StandardCharsets.US_ASCII))),
                rest.cast(io.netty.buffer.ByteBuf.class)));
    }

    /** What a tap or an access log would say. */
    private Map<String, Long> judged() {
        return records.stream()
                .map(Classifier::judge)
                .map(verdict -> (verdict.isSuccess() ? "success" : "failure") + "/"
                        + (verdict.error() == null ? "-" : verdict.error()))
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
    }

    private static long total(SimpleMeterRegistry registry, String name, String... tags) {
        return Math.round(registry.find(name).tags(tags).counters().stream()
                .mapToDouble(Counter::count)
                .sum());
    }

    private Map<String, Long> counts(String name, String... keys) {
        return linkerd.find(name).counters().stream()
                .collect(Collectors.groupingBy(
                        meter -> values(meter.getId(), keys),
                        TreeMap::new,
                        Collectors.summingLong(meter -> Math.round(meter.count()))));
    }

    private Map<String, Long> durations(String name, String... keys) {
        return otel.find(name).timers().stream()
                .collect(Collectors.groupingBy(
                        meter -> values(meter.getId(), keys), TreeMap::new, Collectors.summingLong(Timer::count)));
    }

    private static String values(io.micrometer.core.instrument.Meter.Id id, String... keys) {
        return Stream.of(keys)
                .map(key -> id.getTag(key) == null ? "-" : id.getTag(key))
                .collect(Collectors.joining("/"));
    }

    // ---- attempts

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void attemptsAreMeasuredAtTheirEndpoint(Protocol protocol) throws IOException {
        Listener upstream = outside.listen("127.0.0.1", 0, exchange -> {
                    return exchange.head().path().equals("/grpc")
                            ? Mono.just(HttpReply.of(
                                    200,
                                    Fields.of("content-type", "application/grpc", "grpc-status", "14"),
                                    Body.empty()))
                            : Mono.just(HttpReply.text(200, "hello"));
                })
                .block(LONG);
        Endpoint endpoint = Endpoint.of("127.0.0.1", upstream.port()).withProtocol(protocol);
        Service<HttpExchange, HttpReply> service = Stack.<Endpoint, HttpExchange, HttpReply>of(gateway.endpoints())
                .pushFor(Role.of("otel"), "nearest to the endpoint", byOtel::stageFor)
                .pushFor(Role.of("linkerd"), "nearest to the endpoint", byLinkerd::stageFor)
                .make(endpoint);
        Listener listener = listen(service);
        ask(listener, get("/"), "hello");
        ask(
                listener,
                "POST /grpc HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc\r\nContent-Length: 0\r\n\r\n",
                "grpc-status");
        await().until(() -> records.size() == 2);

        String port = Integer.toString(upstream.port());
        assertThat(otel.get("http.client.request.duration")
                        .tags("server.port", port, "http.request.method", "GET", "http.response.status_code", "200")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(otel.get("http.client.request.duration")
                        .tags("error.type", "UNAVAILABLE", "http.request.method", "POST")
                        .tags("network.protocol.version", protocol == Protocol.HTTP_2 ? "2" : "1.1")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(total(linkerd, "request", "direction", "outbound", "target_port", port))
                .isEqualTo(2);
        assertThat(total(linkerd, "response", "direction", "outbound", "grpc_status", "14"))
                .isEqualTo(1);
        assertThat(linkerd.get("response_latency_ms").tags("target_port", port).summaries())
                .isNotEmpty();
        assertThat(byLinkerd.stats().held()).isGreaterThan(1);
        service.closeAsync(Duration.ZERO).block(LONG);
        byLinkerd.sweep();
        assertThat(total(linkerd, "request", "direction", "outbound"))
                .as("is kept for a while")
                .isEqualTo(2);
    }

    // ---- connections

    @Test
    void connectionsAreMeasuredOnBothSides() throws IOException {
        Listener upstream = outside.listen("127.0.0.1", 0, exchange -> Mono.just(HttpReply.text(200, "hello")))
                .block(LONG);
        Listener listener = listen(gateway.upstream("http://127.0.0.1:" + upstream.port()));
        ask(listener, get("/"), "hello");
        await().ignoreExceptions()
                .untilAsserted(() -> assertThat(linkerd.get("tcp_connection_duration_ms") // comes last
                                .tags("peer", "src")
                                .summary()
                                .count())
                        .isEqualTo(1));

        assertThat(total(linkerd, "tcp_close", "peer", "src")).isEqualTo(1);
        assertThat(total(linkerd, "tcp_open", "peer", "src")).isEqualTo(1);
        assertThat(total(linkerd, "tcp_open", "peer", "dst", "target_port", "" + upstream.port()))
                .isEqualTo(1);
        assertThat(linkerd.get("tcp_open_connections")
                        .tags("peer", "src")
                        .gauge()
                        .value())
                .isZero();
        assertThat(linkerd.get("tcp_open_connections")
                        .tags("peer", "dst")
                        .gauge()
                        .value())
                .isEqualTo(1);
        assertThat(total(linkerd, "tcp_read_bytes", "peer", "src")).isEqualTo(get("/").length());
        assertThat(total(linkerd, "tcp_write_bytes", "peer", "src")).isGreaterThan(5);
        assertThat(total(linkerd, "tcp_read_bytes", "peer", "dst")).isGreaterThan(5);
        assertThat(total(linkerd, "tcp_write_bytes", "peer", "dst")).isGreaterThan(5);
    }
}
