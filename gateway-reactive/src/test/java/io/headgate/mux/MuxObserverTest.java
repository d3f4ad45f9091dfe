package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.Fields;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import io.headgate.mux.ClientCall.Reply;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;

/** What observers are told; that every exchange ends once is checked by each rig that is closed. */
class MuxObserverTest {

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void eventsOfAnUploadNest(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().post("/").send("body");
            call.end();
            UpstreamCall up = rig.take();
            up.body().rest();
            up.ok("x");
            call.reply();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
            assertThat(rig.outcomes.exchanges.get(0).events)
                    .containsExactly("requestEnd", "replyHead 200", "end COMPLETE");
            assertThat(rig.outcomes.exchanges.get(0).cause).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void nothingIsToldAfterTheEnd(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            Client client = rig.client();
            ClientCall call = client.post("/").send("some");
            UpstreamCall up = rig.take();
            up.body().exactly(4);
            up.reply(200, "early");
            assertThat(call.reply().text()).isEqualTo("early");
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
            try {
                call.send("more");
                call.end("x", "y");
            } catch (java.io.UncheckedIOException e) {
                // the gateway may have closed
            }
            rig.awaitNoExchanges();
            MuxBodiesTest.next(rig, rig.client());
            assertThat(rig.outcomes.exchanges.get(0).events).containsExactly("replyHead 200", "end COMPLETE");
        }
    }

    @ParameterizedTest
    @EnumSource(Pair.class)
    void failingServicesAreMaskedAndToldToTheObserver(Pair pair) throws Exception {
        IllegalStateException secret = new IllegalStateException("secret");
        try (Rig rig = Rig.of(pair, Path.FUSED)
                .service(r -> exchange -> switch (exchange.head().target()) {
                    case "/throws" -> throw secret;
                    case "/empty" -> Mono.<HttpReply>empty();
                    default -> Mono.<HttpReply>error(secret);
                })
                .start()) {
            Client client = rig.client();
            for (String target : new String[] {"/throws", "/fails", "/empty"}) {
                Reply reply = client.get(target).reply();
                assertThat(reply.status()).isEqualTo(500);
                assertThat(reply.text()).contains("internal error").doesNotContain("secret");
            }
            assertThat(rig.outcomes.await(3)).containsOnly(Outcome.FAILED);
            assertThat(rig.outcomes.exchanges.get(0).cause).isSameAs(secret);
            assertThat(rig.outcomes.exchanges.get(1).cause).isSameAs(secret);
        }
    }

    @ParameterizedTest
    @EnumSource(Pair.class)
    void requestThatNobodyReadsIsDroppedWhenTheReplyEnds(Pair pair) throws Exception {
        try (Rig rig = Rig.of(pair, Path.FUSED)
                .service(r -> exchange -> Mono.just(HttpReply.text(403, "no")))
                .start()) {
            ClientCall call = rig.client().post("/").send("some");
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(403);
            assertThat(reply.text()).isEqualTo("no");
            if (call instanceof H2Client.Call h2) {
                assertThat(h2.stream.awaitReset()).isEqualTo(H2Wire.NO_ERROR);
            }
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }

    /** Throws whatever it is told, and counts how often it was told the end. */
    private record Broken(AtomicInteger ends) implements ExchangeObserver {

        private static void fail() {
            throw new AssertionError("on purpose, to be logged");
        }

        @Override
        public void onRequestData(int bytes) {
            fail();
        }

        @Override
        public void onRequestEnd() {
            fail();
        }

        @Override
        public void onReplyHead(ReplyHead head) {
            fail();
        }

        @Override
        public void onReplyData(int bytes) {
            fail();
        }

        @Override
        public void onReplyTrailers(Fields trailers) {
            fail();
        }

        @Override
        public void onEnd(Outcome outcome, Throwable cause) {
            ends.incrementAndGet();
            fail();
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void observersThatThrowHurtNeitherTheExchangeNorOneAnother(Pair pair, Path path) throws Exception {
        AtomicInteger ends = new AtomicInteger();
        ExchangeObserver.Factory broken = exchange -> new Broken(ends);
        try (Rig rig = Rig.of(pair, path)
                .spec(spec -> spec.withObservers(broken.and(spec.observers()).and(broken)))
                .start()) {
            Client client = rig.client();
            for (int i = 0; i < 2; i++) {
                ClientCall call = client.post("/").send("body");
                call.end("x-sum", "1");
                UpstreamCall up = rig.take();
                assertThat(up.body().rest().text()).isEqualTo("body");
                up.head(200, false).send("reply").end("x-end", "2");
                Reply reply = call.reply();
                assertThat(reply.text()).isEqualTo("reply");
                assertThat(reply.content().trailer("x-end")).isEqualTo("2");
            }
            assertThat(rig.outcomes.await(2)).containsOnly(Outcome.COMPLETE);
            assertThat(rig.outcomes.exchanges)
                    .allSatisfy(seen -> assertThat(seen.events)
                            .containsExactly("requestEnd", "replyHead 200", "trailers", "end COMPLETE"));
        }
        assertThat(ends).hasValue(4);
    }

    @ParameterizedTest
    @EnumSource(Pair.class)
    void factoriesThatThrowHurtNobody(Pair pair) throws Exception {
        ExchangeObserver.Factory broken = exchange -> {
            throw new IllegalStateException("on purpose, to be logged");
        };
        try (Rig rig = Rig.of(pair, Path.FUSED)
                .spec(spec -> spec.withObservers(broken.and(spec.observers())))
                .start()) {
            ClientCall call = rig.client().get("/");
            rig.take().ok("x");
            assertThat(call.reply().text()).isEqualTo("x");
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
        Gateway alone = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1).withObservers(broken));
        try {
            int port = alone.listen("127.0.0.1", 0, exchange -> Mono.just(HttpReply.text(200, "x")))
                    .block(Duration.ofSeconds(5))
                    .port();
            try (H1Client client = new H1Client(port)) {
                assertThat(client.get("/").reply().text()).isEqualTo("x");
            }
        } finally {
            alone.closeAsync().block(Duration.ofSeconds(10));
        }
    }

    /** Closing cuts what is under way; no exchange is forgotten. */
    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void closingTheGatewayEndsWhatIsUnderWay(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            rig.client().get("/waits");
            rig.take();
            ClientCall replying = rig.client().get("/2");
            UpstreamCall two = rig.take();
            two.head(200, false).send("some");
            replying.head();
            rig.gateway.closeAsync().block(Duration.ofSeconds(10));
            assertThat(replying.body().rest().isClean()).isFalse();
            assertThat(rig.outcomes.await(2)).doesNotContain(Outcome.COMPLETE, Outcome.REJECTED);
        }
    }
}
