package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Outcome;
import io.headgate.mux.Content.Ending;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Backpressure from one end to the other, and its bounds. The ways through the gateway are tried side by side, as most of the time is waiting. */
class MuxFlowControlTest {

    private static final int WINDOW = 32 * 1024;

    /** What an endless writer gets rid of through sockets whose buffers the kernel chooses. */
    static final int MOST_IN_SOCKETS = 12 * 1024 * 1024;

    static final byte[] BLOCK = MuxBodiesTest.bytes(16 * 1024, 7);

    /** Waits until a count has not changed for a while, and tells it. */
    static long settled(LongSupplier count) {
        AtomicLong last = new AtomicLong(-1);
        Awaitility.await()
                .pollInterval(Duration.ofMillis(10))
                .during(Duration.ofMillis(300))
                .atMost(Duration.ofSeconds(10))
                .until(() -> last.getAndSet(count.getAsLong()) == last.get());
        return last.get();
    }

    /** Writes until the other end gives up; counts what it could write. */
    static CompletableFuture<Object> flood(Rig rig, Rig.Task<Object> write) {
        return rig.async(() -> {
            while (true) {
                write.run();
            }
        });
    }

    private static Rig small(Pair pair, Path path) throws Exception {
        return Rig.of(pair, path)
                .settings(s -> s.streamWindow(WINDOW).bodyBuffer(WINDOW))
                .smallPeer()
                .start();
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void clientThatDoesNotReadStopsTheUpstream(Pair pair, Path path) throws Exception {
        try (Rig rig = small(pair, path)) {
            ClientCall call = rig.client(Rig.SMALL).get("/");
            UpstreamCall up = rig.take();
            up.head(200, false);
            call.head();
            flood(rig, () -> up.send(BLOCK));
            long written = settled(up::written);
            if (pair == Pair.H2_H2) {
                int between = path == Path.FUSED ? 0 : 64 * 1024 + BLOCK.length;
                assertThat(written).isLessThanOrEqualTo(WINDOW + Rig.SMALL + between);
            } else {
                assertThat(written).isLessThan(MOST_IN_SOCKETS);
            }
            call.body().exactly((int) Math.max(64 * 1024, written * 3 / 4));
            assertThat(settled(up::written)).isGreaterThan(written);
            call.abort();
            rig.awaitNoExchanges();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void upstreamThatDoesNotReadStopsTheClient(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path)
                .settings(s -> s.streamWindow(WINDOW).bodyBuffer(WINDOW).progress(Duration.ofSeconds(2)))
                .smallPeer()
                .start()) {
            if (!pair.h1Back()) {
                rig.h2Upstream().settings = new int[] {4, Rig.SMALL};
            }
            Client client = rig.client(Rig.SMALL);
            ClientCall call = client.post("/");
            UpstreamCall up = rig.take();
            AtomicLong sent = new AtomicLong();
            flood(rig, () -> {
                for (int at = 0; at < BLOCK.length; at += 4096) {
                    call.send(java.util.Arrays.copyOfRange(BLOCK, at, at + 4096));
                    sent.addAndGet(4096);
                }
                return null;
            });
            long written = settled(sent::get);
            if (pair == Pair.H2_H2) {
                int between = path == Path.FUSED ? 0 : 64 * 1024 + BLOCK.length;
                assertThat(written).isLessThanOrEqualTo(WINDOW + Rig.SMALL + between);
            } else {
                assertThat(written).isLessThan(MOST_IN_SOCKETS);
            }
            up.body().exactly((int) (written * 3 / 4));
            assertThat(settled(sent::get)).isGreaterThan(written);
            call.abort();
            rig.awaitNoExchanges(); // of HTTP/1.1 unread bytes hide the end: then the progress timeout finds it
            assertThat(rig.outcomes.await(1)).doesNotContain(Outcome.COMPLETE, Outcome.REJECTED);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h2Fronts")
    void slowStreamDoesNotBlockItsSiblings(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            H2Client client = rig.h2();
            ClientCall slow = client.get("/slow");
            UpstreamCall slowUp = rig.take();
            slowUp.head(200, false);
            slow.head();
            flood(rig, () -> slowUp.send(BLOCK));
            settled(slowUp::written);
            for (int i = 0; i < 5; i++) {
                ClientCall fast = client.get("/fast");
                UpstreamCall up = rig.take();
                CompletableFuture<Object> sending = rig.async(() -> {
                    up.head(200, false).send(MuxBodiesTest.bytes(500_000, 3)).end();
                    return null;
                });
                ClientCall.Reply reply = fast.reply();
                assertThat(reply.content().isClean()).isTrue();
                assertThat(java.util.Arrays.equals(reply.content().bytes(), MuxBodiesTest.bytes(500_000, 3)))
                        .isTrue();
                sending.get();
            }
            slow.abort();
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h2Fronts")
    void uploadThatWaitsDoesNotBlockItsSiblings(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            H2Client client = rig.h2();
            ClientCall slow = client.post("/slow");
            rig.take();
            flood(rig, () -> slow.send(BLOCK));
            settled(((H2Client.Call) slow).stream.written::get);
            for (int i = 0; i < 5; i++) {
                ClientCall fast = client.post("/fast");
                CompletableFuture<Object> sending = rig.async(() -> {
                    fast.send(MuxBodiesTest.bytes(500_000, 3));
                    fast.end();
                    return null;
                });
                UpstreamCall up = rig.take();
                assertThat(java.util.Arrays.equals(up.body().rest().bytes(), MuxBodiesTest.bytes(500_000, 3)))
                        .isTrue();
                sending.get();
                up.ok("x");
                assertThat(fast.reply().text()).isEqualTo("x");
            }
            slow.abort();
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void clientThatStopsToReadIsReaped(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path)
                .settings(s -> s.progress(Duration.ofMillis(200)))
                .smallPeer()
                .start()) {
            ClientCall call = rig.client(Rig.SMALL).get("/");
            UpstreamCall up = rig.take();
            up.head(200, false);
            call.head();
            CompletableFuture<Object> flood = flood(rig, () -> up.send(BLOCK));
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
            rig.awaitNoExchanges();
            assertThat(flood).failsWithin(Duration.ofSeconds(5));
            Content content = call.body().rest();
            assertThat(content.ending()).isEqualTo(pair.h1Front() ? Ending.CLOSED : Ending.RESET);
            if (!pair.h1Front()) {
                assertThat(content.code()).isEqualTo(H2Wire.CANCEL);
            }
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void clientThatReadsSlowlySurvives(Pair pair, Path path) throws Exception {
        int size = pair.h1Front() ? 4 * 1024 * 1024 : 40 * 1024;
        int step = pair.h1Front() ? 16 * 1024 : 512;
        try (Rig rig = Rig.of(pair, path)
                .settings(s -> s.progress(Duration.ofMillis(500)).minProgress(512))
                .smallPeer()
                .start()) {
            ClientCall call = rig.client(pair.h1Front() ? Rig.SMALL : 1024).get("/");
            UpstreamCall up = rig.take();
            up.head(200, false);
            CompletableFuture<Object> sending = rig.async(() -> {
                up.send(new byte[size]).end();
                return null;
            });
            call.head();
            Incoming body = call.body();
            AtomicLong read = new AtomicLong();
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(10))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> {
                        read.addAndGet(body.exactly(step).length);
                        return read.get() == size;
                    });
            assertThat(body.rest().isClean()).isTrue();
            sending.get();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void upstreamThatStopsToReadIsReaped(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path)
                .settings(s -> s.progress(Duration.ofMillis(200)))
                .smallPeer()
                .start()) {
            ClientCall call = rig.client().post("/");
            flood(rig, () -> call.send(BLOCK));
            UpstreamCall up = rig.take();
            assertThat(call.reply().status()).isEqualTo(504);
            if (up instanceof H2Peer.Call h2) {
                assertThat(h2.stream.awaitReset()).isEqualTo(H2Wire.CANCEL);
            }
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
            assertThat(rig.upstream.requests).hasValue(1);
        }
    }

    /** The upstream has said all and will never read the rest: the gateway must not keep it for ever. */
    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h2Backs")
    void restOfAnUploadThatIsStuckIsGivenUpWhenTheReplyEnds(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().post("/").send(new byte[100_000 - H2Wire.DEFAULT_WINDOW]);
            H2Peer.Call up = (H2Peer.Call) rig.take();
            up.stream.credits = false;
            call.send(new byte[H2Wire.DEFAULT_WINDOW]);
            call.end();
            Awaitility.await().until(() -> up.stream.received.get() == H2Wire.DEFAULT_WINDOW);
            assertThat(settled(up.stream.received::get)).isEqualTo(H2Wire.DEFAULT_WINDOW);
            up.reply(413, "no");
            assertThat(call.reply().text()).isEqualTo("no");
            assertThat(up.stream.awaitReset()).isEqualTo(H2Wire.CANCEL);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h2Fronts")
    void bytesThatComeAfterAPauseHaveTheWholeProgressTimeout(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path)
                .settings(s -> s.progress(Duration.ofMillis(700)))
                .start()) {
            H2Client.Call call = (H2Client.Call) rig.client(4).get("/");
            call.stream.credits = false;
            UpstreamCall up = rig.take();
            up.head(200, false).send("some");
            call.head();
            assertThat(call.body().exactly(4)).asString().isEqualTo("some");
            Awaitility.await().pollDelay(Duration.ofMillis(1000)).until(() -> true); // nothing waits: nothing is late
            up.send("more").end();
            assertThat(call.stream.isSilentFor(150)).isTrue();
            call.stream.credit(100);
            Content content = call.body().rest();
            assertThat(content.text()).isEqualTo("more");
            assertThat(content.isClean()).isTrue();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h2Backs")
    void uploadThatGoesOnAfterAPauseHasTheWholeProgressTimeout(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path)
                .settings(s -> s.progress(Duration.ofMillis(700)))
                .start()) {
            rig.h2Upstream().settings = new int[] {4, 4};
            ClientCall call = rig.client().post("/").send("some");
            H2Peer.Call up = (H2Peer.Call) rig.take();
            up.stream.credits = false;
            assertThat(up.body().exactly(4)).asString().isEqualTo("some");
            Awaitility.await().pollDelay(Duration.ofMillis(1000)).until(() -> true); // nothing waits: nothing is late
            call.send("more");
            call.end();
            assertThat(up.stream.isSilentFor(150)).isTrue();
            up.stream.credit(100);
            assertThat(up.body().rest().text()).isEqualTo("more");
            up.ok("x");
            assertThat(call.reply().text()).isEqualTo("x");
        }
    }
}
