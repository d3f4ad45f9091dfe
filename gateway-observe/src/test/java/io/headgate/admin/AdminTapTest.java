package io.headgate.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.admin.AdminRig.EventStream;
import io.headgate.forward.Networks;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Listener;
import io.headgate.http.HttpReply;
import io.headgate.tap.Tap;
import io.headgate.tap.TapEvent;
import io.headgate.tap.TapHeaders;
import io.headgate.tap.TapMatch;
import io.headgate.tap.TapMatch.Text;
import io.headgate.tap.TapPoint;
import io.headgate.tap.TapRequest;
import io.headgate.tap.TapSource;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import tools.jackson.databind.JsonNode;

/** What goes through, as server-sent events. */
@Timeout(60)
class AdminTapTest {

    private final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    private final Tap tap = Tap.create();
    private final Listener listener = gateway.listen(
                    "127.0.0.1",
                    0,
                    tap.stage(TapPoint.INBOUND)
                            .wrap(exchange ->
                                    exchange.body().asString(1000).map(text -> HttpReply.text(200, text + "!"))))
            .block(AdminRig.LONG);
    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicInteger observing = new AtomicInteger();
    private AdminRig rig;

    @AfterEach
    void close() {
        if (rig != null) {
            rig.close();
        }
        await().untilAsserted(() -> assertThat(tap.stats().observers()).isZero());
        assertThat(observing).hasValue(0);
        gateway.closeAsync().block(AdminRig.LONG);
    }

    private AdminRig show(TapSource source) {
        return show(AdminRig.SPEC, source);
    }

    private AdminRig show(AdminSpec spec, TapSource source) {
        TapSource counted = request -> source.observe(request)
                .doOnSubscribe(subscribed -> observing.incrementAndGet())
                .doFinally(signal -> observing.decrementAndGet());
        rig = new AdminRig(spec, Admin.builder().tap("inbound", source == tap ? tap : counted));
        return rig;
    }

