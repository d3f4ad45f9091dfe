package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.headgate.accesslog.AccessFormat;
import io.headgate.accesslog.AccessLog;
import io.headgate.accesslog.AccessLogSpec;
import io.headgate.accesslog.AccessSink;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Listener;
import io.headgate.http.HttpVersion;
import io.headgate.samples.DemoClient.Answer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;
import reactor.core.publisher.Mono;

@Timeout(60)
class ProxyTest {

    @ParameterizedTest
    @CsvSource({"HTTP_1_1, http", "HTTP_1_1, h2c", "HTTP_2, http", "HTTP_2, h2c"})
    void carriesEachClientProtocolToEachUpstreamProtocol(HttpVersion version, String scheme) throws Exception {
        String servedOver = scheme.equals("h2c") ? "HTTP/2" : "HTTP/1.1";
        String body = "0123456789abcdef".repeat(2048);
        try (Echo echo = new Echo();
                Running proxy = Proxies.start(echo.url(scheme));
                DemoClient client = new DemoClient(proxy.url())) {
            assertThat(client.send(version, "GET", "/a/b?c=%20d", ""))
                    .isEqualTo(new Answer(200, servedOver, "/a/b?c=%20d"));
            assertThat(client.send(version, "POST", "/", body)).isEqualTo(new Answer(200, servedOver, body));
            assertThat(client.send(version, "HEAD", "/", "")).isEqualTo(new Answer(200, servedOver, ""));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpVersion.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void carriesToAServerThatIsNotHeadgate(HttpVersion version) throws Exception {
        HttpServer server = HttpServer.create(loopback(), 0);
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 0); // chunked
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try (Running proxy =
                        Proxies.start("http://127.0.0.1:" + server.getAddress().getPort());
                DemoClient client = new DemoClient(proxy.url())) {
            for (int i = 0; i < 5; i++) {
                assertThat(client.send(version, "PUT", "/", "body " + i)).isEqualTo(new Answer(200, "-", "body " + i));
            }
        } finally {
            server.stop(0);
        }
    }

    @Test
    void upstreamsTakeTurns() throws Exception {
        try (EmbeddedUpstreams two = EmbeddedUpstreams.start();
                Running proxy = Proxies.start(two.ordersUrl(), "--upstream", two.usersUrl());
                DemoClient client = new DemoClient(proxy.url())) {
            Set<String> bodies = new TreeSet<>();
            for (int i = 0; i < 2; i++) {
                bodies.add(client.send(HttpVersion.HTTP_1_1, "GET", "/", "").body());
            }
            assertThat(bodies).containsExactly("orders answers GET /\n", "users answers GET /\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"HTTP_1_1, http", "HTTP_1_1, h2c", "HTTP_2, http", "HTTP_2, h2c"})
    void responseTimeoutIsAnswered504(HttpVersion version, String scheme) throws Exception {
        Gateway silent = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
        Listener listener = Objects.requireNonNull(
                silent.listen("127.0.0.1", 0, exchange -> Mono.never()).block());
        try (Running proxy = Proxies.start(
                        scheme + "://127.0.0.1:" + listener.port(), "--response-timeout", "200ms", "--tick", "20ms");
                DemoClient client = new DemoClient(proxy.url())) {
            assertThat(client.send(version, "GET", "/", "").status()).isEqualTo(504);
        } finally {
            silent.closeAsync().block();
        }
    }

    @Test
    void upstreamThatIsNotThereIsAnswered503() throws Exception {
        try (Running proxy = Proxies.start("http://127.0.0.1:1");
                DemoClient client = new DemoClient(proxy.url())) {
            assertThat(client.send(HttpVersion.HTTP_1_1, "GET", "/", "").status())
                    .isEqualTo(503);
            assertThat(client.send(HttpVersion.HTTP_2, "GET", "/", "").status()).isEqualTo(503);
        }
    }

    @Test
    void accessLogHasALineForEachExchange() throws Exception {
        StringWriter lines = new StringWriter();
        AccessLogSpec spec = AccessLogSpec.DEFAULTS
                .withFormat(AccessFormat.common(ZoneOffset.UTC))
                .withSink(AccessSink.to(lines));
        try (AccessLog log = AccessLog.start(spec);
                Echo echo = new Echo();
                Running proxy = Proxies.start(log, echo.url("http"));
                DemoClient client = new DemoClient(proxy.url())) {
            client.send(HttpVersion.HTTP_1_1, "GET", "/one", "");
            client.send(HttpVersion.HTTP_2, "POST", "/two", "body");
        }
        assertThat(lines.toString().lines())
                .hasSize(2)
                .anyMatch(line -> line.matches("127\\.0\\.0\\.1 - - \\[.* \\+0000] \"GET /one HTTP/1\\.1\" 200 4"))
                .anyMatch(line -> line.matches("127\\.0\\.0\\.1 - - \\[.* \\+0000] \"POST /two HTTP/2\\.0\" 200 4"));
    }

    @ParameterizedTest
    @CsvSource({
        "--access-log, '\\{\"time\":[^\\n]*\"outcome\":\"complete\"[^\\n]*}'",
        "--access-log=json, '\\{\"time\":[^\\n]*}'",
        "--access-log=common, '127.0.0.1 - - .*\" 200 4'",
        "--access-log=combined, '127.0.0.1 - - .*\" 200 4 \"-\" \"Java-http-client/[^ ]*\"'"
    })
    void accessLogIsOfTheFormatThatIsAskedFor(String option, String pattern) throws Exception {
        AccessLogOption chosen = new AccessLogOption();
        new CommandLine(chosen).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(option);
        StringWriter lines = new StringWriter();
        try (AccessLog log = Objects.requireNonNull(chosen.start(new PrintWriter(lines)));
                Echo echo = new Echo();
                Running proxy = Proxies.start(log, echo.url("http"));
                DemoClient client = new DemoClient(proxy.url())) {
            client.send(HttpVersion.HTTP_1_1, "GET", "/one", "");
        }
        assertThat(lines.toString()).matches(pattern + "\n");
    }

    @Test
    void withoutAnAccessLogThereIsNone() {
        assertThat(new AccessLogOption().start(new PrintWriter(Writer.nullWriter())))
                .isNull();
    }

    @Test
    void saysWhenItIsReadyAndClosesCleanlyWhenTerminated() throws IOException, InterruptedException {
        try (Echo echo = new Echo();
                Forked proxy = Forked.java(
                        "io.headgate.samples.Main",
                        "proxy",
                        "--listen",
                        "127.0.0.1:0",
                        "--upstream",
                        echo.url("h2c"))) {
            String url = proxy.awaitLine("^listening on (http://127.0.0.1:[1-9]\\d*) -> " + echo.url("h2c") + "$");
            try (DemoClient client = new DemoClient(url)) {
                assertThat(client.send(HttpVersion.HTTP_2, "GET", "/", "").status())
                        .isEqualTo(200);
            }
            assertThat(proxy.terminate()).isZero();
            assertThat(proxy.err()).isEmpty();
        }
    }

    private static InetSocketAddress loopback() throws IOException {
        return new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
    }
}
