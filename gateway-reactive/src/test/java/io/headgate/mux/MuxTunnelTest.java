package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Fields;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.mux.ClientCall.Reply;
import io.headgate.mux.internal.WebSockets;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** Upgrades and CONNECT: bytes both ways that are no longer HTTP, only after both ends have agreed. */
class MuxTunnelTest {

    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    private static final int ENABLE_CONNECT_PROTOCOL = 8;
    private static final Msg RAW = Msg.of();

    static Rig start(Pair pair, Path path) throws Exception {
        return start(Rig.of(pair, path));
    }

    private static Rig start(Rig.Builder builder) throws Exception {
        Rig rig = builder.start();
        if (!rig.pair.h1Back()) {
            rig.h2Upstream().settings = new int[] {ENABLE_CONNECT_PROTOCOL, 1};
        }
        return rig;
    }

    static ClientCall handshake(Rig rig, Client client, String... more) throws Exception {
        if (rig.pair.h1Front()) {
            String[] fields = {
                "Connection", "keep-alive, Upgrade",
                "Upgrade", "WebSocket",
                "Sec-WebSocket-Key", KEY,
                "Sec-WebSocket-Version", "13"
            };
            String[] all = Stream.of(fields, more).flatMap(Arrays::stream).toArray(String[]::new);
            return client.call("GET", "/chat", false, all);
        }
        Msg head = Msg.of(
                ":method", "CONNECT",
                ":protocol", "websocket",
                ":scheme", "http",
                ":path", "/chat",
                ":authority", "test.example",
                "sec-websocket-version", "13");
        head.fields.addAll(Msg.of(more).fields);
        return ((H2Client) client).open(head, false);
    }

    static Incoming accept(UpstreamCall up, String behind) {
        if (up instanceof H1Peer.Call call) {
            assertThat(up.request.get("connection")).isEqualTo("upgrade");
            assertThat(up.request.get("upgrade")).isEqualTo("websocket");
            String accept = WebSockets.accept(up.request.get("sec-websocket-key"));
            call.raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Protocol: talk\r\nSec-WebSocket-Accept: " + accept + "\r\n\r\n" + behind);
            return call.wire.body(RAW, false, false, () -> {});
        }
        assertThat(up.request.method()).isEqualTo("CONNECT");
        assertThat(up.request.get(":protocol")).isEqualTo("websocket");
        assertThat(up.request.get("sec-websocket-key")).isNull();
        up.head(200, false, "sec-websocket-protocol", "talk");
        if (!behind.isEmpty()) {
            up.send(behind);
        }
        return up.body();
    }

