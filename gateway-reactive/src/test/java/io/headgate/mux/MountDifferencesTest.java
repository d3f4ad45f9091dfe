package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.HttpVersion;
import io.headgate.http.Outcome;
import io.headgate.mux.ClientCall.Reply;
import io.headgate.mux.Content.Ending;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;

/** The rows of {@code docs/mount.md}: where a mounted service sees or does something else than behind a listener. */
class MountDifferencesTest {

    private static final Service<HttpExchange, HttpReply> OK = exchange -> Mono.just(HttpReply.text(200, "ok"));

    // ---- heads

    @Test
    void headWithoutMethodIsDroppedByTheServerAlone() throws Exception {
        try (MountRig mounted = new MountRig(Pair.H2_H2, OK)) {
            H2Client client = (H2Client) mounted.client();
            client.open(Msg.of(":scheme", "http", ":path", "/", ":authority", "a"), true);
            assertThat(client.get("/").reply().text()).isEqualTo("ok");
            assertThat(mounted.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @Test
    void foldedLinesAndOddSpacesAreRepairedByTheServer() throws Exception {
        try (MountRig mounted = new MountRig(Pair.H1_H1, OK)) {
            H1Client client = (H1Client) mounted.client();
            client.wire.write("GET  /a  HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n 2\r\n\r\n");
            assertThat(client.wire.head().status()).isEqualTo(200);
            HttpExchange seen = mounted.outcomes.exchanges.get(0).exchange;
            assertThat(seen.head().target()).isEqualTo("/a");
            assertThat(seen.head().fields().get("x-a")).isEqualTo("1 2");
        }
    }

    @Test
    void largeHeadsAreRefusedByTheServerAndReachNoObserver() throws Exception {
        try (MountRig mounted = new MountRig(Pair.H1_H1, OK)) {
            Reply line = mounted.client().get("/" + "x".repeat(5000)).reply();
            assertThat(line.status()).isEqualTo(414);
            assertThat(line.text()).isEmpty();
            Reply head = mounted.client().get("/", "x-a", "x".repeat(9000)).reply();
            assertThat(head.status()).isEqualTo(431);
            assertThat(head.text()).isEmpty();
            assertThat(mounted.outcomes.exchanges).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.MountTest#fronts")
    void fieldNamesAreCheckedAsBehindAListener(Pair pair) throws Exception {
        try (MountRig mounted = new MountRig(pair, OK)) {
            mounted.client().get("/", "x_forwarded_for", "1", "x_a", "2").reply();
            Fields seen = mounted.outcomes.exchanges.get(0).exchange.head().fields();
            assertThat(seen.get("x_forwarded_for")).isNull();
            assertThat(seen.get("x_a")).isEqualTo("2");
        }
    }

    // ---- connections

    @Test
    void nothingIsTunnelled() throws Exception {
        MuxSettings connecting = Rig.SETTINGS.toBuilder().connectMethod(true).build();
        try (MountRig mounted = new MountRig(Pair.H1_H1, OK, connecting, asItIs -> asItIs)) {
            H1Client client = (H1Client) mounted.client();
            client.wire.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            assertThat(client.wire.head().status()).isEqualTo(200);
            assertThat(mounted.outcomes.exchanges.get(0).exchange.head().wantsTunnel())
                    .isFalse();
            H1Client tunnel = (H1Client) mounted.client();
            tunnel.wire.write("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n");
            assertThat(tunnel.wire.head().status()).isEqualTo(501);
        }
    }

    @Test
    void upgradeToHttp2IsTakenUpByTheServer() throws Exception {
        try (MountRig mounted = new MountRig(Pair.H1_H1, OK)) {
            H1Client client = (H1Client) mounted.client();
            client.wire.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                    + "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n");
            assertThat(client.wire.head().status()).isEqualTo(101);
            client.wire.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0");
            assertThat(mounted.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
            assertThat(mounted.outcomes.exchanges.get(0).exchange.connection().version())
                    .isEqualTo(HttpVersion.HTTP_2);
        }
    }

    @Test
    void addressOfTheClientIsTheOneThatTheServerBelievesIn() throws Exception {
        try (MountRig mounted = new MountRig(Pair.H1_H1, OK, Rig.SETTINGS, server -> server.forwarded(true))) {
            mounted.client().get("/", "x-forwarded-for", "192.0.2.1").reply();
            InetSocketAddress remote = (InetSocketAddress)
                    mounted.outcomes.exchanges.get(0).exchange.connection().remoteAddress();
            assertThat(remote.getHostString()).isEqualTo("192.0.2.1");
        }
    }

    // ---- bodies of requests

    @ParameterizedTest
    @MethodSource("io.headgate.mux.MountTest#fronts")
    void requestComesOnlyAsFastAsItIsRead(Pair pair) throws Exception {
        AtomicLong got = new AtomicLong();
        AtomicReference<Subscription> reading = new AtomicReference<>();
        Service<HttpExchange, HttpReply> slow =
                exchange -> Mono.create(reply -> exchange.body().subscribe(new BaseSubscriber<ByteBuf>() {
                    @Override
                    protected void hookOnSubscribe(Subscription subscription) {
                        reading.set(subscription);
                    }

                    @Override
                    protected void hookOnNext(ByteBuf chunk) {
                        got.addAndGet(chunk.readableBytes());
                        chunk.release();
                    }

                    @Override
                    protected void hookOnComplete() {
                        reply.success(HttpReply.text(200, "all"));
                    }
                }));
        int pieces = 1024;
        byte[] piece = new byte[16 * 1024];
        AtomicInteger sent = new AtomicInteger();
        try (MountRig mounted = new MountRig(pair, slow)) {
            ClientCall call = mounted.client().post("/");
            Thread upload = new Thread(() -> {
                while (sent.get() < pieces) {
                    call.send(piece);
                    sent.incrementAndGet();
                }
                call.end();
            });
            upload.start();
            int[] last = {-1};
            Awaitility.await().pollInterval(Duration.ofMillis(200)).until(() -> {
                int before = last[0];
                last[0] = sent.get();
                return before == last[0] && reading.get() != null;
            });
            assertThat(got).hasValue(0);
            assertThat(sent.get()).isLessThan(pieces / 2); // socket buffers of the kernel are most of it
            reading.get().request(Long.MAX_VALUE);
            assertThat(call.reply().text()).isEqualTo("all");
            upload.join(5000);
            assertThat(got).hasValue((long) pieces * piece.length);
        }
    }

    @Test
    void malformedChunkDoesNotMakeTheReplyLookWhole() throws Exception {
        try (MountRig mounted = new MountRig(Pair.H1_H1, null)) {
            H1Client client = (H1Client) mounted.client();
            client.wire.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n");
            UpstreamCall up = mounted.take();
            up.head(200, false).send("part");
            Msg reply = client.wire.head();
            Incoming body = client.wire.body(reply, false, false, () -> {});
            assertThat(body.exactly(4)).asString().isEqualTo("part");
            client.wire.write("xyz\r\n");
            assertThat(body.rest().ending()).isEqualTo(Ending.CLOSED);
            up.awaitCancel();
            assertThat(mounted.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
        }
    }

    @Test
    void restOfARequestIsReadInVainHoweverLong() throws Exception {
        try (MountRig mounted = new MountRig(Pair.H1_H1, exchange -> Mono.just(HttpReply.text(413, "no")))) {
            Client client = mounted.client();
            ClientCall call = client.post("/").send("some");
            assertThat(call.reply().status()).isEqualTo(413);
            call.send(new byte[4 * Rig.SETTINGS.bodyBuffer()]);
            call.end();
            assertThat(client.get("/").reply().status()).isEqualTo(413);
            assertThat(mounted.outcomes.await(2)).containsOnly(Outcome.COMPLETE);
        }
    }

    @Test
    void requestThatStallsIs408ByTheTimeoutOfEither() throws Exception {
        MuxSettings impatient =
                Rig.SETTINGS.toBuilder().streamIdle(Duration.ofMillis(150)).build();
        try (MountRig mounted = new MountRig(Pair.H1_H1, null, impatient, asItIs -> asItIs)) {
            assertThat(mounted.client().post("/").send("some").reply().status()).isEqualTo(408);
        }
        try (MountRig mounted =
                new MountRig(Pair.H1_H1, null, Rig.SETTINGS, server -> server.readTimeout(Duration.ofMillis(150)))) {
            assertThat(mounted.client().post("/").send("some").reply().status()).isEqualTo(408);
        }
    }

    @Test
    void requestTrailersThatCameBeforeTheMountWasCalledAreGone() throws Exception {
        Service<HttpExchange, HttpReply> trailers = exchange -> exchange.body()
                .asString(100)
                .then(exchange.body().trailers().defaultIfEmpty(Fields.empty()))
                .map(fields -> HttpReply.text(200, "trailers: " + fields.size()));
        try (MountRig mounted = new MountRig(
                Pair.H1_H1,
                trailers,
                Rig.SETTINGS,
                server -> server.mapHandle((handler, connection) ->
                        Mono.delay(Duration.ofMillis(50)).then(handler)))) {
            H1Client client = (H1Client) mounted.client();
            client.wire.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n");
            Msg reply = client.wire.head();
            assertThat(client.wire.body(reply, false, false, () -> {}).rest().text())
                    .isEqualTo("trailers: 0");
        }
    }

    // ---- replies

    @Test
    void interimRepliesToHeadAreNotPassed() throws Exception {
        try (MountRig mounted = new MountRig(Pair.H1_H1, null)) {
            Client client = mounted.client();
            ClientCall call = client.call("HEAD", "/", false);
            UpstreamCall up = mounted.take();
            up.interim(103, "link", "</a>");
            up.head(200, true, "content-length", "5");
            assertThat(call.head().status()).isEqualTo(200);
            ClientCall next = client.get("/");
            mounted.take().ok("x");
            assertThat(next.reply().text()).isEqualTo("x");
        }
    }

    @Test
    void emptyRepliesOfHttp2HaveALength() throws Exception {
        try (MountRig mounted = new MountRig(Pair.H2_H2, exchange -> Mono.just(HttpReply.of(200)))) {
            assertThat(mounted.client().get("/").reply().head().get("content-length"))
                    .isEqualTo("0");
        }
    }

    @ParameterizedTest
    @EnumSource(Pair.class)
    void someTrailersOfRepliesAreRefusedByTheServer(Pair pair) throws Exception {
        try (MountRig mounted = new MountRig(pair, null)) {
            ClientCall call = mounted.client().get("/");
            mounted.take()
                    .head(200, false)
                    .send("x")
                    .end("age", "1", "date", "1", "expires", "1", "location", "1", "vary", "1", "x-total", "1");
            Content content = call.reply().content();
            assertThat(content.trailers().stream().map(field -> field.name().toLowerCase(java.util.Locale.ROOT)))
                    .containsExactly("x-total");
        }
    }

    // ---- HTTP/1.0

    @Test
    void replyOfUnknownLengthToHttp10EndsWithTheConnection() throws Exception {
        try (MountRig mounted = new MountRig(Pair.H1_H1, null)) {
            H1Client client = (H1Client) mounted.client();
            client.wire.write("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
            UpstreamCall up = mounted.take();
            up.interim(103, "link", "</a>");
            up.head(200, false).send("some").end("x-total", "1");
            Msg reply = client.wire.head();
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.get("transfer-encoding")).isNull();
            assertThat(reply.get("connection")).isNotEqualTo("keep-alive");
            Content content = client.wire.body(reply, false, false, () -> {}).rest();
            assertThat(content.text()).isEqualTo("some");
            assertThat(content.isClean()).isTrue();
            assertThat(mounted.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @Test
    void connectionOfHttp10IsKeptWhenTheLengthIsKnown() throws Exception {
        try (MountRig mounted = new MountRig(Pair.H1_H1, OK)) {
            H1Client client = (H1Client) mounted.client();
            for (int i = 0; i < 2; i++) {
                client.wire.write("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
                Msg reply = client.wire.head();
                assertThat(reply.get("connection")).isEqualTo("keep-alive");
                assertThat(client.wire
                                .body(reply, false, false, () -> {})
                                .rest()
                                .text())
                        .isEqualTo("ok");
            }
            client.wire.write("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
            Msg last = client.wire.head();
            assertThat(client.wire.body(last, false, false, () -> {}).rest().text())
                    .isEqualTo("ok");
            assertThat(client.wire.awaitClose()).isTrue();
        }
    }

    @Test
    void replyToHttp10ThatIsCutEndsWithAResetOfTheConnection() throws Exception {
        try (MountRig mounted = new MountRig(Pair.H1_H1, null)) {
            H1Client client = (H1Client) mounted.client();
            client.wire.write("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
            UpstreamCall up = mounted.take();
            up.head(200, false).send("some");
            Msg reply = client.wire.head();
            Incoming body = client.wire.body(reply, false, false, () -> {});
            assertThat(body.exactly(4)).asString().isEqualTo("some");
            up.crash();
            assertThat(body.rest().isClean()).isFalse();
            assertThat(mounted.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }
}
