package io.headgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.gateway.Upstream;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.RequestHead;
import io.headgate.mux.MuxSettings;
import io.headgate.resolve.Update;
import io.headgate.tls.ClientTls;
import io.headgate.tls.TrustAnchors;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a registry shows of a gateway that works. */
@Timeout(60)
class EngineMetricsGatewayTest {

    private final EngineScene scene = new EngineScene();
    private final AtomicLong time = new AtomicLong();
    private final MeterRegistry registry = new SimpleMeterRegistry();

    @AfterEach
    void close() {
        scene.close();
        assertThat(registry.getMeters()).isEmpty();
    }

    private void bind(MeterRegistry to) {
        scene.bind(EngineMetrics.of(to).withClock(() -> time.addAndGet(Recent.MOST_NANOS)));
    }

    private double value(String name, String... tags) {
        Meter meter = registry.find(name).tags(tags).meter();
        return Objects.requireNonNull(meter, () -> "no " + name + " " + List.of(tags))
                .measure()
                .iterator()
                .next()
                .getValue();
    }

    private static int get(Upstream client, String path) {
        HttpExchange exchange = HttpExchange.of(RequestHead.of("GET", "localhost", path), Body.empty());
        return Objects.requireNonNull(client.call(exchange)
                .flatMap(reply ->
                        reply.body().asString(1000).thenReturn(reply.head().status()))
                .block(EngineScene.LONG));
    }

    @Test
    void connectionsPoolsAndListenersAreShown() {
        bind(registry);
        String endpoint = scene.endpoint().toString();
        String listener = "127.0.0.1:" + scene.plain.port();
        Upstream client = scene.outside.upstream("http://127.0.0.1:" + scene.plain.port());
        assertThat(get(client, "/")).isEqualTo(200);
        await().until(() -> value("gateway.pool.connections", "endpoint", endpoint, "state", "idle") == 1);
        assertThat(value("gateway.pools")).isEqualTo(1);
        assertThat(value("gateway.pool.connections", "endpoint", endpoint, "state", "busy"))
                .isZero();
        assertThat(value("gateway.pool.dials", "endpoint", endpoint)).isEqualTo(1);
        assertThat(value("gateway.pool.dials.failed", "endpoint", endpoint)).isZero();
        assertThat(value("gateway.connections", "name", "edge", "side", "client"))
                .isEqualTo(1);
        assertThat(value("gateway.connections", "side", "upstream")).isEqualTo(1);
        assertThat(value("gateway.exchanges", "side", "client")).isZero();
        assertThat(value("gateway.listeners")).isEqualTo(2);
        assertThat(value("gateway.listener.connections", "listener", listener)).isEqualTo(1);
        assertThat(value("gateway.listener.draining", "listener", listener)).isZero();
        assertThat(value("gateway.draining")).isZero();
        assertThat(value("gateway.drain.elapsed")).isZero();
        scene.plain.drain(Duration.ZERO).blockLast(EngineScene.LONG);
        await().until(() -> value("gateway.listeners") == 1);
        assertThat(registry.find("gateway.listener.connections")
                        .tag("listener", listener)
                        .meters())
                .isEmpty();
    }

    @Test
    void handshakesAndCertificatesAreShown() throws IOException {
        bind(registry);
        String listener = "127.0.0.1:" + scene.secure.port();
        ClientTls trusting = ClientTls.DEFAULTS.withTrust(TrustAnchors.of(List.of(scene.certificate.getCertificate())));
        Upstream client =
                scene.outside.upstream(MuxSettings.DEFAULTS, trusting, "h2://localhost:" + scene.secure.port());
        assertThat(get(client, "/")).isEqualTo(200);
        assertThat(value("gateway.tls.listeners")).isEqualTo(1);
        assertThat(value("gateway.tls.handshakes", "listener", listener)).isEqualTo(1);
        assertThat(value("gateway.tls.certificate.remaining", "listener", listener))
                .isPositive();
        assertThat(value("gateway.tls.certificate.age", "listener", listener)).isBetween(0.0, 3600.0);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), scene.secure.port())) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().readAllBytes()).isNotNull(); // until the gateway closes
        }
        assertThat(value("gateway.tls.handshakes.failed", "listener", listener)).isEqualTo(1);
    }

    @Test
    void breakerAndBalancerOfTheSameEndpointTellTheSame() {
        bind(registry);
        String endpoint = scene.endpoint().toString();
        Upstream client = scene.outside.upstream("http://127.0.0.1:" + scene.plain.port());
        assertThat(get(client, "/fail")).isEqualTo(500);
        assertThat(get(client, "/fail")).isEqualTo(500);
        await().until(() -> value("gateway.breaker.openness", "endpoint", endpoint) == 1);
        assertThat(value("gateway.balancer.endpoint.ready", "endpoint", endpoint))
                .isZero();
        assertThat(value("gateway.balancer.endpoints", "state", "pending")).isEqualTo(1);
        scene.updates.tryEmitNext(new Update.Reset<>(List.of())).orThrow();
        await().untilAsserted(() -> {
            registry.getMeters().forEach(meter -> meter.measure().forEach(Measurement::getValue));
            assertThat(registry.getMeters())
                    .noneMatch(meter -> endpoint.equals(meter.getId().getTag("endpoint")));
        });
        assertThat(value("gateway.pools")).isZero();
        assertThat(value("gateway.breaker.breakers", "state", "open")).isZero();
    }

    @Test
    void floodIsCountedByItsLimit() throws IOException {
        bind(registry);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), scene.plain.port())) {
            OutputStream out = socket.getOutputStream();
            out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0}); // SETTINGS
            ByteBuffer pings = ByteBuffer.allocate(17 * 500);
            while (pings.hasRemaining()) {
                pings.put(new byte[] {0, 0, 8, 6, 0, 0, 0, 0, 0}).putLong(42);
            }
            out.write(pings.array());
            await().until(() -> value("gateway.limit.exceeded", "limit", "pings") == 1);
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), scene.plain.port())) {
            socket.getOutputStream().write("GET / HTTP/7.7\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            await().until(() -> value("gateway.limit.exceeded", "limit", "version") == 1);
        }
        assertThat(value("gateway.limit.exceeded", "limit", "resets")).isZero();
    }

    @Test
    void prometheusHasTheSame() {
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        bind(prometheus);
        Upstream client = scene.outside.upstream("http://127.0.0.1:" + scene.plain.port());
        assertThat(get(client, "/")).isEqualTo(200);
        await().untilAsserted(() -> assertThat(prometheus.scrape())
                .contains("gateway_connections{name=\"edge\",side=\"client\"} 1.0")
                .contains("gateway_pool_connections{endpoint=\"" + scene.endpoint()
                        + "\",name=\"edge\",state=\"idle\"} 1.0")
                .contains("gateway_pool_dials_total{endpoint=\"" + scene.endpoint() + "\",name=\"edge\"} 1.0")
                .contains("gateway_limit_exceeded_total{limit=\"pings\",name=\"edge\"} 0.0"));
    }
}
