package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Fields;
import io.headgate.http.Outcome;
import io.headgate.mux.Outcomes.Seen;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Observers are told of every byte of a body once, and of nothing else: no frames, no chunk heads, no bytes that nobody got. */
class MuxBytesTest {

    private static final String[] GRPC = {"content-type", "application/grpc", "te", "trailers"};

    private static void assertBytes(Seen seen, Outcome outcome, long request, long reply) {
        assertThat(seen.ends).containsExactly(outcome);
        assertThat(seen.requestBytes).as("request bytes of %s", seen).hasValue(request);
        assertThat(seen.replyBytes).as("reply bytes of %s", seen).hasValue(reply);
    }

    // ---- whole messages

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void bodiesOfAKnownLength(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().post("/", "content-length", "5").send("hello");
            call.end();
            UpstreamCall up = rig.take();
            up.body().rest();
            up.head(200, false, "content-length", "2").send("ok").end();
            call.reply();
            Seen seen = rig.outcomes.only();
            assertBytes(seen, Outcome.COMPLETE, 5, 2);
            assertThat(seen.events).containsExactly("requestEnd", "replyHead 200", "end COMPLETE");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void bodiesInPiecesWithTrailers(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().post("/").send("one").send("three");
            call.end("x-sum", "8");
            UpstreamCall up = rig.take();
            up.body().rest();
            up.head(200, false).send("a").send("bc").send("def").end("x-end", "6");
            call.reply();
            Seen seen = rig.outcomes.only();
            assertBytes(seen, Outcome.COMPLETE, 8, 6);
            assertThat(seen.trailers).isEqualTo(Fields.of("x-end", "6"));
            assertThat(seen.events).containsExactly("requestEnd", "replyHead 200", "trailers", "end COMPLETE");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void largeBodiesBothWaysAtOnce(Pair pair, Path path) throws Exception {
        int size = 1_000_003;
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().post("/");
            CompletableFuture<Void> upload = rig.async(() -> {
                call.send(new byte[size]);
                call.end();
                return null;
            });
            UpstreamCall up = rig.take();
            up.head(200, false);
            CompletableFuture<Content> received = rig.async(() -> up.body().rest());
            CompletableFuture<Void> download = rig.async(() -> {
                up.send(new byte[size + 1]);
                received.get();
                up.end();
                return null;
            });
            assertThat(call.reply().content().bytes()).hasSize(size + 1);
            upload.get();
            download.get();
            assertBytes(rig.outcomes.only(), Outcome.COMPLETE, size, size + 1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void repliesWithoutABodyWhateverTheirHeadSays(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall head = client.call("HEAD", "/", false);
            rig.take().head(200, true, "content-length", "1234");
            head.reply();
            ClientCall noContent = client.get("/");
            rig.take().head(204, true);
            noContent.reply();
            ClientCall notModified = client.get("/");
            rig.take().head(304, true, "content-length", "77");
            notModified.reply();
            rig.outcomes.await(3);
            assertThat(rig.outcomes.exchanges).allSatisfy(seen -> assertBytes(seen, Outcome.COMPLETE, 0, 0));
        }
    }

    // ---- gRPC

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void messagesOfGrpcAndTheirStatus(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.post("/s/m", GRPC).send("\0\0\0\0\1x");
            call.end();
            UpstreamCall up = rig.take();
            up.body().rest();
            up.head(200, false, "content-type", "application/grpc")
                    .send("\0\0\0\0\2yz")
                    .end("grpc-status", "5");
            call.reply();
            assertBytes(rig.outcomes.only(), Outcome.COMPLETE, 6, 7);
            assertThat(rig.outcomes.only().trailers).isEqualTo(Fields.of("grpc-status", "5"));

            ClientCall trailersOnly = client.post("/s/m", GRPC);
            trailersOnly.end();
            rig.take().head(200, true, "content-type", "application/grpc", "grpc-status", "7");
            trailersOnly.reply();
            rig.outcomes.await(2);
            assertBytes(rig.outcomes.exchanges.get(1), Outcome.COMPLETE, 0, 0);
            assertThat(rig.outcomes.exchanges.get(1).events)
                    .containsExactly("requestEnd", "replyHead 200", "end COMPLETE");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void statusThatTheGatewayEndsABrokenCallWith(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().post("/s/m", GRPC).send("\0\0\0\0\1x");
            call.end();
            UpstreamCall up = rig.take();
            up.body().rest();
            up.head(200, false, "content-type", "application/grpc").send("\0\0\0\0\2yz");
            call.head();
            Incoming reply = call.body();
            reply.exactly(7);
            up.crash();
            String status = reply.rest().trailer("grpc-status");
            assertThat(status).isNotNull();
            Seen seen = rig.outcomes.only();
            assertBytes(seen, Outcome.FAILED, 6, 7);
            assertThat(seen.trailers.get("grpc-status")).isEqualTo(status);
        }
    }

    // ---- messages that are not whole

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void whatHadPassedWhenTheClientWentAway(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().post("/").send("some");
            UpstreamCall up = rig.take();
            up.body().exactly(4);
            up.head(200, false).send("abc");
            call.head();
            call.body().exactly(3);
            call.abort();
            up.awaitCancel();
            Seen seen = rig.outcomes.only();
            assertBytes(seen, Outcome.CANCELLED, 4, 3);
            assertThat(seen.events).containsExactly("replyHead 200", "end CANCELLED");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void whatHadPassedWhenTheUpstreamBroke(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false, "content-length", "10").send("four");
            call.head();
            Incoming reply = call.body();
            reply.exactly(4);
            up.crash();
            assertThat(reply.rest().isClean()).isFalse();
            Seen seen = rig.outcomes.only();
            assertBytes(seen, Outcome.FAILED, 0, 4);
            assertThat(seen.events).containsExactly("requestEnd", "replyHead 200", "end FAILED");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void anAnswerOfTheGatewayItself(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            rig.take().crash();
            rig.take().crash(); // the mux has tried once more
            ClientCall.Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(502);
            assertBytes(rig.outcomes.only(), Outcome.FAILED, 0, reply.content().bytes().length);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Fronts")
    void aRequestThatIsMalformedIsNotSaidToBeWhole(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            H1Client client = rig.h1();
            ClientCall call = client.post("/").send("some");
            rig.take().body().exactly(4);
            client.wire.write("no chunk\r\n");
            ClientCall.Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(400);
            assertThat(rig.outcomes.only().events).noneMatch("requestEnd"::equals);
            assertThat(rig.outcomes.only().requestBytes).hasValue(4);

            H1Client second = rig.h1();
            ClientCall refused = second.get("/", "Host", "another.example");
            assertThat(refused.reply().status()).isEqualTo(400);
            rig.outcomes.await(2);
            assertThat(rig.outcomes.exchanges.get(1).events).noneMatch("requestEnd"::equals);
        }
    }

    // ---- tunnels

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void bytesOfATunnelBothWays(Pair pair, Path path) throws Exception {
        try (Rig rig = MuxTunnelTest.start(pair, path)) {
            ClientCall call = MuxTunnelTest.handshake(rig, rig.client());
            UpstreamCall up = rig.take();
            Incoming fromClient = MuxTunnelTest.accept(up, "early");
            MuxTunnelTest.assertOpened(call);
            call.send("0123456789");
            fromClient.exactly(10);
            up.send("abc");
            Incoming fromUpstream = call.body();
            fromUpstream.exactly(8);
            MuxTunnelTest.hangUp(up);
            fromUpstream.rest();
            Seen seen = rig.outcomes.only();
            assertBytes(seen, Outcome.COMPLETE, 10, 8);
            assertThat(seen.events).contains("replyHead 101");
        }
    }

    // ---- the mount

    @ParameterizedTest
    @EnumSource(Pair.class)
    void bytesThroughAMount(Pair pair) throws Exception {
        try (MountRig mounted = new MountRig(pair, null)) {
            Client client = mounted.client();
            ClientCall whole = client.post("/").send("one").send("three");
            whole.end("x-sum", "8");
            UpstreamCall up = mounted.take();
            up.body().rest();
            up.head(200, false).send("a").send("bcdef").end("x-end", "6");
            assertThat(whole.reply().text()).isEqualTo("abcdef");
            ClientCall sized = client.post("/", "content-length", "5").send("hello");
            sized.end();
            UpstreamCall second = mounted.take();
            second.body().rest();
            second.head(200, false, "content-length", "2").send("ok").end();
            assertThat(sized.reply().text()).isEqualTo("ok");
            ClientCall head = client.call("HEAD", "/", false);
            mounted.take().head(200, true, "content-length", "1234");
            head.reply();
            mounted.outcomes.await(3);
            Seen[] seen = mounted.outcomes.exchanges.toArray(Seen[]::new);
            assertBytes(seen[0], Outcome.COMPLETE, 8, 6);
            assertThat(seen[0].events).containsExactly("requestEnd", "replyHead 200", "trailers", "end COMPLETE");
            assertBytes(seen[1], Outcome.COMPLETE, 5, 2);
            assertBytes(seen[2], Outcome.COMPLETE, 0, 0);
        }
    }

    @ParameterizedTest
    @EnumSource(Pair.class)
    void bytesThroughAMountWhenTheUpstreamBreaksOrTheClientGoes(Pair pair) throws Exception {
        byte[] much = new byte[200_000];
        Arrays.fill(much, (byte) 'x');
        try (MountRig mounted = new MountRig(pair, null)) {
            ClientCall broken = mounted.client().get("/");
            UpstreamCall up = mounted.take();
            up.head(200, false, "content-length", "300000").send(much);
            broken.head();
            Incoming reply = broken.body();
            reply.exactly(much.length);
            up.crash();
            reply.rest();
            assertBytes(mounted.outcomes.only(), Outcome.FAILED, 0, much.length);
            ClientCall gone = mounted.client().post("/").send("some");
            UpstreamCall second = mounted.take();
            second.body().exactly(4);
            second.head(200, false).send("abc");
            gone.head();
            gone.body().exactly(3);
            gone.abort();
            second.awaitCancel();
            mounted.outcomes.await(2);
            assertBytes(mounted.outcomes.exchanges.get(1), Outcome.CANCELLED, 4, 3);
        }
    }
}
