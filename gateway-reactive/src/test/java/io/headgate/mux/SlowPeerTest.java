package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.http.Outcome;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that hold on to what they have by moving as little as they can. */
class SlowPeerTest {

    private static final Duration PERIOD = Duration.ofMillis(300);

    /** Takes a byte at a time, again and again: bytes move, but not enough of them. */
    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h2Fronts")
    void windowOfAByteIsCut(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path)
                .settings(s -> s.progress(PERIOD).minProgress(1024))
                .start()) {
            H2Client.Call call = (H2Client.Call) rig.client(1).get("/");
            rig.take().ok("x".repeat(5000));
            call.head();
            AtomicLong taken = new AtomicLong();
            Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> {
                try {
                    taken.addAndGet(call.body().exactly(1).length);
                } catch (Incoming.Cut cut) {
                    // in the place of the next byte
                }
                return call.stream.reset.isDone();
            });
            assertThat(call.stream.awaitReset()).isEqualTo(H2Wire.CANCEL);
            assertThat(taken).hasValueGreaterThan(1);
            assertThat(rig.limits).containsOnly(Limit.SLOW_READER);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
        }
    }

    /** Many replies that wait behind closed windows: the bomb of small requests and large answers. */
    @Test
    void closedWindowsOfAllStreamsAreReaped() throws Exception {
        try (Rig rig =
                Rig.of(Pair.H2_H1, Path.FUSED).settings(s -> s.progress(PERIOD)).start()) {
            rig.upstream.answer(call -> call.ok("x".repeat(100_000)));
            H2Client client = rig.keep(new H2Client(rig.port(), 0));
            java.util.List<ClientCall> calls = new java.util.ArrayList<>();
            for (int i = 0; i < 50; i++) {
                calls.add(client.get("/"));
            }
            for (ClientCall call : calls) {
                assertThat(call.head().status()).isEqualTo(200);
                assertThat(((H2Client.Call) call).stream.awaitReset()).isEqualTo(H2Wire.CANCEL);
            }
            assertThat(rig.limits).hasSize(50).containsOnly(Limit.SLOW_READER);
            rig.awaitNoExchanges();
        }
    }

    /** Sends a byte at a time, with a promised length or without. */
    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(Pair.class)
    void bodyThatDripsIs408(Pair pair) throws Exception {
        for (String[] fields : new String[][] {{}, {"content-length", "100000"}}) {
            try (Rig rig = Rig.of(pair, Path.FUSED)
                    .settings(s -> s.requestBody(Duration.ofSeconds(1))
                            .minProgress(1024)
                            .linger(Duration.ofMillis(30)))
                    .start()) {
                Client client = rig.client();
                MuxBodiesTest.next(rig, client); // so that none of the time goes by before the upstream is connected to
                ClientCall call = client.post("/", fields);
                UpstreamCall up = rig.take();
                CompletableFuture<Object> reading = rig.async(() -> up.body().rest());
                CompletableFuture<Msg> answer = rig.async(call::head);
                Awaitility.await().pollInterval(Duration.ofMillis(10)).until(() -> {
                    try {
                        call.send("x");
                    } catch (java.io.UncheckedIOException e) {
                        // closed
                    }
                    return answer.isDone();
                });
                assertThat(answer.get().status()).isEqualTo(408);
                assertThat(((Content) reading.get()).isClean()).isFalse();
                assertThat(rig.limits).contains(Limit.SLOW_BODY);
                assertThat(rig.outcomes.await(2)).containsExactly(Outcome.COMPLETE, Outcome.FAILED);
            }
        }
    }

    /** A call of gRPC may be quiet, and an upstream that is slow is not the client's fault. */
    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(Pair.class)
    void bodyThatMayBeQuietIsLeftAlone(Pair pair) throws Exception {
        try (Rig rig = Rig.of(pair, Path.FUSED)
                .settings(s -> s.requestBody(Duration.ofMillis(50)))
                .start()) {
            ClientCall quiet =
                    rig.client().post("/", "content-type", "application/grpc").send("x");
            UpstreamCall up = rig.take();
            up.body().exactly(1);
            Awaitility.await().pollDelay(PERIOD).until(() -> true);
            quiet.end();
            up.body().rest();
            up.ok("y");
            assertThat(quiet.reply().text()).isEqualTo("y");
            assertThat(rig.limits).isEmpty();
        }
    }

    /** A client that is gone is noticed although nobody reads what it had sent. */
    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("io.headgate.mux.Rig#h1Fronts")
    void clientThatResetsAPausedUploadIsNoticed(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path)
                .settings(s -> s.streamWindow(32 * 1024).bodyBuffer(32 * 1024))
                .smallPeer()
                .start()) {
            if (!pair.h1Back()) {
                rig.h2Upstream().settings = new int[] {4, 1024};
            }
            H1Client client = rig.h1();
            ClientCall call = client.post("/");
            rig.take();
            AtomicLong sent = new AtomicLong();
            CompletableFuture<Object> flood = rig.async(() -> {
                while (true) {
                    call.send(new byte[4096]);
                    sent.addAndGet(4096);
                }
            });
            AtomicLong last = new AtomicLong(-1);
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(10))
                    .during(Duration.ofMillis(300))
                    .until(() -> last.getAndSet(sent.get()) == last.get());
            client.wire.socket.setSoLinger(true, 0);
            client.close();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
            assertThatThrownBy(flood::get).isNotNull();
            rig.awaitNoExchanges();
        }
    }
}
