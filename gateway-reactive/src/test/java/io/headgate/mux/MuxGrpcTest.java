package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.mux.ClientCall.Reply;
import io.headgate.mux.Content.Ending;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** What gRPC wants of a gateway, for every pair of protocols: its messages over HTTP/1.1 are those of another gateway. */
class MuxGrpcTest {

    private static final String MESSAGE = "\0\0\0\0\1x";

    private static ClientCall open(Client client, String... more) throws Exception {
        String[] fields = new String[4 + more.length];
        System.arraycopy(new String[] {"content-type", "application/grpc", "te", "trailers"}, 0, fields, 0, 4);
        System.arraycopy(more, 0, fields, 4, more.length);
        return client.post("/service/method", fields);
    }

    private static ClientCall call(Client client, String... more) throws Exception {
        ClientCall call = open(client, more).send(MESSAGE);
        call.end();
        return call;
    }

    /** A reply that ends with its head. */
    private static void assertTrailersOnly(Pair pair, Reply reply, String status) {
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.head().get("content-type")).isEqualTo("application/grpc");
        assertThat(reply.head().all("grpc-status")).containsExactly(status);
        assertThat(reply.content().bytes()).isEmpty();
        assertThat(reply.content().trailers()).isEmpty();
        assertThat(reply.content().isClean()).isTrue();
        if (pair.h1Front()) {
            assertThat(reply.head().get("content-length")).isEqualTo("0");
        } else {
            assertThat(reply.head().endStream).isTrue();
        }
    }

    // ---- replies

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void messagesAndStatusInTrailersPass(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = call(rig.client());
            UpstreamCall up = rig.take();
            assertThat(up.request.get("te")).isEqualTo("trailers");
            assertThat(up.body().rest().text()).isEqualTo(MESSAGE);
            up.head(200, false, "content-type", "application/grpc")
                    .send(MESSAGE)
                    .end("grpc-status", "5", "grpc-message", "no%20such", "x-meta-bin", "AAE");
            Reply reply = call.reply();
            assertThat(reply.text()).isEqualTo(MESSAGE);
            assertThat(reply.content().isClean()).isTrue();
            assertThat(reply.content().trailer("grpc-status")).isEqualTo("5");
            assertThat(reply.content().trailer("grpc-message")).isEqualTo("no%20such");
            assertThat(reply.content().trailer("x-meta-bin")).isEqualTo("AAE");
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void trailersOnlyStaysTrailersOnly(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = call(client);
            UpstreamCall up = rig.take();
            up.body().rest();
            up.head(200, true, "content-type", "application/grpc", "grpc-status", "12", "grpc-message", "no");
            Reply reply = call.reply();
            assertTrailersOnly(pair, reply, "12");
            assertThat(reply.head().get("grpc-message")).isEqualTo("no");
            MuxBodiesTest.next(rig, client);
            assertThat(rig.upstream.connections).hasValue(1);
        }
    }

    /** So a server says it that does not know of trailers-only; a client would take the empty body for a broken one. */
    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void statusInTheHeadOfAnEmptyBodyBecomesTrailersOnly(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = call(client);
            UpstreamCall up = rig.take();
            up.body().rest();
            up.head(200, false, "content-type", "application/grpc", "grpc-status", "12")
                    .end();
            assertTrailersOnly(pair, call.reply(), "12");
            MuxBodiesTest.next(rig, client);
            assertThat(rig.upstream.connections).hasValue(1);
        }
    }

    /** HTTP/1.1 has trailers in chunks alone. */
    @Test
    void knownLengthDoesNotCostTheStatus() throws Exception {
        try (Rig rig = Rig.start(Pair.H1_H2, Path.FUSED)) {
            ClientCall call = call(rig.client());
            rig.take()
                    .head(200, false, "content-type", "application/grpc", "content-length", "6")
                    .send(MESSAGE)
                    .end("grpc-status", "0");
            Reply reply = call.reply();
            assertThat(reply.text()).isEqualTo(MESSAGE);
            assertThat(reply.content().trailer("grpc-status")).isEqualTo("0");
        }
    }

    // ---- errors of the gateway

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void upstreamThatCannotBeReachedIsUnavailable(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path)
                .service(r -> {
                    try {
                        return r.path.through(r.gateway.upstream(r.refusingUrl()));
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                })
                .start()) {
            assertTrailersOnly(pair, call(rig.client()).reply(), "14");
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "application/grpc+proto,application/grpc+proto",
        "application/grpc;charset=utf-8,application/grpc",
        "application/grpc+x ; a=b,application/grpc+x"
    })
    void errorHasTheContentTypeOfTheRequestAndAnEncodedMessage(String asked, String answered) throws Exception {
        for (Pair pair : Pair.values()) {
            try (Rig rig = Rig.of(pair, Path.FUSED)
                    .service(r -> exchange -> Mono.error(
                            new RequestException(429, Limit.SYNTAX, "quota: 100 % für heute\n(expected: less)")))
                    .start()) {
                ClientCall call = rig.client().post("/s/m", "content-type", asked);
                call.end();
                Reply reply = call.reply();
                assertThat(reply.status()).isEqualTo(200);
                assertThat(reply.head().get("content-type")).isEqualTo(answered);
                assertThat(reply.head().get("grpc-status")).isEqualTo("8");
                assertThat(reply.head().get("grpc-message"))
                        .startsWith("quota: 100 %25 f%C3%BCr heute%0A(expected: less) [");
                assertThat(rig.outcomes.await(1)).containsExactly(Outcome.REJECTED);
            }
        }
    }

    @Test
    void grpcWebIsOrdinaryHttp() throws Exception {
        for (Pair pair : Pair.values()) {
            try (Rig rig = Rig.of(pair, Path.FUSED)
                    .service(r -> exchange -> Mono.error(new RequestException(429, Limit.SYNTAX, "too much")))
                    .start()) {
                ClientCall call =
                        rig.client().post("/s/m", "content-type", "application/grpc-web", "grpc-timeout", "x");
                call.end();
                Reply reply = call.reply();
                assertThat(reply.status()).isEqualTo(429);
                assertThat(reply.head().get("grpc-status")).isNull();
            }
        }
    }

    @Test
    void requestThatIsRefusedBeforeItIsReadIsToldSoInGrpc() throws Exception {
        try (Rig rig =
                Rig.of(Pair.H2_H2, Path.FUSED).settings(s -> s.maxFields(3)).start()) {
            Reply reply = call(rig.client(), "a", "1", "b", "1").reply();
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.head().get("grpc-status")).isEqualTo("13");
            assertThat(rig.upstream.connections).hasValue(0);
        }
    }

    // ---- resets

    @ParameterizedTest
    @CsvSource({
        "NO_ERROR,0,13", "PROTOCOL_ERROR,1,13", "INTERNAL_ERROR,2,13", "FLOW_CONTROL_ERROR,3,13",
                "FRAME_SIZE_ERROR,6,13",
        "REFUSED_STREAM,7,14", "CANCEL,8,1", "COMPRESSION_ERROR,9,13", "CONNECT_ERROR,10,13", "ENHANCE_YOUR_CALM,11,8",
        "INADEQUATE_SECURITY,12,7", "UNKNOWN,99,13"
    })
    void resetOfTheUpstreamBecomesAStatus(String name, int code, String status) throws Exception {
        for (Pair pair : new Pair[] {Pair.H2_H2, Pair.H1_H2}) {
            for (Path path : Path.values()) {
                try (Rig rig =
                        Rig.of(pair, path).settings(s -> s.maxAttempts(1)).start()) {
                    ClientCall before = open(rig.client());
                    H2Peer.Call up = (H2Peer.Call) rig.take();
                    up.stream.wire.reset(up.stream.id, code);
                    assertTrailersOnly(pair, before.reply(), status);

                    ClientCall within = open(rig.client());
                    up = (H2Peer.Call) rig.take();
                    up.head(200, false, "content-type", "application/grpc").send(MESSAGE);
                    within.head();
                    Incoming body = within.body();
                    assertThat(body.exactly(6)).asString().isEqualTo(MESSAGE);
                    up.stream.wire.reset(up.stream.id, code);
                    Content content = body.rest();
                    assertThat(content.trailer("grpc-status")).as(name).isEqualTo(status);
                    assertThat(rig.outcomes.await(2)).containsExactly(Outcome.FAILED, Outcome.FAILED);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"8,8", "11,11", "12,12", "2,2", "1,2", "13,2"})
    void resetWithinAReplyThatIsNotGrpcKeepsItsCodeWhereItMeansTheSame(int code, int told) throws Exception {
        try (Rig rig = Rig.start(Pair.H2_H2, Path.FUSED)) {
            ClientCall call = call(rig.client());
            H2Peer.Call up = (H2Peer.Call) rig.take();
            up.head(200, false, "content-type", "text/html").send("some");
            call.head();
            up.stream.wire.reset(up.stream.id, code);
            Content content = call.body().rest();
            assertThat(content.ending()).isEqualTo(Ending.RESET);
            assertThat(content.code()).isEqualTo(told);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void connectionLostWithinAReplyIsUnavailableInItsTrailers(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = call(rig.client());
            UpstreamCall up = rig.take();
            up.body().rest();
            up.head(200, false, "content-type", "application/grpc").send(MESSAGE);
            assertThat(call.head().get("grpc-status")).isNull();
            Incoming body = call.body();
            assertThat(body.exactly(6)).asString().isEqualTo(MESSAGE);
            up.crash();
            Content content = body.rest();
            assertThat(content.isClean()).isTrue();
            assertThat(content.trailer("grpc-status")).isEqualTo("14");
            assertThat(content.trailer("grpc-message")).startsWith("upstream: lost");
            assertThat(content.trailer("content-type")).isNull();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void clientThatCancelsCancelsTheUpstream(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = open(rig.client()).send(MESSAGE);
            UpstreamCall up = rig.take();
            assertThat(up.body().exactly(6)).asString().isEqualTo(MESSAGE);
            up.head(200, false, "content-type", "application/grpc").send(MESSAGE);
            call.head();
            call.abort();
            up.awaitCancel();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
        }
    }

    // ---- time

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void timeoutGoesOnWithWhatIsLeft(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = call(rig.client(), "grpc-timeout", "1H");
            UpstreamCall up = rig.take();
            assertThat(up.request.all("grpc-timeout"))
                    .hasSize(1)
                    .first()
                    .asString()
                    .matches("3[0-9]{6}m");
            Deadline deadline = rig.outcomes.exchanges.get(0).exchange.deadline();
            assertThat(deadline.isNone()).isFalse();
            up.head(200, true, "content-type", "application/grpc", "grpc-status", "0");
            call.reply();
        }
    }

    @Test
    void stageShortensTheTimeout() throws Exception {
        UnaryOperator<io.headgate.http.HttpExchange> shorten =
                exchange -> exchange.withDeadline(Deadline.after(Duration.ofMinutes(1)));
        for (Pair pair : Pair.values()) {
            try (Rig rig = Rig.of(pair, Path.FUSED)
                    .service(r -> {
                        var next = r.gateway.upstream(r.upstream.url());
                        return exchange -> next.call(shorten.apply(exchange));
                    })
                    .start()) {
                for (String[] asked : new String[][] {{"grpc-timeout", "1H"}, {}}) {
                    ClientCall call = call(rig.client(), asked);
                    UpstreamCall up = rig.take();
                    up.body().rest();
                    assertThat(up.request.get("grpc-timeout")).matches("[5-6][0-9]{7}u");
                    up.head(200, true, "content-type", "application/grpc", "grpc-status", "0");
                    call.reply();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1s", "123456789S", "-1S"})
    void malformedTimeoutIsInternalAndReachesNobody(String timeout) throws Exception {
        for (Pair pair : Pair.values()) {
            try (Rig rig = Rig.start(pair, Path.FUSED)) {
                Reply reply = call(rig.client(), "grpc-timeout", timeout).reply();
                assertTrailersOnly(pair, reply, "13");
                assertThat(reply.head().get("grpc-message")).startsWith("grpc-timeout: " + timeout);
                assertThat(rig.upstream.connections).hasValue(0);
                assertThat(rig.outcomes.await(1)).containsExactly(Outcome.REJECTED);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void upstreamThatDoesNotAnswerInTimeIsDeadlineExceeded(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = call(rig.client(), "grpc-timeout", "300m");
            UpstreamCall up = rig.take();
            assertTrailersOnly(pair, call.reply(), "4");
            up.awaitCancel();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @Test
    void serviceThatDoesNotAnswerInTimeIsDeadlineExceededAndCancelled() throws Exception {
        for (Pair pair : new Pair[] {Pair.H1_H1, Pair.H2_H2}) {
            var cancelled = new java.util.concurrent.atomic.AtomicInteger();
            try (Rig rig = Rig.of(pair, Path.FUSED)
                    .service(r -> exchange -> Mono.<HttpReply>never().doOnCancel(cancelled::incrementAndGet))
                    .start()) {
                ClientCall call = open(rig.client(), "grpc-timeout", "50m");
                assertTrailersOnly(pair, call.reply(), "4");
                assertThat(cancelled).hasValue(1);
            }
        }
    }

    @Test
    void timeoutOfZeroReachesNobody() throws Exception {
        for (Pair pair : Pair.values()) {
            try (Rig rig = Rig.start(pair, Path.FUSED)) {
                assertTrailersOnly(
                        pair, call(rig.client(), "grpc-timeout", "0n").reply(), "4");
                assertThat(rig.upstream.connections).hasValue(0);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void streamThatIsNotWholeInTimeEndsWithDeadlineExceeded(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = open(rig.client(), "grpc-timeout", "600m").send(MESSAGE);
            UpstreamCall up = rig.take();
            up.head(200, false, "content-type", "application/grpc").send(MESSAGE);
            assertThat(call.head().get("grpc-status")).isNull();
            Content content = call.body().rest();
            assertThat(content.text()).isEqualTo(MESSAGE);
            assertThat(content.isClean()).isTrue();
            assertThat(content.trailer("grpc-status")).isEqualTo("4");
            if (up instanceof H2Peer.Call h2) {
                assertThat(h2.stream.awaitReset()).isEqualTo(H2Wire.CANCEL);
            } else {
                assertThat(up.body().rest().isClean()).isFalse();
            }
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    /** A server that gives up at the deadline says so by a reset. */
    @Test
    void cancelOfTheUpstreamAfterTheDeadlineIsDeadlineExceeded() throws Exception {
        try (Rig rig = Rig.of(Pair.H2_H2, Path.FUSED)
                .settings(s -> s.tick(Duration.ofSeconds(2)))
                .start()) {
            ClientCall call = call(rig.client(), "grpc-timeout", "300m");
            H2Peer.Call up = (H2Peer.Call) rig.take();
            Deadline deadline = rig.outcomes.exchanges.get(0).exchange.deadline();
            org.awaitility.Awaitility.await().until(deadline::isExpired);
            up.stream.wire.reset(up.stream.id, H2Wire.CANCEL);
            assertTrailersOnly(Pair.H2_H2, call.reply(), "4");
        }
    }
}
