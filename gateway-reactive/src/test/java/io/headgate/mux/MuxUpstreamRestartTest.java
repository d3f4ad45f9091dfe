package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Outcome;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An upstream that goes away and comes back: what it cannot have processed, or may process twice, is sent again. */
class MuxUpstreamRestartTest {

    // ---- HTTP/1.1: an upstream closes a kept connection just as a request comes

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void getOnAKeptConnectionThatDiesIsSentAgain(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            MuxBodiesTest.next(rig, client);
            ClientCall call = client.get("/again");
            rig.take().crash();
            UpstreamCall second = rig.take();
            assertThat(second.request.target()).isEqualTo("/again");
            second.ok("fresh");
            assertThat(call.reply().text()).isEqualTo("fresh");
            assertThat(rig.upstream.connections).hasValue(2);
            assertThat(rig.outcomes.await(2)).containsOnly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void getIsSentAgainOnlyOnceWhenTheFreshConnectionDiesToo(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            MuxBodiesTest.next(rig, client);
            ClientCall call = client.get("/again");
            rig.take().crash();
            rig.take().crash();
            assertThat(call.reply().status()).isEqualTo(502);
            assertThat(rig.upstream.requests).hasValue(3);
            assertThat(rig.outcomes.await(2)).containsExactly(Outcome.COMPLETE, Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void getOnAFreshConnectionThatDiesIsNotSentAgain(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            rig.take().crash();
            assertThat(call.reply().status()).isEqualTo(502);
            assertThat(rig.upstream.requests).hasValue(1);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void postIsNeverSentAgain(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            MuxBodiesTest.next(rig, client);
            ClientCall call = client.call("POST", "/once", false, "content-length", "0");
            rig.take().crash();
            assertThat(call.reply().status()).isEqualTo(502);
            assertThat(rig.upstream.requests).hasValue(2);
            assertThat(rig.upstream.connections).hasValue(1);
            assertThat(rig.outcomes.await(2)).containsExactly(Outcome.COMPLETE, Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void putWithABodyIsNotSentAgain(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            MuxBodiesTest.next(rig, client);
            ClientCall call = client.call("PUT", "/once", true).send("body");
            call.end();
            UpstreamCall up = rig.take();
            assertThat(up.body().rest().text()).isEqualTo("body");
            up.crash();
            assertThat(call.reply().status()).isEqualTo(502);
            assertThat(rig.upstream.requests).hasValue(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void requestWhoseReplyHasBegunIsNotSentAgain(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            MuxBodiesTest.next(rig, client);
            ClientCall call = client.get("/once");
            H1Peer.Call up = (H1Peer.Call) rig.take();
            up.raw("HTTP/1.1 200 OK\r\nContent-Le");
            up.crash();
            assertThat(call.reply().status()).isEqualTo(502);
            assertThat(rig.upstream.requests).hasValue(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Backs")
    void requestAfterAnInterimReplyIsNotSentAgain(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            MuxBodiesTest.next(rig, client);
            ClientCall call = client.get("/once");
            UpstreamCall up = rig.take();
            up.interim(103, "link", "</a>");
            assertThat(call.head().status()).isEqualTo(103);
            up.crash();
            assertThat(call.reply().status()).isEqualTo(502);
            assertThat(rig.upstream.requests).hasValue(2);
        }
    }

    // ---- HTTP/2: two GOAWAYs

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Backs")
    void streamsEndOnTheOldConnectionAndNewOnesGoToANewOne(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall first = rig.client().get("/1");
            H2Peer.Call old = (H2Peer.Call) rig.take();
            old.stream.wire.sendGoAway(Integer.MAX_VALUE, H2Wire.NO_ERROR);
            rig.awaitStats(stats -> stats.backConnections() == 1);
            H2Peer.Call fresh = nextOnAnotherConnection(rig, old);
            old.stream.wire.sendGoAway(old.stream.id, H2Wire.NO_ERROR);
            old.ok("old");
            assertThat(first.reply().text()).isEqualTo("old");
            old.stream.wire.closed.get(5, TimeUnit.SECONDS);
            assertThat(fresh.stream.wire.closed).isNotDone();
            assertThat(rig.outcomes.exchanges)
                    .allSatisfy(seen -> assertThat(seen.cause).isNull());
        }
    }

    /** The GOAWAY may still be on its way: then the old connection gets a request, and is not processed. */
    private static H2Peer.Call nextOnAnotherConnection(Rig rig, H2Peer.Call old) throws Exception {
        ClientCall call = rig.client().get("/2");
        H2Peer.Call up = (H2Peer.Call) rig.take();
        if (up.stream.wire == old.stream.wire) {
            up.stream.wire.sendGoAway(old.stream.id, H2Wire.NO_ERROR);
            up = (H2Peer.Call) rig.take();
        }
        assertThat(up.stream.wire).isNotSameAs(old.stream.wire);
        up.ok("fresh");
        assertThat(call.reply().text()).isEqualTo("fresh");
        return up;
    }
}
