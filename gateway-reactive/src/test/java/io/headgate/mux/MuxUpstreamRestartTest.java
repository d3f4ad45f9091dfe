package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An upstream that goes away and comes back: what it cannot have processed, or may process twice, is sent again. */
class MuxUpstreamRestartTest {

    /** With more attempts than a test may need. */
    private static Rig.Builder patient(Pair pair, Path path) {
        return Rig.of(pair, path).settings(settings -> settings.maxAttempts(10));
    }

    /** As the kernel does with what it has accepted for a server that closes its port. */
    private static void reset(UpstreamCall call) throws Exception {
        Socket socket = call instanceof H1Peer.Call h1 ? h1.wire.socket : ((H2Peer.Call) call).stream.wire.socket;
        socket.setSoLinger(true, 0);
        socket.close();
        call.crash();
    }

    // ---- an upstream that goes away resets a fresh connection

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void getOnAFreshConnectionThatIsResetIsSentAgain(Pair pair, Path path) throws Exception {
        try (Rig rig = patient(pair, path).start()) {
            ClientCall call = rig.client().get("/again", "x-a", "b");
            reset(rig.take());
            UpstreamCall second = rig.take();
            assertThat(second.request.get("x-a")).isEqualTo("b");
            second.ok("fresh");
            assertThat(call.reply().text()).isEqualTo("fresh");
            assertThat(rig.upstream.connections).hasValue(2);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void anotherEndpointAnswersTheGetWhoseFreshConnectionWasReset(Pair pair, Path path) throws Exception {
        AtomicReference<Peer> other = new AtomicReference<>();
        Rig.Builder builder = patient(pair, path).service(rig -> {
            try {
                other.set(rig.anotherUpstream());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return rig.path.through(rig.upstream(rig.upstream.url(), other.get().url()));
        });
        try (Rig rig = builder.start()) {
            ClientCall call = rig.client().get("/again");
            reset(rig.take());
            other.get().take().ok("other");
            assertThat(call.reply().text()).isEqualTo("other");
            assertThat(rig.upstream.requests).hasValue(1);
            assertThat(other.get().requests).hasValue(1);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void getThatFellsTwoServersIsNotHandedRound(Pair pair, Path path) throws Exception {
        try (Rig rig = patient(pair, path).start()) {
            Client client = rig.client();
            ClientCall call = client.get("/fatal");
            reset(rig.take());
            reset(rig.take());
            assertThat(call.reply().status()).isEqualTo(502);
            assertThat(rig.upstream.requests).hasValue(2);
            MuxBodiesTest.next(rig, client);
            assertThat(rig.outcomes.await(2)).containsExactly(Outcome.FAILED, Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void getIsNotSentAgainBeyondTheMostAttempts(Pair pair, Path path) throws Exception {
        try (Rig rig =
                Rig.of(pair, path).settings(settings -> settings.maxAttempts(1)).start()) {
            ClientCall call = rig.client().get("/once");
            reset(rig.take());
            assertThat(call.reply().status()).isEqualTo(502);
            assertThat(rig.upstream.requests).hasValue(1);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void postOnAFreshConnectionThatIsResetIsSentOnce(Pair pair, Path path) throws Exception {
        try (Rig rig = patient(pair, path).start()) {
            Client client = rig.client();
            ClientCall call = client.call("POST", "/once", false, "content-length", "0");
            reset(rig.take());
            assertThat(call.reply().status()).isEqualTo(502);
            MuxBodiesTest.next(rig, client);
            assertThat(rig.upstream.requests).hasValue(2); // of which one is the next
            assertThat(rig.outcomes.await(2)).containsExactly(Outcome.FAILED, Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void putWithABodyOnAFreshConnectionThatIsResetIsSentOnce(Pair pair, Path path) throws Exception {
        try (Rig rig = patient(pair, path).start()) {
            ClientCall call = rig.client().call("PUT", "/once", true).send("body");
            call.end();
            UpstreamCall up = rig.take();
            assertThat(up.body().rest().text()).isEqualTo("body");
            reset(up);
            assertThat(call.reply().status()).isEqualTo(502);
            assertThat(rig.upstream.requests).hasValue(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void getAfterAnInterimReplyOnAFreshConnectionIsNotSentAgain(Pair pair, Path path) throws Exception {
        try (Rig rig = patient(pair, path).start()) {
            ClientCall call = rig.client().get("/once");
            UpstreamCall up = rig.take();
            up.interim(103, "link", "</a>");
            assertThat(call.head().status()).isEqualTo(103);
            reset(up);
            assertThat(call.reply().status()).isEqualTo(502);
            assertThat(rig.upstream.requests).hasValue(1);
        }
    }

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
    void keptConnectionThatDiesIsNotHeldAgainstTheRequestButFreshOnesAre(Pair pair, Path path) throws Exception {
        try (Rig rig = patient(pair, path).start()) {
            Client client = rig.client();
            MuxBodiesTest.next(rig, client);
            ClientCall call = client.get("/again");
            rig.take().crash();
            rig.take().crash();
            rig.take().crash();
            assertThat(call.reply().status()).isEqualTo(502);
            assertThat(rig.upstream.requests).hasValue(4);
            assertThat(rig.outcomes.await(2)).containsExactly(Outcome.COMPLETE, Outcome.FAILED);
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
