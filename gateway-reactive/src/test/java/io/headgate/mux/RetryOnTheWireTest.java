package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.hedge.Hedge;
import io.headgate.hedge.HedgeDelay;
import io.headgate.hedge.HedgePolicy;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.mux.ClientCall.Reply;
import io.headgate.retry.BudgetSettings;
import io.headgate.retry.Retry;
import io.headgate.retry.RetryBudget;
import io.headgate.retry.RetryPolicy;
import io.headgate.retry.Skipped;
import io.headgate.timeout.ExchangeTimeout;
import io.headgate.timeout.Timeout;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Retries, timeouts and hedging between real connections. */
class RetryOnTheWireTest {

    private static final RetryPolicy ANY = RetryPolicy.DEFAULTS.withAnyMethod();

    private final Retry retry = Retry.of(ANY, RetryBudget.of(new BudgetSettings(0, 100, Duration.ofSeconds(1))));

    private static Rig rig(
            Pair pair, Path path, Function<Service<HttpExchange, HttpReply>, Service<HttpExchange, HttpReply>> stage)
            throws IOException {
        return Rig.of(pair, path)
                .service(rig -> rig.path.through(stage.apply(rig.path.through(rig.upstream()))))
                .start();
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void theClientSeesTheAttemptThatSucceeds(Pair pair, Path path) throws Exception {
        try (Rig rig = rig(pair, path, retry::wrap)) {
            Client client = rig.client();
            for (int i = 0; i < 3; i++) {
                ClientCall call = client.get("/", "x-a", "b");
                rig.take().reply(503, "sorry");
                rig.take().reply(500, "no");
                UpstreamCall third = rig.take();
                assertThat(third.request.get("x-a")).isEqualTo("b");
                third.ok("fine");
                assertThat(call.reply().text()).isEqualTo("fine");
            }
            assertThat(rig.upstream.connections)
                    .as("dropped replies give their connection back")
                    .hasValueLessThanOrEqualTo(3);
            assertThat(rig.outcomes.await(3)).containsOnly(Outcome.COMPLETE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void aBodyIsSentAgainByteForByte(Pair pair, Path path) throws Exception {
        try (Rig rig = rig(pair, path, retry::wrap)) {
            byte[] body = bytes(40_000);
            ClientCall call = rig.client().post("/").send(body);
            call.end("x-trailer", "yes");
            for (int i = 0; i < 2; i++) {
                UpstreamCall up = rig.take();
                assertThat(up.body().rest().bytes()).isEqualTo(body);
                up.reply(503, "sorry");
            }
            UpstreamCall last = rig.take();
            Content content = last.body().rest();
            assertThat(content.bytes()).isEqualTo(body);
            assertThat(content.trailers()).extracting(Msg.Field::value).contains("yes");
            last.ok("fine");
            assertThat(call.reply().text()).isEqualTo("fine");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void anUploadThatIsCutIsSentAgainFromItsBeginning(Pair pair, Path path) throws Exception {
        try (Rig rig = rig(pair, path, retry::wrap)) {
            byte[] body = bytes(20_000);
            ClientCall call = rig.client().post("/").send(body);
            UpstreamCall first = rig.take();
            first.body().exactly(20_000);
            first.crash();
            UpstreamCall second = rig.take();
            assertThat(second.body().exactly(20_000)).isEqualTo(body);
            call.send("and more").end();
            assertThat(second.body().rest().text()).isEqualTo("and more");
            second.ok("fine");
            assertThat(call.reply().text()).isEqualTo("fine");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void aBodyBeyondTheCapPassesAndIsNotSentAgain(Pair pair, Path path) throws Exception {
        try (Rig rig = rig(pair, path, retry::wrap)) {
            byte[] body = bytes(300_000);
            Client client = rig.client();
            for (boolean declared : new boolean[] {true, false}) {
                ClientCall call = declared ? client.post("/", "content-length", "300000") : client.post("/");
                rig.async(() -> {
                    call.send(body).end();
                    return null;
                });
                UpstreamCall up = rig.take();
                assertThat(up.body().rest().bytes()).isEqualTo(body);
                up.reply(503, "sorry");
                assertThat(call.reply().status()).isEqualTo(503);
            }
            assertThat(rig.upstream.requests).hasValue(2);
            assertThat(retry.stats().skipped()).containsEntry(Skipped.BODY, 2L);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void anEarlyReplyIsPassedOn(Pair pair, Path path) throws Exception {
        try (Rig rig = rig(pair, path, retry::wrap)) {
            ClientCall call = rig.client().post("/").send("some");
            UpstreamCall up = rig.take();
            up.body().exactly(4);
            up.reply(503, "early");
            assertThat(call.head().status()).isEqualTo(503);
            assertThat(retry.stats().skipped()).containsEntry(Skipped.EARLY_REPLY, 1L);
            call.abort();
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void continueReachesTheClientWhicheverAttemptAsksForTheBody(Pair pair, Path path) throws Exception {
        try (Rig rig = rig(pair, path, retry::wrap)) {
            ClientCall call = rig.client().post("/", "expect", "100-continue");
            rig.take().crash();
            UpstreamCall second = rig.take();
            second.interim(100);
            assertThat(call.head().status()).isEqualTo(100);
            call.send("body").end();
            assertThat(second.body().rest().text()).isEqualTo("body");
            second.ok("fine");
            assertThat(call.reply().text()).isEqualTo("fine");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h2Backs")
    void failedAttemptsKeepNoWindowOfTheConnection(Pair pair, Path path) throws Exception {
        try (Rig rig = rig(pair, path, retry::wrap)) {
            Client client = rig.client();
            String large = "x".repeat(12_000);
            for (int i = 0; i < 10; i++) { // 120,000 bytes are more than the window, if it were not given back
                ClientCall call = client.get("/");
                rig.take().reply(503, large);
                rig.take().ok(large);
                assertThat(call.reply().text()).isEqualTo(large);
            }
            assertThat(rig.upstream.connections).hasValue(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTimeoutSpansAllAttempts(Pair pair) throws Exception {
        Timeout timeout = Timeout.of(Duration.ofMillis(400));
        try (Rig rig = rig(pair, Path.FUSED, next -> timeout.wrap(retry.wrap(next)))) {
            ClientCall call = rig.client().get("/");
            rig.take().reply(503, "sorry");
            UpstreamCall second = rig.take();
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(504);
            second.awaitCancel();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void anExchangeThatIsNotWholeInTimeIsCut(Pair pair, Path path) throws Exception {
        ExchangeTimeout timeout = ExchangeTimeout.of(Duration.ofMillis(400));
        try (Rig rig = rig(pair, path, timeout::wrap)) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false).send("some");
            assertThat(call.head().status()).isEqualTo(200);
            assertThat(call.body().rest().isClean()).isFalse();
            up.awaitCancel();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAttemptThatHangsIsTriedAgain(Pair pair) throws Exception {
        Retry hanging = Retry.of(ANY.withPerTry(Duration.ofMillis(300)), RetryBudget.of(BudgetSettings.DEFAULTS));
        try (Rig rig = rig(pair, Path.FUSED, hanging::wrap)) {
            ClientCall call = rig.client().post("/").send("body");
            call.end();
            UpstreamCall first = rig.take();
            UpstreamCall second = rig.take();
            assertThat(second.body().rest().text()).isEqualTo("body");
            second.ok("fine");
            assertThat(call.reply().text()).isEqualTo("fine");
            first.awaitCancel();
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void theFasterOfTwoAttemptsWins(Pair pair, Path path) throws Exception {
        HedgePolicy policy =
                HedgePolicy.DEFAULTS.withRequests(exchange -> true).withDelay(HedgeDelay.fixed(Duration.ofMillis(30)));
        Hedge hedge = Hedge.of(policy, RetryBudget.of(BudgetSettings.DEFAULTS));
        try (Rig rig = rig(pair, path, hedge::wrap)) {
            ClientCall call = rig.client().post("/").send("body");
            call.end();
            UpstreamCall first = rig.take();
            assertThat(first.body().rest().text()).isEqualTo("body");
            UpstreamCall second = rig.take();
            assertThat(second.body().rest().text()).isEqualTo("body");
            second.ok("fine");
            assertThat(call.reply().text()).isEqualTo("fine");
            first.awaitCancel();
            assertThat(hedge.stats().won()).isEqualTo(1);
        }
    }
}