    static void assertOpened(ClientCall call) throws Exception {
        Msg head = call.head();
        assertThat(head.get("sec-websocket-protocol")).isEqualTo("talk");
        if (call instanceof H1Client.Call) {
            assertThat(head.status()).isEqualTo(101);
            assertThat(head.get("upgrade")).isEqualTo("websocket");
            assertThat(head.get("connection")).isEqualTo("upgrade");
            assertThat(head.get("sec-websocket-accept")).isEqualTo(ACCEPT);
            assertThat(head.get("content-length")).isNull();
            assertThat(head.get("transfer-encoding")).isNull();
        } else {
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.get("sec-websocket-accept")).isNull();
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static void hangUp(UpstreamCall up) {
        if (up instanceof H1Peer.Call) {
            up.crash();
        } else {
            up.end();
        }
    }

    private static void hangUp(ClientCall call) throws Exception {
        if (call instanceof H1Client.Call h1) {
            h1.wire().socket.shutdownOutput();
        } else {
            call.end();
        }
    }

    // ---- both have agreed

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void bytesGoBothWaysUntilTheUpstreamCloses(Pair pair, Path path) throws Exception {
        try (Rig rig = start(pair, path)) {
            ClientCall call = handshake(rig, rig.client());
            UpstreamCall up = rig.take();
            Incoming fromClient = accept(up, "early");
            assertOpened(call);
            Incoming fromUpstream = call.body();
            assertThat(text(fromUpstream.exactly(5))).isEqualTo("early");
            call.send("\r\n\r\nGET / HTTP/1.1");
            assertThat(text(fromClient.exactly(18))).isEqualTo("\r\n\r\nGET / HTTP/1.1");
            up.send("5\r\nHTTP");
            assertThat(text(fromUpstream.exactly(7))).isEqualTo("5\r\nHTTP");
            call.send("again");
            assertThat(text(fromClient.exactly(5))).isEqualTo("again");
            up.send("bye");
            hangUp(up);
            Content rest = fromUpstream.rest();
            assertThat(rest.text()).isEqualTo("bye");
            assertThat(rest.isClean()).isTrue();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void clientThatClosesHasItsLastBytesDelivered(Pair pair, Path path) throws Exception {
        try (Rig rig = start(pair, path)) {
            ClientCall call = handshake(rig, rig.client());
            UpstreamCall up = rig.take();
            Incoming fromClient = accept(up, "");
            assertOpened(call);
            call.send("last words");
            hangUp(call);
            assertThat(text(fromClient.exactly(10))).isEqualTo("last words");
            Content rest = fromClient.rest();
            if (!pair.h1Front() || pair.h1Back()) {
                assertThat(rest.isClean()).isTrue();
            }
            if (!pair.h1Front()) {
                up.send("goodbye");
            }
            hangUp(up);
            if (!pair.h1Front()) {
                assertThat(call.body().rest().text()).isEqualTo("goodbye"); // HTTP/1.1 has closed both ways at once
            }
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void tunnelGoesOnDuringADrainUntilTheGraceIsOver(Pair pair, Path path) throws Exception {
        try (Rig rig = start(pair, path)) {
            ClientCall call = handshake(rig, rig.client());
            UpstreamCall up = rig.take();
            Incoming fromClient = accept(up, "");
            assertOpened(call);
            rig.listener.drain(Duration.ofSeconds(20)).subscribe();
            rig.listener.onClose().block(Duration.ofSeconds(5));
            call.send("still");
            assertThat(text(fromClient.exactly(5))).isEqualTo("still");
            assertThat(rig.listener
                            .drain(Duration.ZERO)
                            .blockLast(Duration.ofSeconds(5))
                            .cut())
                    .isEqualTo(1);
            up.awaitCancel();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Fronts")
    void clientThatClosesHasAllDeliveredToAnUpstreamThatIsSlow(Pair pair, Path path) throws Exception {
        byte[] much = new byte[3 << 20];
        ThreadLocalRandom.current().nextBytes(much);
        try (Rig rig = start(Rig.of(pair, path).smallPeer().settings(s -> s.streamWindow(4 << 20)))) {
            ClientCall call = handshake(rig, rig.client());
            UpstreamCall up = rig.take();
            Incoming fromClient = accept(up, "");
            assertOpened(call);
            CompletableFuture<?> sent = rig.async(() -> {
                call.send(much);
                hangUp(call);
                return null;
            });
            sent.get(); // all of it is with the gateway or the kernel, and the upstream has not read a byte
            assertThat(fromClient.exactly(much.length)).isEqualTo(much);
            assertThat(fromClient.rest().isClean()).isTrue();
            hangUp(up);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Fronts")
    void clientThatResetsItsStreamEndsTheTunnel(Pair pair, Path path) throws Exception {
        try (Rig rig = start(pair, path)) {
            ClientCall call = handshake(rig, rig.client());
            UpstreamCall up = rig.take();
            accept(up, "");
            assertOpened(call);
            call.abort();
            up.awaitCancel();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void muchGoesBothWaysAtOnce(Pair pair, Path path) throws Exception {
        byte[] up = new byte[2 << 20];
        byte[] down = new byte[2 << 20];
        ThreadLocalRandom.current().nextBytes(up);
        ThreadLocalRandom.current().nextBytes(down);
        try (Rig rig = start(pair, path)) {
            ClientCall call = handshake(rig, rig.client());
            UpstreamCall upstream = rig.take();
            Incoming fromClient = accept(upstream, "");
            assertOpened(call);
            CompletableFuture<?> sentUp = rig.async(() -> call.send(up));
            CompletableFuture<?> sentDown = rig.async(() -> upstream.send(down));
            CompletableFuture<byte[]> gotUp = rig.async(() -> fromClient.exactly(up.length));
            assertThat(call.body().exactly(down.length)).isEqualTo(down);
            assertThat(gotUp.get()).isEqualTo(up);
            CompletableFuture.allOf(sentUp, sentDown).get();
            hangUp(upstream);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void silentTunnelIsClosed(Pair pair, Path path) throws Exception {
        try (Rig rig = start(Rig.of(pair, path)
                .settings(s -> s.tunnelIdle(Duration.ofMillis(300)).streamIdle(Duration.ofMillis(20))))) {
            ClientCall call = handshake(rig, rig.client());
            UpstreamCall up = rig.take();
            Incoming fromClient = accept(up, "");
            assertOpened(call);
            if (call instanceof H2Client.Call h2) {
                assertThat(h2.stream.awaitReset()).isIn((long) H2Wire.CANCEL, (long) H2Wire.INTERNAL_ERROR);
            } else {
                ((H1Client.Call) call).wire().awaitClose();
            }
            fromClient.rest();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void upstreamThatIsLostCutsTheTunnel(Pair pair, Path path) throws Exception {
        try (Rig rig = start(pair, path)) {
            ClientCall call = handshake(rig, rig.client());
            UpstreamCall up = rig.take();
            accept(up, "");
            assertOpened(call);
            if (up instanceof H1Peer.Call h1) {
                h1.wire.socket.setSoLinger(true, 0);
                h1.crash();
            } else {
                ((H2Peer.Call) up).stream.wire.reset(((H2Peer.Call) up).stream.id, H2Wire.INTERNAL_ERROR);
            }
            assertThat(call.body().rest().bytes()).isEmpty();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void serviceCanBeTheOtherEnd(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path)
                .service(r -> path.through(exchange -> {
                    assertThat(exchange.head().upgrade()).isEqualTo("websocket");
                    assertThat(exchange.head().method()).isEqualTo("GET");
                    return Mono.just(HttpReply.upgraded(Fields.of("sec-websocket-protocol", "talk"), exchange.body()));
                }))
                .start()) {
            ClientCall call = handshake(rig, rig.client());
            assertOpened(call);
            call.send("echo");
            assertThat(text(call.body().exactly(4))).isEqualTo("echo");
            if (pair.h1Front()) {
                call.abort();
            } else {
                call.end();
                assertThat(call.body().rest().isClean()).isTrue();
            }
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    // ---- no tunnel

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void refusedUpgradeLeavesHttpBehind(Pair pair, Path path) throws Exception {
        try (Rig rig = start(pair, path)) {
            Client client = rig.client();
            ClientCall call = handshake(rig, client);
            UpstreamCall up = rig.take();
            ClientCall behind = client.get("/behind"); // before the answer, so possibly smuggled
            up.reply(426, "no", "sec-websocket-version", "13");
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(426);
            assertThat(reply.text()).isEqualTo("no");
            UpstreamCall next = rig.take();
            assertThat(next.request.target()).isEqualTo("/behind");
            assertThat(next.request.get("sec-websocket-key")).isNull();
            assertThat(next.request.get("upgrade")).isNull();
            next.ok("http");
            assertThat(behind.reply().text()).isEqualTo("http");
            assertThat(rig.outcomes.await(2)).containsOnly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void failedUpgradeIsAnsweredAsAnyRequest(Pair pair, Path path) throws Exception {
        try (Rig rig = start(pair, path)) {
            Client client = rig.client();
            ClientCall call = handshake(rig, client);
            UpstreamCall up = rig.take();
            if (up instanceof H1Peer.Call) {
                up.crash();
            } else {
                ((H2Peer.Call) up).stream.wire.reset(((H2Peer.Call) up).stream.id, H2Wire.INTERNAL_ERROR);
            }
            assertThat(call.reply().status()).isEqualTo(502);
            ClientCall next = client.get("/");
            rig.take().ok("on");
            assertThat(next.reply().text()).isEqualTo("on");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void wrongAcceptIsNoAgreement(Pair pair, Path path) throws Exception {
        try (Rig rig = start(pair, path)) {
            for (String accept : new String[] {"Sec-WebSocket-Accept: " + ACCEPT + "\r\n", ""}) {
                ClientCall call = handshake(rig, rig.client());
                H1Peer.Call up = (H1Peer.Call) rig.take();
                up.raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + accept
                        + "\r\nbytes");
                assertThat(call.reply().status()).isEqualTo(502);
                assertThat(up.wire.body(RAW, false, false, () -> {}).rest().bytes())
                        .isEmpty();
                up.done();
            }
            assertThat(rig.outcomes.await(2)).containsOnly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Fronts")
    void plainSuccessIsNoAgreementForAClientThatWouldTakeItForOne(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path)
                .service(r -> exchange -> Mono.just(HttpReply.text(200, "hello")))
                .start()) {
            assertThat(handshake(rig, rig.client()).reply().status()).isEqualTo(502);
            assertThat(rig.outcomes.await(1)).containsOnly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Backs")
    void upstreamWithoutExtendedConnectIsNotAskedForATunnel(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            assertThat(handshake(rig, rig.client()).reply().status()).isEqualTo(502);
            assertThat(rig.upstream.requests).hasValue(0);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET|Upgrade: h2c|HTTP2-Settings: AAMAAABkAAQAAP__|Connection: Upgrade, HTTP2-Settings",
                "GET|Upgrade: foo|Connection: Upgrade|Sec-WebSocket-Key: " + KEY + "|Sec-WebSocket-Version: 13",
                "GET|Upgrade: websocket, foo|Connection: Upgrade|Sec-WebSocket-Key: " + KEY
                        + "|Sec-WebSocket-Version: 13",
                "GET|Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Key: " + KEY + "|Sec-WebSocket-Version: 12",
                "GET|Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Key: short|Sec-WebSocket-Version: 13",
                "GET|Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Version: 13",
                "GET|Upgrade: websocket|Sec-WebSocket-Key: " + KEY + "|Sec-WebSocket-Version: 13",
                "OPTIONS|Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Key: " + KEY
                        + "|Sec-WebSocket-Version: 13",
            })
    void whatIsNoHandshakeIsAnOrdinaryRequest(String request) throws Exception {
        String[] parts = request.split("\\|");
        try (Rig rig = Rig.start(Pair.H1_H1, Path.FUSED)) {
            H1Client client = rig.h1();
            client.wire.write(parts[0] + " / HTTP/1.1\r\nHost: a\r\n"
                    + String.join("\r\n", Arrays.copyOfRange(parts, 1, parts.length)) + "\r\n\r\n");
            UpstreamCall up = rig.take();
            assertThat(up.request.get("upgrade")).isNull();
            assertThat(up.request.get("connection")).isNull();
            assertThat(up.request.get("http2-settings")).isNull();
            up.ok("plain");
            Msg head = client.wire.head();
            assertThat(head.status()).isEqualTo(200);
            assertThat(text(client.wire.body(head, false, false, () -> {}).exactly(5)))
                    .isEqualTo("plain");
        }
    }

    @Test
    void unknownProtocolOfExtendedConnectIs501() throws Exception {
        try (Rig rig = Rig.start(Pair.H2_H1, Path.FUSED)) {
            Msg head = Msg.of(
                    ":method", "CONNECT",
                    ":protocol", "connect-udp",
                    ":scheme", "http",
                    ":path", "/",
                    ":authority", "a");
            assertThat(rig.h2().open(head, false).reply().status()).isEqualTo(501);
            assertThat(rig.upstream.connections).hasValue(0);
        }
    }

    // ---- CONNECT

    private static ClientCall connect(Rig rig, Client client) throws Exception {
        if (rig.pair.h1Front()) {
            ((H1Client) client).wire.write("CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n");
            return ((H1Client) client).new Call(false, false);
        }
        return ((H2Client) client).open(Msg.of(":method", "CONNECT", ":authority", "other.example:443"), false);
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void connectIsRefusedUnlessItIsEnabled(Pair pair) throws Exception {
        try (Rig rig = Rig.start(pair, Path.FUSED)) {
            assertThat(connect(rig, rig.client()).reply().status()).isEqualTo(501);
            assertThat(rig.upstream.connections).hasValue(0);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.REJECTED);
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void connectThatIsEnabledTunnels(Pair pair) throws Exception {
        try (Rig rig =
                Rig.of(pair, Path.FUSED).settings(s -> s.connectMethod(true)).start()) {
            ClientCall call = connect(rig, rig.client());
            UpstreamCall up = rig.take();
            assertThat(up.request.method()).isEqualTo("CONNECT");
            assertThat(up.request.authority()).isEqualTo("other.example:443");
            Incoming fromClient;
            if (up instanceof H1Peer.Call h1) {
                assertThat(up.request.target()).isEqualTo("other.example:443");
                h1.raw("HTTP/1.1 200 Connected\r\nContent-Length: 5\r\n\r\nhello");
                fromClient = h1.wire.body(RAW, false, false, () -> {});
            } else {
                assertThat(up.request.names()).containsExactly(":method", ":authority");
                up.head(200, false).send("hello");
                fromClient = up.body();
            }
            Msg head = call.head();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.get("content-length")).isNull();
            assertThat(text(call.body().exactly(5))).isEqualTo("hello");
            call.send("raw");
            assertThat(text(fromClient.exactly(3))).isEqualTo("raw");
            hangUp(up);
            assertThat(call.body().rest().isClean()).isTrue();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    static Stream<Arguments> pairs() {
        return Stream.of(Pair.values()).map(Arguments::of);
    }
}
