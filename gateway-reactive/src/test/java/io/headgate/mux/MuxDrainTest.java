package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.gateway.DrainProgress;
import io.headgate.gateway.Listener;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.mux.ClientCall.Reply;
import io.headgate.mux.Content.Ending;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** A gateway that goes away: what is under way ends as if nothing were, and clients are told to go elsewhere. */
class MuxDrainTest {

    /** Longer than any test waits for something that must come. */
    private static final Duration GRACE = Duration.ofSeconds(20);

    /** A quarter of this is how long idle connections wait. */
    private static final Duration SHORT = Duration.ofMillis(400);

    /** The drain of a listener, begun; completes with all that was told. */
    private static CompletableFuture<List<DrainProgress>> drain(Rig rig, Duration grace) {
        return begun(rig, rig.listener.drain(grace).collectList().toFuture());
    }

    private static <T> CompletableFuture<T> begun(Rig rig, CompletableFuture<T> drain) {
        rig.listener.onClose().block(GRACE); // from then on clients are told
        return drain;
    }

    private static DrainProgress last(CompletableFuture<List<DrainProgress>> drain) throws Exception {
        List<DrainProgress> told = drain.get(5, TimeUnit.SECONDS);
        DrainProgress last = told.get(told.size() - 1);
        assertThat(told.get(0).listening()).isTrue();
        assertThat(last.isDrained()).isTrue();
        assertThat(last.exchanges()).isZero();
        return last;
    }

