package io.headgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.Service;
import io.headgate.classify.Classification;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Listener;
import io.headgate.http.Body;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Endpoint;
import io.headgate.route.Recognized;
import io.headgate.route.Route;
import io.headgate.route.RouteTable;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;

/** How many series there are, whatever clients send. */
@Timeout(180) // a busy machine takes its time for 100,000 requests
class HttpMetricsBoundTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final HttpMetricsSettings SETTINGS =
            HttpMetricsSettings.DEFAULTS.withTargets(50).withSeries(40);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private HttpMetrics metrics(HttpConvention convention) {
        return HttpMetrics.of(registry, convention, SETTINGS, System::nanoTime, null);
    }

    private static final RouteTable<String> TABLE = RouteTable.<String>builder()
            .add(Route.of("user", "user").withPath("/users/{id}"))
            .add(Route.of("files", "files").withPathPrefix("/files"))
            .build();

    /** Answers by the route, and with whatever status the path ends in. */
    private static Mono<HttpReply> answer(HttpExchange exchange) {
        Recognized<String> found = TABLE.recognize(exchange);
        int number = exchange.head().path().hashCode() & 0xff;
        return Mono.just(HttpReply.of(found == null ? 404 : 200 + number % 4));
    }

    @Test
    void distinctPathsHostsAndMethodsMakeNoSeries() throws Exception {
        HttpMetrics metrics = metrics(OtelConvention.DEFAULTS);
        Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1).withObservers(metrics.exchanges()));
        Listener listener =
                gateway.listen("127.0.0.1", 0, HttpMetricsBoundTest::answer).block(LONG);
        int requests = 100_000;
        flood(listener, requests);
        await().until(() -> registry.find("http.server.request.duration").timers().stream()
                        .mapToLong(timer -> timer.count())
                        .sum()
                == requests);

        HttpMetricsStats stats = metrics.stats();
        assertThat(stats.targets()).as("no route, and two").isEqualTo(3);
        // ten methods, four statuses or 404, two routes; and what runs
        assertThat(stats.series()).isLessThanOrEqualTo(10 * (4 * 2 + 1) + 10);
        assertThat(stats.series()).isLessThanOrEqualTo((SETTINGS.targets() + 1) * (SETTINGS.series() + 2));
        gateway.closeAsync().block(LONG);
    }

    private static void flood(Listener listener, int requests) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", listener.port())) {
            Thread reader = new Thread(() -> drain(socket));
            reader.start();
            OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
            for (int i = 0; i < requests; i++) {
                out.write(request(i, i == requests - 1).getBytes(StandardCharsets.US_ASCII));
            }
            out.flush();
            reader.join();
        }
    }

    private static String request(int i, boolean last) {
        String method = i % 3 == 0 ? "M" + i : i % 3 == 1 ? "GET" : "DELETE";
        String path = i % 2 == 0 ? "/users/" + i : i % 5 == 0 ? "/files/a/" + i : "/p" + i;
        return method + " " + path + "?q=" + i + " HTTP/1.1\r\nHost: h" + i + ".example\r\nX-Label-" + i + ": " + i
                + "\r\n" + (last ? "Connection: close\r\n" : "") + "\r\n";
    }

    private static void drain(Socket socket) {
        try {
            InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
            byte[] buffer = new byte[1 << 16];
            while (in.read(buffer) >= 0) {
                continue; // until the gateway closes
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- what is opt-in is capped

    private static void exchange(HttpMetrics metrics, String authority, String method, int status) {
        end(metrics.exchanges().observe(noted(RequestHead.of(method, authority, "/"))), status);
    }

    private static HttpExchange noted(RequestHead head) {
        HttpExchange seen = HttpExchange.of(head, Body.empty());
        return new HttpExchange(
                head, seen.body(), seen.connection(), seen.deadline(), ExchangeNotes.attributes(), seen.interim());
    }

    private static void end(@Nullable ExchangeObserver observer, int status) {
        assertThat(observer).isNotNull();
        observer.onReplyHead(new ReplyHead(status, Fields.empty()));
        observer.onEnd(Outcome.COMPLETE, null);
    }

    @Test
    void authoritiesBeyondTheBoundCountTogether() {
        HttpMetrics metrics = metrics(LinkerdConvention.DEFAULTS.withAuthority());
        for (int i = 0; i < 100_000; i++) {
            exchange(metrics, "h" + i + ".example", "M" + i, 200);
        }
        assertThat(metrics.stats().targets()).isEqualTo(51); // what has no labels, 49, and all others
        assertThat(metrics.stats().series()).isEqualTo(50 * 3);
        assertThat(metrics.stats().overflowed()).isGreaterThan(90_000);
        assertThat(registry.get("request")
                        .tags("authority", "(other)")
                        .counter()
                        .count())
                .isEqualTo(registry.find("request").counters().stream()
                                .mapToDouble(counter -> counter.count())
                                .sum()
                        - 49);
    }

    @Test
    void combinationsBeyondTheBoundOfATargetCountTogether() {
        HttpMetrics metrics = metrics(OtelConvention.DEFAULTS);
        for (int status = 200; status < 600; status++) {
            for (String method : List.of("GET", "POST", "ODD")) {
                exchange(metrics, "a", method, status);
            }
        }
        assertThat(metrics.stats().series()).isEqualTo(SETTINGS.series() + 1);
        assertThat(registry.get("http.server.request.duration")
                        .tags(
                                "http.response.status_code",
                                "other",
                                "http.request.method",
                                "_OTHER",
                                "error.type",
                                "other")
                        .timer()
                        .count())
                .isEqualTo(1_200 - (SETTINGS.series() - 3));
        assertThat(metrics.stats().overflowed()).isEqualTo(1_200 - (SETTINGS.series() - 3));
    }

    @Test
    void aConventionThatFailsHurtsNobody() {
        HttpMetrics metrics = metrics(new HttpConvention() {
            @Override
            public List<HttpSeries> requests(HttpTarget target, HttpRequestTraits request) {
                throw new IllegalStateException("made by the test");
            }

            @Override
            public List<HttpSeries> replies(HttpTarget target, HttpRequestTraits request, HttpReplyTraits reply) {
                return OtelConvention.DEFAULTS.replies(target, request, reply);
            }
        });
        exchange(metrics, "a", "GET", 200);
        assertThat(registry.get("http.server.request.duration").timer().count()).isEqualTo(1);
    }

    @Test
    void endpointsBeyondTheBoundCountTogether() {
        HttpMetrics metrics = metrics(OtelConvention.DEFAULTS);
        List<Service<HttpExchange, HttpReply>> services = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Service<HttpExchange, HttpReply> service =
                    metrics.stageFor(Endpoint.of("10.0.0." + i, 80)).wrap(exchange -> Mono.just(HttpReply.of(200)));
            service.call(HttpExchange.of(RequestHead.of("GET", "a", "/"), Body.empty()))
                    .subscribe(HttpReply::discard);
            services.add(service);
        }
        assertThat(registry.get("http.client.request.duration").timers()).hasSize(51);
        assertThat(registry.get("http.client.request.duration")
                        .tags("server.address", "(other)")
                        .timer()
                        .count())
                .isEqualTo(150);
        assertThat(services).hasSize(200);
    }

    @Test
    void aClassifierThatInventsErrorsIsKeptInBounds() {
        int[] overflows = {0};
        HttpVerdicts verdicts = new HttpVerdicts(10, () -> overflows[0]++);
        Set<Integer> indexes = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            indexes.add(verdicts.indexOf(new Classification(false, -1, "error " + i)));
            assertThat(verdicts.at(verdicts.indexOf(new Classification(false, -1, "error 3")))
                            .error())
                    .isIn("error 3", "error 3");
        }
        assertThat(verdicts.at(verdicts.indexOf(new Classification(false, -1, "error 3")))
                        .error())
                .isEqualTo("error 3");
        assertThat(indexes).hasSize(8).contains(0).allMatch(index -> index < 10);
        assertThat(overflows[0]).isEqualTo(1_000 - 7);
        assertThat(verdicts.at(verdicts.indexOf(Classification.SUCCESS))).isSameAs(Classification.SUCCESS);
    }
}
