package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Outcome;
import io.headgate.mux.ClientCall.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole messages both ways, for every pair of protocols. */
class MuxBodiesTest {

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void getIsAnsweredWithABody(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/a?b=c", "x-one", "1");
            UpstreamCall up = rig.take();
            assertThat(up.request.method()).isEqualTo("GET");
            assertThat(up.request.target()).isEqualTo("/a?b=c");
            assertThat(up.request.authority()).isEqualTo("test.example");
            assertThat(up.request.get("x-one")).isEqualTo("1");
            assertThat(up.body().rest().bytes()).isEmpty();
            up.reply(200, "hello", "x-two", "2");
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.head().get("x-two")).isEqualTo("2");
            assertThat(reply.text()).isEqualTo("hello");
            assertThat(reply.content().isClean()).isTrue();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
            assertThat(rig.outcomes.exchanges.get(0).events)
                    .containsExactly("requestEnd", "replyHead 200", "end COMPLETE");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void headHasNoBodyAndKeepsItsContentLength(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.call("HEAD", "/", false);
            rig.take().head(200, true, "content-length", "1234");
            Reply reply = call.reply();
            assertThat(reply.head().all("content-length")).containsExactly("1234");
            assertThat(reply.content().bytes()).isEmpty();
            assertThat(reply.content().isClean()).isTrue();
            next(rig, client);
            assertThat(rig.outcomes.await(2)).containsOnly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void headWithoutContentLengthGetsNone(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.call("HEAD", "/", false);
            UpstreamCall up = rig.take();
            if (up instanceof H1Peer.Call h1) {
                h1.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").done();
            } else {
                up.head(200, true);
            }
            Reply reply = call.reply();
            assertThat(reply.head().get("content-length")).isNull();
            assertThat(reply.content().isClean()).isTrue();
            next(rig, client);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void statusesWithoutBodyEndWithTheirHead(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall noContent = client.get("/204");
            rig.take().head(204, true);
            Reply reply = noContent.reply();
            assertThat(reply.status()).isEqualTo(204);
            assertThat(reply.head().get("content-length")).isNull();
            assertThat(reply.head().get("transfer-encoding")).isNull();
            assertThat(reply.content().isClean()).isTrue();

            ClientCall notModified = client.get("/304");
            rig.take().head(304, true, "content-length", "77", "etag", "\"e\"");
            reply = notModified.reply();
            assertThat(reply.status()).isEqualTo(304);
            assertThat(reply.head().all("content-length")).containsExactly("77");
            assertThat(reply.head().get("etag")).isEqualTo("\"e\"");
            assertThat(reply.content().isClean()).isTrue();

            ClientCall empty = client.get("/200");
            rig.take().head(200, true);
            reply = empty.reply();
            assertThat(reply.content().bytes()).isEmpty();
            assertThat(reply.content().isClean()).isTrue();
            next(rig, client);
            assertThat(rig.outcomes.await(4)).containsOnly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void noContentLosesItsContentLength(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.get("/204");
            rig.take().head(204, true, "content-length", "5");
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(204);
            assertThat(reply.head().get("content-length")).isNull();
            next(rig, client);
        }
    }

    /** Proves that the client connection still is in step. */
    static void next(Rig rig, Client client) throws Exception {
        ClientCall call = client.get("/next");
        UpstreamCall up = rig.take();
        assertThat(up.request.target()).isEqualTo("/next");
        up.ok("next");
        assertThat(call.reply().text()).isEqualTo("next");
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void postWithContentLengthKeepsIt(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().post("/", "content-length", "5").send("hello");
            call.end();
            UpstreamCall up = rig.take();
            if (path == Path.FUSED) {
                assertThat(up.request.all("content-length")).containsExactly("5");
                assertThat(up.request.get("transfer-encoding")).isNull();
            }
            assertThat(up.body().rest().text()).isEqualTo("hello");
            up.head(200, false, "content-length", "2").send("ok").end();
            Reply reply = call.reply();
            if (path == Path.FUSED) {
                assertThat(reply.head().all("content-length")).containsExactly("2");
            }
            assertThat(reply.text()).isEqualTo("ok");
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void uploadStreamsWhileTheReplyStreams(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().post("/");
            UpstreamCall up = rig.take();
            call.send("one");
            assertThat(up.body().exactly(3)).asString().isEqualTo("one");
            up.head(200, false).send("1");
            assertThat(call.head().status()).isEqualTo(200);
            Incoming reply = call.body();
            assertThat(reply.exactly(1)).asString().isEqualTo("1");
            call.send("two");
            assertThat(up.body().exactly(3)).asString().isEqualTo("two");
            up.send("2");
            assertThat(reply.exactly(1)).asString().isEqualTo("2");
            call.end();
            assertThat(up.body().rest().isClean()).isTrue();
            up.end();
            assertThat(reply.rest().isClean()).isTrue();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void trailersPassBothWays(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call =
                    client.post("/", "te", "trailers", "trailer", "x-sum").send("body");
            call.end("x-sum", "abc", "content-length", "99", "authorization", "evil");
            UpstreamCall up = rig.take();
            assertThat(up.request.get("te")).isEqualTo("trailers");
            Content request = up.body().rest();
            assertThat(request.text()).isEqualTo("body");
            assertThat(request.trailers()).containsExactly(new Msg.Field("x-sum", "abc"));
            up.head(200, false).send("reply").end("grpc-status", "0", "x-forwarded-for", "evil");
            Content reply = call.reply().content();
            assertThat(reply.text()).isEqualTo("reply");
            assertThat(reply.trailers()).containsExactly(new Msg.Field("grpc-status", "0"));
            assertThat(reply.isClean()).isTrue();
            next(rig, client);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void trailersFollowAnEmptyBody(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().post("/");
            call.end("x-sum", "abc");
            UpstreamCall up = rig.take();
            Content request = up.body().rest();
            assertThat(request.bytes()).isEmpty();
            assertThat(request.trailer("x-sum")).isEqualTo("abc");
            up.head(200, false).end("x-end", "1");
            Content reply = call.reply().content();
            assertThat(reply.bytes()).isEmpty();
            assertThat(reply.trailer("x-end")).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void largeBodiesPassBothWaysThroughSmallWindows(Pair pair, Path path) throws Exception {
        int size = 8 * 1024 * 1024;
        try (Rig rig = Rig.of(pair, path)
                .settings(s -> s.streamWindow(32 * 1024).bodyBuffer(32 * 1024))
                .start()) {
            ClientCall call = rig.client(20_000).post("/");
            CompletableFuture<Void> upload = rig.async(() -> {
                call.send(bytes(size, 1));
                call.end("x-last", "1");
                return null;
            });
            UpstreamCall up = rig.take();
            up.head(200, false);
            CompletableFuture<Content> received = rig.async(() -> up.body().rest());
            CompletableFuture<Void> download = rig.async(() -> {
                up.send(bytes(size, 2));
                received.get(); // a reply that ends before its request gives up the rest of it
                up.end("x-last", "2");
                return null;
            });
            Content reply = call.reply().content();
            assertThat(reply.isClean()).isTrue();
            assertThat(reply.trailer("x-last")).isEqualTo("2");
            assertThat(java.util.Arrays.equals(reply.bytes(), bytes(size, 2))).isTrue();
            Content request = received.get();
            assertThat(request.isClean()).isTrue();
            assertThat(request.trailer("x-last")).isEqualTo("1");
            assertThat(java.util.Arrays.equals(request.bytes(), bytes(size, 1))).isTrue();
            upload.get();
            download.get();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    /** Bytes that differ at every place and from those of another seed. */
    static byte[] bytes(int size, int seed) {
        byte[] bytes = new byte[size];
        new java.util.Random(seed).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Fronts")
    void fiftyParallelStreamsDoNotMix(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            rig.upstream.answer(up -> {
                Content request = up.body().rest();
                up.head(200, false, "x-target", up.request.target())
                        .send(request.bytes())
                        .end();
            });
            H2Client client = rig.h2();
            List<CompletableFuture<Reply>> replies = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                byte[] sent = bytes(20_000, i);
                ClientCall call = client.post("/" + i);
                replies.add(rig.async(() -> {
                    call.send(sent);
                    call.end();
                    return call.reply();
                }));
            }
            for (int i = 0; i < 50; i++) {
                Reply reply = replies.get(i).get();
                assertThat(reply.head().get("x-target")).isEqualTo("/" + i);
                assertThat(java.util.Arrays.equals(reply.content().bytes(), bytes(20_000, i)))
                        .isTrue();
            }
            assertThat(rig.upstream.requests).hasValue(50);
            assertThat(rig.outcomes.await(50)).containsOnly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void serverSentEventsPassOneByOne(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/events", "accept", "text/event-stream");
            UpstreamCall up = rig.take();
            up.head(200, false, "content-type", "text/event-stream");
            assertThat(call.head().get("content-type")).isEqualTo("text/event-stream");
            Incoming events = call.body();
            for (int i = 0; i < 5; i++) {
                String event = "id: " + i + "\ndata: tick\n\n";
                up.send(event); // the next one is sent when this one has come
                assertThat(new String(events.exactly(event.length()), StandardCharsets.UTF_8))
                        .isEqualTo(event);
            }
            call.abort();
            up.awaitCancel();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
        }
    }
}