    // ---- both protocols

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void exchangeInFlightFinishesThenTheConnectionEnds(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.get("/");
            UpstreamCall up = rig.take();
            CompletableFuture<List<DrainProgress>> drain = drain(rig, GRACE);
            assertThat(drain).isNotDone();
            up.ok("whole");
            Reply reply = call.reply();
            assertThat(reply.text()).isEqualTo("whole");
            if (client instanceof H1Client h1) {
                assertThat(reply.head().get("connection")).isEqualTo("close");
                assertThat(h1.wire.awaitClose()).isTrue();
            } else {
                ((H2Client) client).wire.closed.get(5, TimeUnit.SECONDS);
            }
            client.close();
            assertThat(last(drain).cut()).isZero();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void uploadAndDownloadInFlightFinish(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.post("/").send("up");
            UpstreamCall up = rig.take();
            up.head(200, false).send("do");
            assertThat(call.head().status()).isEqualTo(200);
            CompletableFuture<List<DrainProgress>> drain = drain(rig, SHORT.multipliedBy(10));
            call.send("load");
            call.end();
            assertThat(up.body().rest().text()).isEqualTo("upload");
            up.send("wn");
            up.end();
            assertThat(call.body().rest())
                    .matches(Content::isClean)
                    .extracting(Content::text)
                    .isEqualTo("down");
            client.close();
            assertThat(last(drain).cut()).isZero();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void exchangeWithoutReplyIsAnswered503WhenTheGraceIsOver(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.get("/");
            UpstreamCall up = rig.take();
            CompletableFuture<List<DrainProgress>> drain = drain(rig, Duration.ZERO);
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(503);
            assertThat(reply.content().isClean()).isTrue();
            up.awaitCancel();
            assertThat(last(drain).cut()).isEqualTo(1);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
            assertThat(rig.outcomes.exchanges.get(0).cause).isInstanceOf(ClosedException.class);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void replyInFlightIsCutWhenTheGraceIsOver(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false).send("so");
            call.head();
            Incoming body = call.body();
            assertThat(body.exactly(2)).hasSize(2);
            CompletableFuture<List<DrainProgress>> drain = drain(rig, Duration.ZERO);
            assertThat(body.rest().ending()).isEqualTo(pair.h1Front() ? Ending.CLOSED : Ending.RESET);
            up.awaitCancel();
            assertThat(last(drain).cut()).isEqualTo(1);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void shorterGraceShortensADrainThatHasBegun(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            rig.take();
            CompletableFuture<List<DrainProgress>> drain = drain(rig, GRACE);
            rig.gateway.closeAsync().block(Duration.ofSeconds(5));
            assertThat(call.reply().status()).isEqualTo(503);
            assertThat(last(drain).cut()).isEqualTo(1);
            assertThat(rig.gateway.isDisposed()).isTrue();
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void gatewayIsGoneAfterTheLastExchange(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.get("/");
            UpstreamCall up = rig.take();
            CompletableFuture<List<DrainProgress>> drain =
                    begun(rig, rig.gateway.drain(GRACE).collectList().toFuture());
            assertThatThrownBy(() -> rig.gateway
                            .listen("127.0.0.1", 0, exchange -> Mono.just(HttpReply.of(204)))
                            .block(GRACE))
                    .hasMessage("gateway: closed (expected: open)");
            up.ok("whole");
            assertThat(call.reply().text()).isEqualTo("whole");
            client.close();
            assertThat(last(drain).cut()).isZero();
            assertThat(rig.gateway.isDisposed()).isTrue();
            assertThat(rig.gateway.stats().backConnections()).isZero();
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(Pair.class)
    void cancelledTellingDoesNotUndoTheDrain(Pair pair) throws Exception {
        try (Rig rig = Rig.start(pair, Path.FUSED)) {
            Client client = rig.client();
            MuxBodiesTest.next(rig, client);
            StepVerifier.create(rig.listener.drain(SHORT))
                    .expectNextCount(1) // of a state that may have moved on by then
                    .thenCancel()
                    .verify(GRACE);
            StepVerifier.create(rig.listener.onClose()).expectComplete().verify(GRACE);
            rig.awaitStats(stats -> stats.frontConnections() == 0);
            StepVerifier.create(rig.listener.drain(SHORT))
                    .expectNextMatches(DrainProgress::isDrained)
                    .expectComplete()
                    .verify(GRACE);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(Pair.class)
    void otherListenersGoOn(Pair pair) throws Exception {
        try (Rig rig = Rig.start(pair, Path.FUSED)) {
            MuxBodiesTest.next(rig, rig.client());
            Listener second = rig.gateway
                    .listen("127.0.0.1", 0, exchange -> Mono.just(HttpReply.text(200, "second")))
                    .block(GRACE);
            CompletableFuture<List<DrainProgress>> drain = drain(rig, SHORT);
            try (Client other = pair.h1Front() ? new H1Client(second.port()) : new H2Client(second.port(), 65_535)) {
                assertThat(other.get("/").reply().text()).isEqualTo("second");
                last(drain);
                assertThat(other.get("/").reply().text()).isEqualTo("second");
            }
        }
    }

    @Test
    void connectionWithoutAByteIsLetGo() throws Exception {
        try (Rig rig = Rig.start(Pair.H1_H1, Path.FUSED)) {
            H1Client silent = rig.h1();
            rig.awaitStats(stats -> stats.frontConnections() == 1);
            CompletableFuture<List<DrainProgress>> drain = drain(rig, SHORT);
            assertThat(silent.wire.awaitClose()).isTrue();
            assertThat(last(drain).cut()).isZero();
        }
    }

    // ---- HTTP/1.1

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h1Fronts")
    void idleConnectionMaySendOneMoreRequest(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            H1Client client = rig.h1();
            MuxBodiesTest.next(rig, client);
            CompletableFuture<List<DrainProgress>> drain = drain(rig, GRACE);
            ClientCall call = client.get("/more");
            rig.take().ok("more");
            Reply reply = call.reply();
            assertThat(reply.text()).isEqualTo("more");
            assertThat(reply.head().get("connection")).isEqualTo("close");
            assertThat(client.wire.awaitClose()).isTrue();
            client.close();
            assertThat(last(drain).cut()).isZero();
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h1Fronts")
    void idleConnectionThatAsksForNothingIsLetGoBeforeTheGraceIsOver(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            H1Client client = rig.h1();
            MuxBodiesTest.next(rig, client);
            CompletableFuture<List<DrainProgress>> drain = drain(rig, Duration.ofSeconds(4));
            assertThat(client.wire.awaitClose()).isTrue();
            client.close();
            assertThat(last(drain).elapsed()).isBetween(Duration.ofSeconds(1), Duration.ofMillis(3900));
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h1Fronts")
    void headThatIsHalfReadMayBeCompleted(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            H1Client client = rig.h1();
            client.wire.write("GET / HTTP/1.1\r\nHo");
            rig.awaitStats(stats -> stats.frontConnections() == 1);
            CompletableFuture<List<DrainProgress>> drain = drain(rig, SHORT.multipliedBy(5));
            assertThat(client.wire.isSilentFor(700)).isTrue(); // longer than idle connections wait
            client.wire.write("st: test.example\r\n\r\n");
            rig.take().ok("whole");
            Msg head = client.wire.head();
            assertThat(head.get("connection")).isEqualTo("close");
            assertThat(client.wire.body(head, false, false, () -> {}).rest().text())
                    .isEqualTo("whole");
            client.close();
            assertThat(last(drain).cut()).isZero();
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h1Fronts")
    void pipelinedRequestsAreAllAnsweredAndOnlyTheLastSaysClose(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            H1Client client = rig.h1();
            client.wire.write("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "POST /3 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok");
            UpstreamCall first = rig.take();
            CompletableFuture<List<DrainProgress>> drain = drain(rig, GRACE);
            first.ok("1");
            rig.take().ok("2");
            UpstreamCall third = rig.take();
            assertThat(third.body().rest().text()).isEqualTo("ok");
            third.ok("3");
            for (int i = 1; i <= 3; i++) {
                Msg head = client.wire.head();
                assertThat(head.get("connection")).isEqualTo(i == 3 ? "close" : null);
                assertThat(client.wire.body(head, false, false, () -> {}).rest().text())
                        .isEqualTo("" + i);
            }
            client.close();
            assertThat(last(drain).cut()).isZero();
            assertThat(rig.outcomes.await(3)).containsOnly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h1Fronts")
    void unreadInputDoesNotTruncateTheLastReply(Pair pair, Path path) throws Exception {
        byte[] big = new byte[2 << 20];
        try (Rig rig = Rig.start(pair, path)) {
            H1Client client = rig.h1();
            ClientCall call = client.get("/");
            UpstreamCall up = rig.take();
            CompletableFuture<List<DrainProgress>> drain = drain(rig, GRACE);
            CompletableFuture<Void> sending = rig.async(() -> {
                up.head(200, false).send(big).end();
                return null;
            });
            Msg head = call.head();
            assertThat(head.get("connection")).isEqualTo("close");
            // after the last reply was announced nothing that follows is read as a request
            client.wire.write("GET /late HTTP/1.1\r\nHost: a\r\n\r\n".repeat(200));
            assertThat(call.body().rest())
                    .matches(Content::isClean)
                    .satisfies(content -> assertThat(content.bytes()).hasSize(big.length));
            assertThat(client.wire.awaitClose()).isTrue();
            sending.get(5, TimeUnit.SECONDS);
            client.close();
            assertThat(last(drain).cut()).isZero();
            assertThat(rig.upstream.requests).hasValue(1);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h1Fronts")
    void clientThatDoesNotCloseIsClosedAfterTheLinger(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            H1Client client = rig.h1();
            ClientCall call = client.get("/");
            UpstreamCall up = rig.take();
            CompletableFuture<List<DrainProgress>> drain = drain(rig, GRACE);
            up.ok("x");
            assertThat(call.reply().text()).isEqualTo("x");
            assertThat(last(drain).cut()).isZero();
        }
    }

    // ---- HTTP/2

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h2Fronts")
    void secondGoAwayNamesTheLastStreamThatWasServed(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            H2Client client = rig.h2();
            ClientCall call = client.get("/");
            UpstreamCall up = rig.take();
            CompletableFuture<List<DrainProgress>> drain = drain(rig, GRACE);
            assertThat(client.wire.nextGoAway()).isEqualTo(Integer.MAX_VALUE);
            assertThat(client.wire.nextGoAway()).isEqualTo(1);
            up.ok("whole");
            assertThat(call.reply().text()).isEqualTo("whole");
            client.wire.closed.get(5, TimeUnit.SECONDS);
            assertThat(client.wire.goAways).isEmpty();
            assertThat(client.wire.goAway.get()).isEqualTo(H2Wire.NO_ERROR);
            client.close();
            assertThat(last(drain).cut()).isZero();
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h2Fronts")
    void streamThatIsOnItsWayWhenTheFirstGoAwayLeavesIsServed(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            H2Client client = rig.h2();
            MuxBodiesTest.next(rig, client);
            client.wire.answersPings = false;
            CompletableFuture<List<DrainProgress>> drain = drain(rig, GRACE);
            assertThat(client.wire.nextGoAway()).isEqualTo(Integer.MAX_VALUE);
            byte[] ping = client.wire.pings.poll(5, TimeUnit.SECONDS);
            ClientCall between = client.get("/between");
            client.wire.frame(H2Wire.PING, H2Wire.ACK, 0, ping);
            assertThat(client.wire.nextGoAway()).isEqualTo(3);
            rig.take().ok("between");
            assertThat(between.reply().text()).isEqualTo("between");
            client.wire.closed.get(5, TimeUnit.SECONDS);
            client.close();
            assertThat(last(drain).cut()).isZero();
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h2Fronts")
    void laterStreamIsRefusedAndNeverSeen(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            H2Client client = rig.h2();
            ClientCall call = client.get("/");
            UpstreamCall up = rig.take();
            CompletableFuture<List<DrainProgress>> drain = drain(rig, GRACE);
            client.wire.nextGoAway();
            client.wire.nextGoAway();
            H2Client.Call late = (H2Client.Call) client.post("/late");
            late.send("body of what is refused");
            late.end("with", "trailers");
            client.wire.credit(late.stream.id, 100);
            late.abort();
            assertThat(late.stream.awaitReset()).isEqualTo(H2Wire.REFUSED_STREAM);
            up.ok("whole");
            assertThat(call.reply().text()).isEqualTo("whole");
            client.close();
            assertThat(last(drain).cut()).isZero();
            assertThat(rig.upstream.requests).hasValue(1);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h2Fronts")
    void clientThatDoesNotAnswerThePingIsLeftAllTheSame(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            H2Client client = rig.h2();
            MuxBodiesTest.next(rig, client);
            client.wire.answersPings = false;
            CompletableFuture<List<DrainProgress>> drain = drain(rig, GRACE);
            assertThat(client.wire.nextGoAway()).isEqualTo(Integer.MAX_VALUE);
            assertThat(client.wire.nextGoAway()).isEqualTo(1);
            client.wire.closed.get(5, TimeUnit.SECONDS);
            assertThat(last(drain).cut()).isZero();
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h2Fronts")
    void inputAfterTheLastStreamDoesNotTruncateIt(Pair pair, Path path) throws Exception {
        byte[] big = new byte[1 << 20];
        try (Rig rig = Rig.start(pair, path)) {
            H2Client client = rig.h2();
            ClientCall call = client.get("/");
            UpstreamCall up = rig.take();
            CompletableFuture<List<DrainProgress>> drain = drain(rig, GRACE);
            CompletableFuture<Void> sending = rig.async(() -> {
                up.head(200, false).send(big).end();
                return null;
            });
            call.head();
            for (int i = 0; i < 50; i++) { // fewer than a flood
                client.wire.frame(H2Wire.PING, 0, 0, new byte[8]);
            }
            assertThat(call.body().rest())
                    .matches(Content::isClean)
                    .satisfies(content -> assertThat(content.bytes()).hasSize(big.length));
            sending.get(5, TimeUnit.SECONDS);
            client.close();
            assertThat(last(drain).cut()).isZero();
        }
    }
}
