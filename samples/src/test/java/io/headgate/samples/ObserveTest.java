package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.accesslog.AccessLog;
import io.headgate.accesslog.AccessLogSpec;
import io.headgate.gateway.Upstream;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.HttpVersion;
import io.headgate.metrics.LinkerdConvention;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ObserveTest {

    private static final ListenAddress ANY = new ListenAddress("127.0.0.1", 0);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    @Test
    void onceShowsWhatEachEyeHasSeenAndExits0() {
        Run run = Run.of("observe", "--once", "--listen", "127.0.0.1:0");

        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .containsSubsequence(
                        "gateway on http://127.0.0.1:",
                        "tap on 127.0.0.1:",
                        "admin on http://127.0.0.1:",
                        "GET /orders/42 by HTTP/1.1 -> 200",
                        "GET /nowhere by HTTP/1.1 -> 404",
                        "tap: ",
                        "access log: ",
                        "traces: ",
                        "metrics: ",
                        "http_server_request_duration_seconds_count{",
                        "admin pages",
                        "/endpoints")
                .doesNotContain("curl");
        assertThat(run.out().lines())
                .anyMatch(line -> line.matches("  req id=\\d+:\\d .* :path=/orders/42"))
                .anyMatch(line -> line.matches("  end id=\\d+:\\d .* response-length=[1-9]\\d*B.*"))
                .anyMatch(line -> line.matches("  \\{.*\"/users/7\".*"))
                .anyMatch(line -> line.matches("  span trace=[0-9a-f]{32} .* server .*"))
                .anyMatch(line -> line.matches("  span trace=[0-9a-f]{32} .* parent=.* client .*"));
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void theProxyWithEverythingOnIsTappedScrapedLoggedAndTraced() throws Exception {
        Heard lines = new Heard();
        Heard spans = new Heard();
        Path har = folder.resolve("har");
        try (Echo echo = new Echo();
                AccessLog log = AccessLog.start(AccessLogSpec.DEFAULTS.withSink(line -> lines.add(line.toString())));
                Observed observed =
                        new Observed(new ObservedSpec(log, ANY, ANY, LinkerdConvention.DEFAULTS, 1, spans::add));
                Running proxy = Proxies.start(observed, echo.url("http"), "--upstream", echo.url("h2c"));
                DemoClient client = new DemoClient(proxy.url())) {
            ObservationPorts ports = Objects.requireNonNull(observed.ports());
            CompletableFuture<Run> tap = CompletableFuture.supplyAsync(() -> Run.of(
                    "tap",
                    "--gateway",
                    ports.tapAddress(),
                    "--limit",
                    "2",
                    "--bodies",
                    "100",
                    "--har",
                    har.toString()));
            assertThat(Until.met(() -> Objects.requireNonNull(ports.tap()).observations() == 1, PATIENCE))
                    .isTrue();
            for (int i = 0; i < 2; i++) {
                assertThat(client.send(HttpVersion.HTTP_2, "POST", "/books?full=1", "hello")
                                .body())
                        .isEqualTo("hello");
            }

            Run run = tap.get(20, TimeUnit.SECONDS);

            assertThat(run.err()).isEmpty();
            assertThat(run.exitCode()).isZero();
            assertThat(run.out().lines())
                    .filteredOn(line -> line.matches("end id=.* request-length=5B response-length=5B"))
                    .hasSize(2);
            assertThat(Files.readString(har)).contains("http://127.0.0.1", "books?full=1", "\"text\":\"hello\"");
            assertThat(Until.met(() -> lines.lines().size() == 2, PATIENCE)).isTrue();
            Objects.requireNonNull(observed.traces()).flush();
            assertThat(Until.met(() -> spans.lines().size() == 4, PATIENCE)).isTrue();
            assertThat(get(ports.adminUrl() + "/metrics")).contains("request_total", "gateway_");
            assertThat(get(ports.adminUrl() + "/stack")).contains("metrics", "tracing", "tap");
        }
    }

    @Test
    void withNothingOnTheServiceIsTheUpstreamItself() throws Exception {
        try (Echo echo = new Echo();
                Observed observed = new Observed(ObservedSpec.NOTHING);
                Running proxy = Proxies.start(observed, echo.url("http"));
                DemoClient client = new DemoClient(proxy.url())) {
            assertThat(observed.lines()).isEmpty();
            assertThat(observed.observers()).isSameAs(ExchangeObserver.Factory.NONE);
            assertThat(client.send(HttpVersion.HTTP_2, "GET", "/", "").status()).isEqualTo(200);
            assertThat(observed.service(
                            "a",
                            List.of(echo.url("http")),
                            urls -> proxy.gateway().upstream(urls.toArray(String[]::new))))
                    .isInstanceOf(Upstream.class);
        }
    }

    @Test
    void theTapOfAGatewayThatIsNotThereIsOneLineAndExitCode1() {
        Run run = Run.of("tap", "--gateway", "127.0.0.1:1");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("samples/run tap: tap of 127.0.0.1:1: no connection")
                .hasLineCount(1);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aGatewayThatIsLostIsOneLineAndExitCode1() throws Exception {
        try (Echo echo = new Echo();
                Observed observed = new Observed(new ObservedSpec(null, ANY, null, null, 0, null));
                Running proxy = Proxies.start(observed, echo.url("http"))) {
            assertThat(proxy.url()).isNotEmpty();
            ObservationPorts ports = Objects.requireNonNull(observed.ports());
            CompletableFuture<Run> tap =
                    CompletableFuture.supplyAsync(() -> Run.of("tap", "--gateway", ports.tapAddress()));
            assertThat(Until.met(() -> Objects.requireNonNull(ports.tap()).observations() == 1, PATIENCE))
                    .isTrue();
            ports.close();

            Run run = tap.get(20, TimeUnit.SECONDS);

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .startsWith("samples/run tap: tap of 127.0.0.1:")
                    .hasLineCount(1);
        }
    }

    private static String get(String url) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }
}
