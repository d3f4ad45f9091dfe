package io.headgate.accesslog;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.forward.Client;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.ExchangeRecord;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpVersion;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.http.TlsInfo;
import io.headgate.profile.RouteLabels;
import io.headgate.resolve.Endpoint;
import io.headgate.route.Route;
import io.headgate.trace.RequestId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AccessFormatTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final AccessFormat COMMON = AccessFormat.common(ZoneOffset.UTC);
    private static final AccessFormat COMBINED = AccessFormat.combined(ZoneOffset.UTC);
    private static final ReplyHead OK = new ReplyHead(200, Fields.empty());

    private static String line(AccessFormat format, ExchangeRecord exchange) {
        StringBuilder line = new StringBuilder();
        format.format(exchange, line);
        return line.toString();
    }

    private static JsonNode json(ExchangeRecord exchange) {
        return JSON.readTree(line(AccessFormat.json(), exchange));
    }

    // ---- JSON

    @Test
    void jsonSaysWhatIsKnownAndNothingElse() {
        assertThat(line(AccessFormat.json(), Records.get("/a?b=c")))
                .isEqualTo(
                        "{\"time\":\"2023-11-14T22:13:20.123Z\",\"client_address\":\"192.0.2.7\",\"client_port\":4711,"
                                + "\"method\":\"GET\",\"scheme\":\"http\",\"authority\":\"shop.example\",\"path\":\"/a\","
                                + "\"query\":\"b=c\",\"version\":\"1.1\",\"status\":200,\"outcome\":\"complete\","
                                + "\"classification\":\"success\",\"request_bytes\":0,\"response_bytes\":5,"
                                + "\"duration_ms\":12.345,\"head_ms\":1.500,\"user_agent\":\"probe/1\","
                                + "\"referer\":\"http://r.example/\"}");
    }

    @Test
    void jsonHasEveryFieldThatIsDocumented() throws Exception {
        TlsInfo tls = TlsInfo.of("TLSv1.3", "TLS_AES_128_GCM_SHA256", "shop.example", List.of());
        RequestHead head =
                new RequestHead("POST", "https", "shop.example", "/s/m", Fields.of("content-type", "application/grpc"));
        HttpExchange exchange = Records.exchange(head, Records.connection(HttpVersion.HTTP_2, tls));
        ExchangeNotes.note(exchange, Client.KEY, new Client(InetAddress.getByName("203.0.113.9"), "https"));
        ExchangeNotes.note(exchange, Route.KEY, Route.of("orders", "x"));
        ExchangeNotes.note(exchange, RouteLabels.KEY, RouteLabels.of(Map.of("route", "m", "a", "b")));
        ExchangeNotes.note(exchange, Endpoint.KEY, Endpoint.of(new InetSocketAddress("::1", 9000)));
        ExchangeNotes.note(exchange, RequestId.KEY, "id-1");
        ReplyHead reply = new ReplyHead(200, Fields.of("grpc-status", "14"));
        JsonNode json = json(Records.of(exchange, reply, 0, Outcome.COMPLETE, null));
        assertThat(json.get("forwarded_client").stringValue()).isEqualTo("203.0.113.9");
        assertThat(json.get("version").stringValue()).isEqualTo("2");
        assertThat(json.get("scheme").stringValue()).isEqualTo("https");
        assertThat(json.get("classification").stringValue()).isEqualTo("failure");
        assertThat(json.get("grpc_status").intValue()).isEqualTo(14);
        assertThat(json.get("route").stringValue()).isEqualTo("orders");
        assertThat(json.get("route_labels").toString()).isEqualTo("{\"a\":\"b\",\"route\":\"m\"}");
        assertThat(json.get("endpoint").stringValue()).isEqualTo("[::1]:9000");
        assertThat(json.get("request_id").stringValue()).isEqualTo("id-1");
        assertThat(json.get("tls_version").stringValue()).isEqualTo("TLSv1.3");
        assertThat(json.has("query")).isFalse();
        assertThat(json.has("tls_identity")).isFalse();
    }

    @Test
    void jsonTellsWhyThereWasNoReply() {
        JsonNode json = json(Records.of(
                Records.exchange(Records.GET, Records.H1),
                null,
                0,
                Outcome.FAILED,
                new TimeoutException("upstream: no reply")));
        assertThat(json.get("outcome").stringValue()).isEqualTo("failed");
        assertThat(json.get("classification").stringValue()).isEqualTo("failure");
        assertThat(json.get("error").stringValue()).isEqualTo("timeout");
        assertThat(json.get("cause").stringValue()).isEqualTo("upstream: no reply");
        assertThat(json.has("status")).isFalse();
        assertThat(json.has("head_ms")).isFalse();
    }

    @Test
    void jsonTakesFieldsOfOnesOwn() {
        JsonFormat format = AccessFormat.json()
                .without("user_agent", "referer", "time")
                .with("trace_id", exchange -> "t-1")
                .with("attempts", exchange -> 2)
                .with("cached", exchange -> false)
                .with("nothing", exchange -> null)
                .with("not a number", exchange -> Double.NaN)
                .with("map", exchange -> Map.of("k", 1))
                .with("empty", exchange -> Map.of())
                .with("status", exchange -> "replaced");
        assertThat(format.names()).doesNotContain("user_agent").endsWith("map", "empty", "status");
        assertThat(line(format, Records.get("/")))
                .startsWith("{\"client_address\":")
                .endsWith("\"head_ms\":1.500,\"trace_id\":\"t-1\",\"attempts\":2,\"cached\":false,"
                        + "\"not a number\":\"NaN\",\"map\":{\"k\":1},\"empty\":{},\"status\":\"replaced\"}");
        assertThat(AccessFormat.json()
                        .without(AccessFormat.json().names().toArray(String[]::new))
                        .names())
                .isEmpty();
    }

    @Test
    void jsonTellsOfDroppedLinesInJson() {
        StringBuilder line = new StringBuilder();
        AccessFormat.json().formatDropped(12, line);
        JsonNode json = JSON.readTree(line.toString());
        assertThat(json.get("dropped").intValue()).isEqualTo(12);
        assertThat(json.get("time").stringValue()).endsWith("Z");
    }

    // ---- Apache

    @Test
    void commonIsThatOfApache() {
        assertThat(line(COMMON, Records.get("/a?b=c")))
                .isEqualTo("192.0.2.7 - - [14/Nov/2023:22:13:20 +0000] \"GET /a?b=c HTTP/1.1\" 200 5");
    }

    @Test
    void combinedAddsRefererAndUserAgent() {
        assertThat(line(COMBINED, Records.get("/")))
                .isEqualTo("192.0.2.7 - - [14/Nov/2023:22:13:20 +0000] \"GET / HTTP/1.1\" 200 5"
                        + " \"http://r.example/\" \"probe/1\"");
    }

    @Test
    void whatIsMissingIsADash() {
        HttpExchange exchange = Records.exchange(
                RequestHead.of("GET", "shop.example", "/"), Records.connection(HttpVersion.HTTP_2, null));
        assertThat(line(COMBINED, Records.of(exchange, null, 0, Outcome.CANCELLED, null)))
                .isEqualTo("192.0.2.7 - - [14/Nov/2023:22:13:20 +0000] \"GET / HTTP/2.0\" - - \"-\" \"-\"");
        HttpExchange nowhere =
                HttpExchange.of(RequestHead.of("GET", "shop.example", "/"), io.headgate.http.Body.empty());
        assertThat(line(COMMON, Records.of(nowhere, OK, 0, Outcome.COMPLETE, null)))
                .isEqualTo("- - - [14/Nov/2023:22:13:20 +0000] \"GET / HTTP/1.1\" 200 -");
    }

    @Test
    void theClientBeforeTrustedProxiesCounts() throws Exception {
        HttpExchange exchange = Records.exchange(Records.GET, Records.H1);
        ExchangeNotes.note(exchange, Client.KEY, new Client(InetAddress.getByName("203.0.113.9"), "http"));
        assertThat(line(COMMON, Records.of(exchange, OK, 0, Outcome.COMPLETE, null)))
                .startsWith("203.0.113.9 - - [");
    }

    @ParameterizedTest
    @CsvSource({
        "America/New_York, [14/Nov/2023:17:13:20 -0500]",
        "Asia/Kolkata, [15/Nov/2023:03:43:20 +0530]",
        "America/St_Johns, [14/Nov/2023:18:43:20 -0330]"
    })
    void timesAreThoseOfTheZone(String zone, String time) {
        assertThat(line(AccessFormat.common(ZoneId.of(zone)), Records.get("/"))).contains(time);
    }

    // ---- forging

    private static Stream<AccessFormat> all() {
        return Stream.of(COMMON, COMBINED, AccessFormat.json());
    }

    /** As a client may send them: fields are ISO 8859-1, and a sender of the lowest layer may try anything. */
    private static ExchangeRecord hostile(String value) {
        Fields fields = Fields.ofValidated(new CharSequence[] {"referer", value, "user-agent", value}, 2);
        HttpExchange exchange = Records.exchange(Records.GET.withFields(fields), Records.H1);
        ExchangeNotes.note(exchange, RequestId.KEY, value);
        return Records.of(exchange, OK, 5, Outcome.FAILED, new IllegalStateException(value));
    }

    @ParameterizedTest
    @MethodSource("all")
    void aLineStaysALineWhateverAClientSends(AccessFormat format) {
        StringBuilder every = new StringBuilder();
        for (char c = 0; c <= 0x100; c++) {
            every.append(c);
        }
        every.append("\u2028\u2029\u202e\ud83d\ude00");
        String line = line(format, hostile(every.toString()));
        assertThat(line.chars()).allMatch(c -> c >= 0x20 && c < 0x7f);
    }

    @Test
    void quotesAndControlCharactersAreEscapedAsApacheDoes() {
        assertThat(line(COMBINED, hostile("a\r\n1.2.3.4 - \"x\" \\ \t\u001b[31m\u00e9\u0007\u000b\b\f\u007f")))
                .endsWith(" \"a\\r\\n1.2.3.4 - \\\"x\\\" \\\\ \\t\\x1b[31m\\xe9\\x07\\v\\b\\x0c\\x7f\"");
        assertThat(line(COMBINED, hostile("\u2028"))).endsWith(" \"\\x20\\x28\"");
    }

    @Test
    void jsonReadsAsWhatWasSent() {
        String value = "a\r\n{\"x\":1} \\ \t\u001b[31m\u00e9\u0000\u2028\ud83d\ude00\"";
        JsonNode json = json(hostile(value));
        assertThat(json.get("user_agent").stringValue()).isEqualTo(value);
        assertThat(json.get("referer").stringValue()).isEqualTo(value);
        assertThat(json.get("cause").stringValue()).isEqualTo(value);
        assertThat(json.get("request_id").stringValue()).isEqualTo(value);
    }

    @ParameterizedTest
    @MethodSource("all")
    void longValuesAreCut(AccessFormat format) {
        String path = "/" + "x".repeat(8191);
        String line = line(format, Records.get(path + "?" + "y".repeat(8191)));
        assertThat(line).contains("xxx...").hasSizeLessThan(5_000).doesNotContain("x".repeat(2048));
        assertThat(line(format, Records.get("/" + "x".repeat(2047))))
                .contains("/" + "x".repeat(2047))
                .doesNotContain("...");
        String worst = line(format, hostile("\u0001".repeat(100_000)));
        assertThat(worst).hasSizeLessThan(60_000);
    }
}