    private void send(String target, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + target))
                .header("Authorization", "secret")
                .header("X-Order", "7")
                .POST(BodyPublishers.ofString(body))
                .build();
        assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo(body + "!");
    }

    private static TapEvent.BodyData piece(byte[] data) {
        TapEvent.Peers peers = new TapEvent.Peers(
                TapPoint.INBOUND, null, java.util.Map.of(), null, java.util.Map.of(), java.util.Map.of());
        return new TapEvent.BodyData(new io.headgate.tap.TapId(-1, 3), peers, false, 0, data, false);
    }

    // ---- end to end

    @Test
    void exchangesOfAGatewayAreShownUntilTheLimit() throws Exception {
        show(tap);
        try (EventStream events = rig.events("/tap?limit=2&path_prefix=/orders&method=POST&headers&body_bytes=100")) {
            await().until(() -> tap.stats().observers() == 1);
            JsonNode shown = rig.get("/taps").at("/taps/0");
            assertThat(shown.at("/stats/observers").asInt()).isEqualTo(1);
            assertThat(shown.at("/observations/0/request/limit").asInt()).isEqualTo(2);
            assertThat(rig.get("/taps").get("streams").asInt()).isEqualTo(1);
            send("/else", "x");
            send("/orders?x=1", "one");
            JsonNode init = events.next("request_init").data();
            assertThat(init.get("method").asString()).isEqualTo("POST");
            assertThat(init.get("direction").asString()).isEqualTo("inbound");
            assertThat(init.get("path").asString()).isEqualTo("/orders");
            assertThat(init.get("target").asString()).isEqualTo("/orders?x=1");
            assertThat(init.get("source").asString()).startsWith("127.0.0.1:");
            assertThat(init.get("headers").valueStream().map(JsonNode::toString))
                    .contains("{\"name\":\"X-Order\",\"value\":\"7\"}")
                    .contains("{\"name\":\"Authorization\",\"value\":\"" + TapHeaders.REDACTED + "\"}");
            String id = init.get("id").asString();
            assertThat(id).endsWith(":0");
            assertThat(restOf(events, id))
                    .containsExactlyInAnyOrder("request one", "status 200", "response one!", "end complete 3 4");
            send("/orders/2", "two");
            String second = events.next("request_init").data().get("id").asString();
            assertThat(second).endsWith(":1");
            assertThat(restOf(events, second)).contains("end complete 3 4");
            assertThat(events.next("end").data().get("reason").asString()).isEqualTo("limit");
            assertThat(events.next()).isNull();
        }
    }

    private static List<String> restOf(EventStream events, String id) throws Exception {
        Stream.Builder<String> seen = Stream.builder();
        while (true) {
            EventStream.Event event = events.next();
            JsonNode data = event.data();
            assertThat(data.get("id").asString()).isEqualTo(id);
            switch (event.name()) {
                case "response_init" -> seen.add("status " + data.get("status").asInt());
                case "body" -> {
                    if (!data.get("text").asString().isEmpty()) {
                        seen.add(data.get("of").asString() + " "
                                + data.get("text").asString());
                    }
                }
                default -> {
                    assertThat(event.name()).isEqualTo("response_end");
                    assertThat(data.get("sinceRequestInitMs").asDouble())
                            .isGreaterThanOrEqualTo(
                                    data.get("sinceResponseInitMs").asDouble());
                    seen.add("end " + data.get("end").asString() + " " + data.get("requestBytes") + " "
                            + data.get("responseBytes"));
                    return seen.build().toList();
                }
            }
        }
    }

    // ---- lifetimes

    @Test
    void clientThatLeavesCancelsTheTap() throws Exception {
        show(tap);
        EventStream events = rig.events("/tap");
        await().until(() -> tap.stats().observers() == 1);
        events.close();
        await().untilAsserted(() -> assertThat(tap.stats().observers()).isZero());
        assertThat(rig.get("/taps").get("streams").asInt()).isZero();
    }

    @Test
    void heartbeatsShowThatTheStreamIsThere() throws Exception {
        show(AdminRig.SPEC.withStreams(Duration.ofMillis(5), AdminRig.LONG), tap);
        try (EventStream events = rig.events("/tap")) {
            assertThat(events.line()).isEqualTo(": still here");
            assertThat(events.line()).isEmpty();
            assertThat(events.line()).isEqualTo(": still here");
        }
    }

    @Test
    void slowClientIsAskedForLittleAndCutInTheEnd() throws Exception {
        AtomicLong made = new AtomicLong();
        byte[] data = new byte[16 * 1024];
        show(
                AdminRig.SPEC.withStreams(AdminRig.LONG, Duration.ofMillis(500)),
                request -> Flux.<TapEvent>generate(sink -> sink.next(piece(data)))
                        .doOnNext(event -> made.incrementAndGet()));
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(16 * 1024);
            socket.connect(rig.server.address());
            socket.getOutputStream()
                    .write("GET /tap HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            await().until(() -> observing.get() == 1);
            await().untilAsserted(() -> assertThat(observing).hasValue(0)); // and reads nothing
        }
        // What the sockets hold, and a few.
        assertThat(made.get() * data.length).isLessThan(64L << 20);
    }

    @Test
    void droppedEventsAreTold() throws Exception {
        show(request -> Flux.just(new TapEvent.Dropped(17, 3), piece(new byte[] {1, (byte) 0xff})));
        try (EventStream events = rig.events("/tap")) {
            JsonNode dropped = events.next("dropped").data();
            assertThat(dropped.toString()).isEqualTo("{\"events\":17,\"exchanges\":3}");
            JsonNode body = events.next("body").data();
            assertThat(body.get("id").asString()).isEqualTo("4294967295:3");
            assertThat(body.get("base64").asString()).isEqualTo("Af8=");
            assertThat(events.next("end").data().get("reason").asString()).isEqualTo("limit");
        }
    }

    @Test
    void sourceThatFailsEndsTheStreamWithTheReason() throws Exception {
        show(request -> Flux.error(new IllegalStateException("a secret of the house")));
        try (EventStream events = rig.events("/tap")) {
            JsonNode end = events.next("end").data();
            assertThat(end.get("reason").asString()).isEqualTo("failed");
            assertThat(end.toString()).doesNotContain("secret");
        }
        Tap full = Tap.create(1);
        var other = full.observe(TapRequest.of(1, TapMatch.EVERYTHING)).subscribe();
        rig.close();
        show(full::observe);
        try (EventStream events = rig.events("/tap")) {
            assertThat(events.next("end").data().get("detail").asString()).startsWith("observers: 1 already");
        }
        other.dispose();
    }

    @Test
    void closingTheServerEndsTheStream() throws Exception {
        show(tap);
        try (EventStream events = rig.events("/tap")) {
            await().until(() -> tap.stats().observers() == 1);
            var closed = rig.server.closeAsync(AdminRig.LONG).toFuture();
            assertThat(events.next("end").data().get("reason").asString()).isEqualTo("closing");
            assertThat(events.next()).isNull();
            closed.get(20, java.util.concurrent.TimeUnit.SECONDS);
        }
    }

    @Test
    void tapsAreBounded() throws Exception {
        show(AdminRig.SPEC.withBounds(8, 1), tap);
        try (EventStream events = rig.events("/tap")) {
            await().until(() -> tap.stats().observers() == 1);
            JsonNode problem = rig.problem(503, "GET", "/tap");
            assertThat(problem.get("detail").asString()).isEqualTo("taps: 1 are open here (expected: fewer)");
            assertThat(events).isNotNull();
        }
        await().until(() -> tap.stats().observers() == 0);
        rig.events("/tap").close();
    }

    @Test
    void headObservesNothing() throws Exception {
        show(request -> Flux.error(new AssertionError("observed")));
        var answer = rig.ask("HEAD", "/tap?limit=1");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).contains("text/event-stream");
        rig.problem(405, "POST", "/tap");
        rig.problem(406, "GET", "/tap", "Accept", "application/json");
        assertThat(rig.ask("GET", "/live").statusCode()).isEqualTo(200);
    }

    @Test
    void oneOfSeveralTapsIsNamed() throws Exception {
        rig = new AdminRig(Admin.builder()
                .tap("a", request -> Flux.just(new TapEvent.Dropped(1, 1)))
                .tap("b", request -> Flux.just(new TapEvent.Dropped(2, 2))));
        JsonNode problem = rig.problem(400, "GET", "/tap");
        assertThat(problem.get("detail").asString()).isEqualTo("tap: missing (expected: one of [a, b])");
        rig.problem(400, "GET", "/tap?tap=c");
        try (EventStream events = rig.events("/tap?tap=b")) {
            assertThat(events.next("dropped").data().get("events").asInt()).isEqualTo(2);
        }
    }

    // ---- the query

    static Stream<Arguments> queries() {
        TapMatch get = new TapMatch.Method("GET");
        TapMatch head = new TapMatch.Method("HEAD");
        TapMatch api = new TapMatch.Path(Text.prefix("/api"));
        return Stream.of(
                Arguments.of("", TapMatch.EVERYTHING),
                Arguments.of("method=GET", get),
                Arguments.of("method=GET&method=HEAD", TapMatch.any(get, head)),
                Arguments.of("method=GET&path_prefix=/api", TapMatch.all(get, api)),
                Arguments.of("path=/x&path_prefix=/api", TapMatch.any(new TapMatch.Path(Text.exact("/x")), api)),
                Arguments.of("not_method=GET", get.negate()),
                Arguments.of("not_method=GET&not_method=HEAD", TapMatch.all(get.negate(), head.negate())),
                Arguments.of("method=GET&not_path_prefix=/api", TapMatch.all(api.negate(), get)),
                Arguments.of("scheme=HTTPS", new TapMatch.Scheme("https")),
                Arguments.of("authority=a.example:80", new TapMatch.Authority(Text.exact("a.example:80"))),
                Arguments.of("authority_prefix=a.", new TapMatch.Authority(Text.prefix("a."))),
                Arguments.of("source_port=8000-8099", new TapMatch.SourcePorts(8000, 8099)),
                Arguments.of("to_port=443", new TapMatch.DestinationPorts(443, 443)),
                Arguments.of("route_label=route=users", new TapMatch.RouteLabel("route", "users")),
                Arguments.of(
                        "to_label=zone=a&to_label=zone=b&to_label=app=web=1",
                        TapMatch.all(
                                TapMatch.any(
                                        new TapMatch.DestinationLabel("zone", "a"),
                                        new TapMatch.DestinationLabel("zone", "b")),
                                new TapMatch.DestinationLabel("app", "web=1"))));
    }

    @ParameterizedTest
    @MethodSource("queries")
    void queryIsAMatch(String query, TapMatch match) throws Exception {
        assertThat(asked(query).match()).isEqualTo(match);
    }

    private TapRequest asked(String query) throws Exception {
        AtomicReference<TapRequest> asked = new AtomicReference<>();
        show(request -> {
            asked.set(request);
            return Flux.empty();
        });
        rig.events("/tap?" + query).next("end");
        return asked.get();
    }

    @Test
    void networksAreMatched() throws Exception {
        TapMatch.All match =
                (TapMatch.All) asked("source=10.0.0.0/8&to=" + URLEncoder.encode("fd00::/8", StandardCharsets.UTF_8))
                        .match();
        Networks source = ((TapMatch.SourceNetwork) match.matches().get(0)).networks();
        Networks to = ((TapMatch.DestinationNetwork) match.matches().get(1)).networks();
        assertThat(source.contains(InetAddress.getByName("10.1.2.3"))).isTrue();
        assertThat(to.contains(InetAddress.getByName("fd00::1"))).isTrue();
        assertThat(to.contains(InetAddress.getByName("10.1.2.3"))).isFalse();
    }

    @Test
    void querySaysHowMuchIsShown() throws Exception {
        TapRequest request =
                asked("limit=4294967295&probability=0.25&headers=true&redact=X-Order&body_bytes=1048576&queue=7");
        assertThat(request.limit()).isEqualTo(4294967295L);
        assertThat(request.probability()).isEqualTo(0.25);
        assertThat(request.headers()).isEqualTo(TapHeaders.SHOWN.alsoRedacting("x-order"));
        assertThat(request.bodyBytes()).isEqualTo(1048576);
        assertThat(request.queue()).isEqualTo(7);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "limit=0|limit|1..4294967295",
                "limit=many|limit|1..4294967295",
                "limit=4294967296|limit|1..4294967295",
                "probability=0|probability|above 0, up to 1",
                "probability=NaN|probability|above 0, up to 1",
                "probability=1.5|probability|above 0, up to 1",
                "body_bytes=1048577|body_bytes|0..1048576",
                "queue=0|queue|1..65536",
                "headers=maybe|headers|true or false",
                "redact=x|redact|headers=true with it",
                "source=orders.example|source|an address, or an address and the length of a prefix: 10.0.0.0/8",
                "not_to=1.2.3.4/33|not_to|an address, or an address and the length of a prefix: 10.0.0.0/8",
                "to_port=0-70000|to_port|0..65535, the lower one first",
                "source_port=9-1|source_port|0..65535, the lower one first",
                "to_port=http|to_port|a port, or two of them: 8000-8099",
                "to_label=zone|to_label|key=value",
                "route_label==x|route_label|key=value",
                "method=|method|a text",
            })
    void wrongQueryIsExplained(String query, String parameter, String expected) throws Exception {
        show(request -> Flux.error(new AssertionError("observed")));
        JsonNode problem = rig.problem(400, "GET", "/tap?" + query);
        assertThat(problem.get("parameter").asString()).isEqualTo(parameter);
        assertThat(problem.get("expected").asString()).isEqualTo(expected);
        assertThat(rig.problem(400, "GET", "/tap?pathprefix=/x").get("expected").asString())
                .contains("path_prefix", "not_path_prefix");
    }
}
