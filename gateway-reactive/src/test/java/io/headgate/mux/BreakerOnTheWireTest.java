package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.breaker.BreakerSettings;
import io.headgate.breaker.BreakerState;
import io.headgate.breaker.CircuitBreaker;
import io.headgate.breaker.Ejection;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Circuit breakers and ejection between real connections, with upstreams that fail in all ways. */
class BreakerOnTheWireTest {

    private final AtomicLong time = new AtomicLong();
    private final CircuitBreaker breaker = CircuitBreaker.of(BreakerSettings.DEFAULTS.withConsecutiveFailures(3))
            .withClock(time::get)
            .withDice(() -> 0);

    private Rig rig(Pair pair) throws IOException {
        return Rig.of(pair, Path.FUSED)
                .service(rig -> breaker.wrap(rig.upstream()))
                .start();
    }

    private static ClientCall grpc(Client client) throws Exception {
        ClientCall call = client.post("/service/method", "content-type", "application/grpc", "te", "trailers");
        call.send("\0\0\0\0\0").end();
        return call;
    }

    private void awaitState(BreakerState state) {
        Awaitility.await().untilAsserted(() -> assertThat(breaker.state()).isEqualTo(state));
    }

    private void awaitFailures(int count) {
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(breaker.stats().consecutiveFailures()).isEqualTo(count));
    }

    private static void fail(Rig rig, Client client) throws Exception {
        ClientCall call = client.get("/");
        rig.take().reply(500, "broken");
        assertThat(call.reply().status()).isEqualTo(500);
    }

    @ParameterizedTest
    @EnumSource
    void failuresByStatusOpenIt(Pair pair) throws Exception {
        try (Rig rig = rig(pair)) {
            Client client = rig.client();
            for (int i = 0; i < 3; i++) {
                fail(rig, client);
            }
            awaitState(BreakerState.OPEN);
            ClientCall.Reply refused = client.get("/").reply();
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.text()).contains("circuit breaker: open (expected: closed)");
            assertThat(rig.upstream.requests).hasValue(3);
            assertThat(rig.outcomes.await(4).get(3)).isEqualTo(Outcome.REJECTED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void statusesInTrailersOpenIt(Pair pair) throws Exception {
        try (Rig rig = rig(pair)) {
            Client client = rig.client();
            for (int i = 0; i < 3; i++) {
                ClientCall call = grpc(client);
                UpstreamCall up = rig.take();
                up.body().rest();
                up.head(200, false, "content-type", "application/grpc")
                        .send("\0\0\0\0\0")
                        .end("grpc-status", "14");
                assertThat(call.reply().content().trailer("grpc-status")).isEqualTo("14");
            }
            awaitState(BreakerState.OPEN);
            ClientCall.Reply refused = grpc(client).reply();
            assertThat(refused.status()).isEqualTo(200);
            assertThat(refused.head().get("grpc-status")).isEqualTo("14");
            assertThat(rig.upstream.requests).hasValue(3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void repliesThatAreCutOpenIt(Pair pair) throws Exception {
        try (Rig rig = rig(pair)) {
            for (int i = 1; i <= 3; i++) {
                ClientCall call = rig.client().get("/");
                UpstreamCall up = rig.take();
                up.head(200, false).send("begun");
                assertThat(call.head().status()).isEqualTo(200);
                Incoming body = call.body();
                assertThat(body.exactly(5)).hasSize(5);
                up.crash();
                assertThat(body.rest().ending()).isNotEqualTo(Content.Ending.CLEAN);
                if (i < 3) {
                    awaitFailures(i);
                }
            }
            awaitState(BreakerState.OPEN);
        }
    }

    @ParameterizedTest
    @EnumSource
    void endpointsThatCannotBeReachedOpenIt(Pair pair) throws Exception {
        try (Rig rig = Rig.of(pair, Path.FUSED)
                .service(made -> {
                    try {
                        return breaker.wrap(made.upstream(made.refusingUrl()));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .start()) {
            Client client = rig.client();
            for (int i = 0; i < 3; i++) {
                assertThat(client.get("/").reply().status()).isEqualTo(503);
            }
            awaitState(BreakerState.OPEN);
        }
    }

    @ParameterizedTest
    @EnumSource
    void clientsThatGoAwayDoNotOpenIt(Pair pair) throws Exception {
        try (Rig rig = rig(pair)) {
            for (int i = 0; i < 2; i++) {
                ClientCall early = rig.client().get("/");
                UpstreamCall up = rig.take();
                early.abort();
                up.awaitCancel();

                ClientCall late = rig.client().get("/");
                UpstreamCall begun = rig.take();
                begun.head(200, false).send("begun");
                assertThat(late.head().status()).isEqualTo(200);
                late.abort();
                begun.awaitCancel();
            }
            rig.awaitNoExchanges();
            assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
            assertThat(breaker.stats().consecutiveFailures()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneProbeAtATimeFindsOut(Pair pair) throws Exception {
        try (Rig rig = rig(pair)) {
            Client client = rig.client();
            for (int i = 0; i < 3; i++) {
                fail(rig, client);
            }
            awaitState(BreakerState.OPEN);
            time.addAndGet(Duration.ofSeconds(1).toNanos());

            ClientCall cancelled = rig.client().get("/");
            UpstreamCall given = rig.take();
            assertThat(client.get("/").reply().status()).as("a second probe").isEqualTo(503);
            cancelled.abort();
            given.awaitCancel();
            rig.awaitNoExchanges();

            ClientCall probe = client.get("/");
            UpstreamCall up = rig.take();
            assertThat(rig.client().get("/").reply().status())
                    .as("a second probe")
                    .isEqualTo(503);
            up.ok("works again");
            assertThat(probe.reply().text()).isEqualTo("works again");
            awaitState(BreakerState.CLOSED);
            ClientCall after = client.get("/");
            rig.take().ok("x");
            assertThat(after.reply().text()).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoLooksAtTheStatusGoesElsewhere(Pair pair) throws Exception {
        Peer[] other = new Peer[1];
        try (Rig rig = Rig.of(pair, Path.FUSED)
                .service(made -> {
                    try {
                        other[0] = made.anotherUpstream();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    Ejection ejection = Ejection.create().withClock(time::get);
                    Service<HttpExchange, HttpReply> first =
                            ejection.stageFor("first").wrap(made.upstream());
                    Service<HttpExchange, HttpReply> second =
                            ejection.stageFor("second").wrap(made.upstream(other[0].url()));
                    return exchange -> (first.status() == Service.Status.OPEN ? first : second).call(exchange);
                })
                .start()) {
            Client client = rig.client();
            for (int i = 0; i < 5; i++) {
                fail(rig, client);
            }
            ClientCall call = client.get("/");
            other[0].take().ok("from the second");
            assertThat(call.reply().text()).isEqualTo("from the second");
            time.addAndGet(Duration.ofSeconds(30).toNanos());
            ClientCall back = client.get("/");
            rig.take().ok("from the first");
            assertThat(back.reply().text()).isEqualTo("from the first");
        }
    }
}
