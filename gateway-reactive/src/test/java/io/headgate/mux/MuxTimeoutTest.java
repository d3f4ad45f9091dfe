package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Outcome;
import io.headgate.mux.ClientCall.Reply;
import io.headgate.mux.Content.Ending;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What happens when nothing happens. */
class MuxTimeoutTest {

    /** What is to happen before is given time for, also where many run at once. */
    private static final Duration SHORT = Duration.ofMillis(250);

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void upstreamThatIsSilentIs504(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path).settings(s -> s.response(SHORT)).start()) {
            Client client = rig.client();
            ClientCall call = client.post("/").send("x");
            call.end();
            UpstreamCall up = rig.take();
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(504);
            assertThat(reply.content().isClean()).isTrue();
            up.awaitCancel();
            assertThat(rig.upstream.requests).hasValue(1);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
            MuxBodiesTest.next(rig, client);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void upstreamThatFallsSilentWithinItsReplyIsCutOff(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path).settings(s -> s.streamIdle(SHORT)).start()) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false).send("some");
            call.head();
            Content content = call.body().rest();
            assertThat(content.text()).isEqualTo("some");
            assertThat(content.ending()).isEqualTo(pair.h1Front() ? Ending.CLOSED : Ending.RESET);
            up.awaitCancel();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void clientThatFallsSilentWithinItsUploadIs408(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path).settings(s -> s.streamIdle(SHORT)).start()) {
            ClientCall call = rig.client().post("/").send("some");
            UpstreamCall up = rig.take();
            up.body().exactly(4);
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(408);
            if (pair.h1Front()) {
                assertThat(reply.head().get("connection")).isEqualTo("close");
                assertThat(((H1Client.Call) call).wire().awaitClose()).isTrue();
            }
            if (up instanceof H2Peer.Call h2) {
                assertThat(h2.stream.awaitReset()).isEqualTo(H2Wire.CANCEL);
            } else {
                assertThat(up.body().rest().isClean()).isFalse();
            }
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void uploadThatIsAbandonedAfterAnEarlyReplyDoesNotStayForEver(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path).settings(s -> s.streamIdle(SHORT)).start()) {
            ClientCall call = rig.client().post("/").send("some");
            UpstreamCall up = rig.take();
            up.body().exactly(4);
            up.reply(403, "no");
            Reply reply = call.reply();
            assertThat(reply.text()).isEqualTo("no");
            assertThat(reply.content().isClean()).isTrue();
            if (call instanceof H2Client.Call h2) {
                assertThat(h2.stream.awaitReset()).isEqualTo(H2Wire.NO_ERROR);
            } else {
                assertThat(((H1Client.Call) call).wire().awaitClose()).isTrue();
            }
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void exchangeThatWaitsTooLongForAConnectionIs503(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path)
                .settings(s -> s.maxConnections(1).response(Duration.ofMillis(500)))
                .start()) {
            if (!pair.h1Back()) {
                rig.h2Upstream().settings = new int[] {3, 1};
            }
            ClientCall served = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false).send("so");
            served.head();
            ClientCall waits = rig.client().get("/");
            assertThat(waits.reply().status()).isEqualTo(503);
            up.send("me").end();
            assertThat(served.body().rest().text()).isEqualTo("some");
            assertThat(rig.upstream.requests).hasValue(1);
            assertThat(rig.outcomes.await(2)).containsExactly(Outcome.COMPLETE, Outcome.REJECTED);
        }
    }

    @Test
    void requestHeadThatDoesNotComeIs408OrClose() throws Exception {
        try (Rig rig = Rig.of(Pair.H1_H1, Path.FUSED)
                .settings(s -> s.requestHead(SHORT))
                .start()) {
            H1Client silent = rig.h1();
            assertThat(silent.wire.awaitClose()).isTrue(); // not one byte: there is nothing to answer
            H1Client drip = rig.h1();
            drip.wire.write("GET / HTTP/1.1\r\nHost: a\r\n");
            Msg head = drip.wire.head();
            assertThat(head.status()).isEqualTo(408);
            assertThat(head.get("connection")).isEqualTo("close");
            assertThat(drip.wire.awaitClose()).isTrue();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.REJECTED);
            assertThat(rig.upstream.connections).hasValue(0);
        }
    }

    /** Whole lines leave the buffer of the decoder at once, so that an unfinished head looks like no head. */
    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(Path.class)
    void requestHeadThatStopsOnAKeptConnectionIs408(Path path) throws Exception {
        for (String begun : new String[] {"GET / HT", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\n"}) {
            try (Rig rig =
                    Rig.of(Pair.H1_H1, path).settings(s -> s.requestHead(SHORT)).start()) {
                H1Client client = rig.h1();
                MuxBodiesTest.next(rig, client);
                client.wire.write(begun);
                Msg head = client.wire.head();
                assertThat(head.status()).as("after %s", begun).isEqualTo(408);
                assertThat(client.wire.body(head, false, false, () -> {}).rest().isClean())
                        .isTrue();
                assertThat(client.wire.awaitClose()).isTrue();
                assertThat(rig.outcomes.await(2)).containsExactly(Outcome.COMPLETE, Outcome.REJECTED);
            }
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(Pair.class)
    void idleConnectionsOfBothSidesAreClosed(Pair pair) throws Exception {
        try (Rig rig = Rig.of(pair, Path.FUSED)
                .settings(s -> s.idle(Duration.ofMillis(200)))
                .start()) {
            Client client = rig.client();
            ClientCall call = client.get("/");
            UpstreamCall up = rig.take();
            up.ok("x");
            assertThat(call.reply().text()).isEqualTo("x");
            if (client instanceof H1Client h1) {
                assertThat(h1.wire.awaitClose()).isTrue();
            } else {
                assertThat(((H2Client) client).wire.goAway.get(5, java.util.concurrent.TimeUnit.SECONDS))
                        .isEqualTo(H2Wire.NO_ERROR);
                ((H2Client) client).wire.closed.get(5, java.util.concurrent.TimeUnit.SECONDS);
            }
            if (up instanceof H2Peer.Call h2) {
                h2.stream.wire.closed.get(5, java.util.concurrent.TimeUnit.SECONDS);
            } else {
                up.awaitCancel();
            }
            rig.awaitStats(stats -> stats.frontConnections() == 0 && stats.backConnections() == 0);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void busyConnectionsAreNotIdle(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path)
                .settings(s -> s.idle(Duration.ofMillis(150)).requestHead(Duration.ofMillis(150)))
                .start()) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false);
            call.head();
            Incoming body = call.body();
            org.awaitility.Awaitility.await()
                    .pollInterval(Duration.ofMillis(50))
                    .during(Duration.ofMillis(450))
                    .until(() -> {
                        up.send("x");
                        return body.exactly(1).length == 1;
                    });
            up.end();
            assertThat(body.rest().isClean()).isTrue();
        }
    }

    @Test
    void grpcRequestIsAnsweredWithTrailersOnly() throws Exception {
        for (Pair pair : Pair.values()) {
            try (Rig rig =
                    Rig.of(pair, Path.FUSED).settings(s -> s.response(SHORT)).start()) {
                ClientCall call = rig.client()
                        .post("/service/method", "content-type", "application/grpc+proto", "te", "trailers")
                        .send("x");
                call.end();
                rig.take();
                Reply reply = call.reply();
                assertThat(reply.status()).isEqualTo(200);
                assertThat(reply.head().get("content-type")).isEqualTo("application/grpc+proto");
                assertThat(reply.head().get("grpc-status")).isEqualTo("4");
                assertThat(reply.head().get("grpc-message")).matches("upstream: timed out \\[[0-9a-f]+]");
                assertThat(reply.content().bytes()).isEmpty();
                assertThat(reply.content().isClean()).isTrue();
                assertThat(reply.head().endStream).isEqualTo(!pair.h1Front());
                assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
            }
        }
    }
}
