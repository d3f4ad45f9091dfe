package io.headgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.classify.Classification;
import io.headgate.profile.RouteLabels;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import io.headgate.resolve.TlsName;
import io.headgate.retry.Skipped;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The series as a scrape shows them, by both conventions, in both texts. */
class HttpConventionTest {

    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    private static final HttpRequestTraits GET = new HttpRequestTraits("GET", "1.1", "http", false);
    private static final HttpReplyTraits OK = new HttpReplyTraits(200, Classification.SUCCESS);
    private static final HttpReplyTraits UNAVAILABLE = new HttpReplyTraits(503, Classification.FAILURE);
    private static final HttpReplyTraits GRPC = new HttpReplyTraits(200, new Classification(false, 14, null));
    private static final HttpReplyTraits TIMEOUT =
            new HttpReplyTraits(HttpReplyTraits.NO_STATUS, new Classification(false, -1, "timeout"));
    private static final HttpTarget SERVER = new HttpTarget.Server(Map.of(), "/users/{id}");
    private static final Endpoint PLAIN = new Endpoint(
            new InetSocketAddress("127.0.0.1", 9000), Protocol.HTTP_1, null, "orders", 1, Map.of("zone", "a"));
    private static final Endpoint SECURE =
            Endpoint.of("orders.example", 443).withProtocol(Protocol.HTTP_2).withTls(TlsName.dns("orders.example"));
    private static final HttpTarget.Calls CALLS =
            new HttpTarget.Calls("orders:80", RouteLabels.of(Map.of("route", "/a", "team", "x")));
    private static final HttpTarget.Attempts ATTEMPTS = new HttpTarget.Attempts(CALLS.destination(), CALLS.labels());
    private static final HttpTarget.Control CONTROL = new HttpTarget.Control("destination:8086", null);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    private void seen(List<? extends HttpSeries> series) {
        new HttpRecorder(bound(series)).began();
    }

    private void ended(List<? extends HttpSeries> series) {
        new HttpRecorder(bound(series)).ended(7_000_000, 3_000_000, 10, 2_000);
    }

    private List<HttpBound> bound(List<? extends HttpSeries> series) {
        return series.stream().map(each -> HttpBound.register(each, registry)).toList();
    }

    private List<String> lines(String format) {
        String text = format.isEmpty() ? registry.scrape() : registry.scrape(format);
        return text.lines().toList();
    }

    @Test
    void openTelemetryNamesComeOutOfPrometheus() {
        OtelConvention otel = OtelConvention.DEFAULTS;
        seen(otel.requests(new HttpTarget.Server(Map.of(), null), GET));
        ended(otel.replies(SERVER, GET, OK));
        ended(otel.replies(new HttpTarget.Client(SECURE), GET, UNAVAILABLE));
        for (String format : List.of("", OPEN_METRICS)) {
            assertThat(lines(format))
                    .contains(
                            "# TYPE http_server_request_duration_seconds histogram",
                            "http_server_active_requests{http_request_method=\"GET\",url_scheme=\"http\"} 1.0",
                            "http_server_request_duration_seconds_bucket{http_request_method=\"GET\","
                                    + "http_response_status_code=\"200\",http_route=\"/users/{id}\","
                                    + "network_protocol_version=\"1.1\",url_scheme=\"http\",le=\"0.005\"} 0",
                            "http_server_request_duration_seconds_bucket{http_request_method=\"GET\","
                                    + "http_response_status_code=\"200\",http_route=\"/users/{id}\","
                                    + "network_protocol_version=\"1.1\",url_scheme=\"http\",le=\"0.01\"} 1",
                            "http_server_request_duration_seconds_sum{http_request_method=\"GET\","
                                    + "http_response_status_code=\"200\",http_route=\"/users/{id}\","
                                    + "network_protocol_version=\"1.1\",url_scheme=\"http\"} 0.007",
                            "http_client_request_duration_seconds_count{error_type=\"503\",http_request_method=\"GET\","
                                    + "http_response_status_code=\"503\",network_protocol_version=\"1.1\","
                                    + "server_address=\"orders.example\",server_port=\"443\"} 1");
            assertThat(buckets(format, "http_server_request_duration_seconds"))
                    .containsExactly(
                            "0.005", "0.01", "0.025", "0.05", "0.075", "0.1", "0.25", "0.5", "0.75", "1.0", "2.5",
                            "5.0", "7.5", "10.0", "+Inf");
        }
    }

    private List<String> buckets(String format, String name) {
        return lines(format).stream()
                .filter(line -> line.startsWith(name + "_bucket"))
                .map(line -> line.replaceAll(".*le=\"([^\"]*)\".*", "$1"))
                .toList();
    }

    @Test
    void whatWentWrongIsOneOfFewWords() {
        OtelConvention otel = OtelConvention.DEFAULTS;
        assertThat(errors(otel, SERVER, OK, UNAVAILABLE, GRPC, TIMEOUT))
                .containsExactly("none", "503", "UNAVAILABLE", "timeout");
        HttpReplyTraits notFound = new HttpReplyTraits(404, Classification.SUCCESS);
        assertThat(errors(otel, SERVER, notFound)).containsExactly("none");
        assertThat(errors(otel, new HttpTarget.Client(PLAIN), notFound)).containsExactly("404");
        HttpReplyTraits declared = new HttpReplyTraits(404, Classification.FAILURE);
        assertThat(errors(otel, SERVER, declared)).containsExactly("404");
    }

