package io.headgate.accesslog;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.ListenerSpec;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.trace.RequestId;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An access log of a real gateway; BlockHound watches its event loops. */
class AccessLogOnTheWireTest {

    /** Reads before it answers: an exchange that is answered early ends with the bytes that had come until then. */
    private static final Service<HttpExchange, HttpReply> HELLO =
            exchange -> exchange.head().target().equals("/fails")
                    ? Mono.error(new IllegalStateException("on purpose"))
                    : exchange.body().asString(100).thenReturn(HttpReply.text(200, "hello"));

    /** A gateway whose exchanges are logged, in front of an upstream that is a gateway, too. */
    private static final class Logged implements AutoCloseable {

        final Gateway behind = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
        final Gateway gateway;
        final int port;
        final int upstreamPort;
        final HttpClient client = HttpClient.newHttpClient();

        Logged(AccessLog log) {
            gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(2).withObservers(log));
            upstreamPort = listen(behind, HELLO);
            port = listen(gateway, RequestId.create().wrap(gateway.upstream("h2c://127.0.0.1:" + upstreamPort)));
        }

        private static int listen(Gateway gateway, Service<HttpExchange, HttpReply> service) {
            return gateway.listen(ListenerSpec.of("127.0.0.1", 0), service)
                    .block(Duration.ofSeconds(5))
                    .port();
        }

        String get(String target) throws Exception {
            return send(HttpRequest.newBuilder(uri(target)).version(Version.HTTP_1_1));
        }

        String send(HttpRequest.Builder request) throws Exception {
            return client.send(request.build(), BodyHandlers.ofString()).body();
        }

        URI uri(String target) {
            return URI.create("http://127.0.0.1:" + port + target);
        }

        @Override
        public void close() {
            gateway.closeAsync().block(Duration.ofSeconds(10));
            behind.closeAsync().block(Duration.ofSeconds(10));
        }
    }

    @Test
    void linesOfRealExchanges() throws Exception {
        StringWriter out = new StringWriter();
        String endpoint;
        try (AccessLog log = AccessLog.start(AccessLogSpec.DEFAULTS.withSink(AccessSink.to(out)));
                Logged logged = new Logged(log)) {
            endpoint = "127.0.0.1:" + logged.upstreamPort;
            assertThat(logged.get("/one?x=y")).isEqualTo("hello");
            logged.send(HttpRequest.newBuilder(logged.uri("/two"))
                    .version(Version.HTTP_1_1)
                    .header("User-Agent", "probe \"1\"")
                    .POST(BodyPublishers.ofString("12345678")));
            logged.get("/fails");
        }
        List<JsonNode> lines =
                out.toString().lines().map(new JsonMapper()::readTree).toList();
        assertThat(lines).hasSize(3);
        JsonNode one = lines.get(0);
        assertThat(one.get("path").stringValue()).isEqualTo("/one");
        assertThat(one.get("query").stringValue()).isEqualTo("x=y");
        assertThat(one.get("status").intValue()).isEqualTo(200);
        assertThat(one.get("outcome").stringValue()).isEqualTo("complete");
        assertThat(one.get("response_bytes").intValue()).isEqualTo(5);
        assertThat(one.get("client_address").stringValue()).isEqualTo("127.0.0.1");
        assertThat(one.get("endpoint").stringValue()).isEqualTo(endpoint);
        assertThat(one.get("request_id").stringValue()).isNotEmpty();
        assertThat(one.get("duration_ms").doubleValue())
                .isGreaterThanOrEqualTo(one.get("head_ms").doubleValue())
                .isPositive();
        assertThat(lines.get(1).get("request_bytes").intValue()).isEqualTo(8);
        assertThat(lines.get(1).get("user_agent").stringValue()).isEqualTo("probe \"1\"");
        assertThat(lines.get(2).get("status").intValue()).isEqualTo(500);
        assertThat(lines.get(2).get("classification").stringValue()).isEqualTo("failure");
    }

    /** No request waits for the log: they are all answered while the sink holds its first line. */
    @Test
    void aSinkThatBlocksDelaysNoRequest() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch open = new CountDownLatch(1);
        StringWriter out = new StringWriter();
        AccessSink blocked = line -> {
            entered.countDown();
            try {
                open.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            out.append(line).append('\n');
        };
        AccessFormat target =
                (exchange, line) -> line.append(exchange.exchange().head().target());
        AccessLogSpec spec =
                AccessLogSpec.DEFAULTS.withSink(blocked).withFormat(target).withCapacity(8);
        try (AccessLog log = AccessLog.start(spec)) {
            try (Logged logged = new Logged(log)) {
                assertThat(logged.get("/first")).isEqualTo("hello");
                entered.await();
                for (int i = 0; i < 50; i++) {
                    assertThat(logged.get("/" + i)).isEqualTo("hello");
                }
            }
            assertThat(log.dropped()).isEqualTo(42);
            open.countDown();
        }
        assertThat(out.toString().lines())
                .containsExactly("/first", "/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7", "# 42 lines dropped");
    }

    /** What makes the other tests here a proof that nothing blocks: a filter that does is stopped, and its line is missing. */
    @Test
    void aFilterThatBlocksAnEventLoopIsNotedHere() throws Exception {
        StringWriter out = new StringWriter();
        AccessLogSpec spec = AccessLogSpec.DEFAULTS.withSink(AccessSink.to(out)).withFilter(exchange -> {
            LockSupport.parkNanos(1);
            return true;
        });
        try (AccessLog log = AccessLog.start(spec);
                Logged logged = new Logged(log)) {
            assertThat(logged.get("/")).isEqualTo("hello");
        }
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void linesOfAConnectionKeepItsOrderUnderLoad() throws Exception {
        StringWriter out = new StringWriter();
        AccessFormat target =
                (exchange, line) -> line.append(exchange.exchange().head().target());
        int requests = 200;
        try (AccessLog log = AccessLog.start(
                        AccessLogSpec.DEFAULTS.withSink(AccessSink.to(out)).withFormat(target));
                Logged logged = new Logged(log)) {
            List<Thread> clients = java.util.stream.IntStream.range(0, 4)
                    .mapToObj(number -> new Thread(() -> {
                        HttpClient own = HttpClient.newBuilder()
                                .version(Version.HTTP_1_1)
                                .build();
                        for (int i = 0; i < requests; i++) {
                            try {
                                own.send(
                                        HttpRequest.newBuilder(logged.uri("/" + number + "/" + i))
                                                .build(),
                                        BodyHandlers.discarding());
                            } catch (IOException | InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        }
                    }))
                    .toList();
            clients.forEach(Thread::start);
            for (Thread thread : clients) {
                thread.join();
            }
        }
        for (int number = 0; number < 4; number++) {
            String prefix = "/" + number + "/";
            assertThat(out.toString().lines().filter(line -> line.startsWith(prefix)))
                    .containsExactlyElementsOf(java.util.stream.IntStream.range(0, requests)
                            .mapToObj(i -> prefix + i)
                            .toList());
        }
    }
}
