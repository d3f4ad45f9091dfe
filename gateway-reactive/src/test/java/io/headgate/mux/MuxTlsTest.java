package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Outcome;
import io.headgate.mux.ClientCall.Reply;
import io.headgate.mux.Content.Ending;
import io.headgate.tls.TlsProvider;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The main cases of the mux with TLS on both sides, by each provider. */
class MuxTlsTest {

    private static final int WINDOW = 32 * 1024;

    static Stream<Arguments> everyWay() {
        return Stream.of(Pair.values())
                .flatMap(pair ->
                        Stream.of(TlsProvider.JDK, TlsProvider.OPENSSL).map(provider -> Arguments.of(pair, provider)));
    }

    static Stream<Arguments> h1Fronts() {
        return everyWay().filter(way -> ((Pair) way.get()[0]).h1Front());
    }

    static Stream<Arguments> h1Backs() {
        return everyWay().filter(way -> ((Pair) way.get()[0]).h1Back());
    }

    private static Rig.Builder of(Pair pair, TlsProvider provider) {
        return Rig.of(pair, Path.FUSED).tls(provider);
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void exchangesFollowEachOther(Pair pair, TlsProvider provider) throws Exception {
        try (Rig rig = of(pair, provider).start()) {
            Client client = rig.client();
            for (int i = 0; i < 3; i++) {
                ClientCall call = client.get("/" + i);
                UpstreamCall up = rig.take();
                assertThat(up.request.target()).isEqualTo("/" + i);
                assertThat(up.request.authority()).isEqualTo("test.example");
                up.ok("answer " + i);
                assertThat(call.reply().text()).isEqualTo("answer " + i);
            }
            assertThat(rig.upstream.connections).hasValue(1);
            assertThat(rig.outcomes.await(3)).containsOnly(Outcome.COMPLETE);
            assertThat(rig.outcomes.exchanges).allSatisfy(seen -> {
                assertThat(seen.exchange.head().scheme()).isEqualTo("https");
                assertThat(seen.exchange.connection().isSecure()).isTrue();
            });
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void bodiesAndTrailersPassBothWays(Pair pair, TlsProvider provider) throws Exception {
        try (Rig rig = of(pair, provider).start()) {
            ClientCall call = rig.client().post("/", "te", "trailers").send("ping");
            UpstreamCall up = rig.take();
            Incoming sent = up.body();
            assertThat(sent.exactly(4)).asString().isEqualTo("ping");
            up.head(200, false).send("pong");
            call.head();
            Incoming received = call.body();
            assertThat(received.exactly(4)).asString().isEqualTo("pong");
            call.send("more");
            call.end("x-sum", "1");
            Content upload = sent.rest();
            assertThat(upload.text()).isEqualTo("more");
            assertThat(upload.trailer("x-sum")).isEqualTo("1");
            up.send("end").end("x-total", "2");
            Content reply = received.rest();
            assertThat(reply.text()).isEqualTo("end");
            assertThat(reply.trailer("x-total")).isEqualTo("2");
            assertThat(reply.isClean()).isTrue();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void bigBodiesArriveWhole(Pair pair, TlsProvider provider) throws Exception {
        byte[] big = MuxBodiesTest.bytes(3_000_000, 11);
        try (Rig rig = of(pair, provider).start()) {
            ClientCall call = rig.client().post("/");
            CompletableFuture<Object> sending = rig.async(() -> {
                call.send(big).end();
                return null;
            });
            UpstreamCall up = rig.take();
            assertThat(up.body().rest().bytes()).isEqualTo(big);
            sending.get();
            CompletableFuture<Object> answering = rig.async(() -> {
                up.head(200, false).send(big).end();
                return null;
            });
            Reply reply = call.reply();
            assertThat(reply.content().bytes()).isEqualTo(big);
            assertThat(reply.content().isClean()).isTrue();
            answering.get();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void clientThatDoesNotReadStopsTheUpstream(Pair pair, TlsProvider provider) throws Exception {
        try (Rig rig = of(pair, provider)
                .settings(s -> s.streamWindow(WINDOW).bodyBuffer(WINDOW))
                .smallPeer()
                .start()) {
            ClientCall call = rig.client(Rig.SMALL).get("/");
            UpstreamCall up = rig.take();
            up.head(200, false);
            call.head();
            MuxFlowControlTest.flood(rig, () -> up.send(MuxFlowControlTest.BLOCK));
            long written = MuxFlowControlTest.settled(up::written);
            if (pair == Pair.H2_H2) {
                assertThat(written).isLessThanOrEqualTo(WINDOW + Rig.SMALL);
            } else {
                assertThat(written).isLessThan(MuxFlowControlTest.MOST_IN_SOCKETS);
            }
            call.body().exactly((int) Math.max(64 * 1024, written * 3 / 4));
            assertThat(MuxFlowControlTest.settled(up::written)).isGreaterThan(written);
            call.abort();
            rig.awaitNoExchanges();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void clientThatStopsToReadIsReaped(Pair pair, TlsProvider provider) throws Exception {
        try (Rig rig = of(pair, provider)
                .settings(s -> s.progress(Duration.ofMillis(200)))
                .smallPeer()
                .start()) {
            ClientCall call = rig.client(Rig.SMALL).get("/");
            UpstreamCall up = rig.take();
            up.head(200, false);
            call.head();
            CompletableFuture<Object> flood = MuxFlowControlTest.flood(rig, () -> up.send(MuxFlowControlTest.BLOCK));
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
            rig.awaitNoExchanges();
            assertThat(flood).failsWithin(Duration.ofSeconds(5));
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void clientThatLeavesCancelsTheUpstream(Pair pair, TlsProvider provider) throws Exception {
        try (Rig rig = of(pair, provider).start()) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false).send("some");
            call.head();
            Incoming body = call.body();
            assertThat(body.exactly(4)).asString().isEqualTo("some");
            call.abort();
            up.awaitCancel();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void upstreamThatCrashesWithinAReplyCutsIt(Pair pair, TlsProvider provider) throws Exception {
        try (Rig rig = of(pair, provider).start()) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false).send("some");
            call.head();
            Incoming body = call.body();
            assertThat(body.exactly(4)).asString().isEqualTo("some");
            up.crash();
            assertThat(body.rest().ending()).isEqualTo(pair.h1Front() ? Ending.CLOSED : Ending.RESET);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("h1Backs")
    void closingAlertIsTheCleanEndOfABodyWithoutFraming(Pair pair, TlsProvider provider) throws Exception {
        try (Rig rig = of(pair, provider).start()) {
            ClientCall call = rig.client().get("/");
            H1Peer.Call up = (H1Peer.Call) rig.take();
            up.head(200, false, "connection", "close").send("all of it");
            up.closeProperly();
            Reply reply = call.reply();
            assertThat(reply.text()).isEqualTo("all of it");
            assertThat(reply.content().isClean()).isTrue();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("h1Backs")
    void bodyWithoutFramingThatEndsWithoutClosingAlertIsCut(Pair pair, TlsProvider provider) throws Exception {
        try (Rig rig = of(pair, provider).start()) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false, "connection", "close").send("some");
            call.head();
            Incoming body = call.body();
            assertThat(body.exactly(4)).asString().isEqualTo("some");
            up.crash(); // ends the connection below TLS
            assertThat(body.rest().isClean()).isFalse();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(names = {"JDK", "OPENSSL"})
    void idleUpstreamConnectionThatSaysGoodbyeIsNotUsedAgain(TlsProvider provider) throws Exception {
        try (Rig rig = of(Pair.H1_H1, provider).start()) {
            Client client = rig.client();
            ClientCall first = client.get("/1");
            H1Peer.Call up = (H1Peer.Call) rig.take();
            up.ok("one");
            assertThat(first.reply().text()).isEqualTo("one");
            up.closeProperly();
            rig.awaitStats(stats -> stats.backConnections() == 0);
            ClientCall second = client.get("/2");
            rig.take().ok("two");
            assertThat(second.reply().text()).isEqualTo("two");
            assertThat(rig.upstream.connections).hasValue(2);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("h1Fronts")
    void refusalIsReadWholeThoughTheClientStillSends(Pair pair, TlsProvider provider) throws Exception {
        try (Rig rig = of(pair, provider).start()) {
            H1Client client = rig.h1();
            ClientCall call = client.call("POST", "/", true, "content-length", "1000000", "expect", "nonsense");
            call.send(new byte[300_000]);
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(417);
            assertThat(reply.content().isClean()).isTrue();
            assertThat(client.wire.awaitClose()).isTrue();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.REJECTED);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("h1Fronts")
    void http10ClientSeesAResetWhenTheReplyIsCut(Pair pair, TlsProvider provider) throws Exception {
        try (Rig rig = of(pair, provider).start()) {
            H1Client client = rig.h1();
            client.wire.write("GET / HTTP/1.0\r\nHost: test.example\r\n\r\n");
            UpstreamCall up = rig.take();
            up.head(200, false).send("some");
            Msg head = client.wire.head();
            Incoming body = client.wire.body(head, false, false, () -> {});
            assertThat(body.exactly(4)).asString().isEqualTo("some");
            up.crash();
            assertThat(body.rest().isClean()).isFalse();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }
}
