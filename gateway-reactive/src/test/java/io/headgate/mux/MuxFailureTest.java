package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Outcome;
import io.headgate.mux.ClientCall.Reply;
import io.headgate.mux.Content.Ending;
import io.headgate.mux.UpstreamException.Failure;
import java.net.Socket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Upstreams and clients that break off, for every pair of protocols. */
class MuxFailureTest {

    /** A reply that was cut must not look whole. */
    private static void assertCut(Pair pair, Content content) {
        if (pair.h1Front()) {
            assertThat(content.ending()).isEqualTo(Ending.CLOSED);
        } else {
            assertThat(content.ending()).isEqualTo(Ending.RESET);
            assertThat(content.code()).isEqualTo(H2Wire.INTERNAL_ERROR);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void crashWithinABodyOfUnknownLengthIsNoCleanEnd(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false).send("some");
            assertThat(call.head().status()).isEqualTo(200);
            Incoming body = call.body();
            assertThat(body.exactly(4)).asString().isEqualTo("some");
            up.crash();
            assertCut(pair, body.rest());
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
            assertThat(rig.outcomes.exchanges.get(0).cause)
                    .isInstanceOfSatisfying(
                            UpstreamException.class,
                            e -> assertThat(e.failure()).isEqualTo(Failure.LOST));
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void crashWithinABodyOfKnownLengthIsNoCleanEnd(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false, "content-length", "10").send("some");
            assertThat(call.head().status()).isEqualTo(200);
            Incoming body = call.body();
            assertThat(body.exactly(4)).asString().isEqualTo("some");
            up.crash();
            assertCut(pair, body.rest());
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Backs")
    void streamThatEndsBeforeItsContentLengthIsNoCleanEnd(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false, "content-length", "10").send("some").end();
            assertThat(call.head().status()).isEqualTo(200);
            assertCut(pair, call.body().rest());
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Backs")
    void resetWithinABodyIsNoCleanEnd(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            H2Peer.Call up = (H2Peer.Call) rig.take();
            up.head(200, false).send("some");
            assertThat(call.head().status()).isEqualTo(200);
            Incoming body = call.body();
            body.exactly(4);
            up.stream.wire.reset(up.stream.id, H2Wire.NO_ERROR);
            assertCut(pair, body.rest());
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void malformedChunkIsNoCleanEnd(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            H1Peer.Call up = (H1Peer.Call) rig.take();
            up.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\nzz\r\n");
            assertThat(call.head().status()).isEqualTo(200);
            assertCut(pair, call.body().rest());
            up.awaitCancel();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void closeIsTheCleanEndOfABodyWithoutFraming(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.get("/");
            H1Peer.Call up = (H1Peer.Call) rig.take();
            up.raw("HTTP/1.1 200 OK\r\n\r\nall of it");
            assertThat(call.head().status()).isEqualTo(200);
            Incoming body = call.body();
            assertThat(body.exactly(6)).asString().isEqualTo("all of");
            up.closeProperly();
            Content rest = body.rest();
            assertThat(rest.text()).isEqualTo(" it");
            assertThat(rest.isClean()).isTrue();
            MuxBodiesTest.next(rig, client);
            assertThat(rig.outcomes.await(2)).containsOnly(Outcome.COMPLETE);
            assertThat(rig.upstream.connections).hasValue(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void resetIsNoCleanEndOfABodyWithoutFraming(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            H1Peer.Call up = (H1Peer.Call) rig.take();
            up.raw("HTTP/1.1 200 OK\r\n\r\nsome");
            assertThat(call.head().status()).isEqualTo(200);
            Incoming body = call.body();
            body.exactly(4);
            up.wire.socket.setSoLinger(true, 0);
            up.crash();
            assertCut(pair, body.rest());
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void http10ClientSeesAResetWhenTheReplyIsCut(Pair pair, Path path) throws Exception {
        if (!pair.h1Front()) {
            return;
        }
        try (Rig rig = Rig.start(pair, path)) {
            H1Client client = rig.h1();
            client.wire.write("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
            UpstreamCall up = rig.take();
            up.head(200, false).send("some");
            Msg head = client.wire.head();
            assertThat(head.get("transfer-encoding")).isNull();
            assertThat(head.get("connection")).isEqualTo("close");
            up.crash();
            assertThat(client.wire.awaitClose()).as("proper close").isFalse();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void upstreamThatDiesAfterTheRequestIsAnsweredOnceAndNotAskedAgain(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.call("POST", "/", false, "content-length", "0");
            rig.take().crash();
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(502);
            assertThat(reply.head().get("content-type")).isEqualTo("application/problem+json");
            assertThat(reply.text()).contains("\"status\":502").contains("\"instance\":\"urn:headgate:");
            assertThat(rig.upstream.requests).hasValue(1);
            MuxBodiesTest.next(rig, client);
            assertThat(rig.outcomes.await(2)).containsExactly(Outcome.FAILED, Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void upstreamThatDiesWithinAnUploadIsAnsweredOnceAndNotAskedAgain(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().post("/").send("some");
            UpstreamCall up = rig.take();
            up.body().exactly(4);
            up.crash();
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(502);
            assertThat(reply.content().isClean()).isTrue();
            if (call instanceof H2Client.Call h2) {
                assertThat(h2.stream.awaitReset()).isEqualTo(H2Wire.NO_ERROR);
            }
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
            assertThat(rig.upstream.requests).hasValue(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void nonsenseFromTheUpstreamIsAnsweredWith502(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            if (up instanceof H1Peer.Call h1) {
                h1.raw("NONSENSE\r\n\r\n");
            } else {
                up.head(999, false);
            }
            assertThat(call.reply().status()).isEqualTo(502);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
            assertThat(rig.upstream.requests).hasValue(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void clientThatLeavesBeforeTheHeadCancelsTheUpstream(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            call.abort();
            up.awaitCancel();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void clientThatLeavesAfterTheHeadCancelsTheUpstream(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false);
            call.head();
            call.abort();
            up.awaitCancel();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void clientThatLeavesWithinTheReplyCancelsTheUpstream(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false).send("some");
            call.head();
            call.body().exactly(4);
            call.abort();
            up.awaitCancel();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void clientThatLeavesWithinItsUploadCancelsTheUpstream(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().post("/").send("some");
            UpstreamCall up = rig.take();
            up.body().exactly(4);
            call.abort();
            if (up instanceof H2Peer.Call h2) {
                assertThat(h2.stream.awaitReset()).isEqualTo(H2Wire.CANCEL);
            } else {
                assertThat(up.body().rest().isClean()).isFalse();
            }
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Fronts")
    void malformedUploadIsAnsweredWith400AndCancelsTheUpstream(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            H1Client client = rig.h1();
            ClientCall call = client.post("/").send("some");
            UpstreamCall up = rig.take();
            up.body().exactly(4);
            client.wire.write("zz\r\n");
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.head().get("connection")).isEqualTo("close");
            assertThat(client.wire.awaitClose()).isTrue();
            assertThat(up.body().rest().isClean()).isFalse();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Fronts")
    void clientConnectionThatBreaksCancelsAllItsStreams(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            H2Client client = rig.h2();
            client.get("/1");
            client.get("/2");
            UpstreamCall one = rig.take();
            UpstreamCall two = rig.take();
            two.head(200, false).send("some");
            Socket socket = client.wire.socket;
            socket.setSoLinger(true, 0);
            socket.close();
            one.awaitCancel();
            two.awaitCancel();
            assertThat(rig.outcomes.await(2)).containsOnly(Outcome.CANCELLED);
        }
    }
}
