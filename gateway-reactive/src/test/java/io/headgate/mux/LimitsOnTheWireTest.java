package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Stage;
import io.headgate.concurrency.Bulkhead;
import io.headgate.concurrency.ConcurrencyLimit;
import io.headgate.concurrency.LoadShedding;
import io.headgate.concurrency.Priority;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.mux.ClientCall.Reply;
import io.headgate.ratelimit.RateKey;
import io.headgate.ratelimit.RateLimit;
import io.headgate.ratelimit.RateLimits;
import java.io.IOException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Limits between real connections: what a client sees of a refusal, and when a permit comes back. */
class LimitsOnTheWireTest {

    private static Rig rig(Pair pair, Path path, Stage<HttpExchange, HttpReply> stage) throws IOException {
        return Rig.of(pair, path)
                .service(rig -> rig.path.through(stage.wrap(rig.gateway.upstream(rig.upstream.url()))))
                .start();
    }

    private static ClientCall grpc(Client client) throws Exception {
        ClientCall call = client.post("/service/method", "content-type", "application/grpc", "te", "trailers");
        call.end();
        return call;
    }

    private static void awaitActive(ConcurrencyLimit limit, int active) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(limit.stats().active()).isEqualTo(active));
    }

    // ---- rate limits

    @ParameterizedTest
    @EnumSource
    void whoComesTooOftenIsToldWhenToComeAgain(Pair pair) throws Exception {
        RateLimits limits =
                RateLimits.create().with(RateLimit.of(1, Duration.ofHours(1)).withName("hourly"), RateKey.client());
        try (Rig rig = rig(pair, Path.FUSED, limits)) {
            Client client = rig.client();
            ClientCall first = client.get("/");
            rig.take().ok("x");
            assertThat(first.reply().status()).isEqualTo(200);
            Reply second = client.get("/").reply();
            assertThat(second.status()).isEqualTo(429);
            assertThat(Integer.parseInt(second.head().get("retry-after"))).isBetween(3500, 3600);
            assertThat(second.head().get("ratelimit-policy")).isEqualTo("\"hourly\";q=1;w=3600");
            assertThat(second.head().get("ratelimit")).startsWith("\"hourly\";r=0;t=3");
            assertThat(second.head().get("content-type")).isEqualTo("application/problem+json");
            assertThat(second.text()).contains("rate: over hourly (expected: at most 1 in PT1H)");
            assertThat(rig.outcomes.await(2)).containsExactlyInAnyOrder(Outcome.COMPLETE, Outcome.REJECTED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void gRpcSeesAnExhaustedResource(Pair pair) throws Exception {
        RateLimits limits = RateLimits.create().with(RateLimit.of(1, Duration.ofHours(1)), RateKey.client());
        try (Rig rig = rig(pair, Path.FUSED, limits)) {
            Client client = rig.client();
            ClientCall first = client.get("/");
            rig.take().ok("x");
            first.reply();
            Reply second = grpc(client).reply();
            assertThat(second.status()).isEqualTo(200);
            assertThat(second.head().get("grpc-status")).isEqualTo("8");
            assertThat(second.head().get("retry-after")).isNotNull();
            assertThat(second.head().get("grpc-retry-pushback-ms")).endsWith("000");
        }
    }

    // ---- limits of concurrency

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void aPermitIsHeldToTheLastByteOfTheReply(Pair pair, Path path) throws Exception {
        ConcurrencyLimit limit = ConcurrencyLimit.of(1);
        try (Rig rig = rig(pair, path, limit)) {
            Client client = rig.client();
            ClientCall first = client.get("/");
            UpstreamCall up = rig.take();
            up.head(200, false).send("half");
            assertThat(first.head().status()).isEqualTo(200);
            Reply refused = rig.client().get("/").reply();
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.head().get("retry-after")).isEqualTo("1");
            assertThat(limit.stats().active()).isEqualTo(1);
            up.send("all").end();
            assertThat(first.body().rest().text()).isEqualTo("halfall");
            awaitActive(limit, 0);
            ClientCall next = client.get("/");
            rig.take().ok("x");
            assertThat(next.reply().text()).isEqualTo("x");
            awaitActive(limit, 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void aPermitComesBackWhenTheClientGoesAway(Pair pair, Path path) throws Exception {
        ConcurrencyLimit limit = ConcurrencyLimit.of(2);
        try (Rig rig = rig(pair, path, limit)) {
            ClientCall beforeHead = rig.client().get("/");
            UpstreamCall one = rig.take();
            ClientCall inBody = rig.client().get("/");
            UpstreamCall two = rig.take();
            two.head(200, false).send("half");
            inBody.head();
            assertThat(limit.stats().active()).isEqualTo(2);
            beforeHead.abort();
            one.awaitCancel();
            awaitActive(limit, 1);
            inBody.abort();
            two.awaitCancel();
            awaitActive(limit, 0);
            assertThat(rig.outcomes.await(2)).containsExactly(Outcome.CANCELLED, Outcome.CANCELLED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWaitingCallIsServedWhenAPermitComesBack(Pair pair) throws Exception {
        ConcurrencyLimit limit = ConcurrencyLimit.of(1).withQueue(2, Duration.ofSeconds(30));
        try (Rig rig = rig(pair, Path.FUSED, limit)) {
            ClientCall first = rig.client().get("/first");
            UpstreamCall up = rig.take();
            ClientCall leaves = rig.client().get("/leaves");
            awaitWaiting(limit, 1);
            ClientCall second = rig.client().get("/second");
            awaitWaiting(limit, 2);
            leaves.abort();
            awaitWaiting(limit, 1);
            up.ok("1");
            assertThat(first.reply().text()).isEqualTo("1");
            UpstreamCall next = rig.take();
            assertThat(next.request.target()).isEqualTo("/second");
            next.ok("2");
            assertThat(second.reply().text()).isEqualTo("2");
            awaitActive(limit, 0);
        }
    }

    private static void awaitWaiting(ConcurrencyLimit limit, int waiting) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(limit.stats().waiting()).isEqualTo(waiting));
    }

    @ParameterizedTest
    @EnumSource
    void gRpcSeesThatTheServiceIsUnavailable(Pair pair) throws Exception {
        Bulkhead bulkhead = Bulkhead.of(1, exchange -> exchange.head().authority());
        try (Rig rig = rig(pair, Path.FUSED, bulkhead)) {
            ClientCall first = rig.client().get("/");
            UpstreamCall up = rig.take();
            Reply refused = grpc(rig.client()).reply();
            assertThat(refused.status()).isEqualTo(200);
            assertThat(refused.head().get("grpc-status")).isEqualTo("14");
            assertThat(refused.head().get("grpc-retry-pushback-ms")).isEqualTo("1000");
            up.ok("x");
            assertThat(first.reply().text()).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatMattersLessIsShedWhileHealthChecksPass(Pair pair) throws Exception {
        LoadShedding shedding = LoadShedding.create()
                .withLimits(1, 1, 1)
                .withPriority(exchange ->
                        exchange.head().path().equals("/batch") ? Priority.LOW : Priority.standard(exchange));
        try (Rig rig = rig(pair, Path.FUSED, shedding)) {
            ClientCall first = rig.client().get("/");
            UpstreamCall up = rig.take();
            assertThat(rig.client().get("/batch").reply().status()).isEqualTo(503);
            ClientCall health = rig.client().get("/healthz");
            rig.take().ok("well");
            assertThat(health.reply().text()).isEqualTo("well");
            up.ok("x");
            assertThat(first.reply().text()).isEqualTo("x");
            assertThat(shedding.stats().shedLow()).isEqualTo(1);
        }
    }
}
