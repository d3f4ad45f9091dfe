package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Outcome;
import io.headgate.mux.ClientCall.Reply;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Interim replies and expectations, for every pair of protocols. */
class MuxInterimTest {

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void earlyHintsComeBeforeTheFinalHead(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.get("/");
            UpstreamCall up = rig.take();
            if (pair.h1Back()) {
                up.interim(103, "link", "</a.css>", "connection", "x-hop", "x-hop", "1");
            } else {
                up.interim(103, "link", "</a.css>");
            }
            Msg hints = call.head();
            assertThat(hints.status()).isEqualTo(103);
            assertThat(hints.get("link")).isEqualTo("</a.css>");
            assertThat(hints.get("x-hop")).isNull();
            up.interim(103, "link", "</b.css>");
            up.ok("done");
            assertThat(call.head().get("link")).isEqualTo("</b.css>");
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.text()).isEqualTo("done");
            MuxBodiesTest.next(rig, client);
            assertThat(rig.outcomes.await(2)).containsOnly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void expectationIsRelayedAndContinueComesFromTheUpstream(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.post("/", "expect", "100-continue", "content-length", "4");
            UpstreamCall up = rig.take();
            assertThat(up.request.get("expect")).isEqualTo("100-continue");
            up.interim(100);
            assertThat(call.head().status()).isEqualTo(100);
            call.send("body");
            call.end();
            assertThat(up.body().rest().text()).isEqualTo("body");
            up.ok("done");
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.text()).isEqualTo("done");
            MuxBodiesTest.next(rig, client);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void expectationIsAnsweredWithAnEarlyRefusal(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().post("/", "expect", "100-continue", "content-length", "4");
            UpstreamCall up = rig.take();
            up.reply(413, "too much");
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(413);
            assertThat(reply.text()).isEqualTo("too much");
            assertThat(reply.content().isClean()).isTrue();
            up.awaitCancel(); // the body will never come
            if (call instanceof H2Client.Call h2) {
                assertThat(h2.stream.awaitReset()).isEqualTo(H2Wire.NO_ERROR);
            } else {
                assertThat(reply.head().get("connection")).isEqualTo("close");
                assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
            }
            rig.awaitNoExchanges();
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void unaskedContinueIsNotRelayed(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.interim(100);
            up.ok("done");
            assertThat(call.head().status()).isEqualTo(200);
            assertThat(call.body().rest().text()).isEqualTo("done");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void endlessInterimsAreAnError(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            for (int i = 0; i < 17; i++) {
                up.interim(103);
            }
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(502);
            if (up instanceof H2Peer.Call h2) {
                assertThat(h2.stream.awaitReset()).isEqualTo(H2Wire.PROTOCOL_ERROR);
            } else {
                up.awaitCancel();
            }
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void upgradeNobodyAskedForIsAnError(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/", "x", "y");
            UpstreamCall up = rig.take();
            up.interim(101, "x-a", "b");
            assertThat(call.reply().status()).isEqualTo(502);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }
}
