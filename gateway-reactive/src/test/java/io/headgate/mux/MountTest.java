package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.mux.ClientCall.Reply;
import io.headgate.mux.Content.Ending;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A service inside a Reactor Netty server that speaks HTTP/1.1 and HTTP/2, alone and in front of a Headgate upstream. */
class MountTest {

    private static MountRig before(Pair pair) throws IOException {
        return new MountRig(pair, null);
    }

    private static MountRig of(Pair pair, Service<HttpExchange, HttpReply> service) throws IOException {
        return new MountRig(pair, service);
    }

    static Stream<Pair> fronts() {
        return Stream.of(Pair.H1_H1, Pair.H2_H2);
    }

    // ---- what passes

    @ParameterizedTest
    @EnumSource(Pair.class)
    void requestAndReplyPassWithTrailersBothWays(Pair pair) throws Exception {
        try (MountRig mounted = before(pair)) {
            Client client = mounted.client();
            for (int i = 0; i < 2; i++) {
                ClientCall call =
                        client.post("/p?q", "x-a", "1", "x-http2-scheme", "ftp").send("hello");
                UpstreamCall up = mounted.take();
                assertThat(up.request.target()).isEqualTo("/p?q");
                assertThat(up.request.authority()).isEqualTo("test.example");
                assertThat(up.request.get("x-a")).isEqualTo("1");
                assertThat(up.request.names()).noneMatch(name -> name.startsWith("x-http2"));
                assertThat(up.body().exactly(5)).asString().isEqualTo("hello");
                call.end("x-sum", "7", "authorization", "no");
                Content content = up.body().rest();
                assertThat(content.isClean()).isTrue();
                assertThat(content.trailer("x-sum")).isEqualTo("7");
                assertThat(content.trailer("authorization")).isNull();
                up.head(201, false, "x-b", "2").send("world").end("x-total", "9");
                Reply reply = call.reply();
                assertThat(reply.status()).isEqualTo(201);
                assertThat(reply.head().get("x-b")).isEqualTo("2");
                assertThat(reply.text()).isEqualTo("world");
                assertThat(reply.content().isClean()).isTrue();
                assertThat(reply.content().trailer("x-total")).isEqualTo("9");
            }
            assertThat(mounted.outcomes.await(2)).containsOnly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @EnumSource(Pair.class)
    void largeBodiesPassBothWays(Pair pair) throws Exception {
        byte[] bytes = new byte[3_000_000];
        new java.util.Random(7).nextBytes(bytes);
        try (MountRig mounted = before(pair)) {
            mounted.upstream.answer(up -> {
                byte[] sent = up.body().rest().bytes();
                up.head(200, false).send(sent).end();
            });
            ClientCall call = mounted.client().post("/");
            Thread upload = new Thread(() -> {
                call.send(bytes);
                call.end();
            });
            upload.start();
            Reply reply = call.reply();
            upload.join(5000);
            assertThat(reply.content().bytes()).isEqualTo(bytes);
            assertThat(mounted.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("fronts")
    void repliesWithoutBodyEndWithTheirHead(Pair pair) throws Exception {
        try (MountRig mounted = of(
                pair,
                exchange -> Mono.just(
                        switch (exchange.head().target()) {
                            case "/204" -> HttpReply.of(204);
                            case "/304" -> HttpReply.of(304, Fields.of("etag", "x"), Body.empty());
                            case "/text" -> HttpReply.text(200, "hello");
                            default -> HttpReply.of(200);
                        }))) {
            Client client = mounted.client();
            assertThat(client.get("/204").reply().content().isClean()).isTrue();
            assertThat(client.get("/304").reply().head().get("etag")).isEqualTo("x");
            Reply empty = client.get("/").reply();
            assertThat(empty.content().bytes()).isEmpty();
            Reply head = client.call("HEAD", "/text", false).reply();
            assertThat(head.head().get("content-length")).isEqualTo("5");
            assertThat(head.head().get("transfer-encoding")).isNull();
            Reply text = client.get("/text").reply();
            assertThat(text.text()).isEqualTo("hello");
            assertThat(text.head().get("content-length")).isEqualTo("5");
            assertThat(mounted.outcomes.await(5)).containsOnly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @EnumSource(Pair.class)
    void interimRepliesPass(Pair pair) throws Exception {
        try (MountRig mounted = before(pair)) {
            Client client = mounted.client();
            for (int i = 0; i < 2; i++) {
                ClientCall call = client.get("/");
                UpstreamCall up = mounted.take();
                up.interim(103, "link", "</a>");
                Msg early = call.head();
                assertThat(early.status()).isEqualTo(103);
                assertThat(early.get("link")).isEqualTo("</a>");
                up.ok("x");
                assertThat(call.reply().text()).isEqualTo("x");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("fronts")
    void continueIsSaidWhenTheBodyIsRead(Pair pair) throws Exception {
        try (MountRig mounted = of(
                pair,
                exchange -> exchange.head().target().equals("/no")
                        ? Mono.just(HttpReply.text(403, "no"))
                        : exchange.body().asString(100).map(text -> HttpReply.text(200, text)))) {
            ClientCall call = mounted.client().post("/", "expect", "100-continue", "content-length", "5");
            assertThat(call.head().status()).isEqualTo(100);
            call.send("hello");
            if (!pair.h1Front()) {
                call.end();
            }
            assertThat(call.reply().text()).isEqualTo("hello");
            ClientCall refused = mounted.client().post("/no", "expect", "100-continue", "content-length", "5");
            assertThat(refused.head().status()).isEqualTo(403);
        }
    }

    @ParameterizedTest
    @EnumSource(Pair.class)
    void grpcStatusPassesAndErrorsAreStatuses(Pair pair) throws Exception {
        try (MountRig mounted = before(pair)) {
            Client client = mounted.client();
            ClientCall call = client.post(
                            "/s/m", "content-type", "application/grpc", "te", "trailers", "grpc-timeout", "1H")
                    .send("x");
            call.end();
            UpstreamCall up = mounted.take();
            up.body().rest();
            assertThat(up.request.get("grpc-timeout")).matches("3[0-9]{6}m");
            up.head(200, false, "content-type", "application/grpc").send("y").end("grpc-status", "0");
            Reply reply = call.reply();
            assertThat(reply.content().trailer("grpc-status")).isEqualTo("0");

            ClientCall late = client.post("/s/m", "content-type", "application/grpc", "grpc-timeout", "300m");
            late.end(); // the upstream does not answer, if its time lasts so far
            Reply exceeded = late.reply();
            assertThat(exceeded.status()).isEqualTo(200);
            assertThat(exceeded.head().get("grpc-status")).isEqualTo("4");
            assertThat(exceeded.head().endStream).isEqualTo(!pair.h1Front());
        }
    }

    // ---- backpressure

    @ParameterizedTest
    @MethodSource("fronts")
    void replyComesOnlyAsFastAsItIsRead(Pair pair) throws Exception {
        AtomicInteger made = new AtomicInteger();
        byte[] piece = new byte[64 * 1024];
        Flux<io.netty.buffer.ByteBuf> endless = Flux.<io.netty.buffer.ByteBuf>generate(sink -> {
            made.incrementAndGet();
            sink.next(io.netty.buffer.Unpooled.wrappedBuffer(piece));
        });
        try (MountRig mounted = of(pair, exchange -> Mono.just(HttpReply.of(200, Fields.empty(), Body.of(endless))))) {
            ClientCall call;
            if (pair.h1Front()) {
                call = mounted.closing(new H1Client(mounted.server.port(), Rig.SMALL))
                        .get("/");
            } else {
                call = mounted.client().get("/");
                ((H2Client.Call) call).stream.credits = false;
            }
            call.head();
            int[] last = {-1};
            Awaitility.await().pollInterval(Duration.ofMillis(200)).until(() -> {
                int before = last[0];
                last[0] = made.get();
                return before == last[0] && before > 0;
            });
            assertThat(made.get()).isLessThan(200); // pieces of 64 KiB: socket buffers of the kernel are most of it
            call.abort();
            assertThat(mounted.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
        }
    }

    // ---- heads

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost:\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n",
                "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET x HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /#f HTTP/1.1\r\nHost: a\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: host\r\n\r\n"
            })
    void headThatTheServerLetsThroughIs400AndReachesNobody(String head) throws Exception {
        try (MountRig mounted = before(Pair.H1_H1)) {
            H1Client client = (H1Client) mounted.client();
            client.wire.write(head + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
            Msg reply = client.wire.head();
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.get("connection")).isEqualTo("close");
            client.wire.body(reply, false, false, () -> {}).rest();
            assertThat(client.wire.awaitClose()).isTrue();
            assertThat(mounted.upstream.connections).hasValue(0);
            assertThat(mounted.outcomes.await(1)).containsExactly(Outcome.REJECTED);
        }
    }

    @Test
    void methodsAndExpectationsAreThoseOfTheMux() throws Exception {
        for (Pair pair : new Pair[] {Pair.H1_H1, Pair.H2_H2}) {
            try (MountRig mounted = before(pair)) {
                assertThat(mounted.client().call("TRACE", "/", false).reply().status())
                        .isEqualTo(405);
                assertThat(mounted.client().get("/", "expect", "x").reply().status())
                        .isEqualTo(417);
                assertThat(mounted.upstream.connections).hasValue(0);
            }
        }
    }

    @Test
    void headOfHttp2ThatTheServerLetsThroughIs400AndReachesNobody() throws Exception {
        try (MountRig mounted = before(Pair.H2_H2)) {
            H2Client client = (H2Client) mounted.client();
            String[][] heads = {
                {":method", "GET", ":path", "/", ":authority", "a"},
                {":method", "GET", ":scheme", "ftp", ":path", "/", ":authority", "a"},
                {":method", "GET", ":scheme", "http", ":path", "/"},
                {":method", "GET", ":scheme", "http", ":path", "x", ":authority", "a"},
                {":method", "GET", ":scheme", "http", ":path", "*", ":authority", "a"},
                {":method", "GET", ":scheme", "http", ":path", "http://a/", ":authority", "a"},
                {":method", "GET", ":scheme", "http", ":path", "/#f", ":authority", "a"},
                {":method", "GET", ":scheme", "http", ":path", "/\t", ":authority", "a"},
                {":method", "GET", ":scheme", "http", ":path", "/", ":authority", "u@a"},
                {":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a b"},
                {":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a", "x", "y "},
            };
            for (String[] head : heads) {
                assertThat(client.open(Msg.of(head), true).reply().status())
                        .as(String.join(" ", head))
                        .isEqualTo(400);
            }
            assertThat(mounted.upstream.connections).hasValue(0);
        }
    }

    @Test
    void fieldsOfOneConnectionStayOnIt() throws Exception {
        try (MountRig mounted = before(Pair.H1_H1)) {
            ClientCall call = mounted.client()
                    .get("/", "Connection", "x-hop", "X-Hop", "1", "Keep-Alive", "5", "Upgrade", "foo", "X-Stays", "1");
            UpstreamCall up = mounted.take();
            assertThat(up.request.names().stream().map(String::toLowerCase))
                    .doesNotContain("connection", "x-hop", "keep-alive", "upgrade")
                    .contains("x-stays");
            up.reply(200, "x", "Connection", "x-hop", "X-Hop", "1");
            Reply reply = call.reply();
            assertThat(reply.text()).isEqualTo("x");
            assertThat(reply.head().get("x-hop")).isNull();
        }
    }

    // ---- ends

    @ParameterizedTest
    @EnumSource(Pair.class)
    void clientThatGoesAwayCancelsTheUpstream(Pair pair) throws Exception {
        try (MountRig mounted = before(pair)) {
            ClientCall early = mounted.client().get("/");
            UpstreamCall up = mounted.take();
            early.abort();
            up.awaitCancel();
            ClientCall late = mounted.client().get("/");
            up = mounted.take();
            up.head(200, false).send("some");
            late.head();
            late.abort();
            up.awaitCancel();
            assertThat(mounted.outcomes.await(2)).containsOnly(Outcome.CANCELLED);
        }
    }

    @ParameterizedTest
    @MethodSource("fronts")
    void clientThatGoesAwayCancelsTheServiceOnceAndFailsItsBody(Pair pair) throws Exception {
        AtomicInteger cancels = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (MountRig mounted = of(pair, exchange -> {
            exchange.body().subscribe(buffer -> buffer.release(), failure::set);
            return Mono.<HttpReply>never().doOnCancel(cancels::incrementAndGet);
        })) {
            ClientCall call = mounted.client().post("/").send("some");
            Awaitility.await().until(() -> !mounted.outcomes.exchanges.isEmpty());
            call.abort();
            assertThat(mounted.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
            Awaitility.await().untilAsserted(() -> {
                assertThat(failure.get()).isInstanceOf(ClientException.class);
                assertThat(cancels).hasValue(1); // comes last
            });
        }
    }

    @ParameterizedTest
    @EnumSource(Pair.class)
    void replyThatIsCutDoesNotLookWhole(Pair pair) throws Exception {
        try (MountRig mounted = before(pair)) {
            ClientCall call = mounted.client().get("/");
            UpstreamCall up = mounted.take();
            up.head(200, false).send("some");
            call.head();
            Incoming body = call.body();
            assertThat(body.exactly(4)).asString().isEqualTo("some");
            up.crash();
            Content content = body.rest();
            assertThat(content.ending()).isEqualTo(pair.h1Front() ? Ending.CLOSED : Ending.RESET);
            assertThat(content.code()).isEqualTo(pair.h1Front() ? -1 : H2Wire.INTERNAL_ERROR);
            assertThat(mounted.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("fronts")
    void failureOfTheServiceGoesToTheResponder(Pair pair) throws Exception {
        try (MountRig mounted = of(pair, exchange -> {
            if (exchange.head().target().equals("/throws")) {
                throw new IllegalStateException("secret");
            }
            return Mono.error(new RequestException(429, Limit.SYNTAX, "too much"));
        })) {
            Client client = mounted.client();
            Reply refused = client.get("/").reply();
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.text()).contains("too much");
            Reply masked = client.get("/throws").reply();
            assertThat(masked.status()).isEqualTo(500);
            assertThat(masked.text()).doesNotContain("secret");
            assertThat(mounted.outcomes.await(2)).containsExactly(Outcome.REJECTED, Outcome.FAILED);
        }
    }

    /** The server itself would send an empty 500 when its handler fails with the body. */
    @Test
    void bodyThatIsMalformedIsNotAnswered500() throws Exception {
        try (MountRig mounted = before(Pair.H1_H1)) {
            H1Client client = (H1Client) mounted.client();
            client.wire.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n");
            UpstreamCall up = mounted.take();
            assertThat(up.body().exactly(4)).asString().isEqualTo("some");
            client.wire.write("xyz\r\n");
            assertThat(client.wire.head().status()).isEqualTo(400);
            assertThat(up.body().rest().isClean()).isFalse();
            assertThat(mounted.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
        }
        try (MountRig mounted = before(Pair.H2_H2)) {
            ClientCall call = mounted.client().post("/", "content-length", "9").send("some");
            UpstreamCall up = mounted.take();
            assertThat(up.body().exactly(4)).asString().isEqualTo("some");
            call.end();
            assertThat(((H2Client.Call) call).stream.awaitReset()).isPositive();
            assertThatThrownBy(call::head).isInstanceOf(Incoming.Cut.class); // no reply came before the reset
            up.awaitCancel();
            assertThat(mounted.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
        }
    }

    @ParameterizedTest
    @MethodSource("fronts")
    void earlyReplyEndsTheUpload(Pair pair) throws Exception {
        try (MountRig mounted = of(pair, exchange -> Mono.just(HttpReply.text(413, "no")))) {
            Client client = mounted.client();
            ClientCall call = client.post("/").send("some");
            Reply reply = call.reply();
            assertThat(reply.text()).isEqualTo("no");
            assertThat(reply.content().isClean()).isTrue();
            if (call instanceof H2Client.Call h2) {
                assertThat(h2.stream.awaitReset()).isEqualTo(H2Wire.NO_ERROR);
            } else {
                call.end();
            }
            assertThat(client.get("/").reply().status()).isEqualTo(413);
            assertThat(mounted.outcomes.await(2)).containsOnly(Outcome.COMPLETE);
        }
    }

    /** As after a filter of the application that does not decide at once. */
    @ParameterizedTest
    @MethodSource("fronts")
    void mountThatIsCalledLateFindsTheBody(Pair pair) throws Exception {
        try (MountRig mounted = new MountRig(
                pair,
                exchange -> exchange.body().asString(100).map(text -> HttpReply.text(200, text)),
                Rig.SETTINGS,
                server -> server.mapHandle((handler, connection) ->
                        Mono.delay(Duration.ofMillis(50)).then(handler)))) {
            ClientCall call = mounted.client().post("/").send("hello");
            call.end();
            assertThat(call.reply().text()).isEqualTo("hello");
        }
    }
}
