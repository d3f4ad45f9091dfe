package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Outcome;
import io.headgate.mux.ClientCall.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections to upstreams: when they are used again, when they are not, and who waits for them. */
class MuxPoolTest {

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void exchangesOneAfterTheOtherShareOneConnection(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            for (int i = 0; i < 5; i++) {
                ClientCall call = client.post("/" + i).send("body");
                call.end();
                UpstreamCall up = rig.take();
                up.body().rest();
                up.ok("reply " + i);
                assertThat(call.reply().text()).isEqualTo("reply " + i);
            }
            Client other = rig.client();
            MuxBodiesTest.next(rig, other);
            assertThat(rig.upstream.connections).hasValue(1);
            assertThat(rig.upstream.requests).hasValue(6);
        }
    }

    /** Runs one exchange, then another one, and tells how many connections that took. */
    private static void assertNotUsedAgain(Rig rig, Client client) throws Exception {
        rig.awaitStats(stats -> stats.backConnections() == 0);
        MuxBodiesTest.next(rig, client);
        assertThat(rig.upstream.connections).hasValue(2);
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void connectionIsNotUsedAgainAfterConnectionClose(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.get("/");
            H1Peer.Call up = (H1Peer.Call) rig.take();
            up.raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
            Reply reply = call.reply();
            assertThat(reply.text()).isEqualTo("ok");
            assertThat(reply.head().get("connection")).isNull();
            up.awaitCancel();
            assertNotUsedAgain(rig, client);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void connectionIsNotUsedAgainAfterAReplyOfHttp10(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.get("/");
            H1Peer.Call up = (H1Peer.Call) rig.take();
            up.raw("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok");
            assertThat(call.reply().text()).isEqualTo("ok");
            up.awaitCancel();
            assertNotUsedAgain(rig, client);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void connectionIsNotUsedAgainWhenBytesAreLeftOver(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.get("/");
            H1Peer.Call up = (H1Peer.Call) rig.take();
            up.raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nSet-Cookie: evil\r\n");
            Reply reply = call.reply();
            assertThat(reply.text()).isEqualTo("ok");
            up.awaitCancel();
            assertNotUsedAgain(rig, client);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void connectionIsNotUsedAgainWhenABodyFollowsAReplyWithoutOne(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.call("HEAD", "/", false);
            H1Peer.Call up = (H1Peer.Call) rig.take();
            up.raw("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
            assertThat(call.reply().content().isClean()).isTrue();
            up.awaitCancel();
            assertNotUsedAgain(rig, client);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void connectionIsClosedWhenTheUpstreamSpeaksUnasked(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.get("/");
            H1Peer.Call up = (H1Peer.Call) rig.take();
            up.raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            assertThat(call.reply().text()).isEqualTo("ok");
            up.raw("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
            up.awaitCancel();
            assertNotUsedAgain(rig, client);
        }
    }

    /** A partial head is no message yet, but it must not become the start of the next reply. */
    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void connectionIsClosedWhenTheUpstreamBeginsToSpeakUnasked(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.get("/");
            H1Peer.Call up = (H1Peer.Call) rig.take();
            up.raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            assertThat(call.reply().text()).isEqualTo("ok");
            up.raw("HTTP/1.1 200 OK\r\nSet-Cookie: evil\r\n");
            up.awaitCancel();
            assertNotUsedAgain(rig, client);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void connectionIsNotUsedAgainAfterAnEarlyReplyToAnUpload(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().post("/").send("some");
            UpstreamCall up = rig.take();
            up.body().exactly(4);
            up.reply(413, "enough");
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(413);
            assertThat(reply.text()).isEqualTo("enough");
            assertThat(reply.content().isClean()).isTrue();
            up.awaitCancel();
            assertNotUsedAgain(rig, rig.client());
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void connectionThatTheUpstreamClosesWhileIdleIsForgotten(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.get("/");
            UpstreamCall up = rig.take();
            up.ok("one");
            assertThat(call.reply().text()).isEqualTo("one");
            up.crash();
            assertNotUsedAgain(rig, client);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void fullQueueIs503(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path)
                .settings(s -> s.maxConnections(1).maxPending(1))
                .start()) {
            if (!pair.h1Back()) {
                rig.h2Upstream().settings = new int[] {3, 1}; // one stream at once
            }
            ClientCall served = rig.client().get("/served");
            UpstreamCall up = rig.take();
            ClientCall waits = rig.client().get("/waits");
            rig.awaitStats(stats -> stats.pending() == 1);
            Reply refused = rig.client().get("/refused").reply();
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.text()).contains("all connections are busy");
            up.ok("served");
            assertThat(served.reply().text()).isEqualTo("served");
            UpstreamCall next = rig.take();
            assertThat(next.request.target()).isEqualTo("/waits");
            next.ok("waited");
            assertThat(waits.reply().text()).isEqualTo("waited");
            assertThat(rig.upstream.connections).hasValue(1);
            assertThat(rig.outcomes.await(3)).containsExactly(Outcome.COMPLETE, Outcome.COMPLETE, Outcome.REJECTED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void clientThatLeavesTheQueueFreesItsPlace(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path)
                .settings(s -> s.maxConnections(1).maxPending(1))
                .start()) {
            if (!pair.h1Back()) {
                rig.h2Upstream().settings = new int[] {3, 1};
            }
            ClientCall served = rig.client().get("/served");
            UpstreamCall up = rig.take();
            ClientCall leaves = rig.client().post("/leaves").send("some");
            rig.awaitStats(stats -> stats.pending() == 1);
            leaves.abort();
            rig.awaitStats(stats -> stats.pending() == 0);
            ClientCall waits = rig.client().get("/waits");
            rig.awaitStats(stats -> stats.pending() == 1);
            up.ok("served");
            assertThat(served.reply().text()).isEqualTo("served");
            UpstreamCall next = rig.take();
            assertThat(next.request.target()).isEqualTo("/waits");
            next.ok("waited");
            assertThat(waits.reply().text()).isEqualTo("waited");
            assertThat(rig.outcomes.await(3)).containsExactly(Outcome.COMPLETE, Outcome.CANCELLED, Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @EnumSource(Path.class)
    void streamsBeyondTheLimitOfTheUpstreamOpenAnotherConnection(Path path) throws Exception {
        try (Rig rig = Rig.start(Pair.H2_H2, path)) {
            rig.h2Upstream().settings = new int[] {3, 2};
            H2Client client = rig.h2();
            ClientCall warm = client.get("/warm");
            rig.take().ok("");
            warm.reply();
            ClientCall[] calls = {client.get("/1"), client.get("/2"), client.get("/3")};
            UpstreamCall[] ups = {rig.take(), rig.take(), rig.take()}; // all are open before one is answered
            for (UpstreamCall up : ups) {
                up.ok("x");
            }
            for (ClientCall call : calls) {
                assertThat(call.reply().text()).isEqualTo("x");
            }
            assertThat(rig.upstream.connections).hasValue(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Fronts")
    void pipelinedRequestsAreAnsweredInOrder(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            rig.upstream.answer(
                    up -> up.ok(up.request.target() + " " + up.body().rest().text()));
            H1Client client = rig.h1();
            StringBuilder burst = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                burst.append("POST /").append(i).append(" HTTP/1.1\r\nHost: a\r\n");
                burst.append(
                        i % 2 == 0
                                ? "Content-Length: 3\r\n\r\nb" + (10 + i)
                                : "Transfer-Encoding: chunked\r\n\r\n3\r\nb" + (10 + i) + "\r\n0\r\n\r\n");
            }
            client.wire.write(burst.toString());
            for (int i = 0; i < 20; i++) {
                Msg head = client.wire.head();
                assertThat(head.status()).isEqualTo(200);
                assertThat(client.wire.body(head, false, false, () -> {}).rest().text())
                        .isEqualTo("/" + i + " b" + (10 + i));
            }
            assertThat(rig.outcomes.await(20)).containsOnly(Outcome.COMPLETE);
        }
    }

    @Test
    void clientThatClosesItsConnectionLeavesThoseOfTheUpstreamOpen() throws Exception {
        try (Rig rig = Rig.start(Pair.H1_H1, Path.FUSED)) {
            Client client = rig.client();
            MuxBodiesTest.next(rig, client);
            client.close();
            rig.awaitStats(stats -> stats.frontConnections() == 0);
            assertThat(rig.gateway.stats().backConnections()).isEqualTo(1);
            MuxBodiesTest.next(rig, rig.client());
            assertThat(rig.upstream.connections).hasValue(1);
        }
    }
}