    private static List<String> errors(OtelConvention otel, HttpTarget target, HttpReplyTraits... replies) {
        return Stream.of(replies)
                .map(reply -> otel.replies(target, GET, reply).get(0).tags().stream()
                        .filter(tag -> tag.getKey().equals("error.type"))
                        .map(tag -> tag.getValue())
                        .findFirst()
                        .orElse("none"))
                .toList();
    }

    @Test
    void sizesComeOnRequest() {
        ended(OtelConvention.DEFAULTS.withBodySizes().replies(SERVER, GET, OK));
        assertThat(lines(""))
                .contains("# TYPE http_server_request_body_size_bytes histogram")
                .anyMatch(line ->
                        line.startsWith("http_server_response_body_size_bytes_sum{") && line.endsWith(" 2000.0"))
                .anyMatch(
                        line -> line.startsWith("http_server_request_body_size_bytes_sum{") && line.endsWith(" 10.0"));
    }

    @Test
    void namesOfLinkerdComeOutOfPrometheus() {
        LinkerdConvention linkerd = LinkerdConvention.DEFAULTS.withAuthority();
        for (HttpTarget target : List.of(SERVER, new HttpTarget.Client(PLAIN), CALLS, ATTEMPTS, CONTROL)) {
            seen(linkerd.requests(target, GET));
            ended(linkerd.replies(target, GET, OK));
        }
        ended(linkerd.replies(new HttpTarget.Client(SECURE), GET, GRPC));
        ended(linkerd.replies(SERVER, GET, TIMEOUT));
        seen(linkerd.retries(CALLS, null));
        seen(linkerd.retries(CALLS, Skipped.NO_BUDGET));
        String inbound = "direction=\"inbound\",no_tls_reason=\"no_tls_from_remote\"";
        String outbound = "authority=\"orders\",%sdirection=\"outbound\",dst_zone=\"a\","
                + "no_tls_reason=\"not_provided_by_service_discovery\",%starget_addr=\"127.0.0.1:9000\","
                + "target_ip=\"127.0.0.1\",target_port=\"9000\",tls=\"no_identity\"";
        for (String format : List.of("", OPEN_METRICS)) {
            assertThat(lines(format))
                    .contains(
                            "request_total{" + inbound + ",tls=\"no_identity\"} 1.0",
                            "response_total{classification=\"success\"," + inbound
                                    + ",status_code=\"200\",tls=\"no_identity\"} 1.0",
                            "response_total{classification=\"failure\",direction=\"inbound\",error=\"timeout\","
                                    + "no_tls_reason=\"no_tls_from_remote\",tls=\"no_identity\"} 1.0",
                            "request_total{" + outbound.formatted("", "") + "} 1.0",
                            "response_total{"
                                    + outbound.formatted("classification=\"success\",", "status_code=\"200\",")
                                    + "} 1.0",
                            "response_latency_ms_sum{" + outbound.formatted("", "status_code=\"200\",") + "} 3.0",
                            "response_total{classification=\"failure\",direction=\"outbound\",grpc_status=\"14\","
                                    + "server_id=\"orders.example\",status_code=\"200\","
                                    + "target_addr=\"orders.example:443\",target_port=\"443\",tls=\"true\"} 1.0",
                            "route_request_total{direction=\"outbound\",dst=\"orders:80\",rt_route=\"/a\",rt_team=\"x\"} 1.0",
                            "route_response_latency_ms_count{direction=\"outbound\",dst=\"orders:80\",rt_route=\"/a\","
                                    + "rt_team=\"x\",status_code=\"200\"} 1",
                            "route_actual_request_total{direction=\"outbound\",dst=\"orders:80\",rt_route=\"/a\","
                                    + "rt_team=\"x\"} 1.0",
                            "route_actual_response_total{classification=\"success\",direction=\"outbound\","
                                    + "dst=\"orders:80\",rt_route=\"/a\",rt_team=\"x\",status_code=\"200\"} 1.0",
                            "route_retryable_total{direction=\"outbound\",dst=\"orders:80\",rt_route=\"/a\","
                                    + "rt_team=\"x\"} 1.0",
                            "route_retryable_total{direction=\"outbound\",dst=\"orders:80\",rt_route=\"/a\","
                                    + "rt_team=\"x\",skipped=\"no_budget\"} 1.0",
                            "control_request_total{addr=\"destination:8086\","
                                    + "no_tls_reason=\"not_provided_by_service_discovery\",tls=\"no_identity\"} 1.0",
                            "control_response_latency_ms_sum{addr=\"destination:8086\","
                                    + "no_tls_reason=\"not_provided_by_service_discovery\",status_code=\"200\","
                                    + "tls=\"no_identity\"} 3.0")
                    .noneMatch(line -> line.startsWith("route_actual_response_latency"));
            assertThat(buckets(format, "route_response_latency_ms"))
                    .hasSize(26)
                    .startsWith("1.0", "2.0", "3.0", "4.0", "5.0", "10.0")
                    .endsWith("50000.0", "+Inf");
        }
    }

    @Test
    void aHistogramThatMakesNoSenseIsRefused() {
        assertThatThrownBy(() ->
                        OtelConvention.DEFAULTS.withBuckets(List.of(1.0, 0.5)).replies(SERVER, GET, OK))
                .hasMessage("buckets: [1.0, 0.5] (expected: above 0, ascending)");
        assertThatThrownBy(() -> new HttpSeries.Histogram(
                        "n", "d", Tags.empty(), HttpSeries.Figure.DURATION, HttpSeries.Histogram.Unit.BYTES, List.of()))
                .hasMessage("unit: BYTES (expected: one for DURATION)");
    }
}
