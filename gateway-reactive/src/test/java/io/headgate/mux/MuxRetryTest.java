package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Outcome;
import io.headgate.mux.ClientCall.Reply;
import io.headgate.mux.UpstreamException.Failure;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is tried again, and what is not. */
class MuxRetryTest {

    private static Rig withRefusingFirst(Pair pair, Path path) throws Exception {
        return Rig.of(pair, path)
                .service(rig -> {
                    try {
                        return rig.path.through(rig.upstream(rig.refusingUrl(), rig.upstream.url()));
                    } catch (java.io.IOException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .start();
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void secondEndpointServesWhenTheFirstRefusesConnections(Pair pair, Path path) throws Exception {
        try (Rig rig = withRefusingFirst(pair, path)) {
            ClientCall call = rig.client().get("/");
            rig.take().ok("second");
            assertThat(call.reply().text()).isEqualTo("second");
            assertThat(rig.upstream.requests).hasValue(1);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void uploadGoesToTheSecondEndpointWhenTheFirstRefusesConnections(Pair pair, Path path) throws Exception {
        try (Rig rig = withRefusingFirst(pair, path)) {
            ClientCall call = rig.client().post("/").send("body");
            call.end();
            UpstreamCall up = rig.take();
            assertThat(up.body().rest().text()).isEqualTo("body");
            up.ok("second");
            assertThat(call.reply().text()).isEqualTo("second");
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void noEndpointThatAcceptsIs503(Pair pair, Path path) throws Exception {
        Rig.Builder builder = Rig.of(pair, path).service(rig -> {
            try {
                return rig.path.through(rig.upstream(rig.refusingUrl()));
            } catch (java.io.IOException e) {
                throw new IllegalStateException(e);
            }
        });
        try (Rig rig = builder.start()) {
            Client client = rig.client();
            ClientCall call = client.post("/").send("x");
            call.end();
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(503);
            assertThat(reply.content().isClean()).isTrue();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
            assertThat(client.get("/").reply().status()).isEqualTo(503);
            assertThat(rig.outcomes.await(2)).containsOnly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Backs")
    void refusedStreamIsReplayed(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/", "x-a", "b");
            H2Peer.Call first = (H2Peer.Call) rig.take();
            first.stream.wire.reset(first.stream.id, H2Wire.REFUSED_STREAM);
            UpstreamCall second = rig.take();
            assertThat(second.request.get("x-a")).isEqualTo("b");
            second.ok("second");
            assertThat(call.reply().text()).isEqualTo("second");
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Backs")
    void refusedStreamIsReplayedOnlySoOften(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.get("/");
            for (int i = 0; i < 3; i++) {
                H2Peer.Call up = (H2Peer.Call) rig.take();
                up.stream.wire.reset(up.stream.id, H2Wire.REFUSED_STREAM);
            }
            assertThat(call.reply().status()).isEqualTo(503);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
            assertThat(rig.upstream.requests).hasValue(3);
            MuxBodiesTest.next(rig, client);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Backs")
    void refusedUploadThatHasBegunIsNotReplayed(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().post("/").send("some");
            H2Peer.Call up = (H2Peer.Call) rig.take();
            up.body().exactly(4);
            up.stream.wire.reset(up.stream.id, H2Wire.REFUSED_STREAM);
            assertThat(call.reply().status()).isEqualTo(503);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
            assertThat(rig.upstream.requests).hasValue(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Backs")
    void goAwayBelowTheStreamMakesItGoToANewConnection(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().get("/");
            H2Peer.Call first = (H2Peer.Call) rig.take();
            first.stream.wire.sendGoAway(0, H2Wire.NO_ERROR);
            H2Peer.Call second = (H2Peer.Call) rig.take();
            assertThat(second.stream.wire).isNotSameAs(first.stream.wire);
            second.ok("second");
            assertThat(call.reply().text()).isEqualTo("second");
            first.stream.wire.closed.get(5, java.util.concurrent.TimeUnit.SECONDS);
            assertThat(rig.upstream.connections).hasValue(2);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Backs")
    void goAwayAboveTheStreamLetsItEndAndNewOnesGoElsewhere(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.get("/");
            H2Peer.Call first = (H2Peer.Call) rig.take();
            first.head(200, false).send("so");
            call.head();
            first.stream.wire.sendGoAway(first.stream.id, H2Wire.NO_ERROR);
            first.send("me").end();
            assertThat(call.body().rest().text()).isEqualTo("some");
            first.stream.wire.closed.get(5, java.util.concurrent.TimeUnit.SECONDS);
            MuxBodiesTest.next(rig, client);
            assertThat(rig.upstream.connections).hasValue(2);
            assertThat(rig.outcomes.await(2)).containsOnly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Backs")
    void upstreamThatNeverSendsSettingsIsNoConnection(Pair pair, Path path) throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
                Rig rig = Rig.of(pair, path)
                        .settings(s -> s.connect(Duration.ofMillis(300)))
                        .service(r -> r.path.through(
                                r.upstream("h2c://127.0.0.1:" + silent.getLocalPort(), r.upstream.url())))
                        .start()) {
            ClientCall call = rig.client().get("/");
            try (Socket dialled = silent.accept()) {
                rig.take().ok("second");
                assertThat(call.reply().text()).isEqualTo("second");
                assertThat(new H1Wire(dialled).awaitClose()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Backs")
    void upstreamThatClosesBeforeItsSettingsIsNoConnection(Pair pair, Path path) throws Exception {
        try (ServerSocket closing = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
                Rig rig = Rig.of(pair, path)
                        .service(r -> r.path.through(
                                r.upstream("h2c://127.0.0.1:" + closing.getLocalPort(), r.upstream.url())))
                        .start()) {
            ClientCall call = rig.client().get("/");
            closing.accept().close();
            rig.take().ok("second");
            assertThat(call.reply().text()).isEqualTo("second");
            assertThat(rig.outcomes.exchanges.get(0).cause).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Backs")
    void goAwayBelowAnUploadThatHasBegunFailsItUnprocessed(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().post("/").send("some");
            H2Peer.Call up = (H2Peer.Call) rig.take();
            up.body().exactly(4);
            up.stream.wire.sendGoAway(0, H2Wire.NO_ERROR);
            assertThat(call.reply().status()).isEqualTo(503);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
            assertThat(rig.outcomes.exchanges.get(0).cause)
                    .isInstanceOfSatisfying(
                            UpstreamException.class,
                            e -> assertThat(e.failure()).isEqualTo(Failure.REFUSED));
        }
    }
}
