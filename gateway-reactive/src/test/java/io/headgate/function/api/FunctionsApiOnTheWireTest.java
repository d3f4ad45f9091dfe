package io.headgate.function.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.store.MemoryFunctionStore;
import io.headgate.function.store.ValidatedStore;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.GatewayStats;
import io.headgate.gateway.Listener;
import io.headgate.gateway.ListenerSpec;
import io.headgate.mux.MuxSettings;
import io.headgate.tls.Pki;
import io.headgate.tls.ServerTls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The API behind a listener, asked by a client that is not ours: HTTP/1.1 in cleartext, HTTP/2 by TLS. */
@Timeout(60)
class FunctionsApiOnTheWireTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    /** How long an idle connection may stay when its listener is closed: with TLS it is not told. */
    private static final Duration SHORT = Duration.ofMillis(50);

    private static final int LIMIT = 200;
    private static final Pki PKI = new Pki();

    private final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS
            .withEventLoops(1)
            .withSettings(MuxSettings.builder().linger(SHORT).build()));
    private final FunctionsApi api = FunctionsApi.builder(ValidatedStore.of(MemoryFunctionStore.create()))
            .prefix("/fn")
            .maxBodyBytes(LIMIT)
            .build();

    private HttpClient client;
    private Version version;
    private String base;

    private void start(Version asked) {
        ListenerSpec spec = ListenerSpec.of("127.0.0.1", 0);
        boolean tls = asked == Version.HTTP_2;
        Listener listener = gateway.listen(tls ? spec.withTls(ServerTls.of(PKI.credential("127.0.0.1"))) : spec, api)
                .block(LONG);
        version = asked;
        base = (tls ? "https" : "http") + "://127.0.0.1:" + listener.port() + "/fn";
        client = HttpClient.newBuilder()
                .version(asked)
                .sslContext(PKI.context(null))
                .connectTimeout(LONG)
                .build();
    }

    @AfterEach
    void close() {
        gateway.closeAsync().block(LONG);
        assertThat(gateway.stats()).isEqualTo(new GatewayStats(0, 0, 0, 0, 0));
    }

    private HttpRequest.Builder request(String method, String path, BodyPublisher body) {
        return HttpRequest.newBuilder(URI.create(base + path)).timeout(LONG).method(method, body);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
        assertThat(response.version()).isEqualTo(version);
        return response;
    }

    private HttpResponse<String> send(String method, String path, String json) throws Exception {
        HttpRequest.Builder request = request(method, path, BodyPublishers.ofString(json.replace('\'', '"')));
        return send(request.header("content-type", "application/json"));
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        return send(request(method, path, BodyPublishers.noBody()));
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }

    private String created(String path, String json) throws Exception {
        HttpResponse<String> response = send("POST", path, json);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response).get("id").stringValue();
    }

    @ParameterizedTest
    @EnumSource
    void entitiesLiveAndDie(Version asked) throws Exception {
        start(asked);
        String app = created("/v2/apps", "{'name':'shop'}");
        String fn = created("/v2/fns", "{'app_id':'" + app + "','name':'pay','image':'node:pay'}");
        String trigger = created(
                "/v2/triggers",
                "{'app_id':'" + app + "','fn_id':'" + fn + "','name':'t','type':'http','source':'/pay'}");

        HttpResponse<String> found = send("GET", "/v2/triggers/" + trigger);
        assertThat(found.headers().firstValue("content-type")).hasValue("application/json; charset=utf-8");
        assertThat(json(found)
                        .at("/annotations/fnproject.io~1trigger~1httpEndpoint")
                        .stringValue())
                .isEqualTo(base + "/t/shop/pay");
        assertThat(json(send("PUT", "/v2/fns/" + fn, "{'memory':256}"))
                        .get("memory")
                        .intValue())
                .isEqualTo(256);
        assertThat(json(send("GET", "/v2/fns?app_id=" + app)).at("/items/0/id").stringValue())
                .isEqualTo(fn);

        HttpResponse<String> gone = send("DELETE", "/v2/apps/" + app);
        assertThat(gone.statusCode()).isEqualTo(204);
        assertThat(gone.body()).isEmpty();
        assertThat(send("GET", "/v2/fns/" + fn).statusCode()).isEqualTo(404);
        assertThat(send("GET", "/v2/triggers/" + trigger).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @EnumSource
    void failuresAreJsonAndSayWhatIsAllowed(Version asked) throws Exception {
        start(asked);
        HttpResponse<String> missing = send("GET", "/nothing");
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(json(missing).get("message").stringValue()).startsWith("path: /fn/nothing");
        HttpResponse<String> method = send("PATCH", "/v2/apps", "{}");
        assertThat(method.statusCode()).isEqualTo(405);
        assertThat(method.headers().firstValue("allow")).hasValue("GET, HEAD, POST");
        HttpResponse<String> text = send(request("POST", "/v2/apps", BodyPublishers.ofByteArray(new byte[] {'{', -1})));
        assertThat(text.statusCode()).isEqualTo(400);
        assertThat(json(text).get("message").stringValue()).isEqualTo("body: not UTF-8 at byte 1 (expected: UTF-8)");
        HttpResponse<String> head = send("HEAD", "/version");
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void bodiesThatAreTooLargeAreRefusedAnnouncedOrNot(Version asked) throws Exception {
        start(asked);
        String large = "{'name':'a','x':'" + "x".repeat(LIMIT) + "'}";
        byte[] bytes = large.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        List<HttpRequest.Builder> requests = List.of(
                request("POST", "/v2/apps", BodyPublishers.ofByteArray(bytes)),
                request("POST", "/v2/apps", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes))));
        for (HttpRequest.Builder request : requests) {
            HttpResponse<String> response = send(request);
            assertThat(response.statusCode()).isEqualTo(413);
            assertThat(json(response).get("message").stringValue())
                    .isEqualTo("body: too large (expected: at most 200 bytes)");
        }
        byte[] small = "{\"name\":\"a\"}".getBytes(StandardCharsets.UTF_8);
        assertThat(send(request("POST", "/v2/apps", BodyPublishers.ofByteArray(small))
                                .expectContinue(true))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void aBodyThatWouldBeTooLargeIsNotAskedFor() throws Exception {
        start(Version.HTTP_1_1);
        try (Socket socket = new Socket("127.0.0.1", URI.create(base).getPort())) {
            socket.setSoTimeout((int) LONG.toMillis());
            String head = "POST /fn/v2/apps HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 201\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));

            byte[] start = socket.getInputStream().readNBytes("HTTP/1.1 413".length());

            assertThat(new String(start, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 413");
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofManyWhoWantOneNameOneGetsIt(Version asked) {
        start(asked);
        HttpRequest request = request("POST", "/v2/apps", BodyPublishers.ofString("{\"name\":\"one\"}"))
                .build();
        List<CompletableFuture<Integer>> sent = Stream.generate(
                        () -> client.sendAsync(request, BodyHandlers.ofString()).thenApply(HttpResponse::statusCode))
                .limit(32)
                .toList();

        List<Integer> statuses = sent.stream().map(CompletableFuture::join).toList();

        assertThat(statuses).containsOnly(200, 409);
        assertThat(statuses.stream().filter(status -> status == 200)).hasSize(1);
    }
}
