package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.http.Outcome;
import io.headgate.mux.Content.Ending;
import io.headgate.mux.Incoming.Cut;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Streams that end by RST_STREAM before their reply, so that work was done for nobody: sent by the client (CVE-2023-44487), or
 * by the gateway because the client broke the stream (CVE-2025-8671). How many is counted over the life of a connection.
 */
class H2ResetTest {

    private static final int LIMIT = 5;

    /** Only what is in all counts: tests open and break streams as fast as they can. */
    private static final H2Limits LIMITS = H2Limits.builder()
            .earlyResets(LIMIT)
            .errors(LIMIT)
            .resetsPerSecond(1_000_000)
            .glitchesPerSecond(1_000_000)
            .build();

    private static final Way RESET = new Way("RST_STREAM", false, Limit.EARLY_RESETS, ClientCall::abort);

    /** What a client does to a stream that is open and whose request has reached the upstream. */
    record Way(String name, boolean hasBody, Limit limit, Consumer<H2Client.Call> act) {

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Way> ways() {
        return Stream.of(
                RESET,
                new Way(
                        "RST_STREAM amid a body",
                        true,
                        Limit.EARLY_RESETS,
                        call -> call.send("x").abort()),
                new Way("window of nothing", false, Limit.ERRORS, call -> credit(call, 0)),
                new Way("window that overflows", false, Limit.ERRORS, call -> credit(call, Integer.MAX_VALUE)),
                new Way("DATA after the end", false, Limit.ERRORS, call -> frame(call, H2Wire.DATA, 0, new byte[1])),
                new Way(
                        "HEADERS after the end",
                        false,
                        Limit.ERRORS,
                        call -> call.stream.wire.headers(call.stream.id, Msg.of("a", "b"), true)),
                new Way(
                        "trailers that do not end",
                        true,
                        Limit.ERRORS,
                        call -> call.stream.wire.headers(call.stream.id, Msg.of("a", "b"), false)),
                new Way("trailers that route", true, Limit.ERRORS, call -> call.end(":path", "/evil")),
                new Way("PRIORITY of a byte", true, Limit.ERRORS, call -> frame(call, H2Wire.PRIORITY, 0, new byte[1])),
                new Way("longer than promised", true, Limit.ERRORS, call -> call.send("longer than promised")),
                new Way("shorter than promised", true, Limit.ERRORS, call -> call.end()));
    }

    static Stream<Arguments> waysOverBoth() {
        return ways().flatMap(way -> Stream.of(Arguments.of(way, Pair.H2_H1), Arguments.of(way, Pair.H2_H2)));
    }

    private static void credit(H2Client.Call call, int bytes) {
        frame(
                call,
                H2Wire.WINDOW_UPDATE,
                0,
                ByteBuffer.allocate(4).putInt(bytes).array());
    }

    private static void frame(H2Client.Call call, int type, int flags, byte[] payload) {
        call.stream.wire.frame(type, flags, call.stream.id, payload);
    }

    /** Who is cut off has the time to write to the end, so that the system keeps the GOAWAY for it. */
    private static Rig start(Pair pair) throws Exception {
        return Rig.of(pair, Path.FUSED)
                .settings(s -> s.h2(LIMITS).linger(Duration.ofSeconds(10)))
                .start();
    }

    /** Opens a stream whose request reaches the upstream, breaks it, and sees the upstream let off. */
    private static UpstreamCall begunInVain(Rig rig, H2Client client, Way way) throws Exception {
        H2Client.Call call = (H2Client.Call) (way.hasBody ? client.post("/", "content-length", "9") : client.get("/"));
        UpstreamCall up = rig.take();
        way.act.accept(call);
        up.awaitCancel();
        return up;
    }

    private static UpstreamCall resetEarly(Rig rig, H2Client client) throws Exception {
        return begunInVain(rig, client, RESET);
    }

    private static void assertToldToCalmDown(Rig rig, H2Client client, int lastStream, Limit limit) throws Exception {
        assertThat(client.wire.goAway.get(5, TimeUnit.SECONDS)).isEqualTo(H2Wire.ENHANCE_YOUR_CALM);
        assertThat(client.wire.goAwayLast).isCompletedWithValue(lastStream);
        client.wire.closed.get(5, TimeUnit.SECONDS);
        assertThat(rig.limits).containsExactly(limit);
    }

    private static void assertServed(Rig rig, H2Client client) throws Exception {
        MuxBodiesTest.next(rig, client);
        assertThat(rig.limits).isEmpty();
        assertThat(client.wire.goAway).isNotDone();
    }

    /** To be asked when the connection of the upstream has carried more since: a second RST_STREAM would have come. */
    private static void assertCancelledOnce(UpstreamCall up) {
        if (up instanceof H2Peer.Call call) {
            Content rest = call.body().rest();
            if (rest.ending() == Ending.CLEAN) {
                assertThatThrownBy(call.stream::head)
                        .isInstanceOfSatisfying(
                                Cut.class, cut -> assertThat(cut.code).isEqualTo(H2Wire.CANCEL));
            }
            assertThat(call.stream.silent()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("waysOverBoth")
    void whoBeginsTooManyRequestsInVainIsToldToCalmDownAndItsOthersAreCancelled(Way way, Pair pair) throws Exception {
        try (Rig rig = start(pair)) {
            H2Client attacker = rig.h2();
            attacker.get("/open");
            List<UpstreamCall> begun = new ArrayList<>();
            begun.add(rig.take());
            for (int i = 0; i <= LIMIT; i++) {
                assertThat(attacker.wire.goAway).isNotDone();
                begun.add(begunInVain(rig, attacker, way));
            }
            assertToldToCalmDown(rig, attacker, 1 + 2 * (LIMIT + 1), way.limit);
            begun.get(0).awaitCancel();
            assertThat(rig.outcomes.await(LIMIT + 2)).containsOnly(Outcome.CANCELLED);
            rig.awaitNoExchanges();
            MuxBodiesTest.next(rig, rig.client());
            begun.forEach(H2ResetTest::assertCancelledOnce);
            assertThat(rig.upstream.requests).as("requests at the upstream").hasValue(LIMIT + 3);
        }
    }

    @ParameterizedTest
    @MethodSource("waysOverBoth")
    void whoBeginsSomeRequestsInVainIsServedOn(Way way, Pair pair) throws Exception {
        try (Rig rig = start(pair)) {
            H2Client client = rig.h2();
            for (int i = 0; i < LIMIT; i++) {
                begunInVain(rig, client, way);
            }
            assertServed(rig, client);
        }
    }

    /** Faster than any upstream sees them: what counts is that the client has asked. */
    @ParameterizedTest
    @EnumSource(
            value = Pair.class,
            names = {"H2_H1", "H2_H2"})
    void burstOfResetsEndsAtTheLimitToTheStream(Pair pair) throws Exception {
        try (Rig rig = start(pair)) {
            H2Client attacker = rig.h2();
            attacker.wire.settled.get(5, TimeUnit.SECONDS);
            for (int i = 0; i < 3 * LIMIT; i++) {
                attacker.get("/").abort();
            }
            assertToldToCalmDown(rig, attacker, 2 * LIMIT + 1, Limit.EARLY_RESETS);
            assertThat(rig.outcomes.await(LIMIT + 1)).containsOnly(Outcome.CANCELLED);
            rig.awaitNoExchanges();
            rig.upstream.answer(call -> call.ok("fine"));
            assertThat(rig.client().get("/").reply().text()).isEqualTo("fine");
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void eachExchangeThatIsServedPaysForOneBegunInVain(Way way) throws Exception {
        try (Rig rig = start(Pair.H2_H2)) {
            H2Client client = rig.h2();
            for (int i = 0; i < LIMIT; i++) {
                begunInVain(rig, client, way);
            }
            for (int i = 0; i < 3 * LIMIT; i++) {
                assertServed(rig, client);
                begunInVain(rig, client, way);
            }
            begunInVain(rig, client, way);
            assertToldToCalmDown(rig, client, 2 * (LIMIT + 6 * LIMIT + 1) - 1, way.limit);
        }
    }

    @Test
    void aGoodRecordPaysForNoMoreThanTheLimit() throws Exception {
        try (Rig rig = start(Pair.H2_H2)) {
            H2Client client = rig.h2();
            for (int i = 0; i < 4 * LIMIT; i++) {
                assertServed(rig, client);
            }
            for (int i = 0; i < 2 * LIMIT; i++) {
                resetEarly(rig, client);
            }
            assertThat(client.get("/open")).isNotNull();
            assertThat(rig.take().request.target()).isEqualTo("/open");
            assertThat(rig.limits).isEmpty();
            resetEarly(rig, client);
            assertToldToCalmDown(rig, client, 2 * (6 * LIMIT + 2) - 1, Limit.EARLY_RESETS);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Pair.class,
            names = {"H2_H1", "H2_H2"})
    void resetsAmidTheReplyDoNotCount(Pair pair) throws Exception {
        try (Rig rig = start(pair)) {
            H2Client client = rig.h2();
            for (int i = 0; i < 4 * LIMIT; i++) {
                ClientCall call = client.get("/");
                UpstreamCall up = rig.take();
                up.head(200, false);
                assertThat(call.head().status()).isEqualTo(200);
                call.abort();
                up.awaitCancel();
            }
            for (int i = 0; i < LIMIT; i++) {
                resetEarly(rig, client);
            }
            assertServed(rig, client);
        }
    }

    @Test
    void resetsAfterTheReplyDoNotCount() throws Exception {
        try (Rig rig = start(Pair.H2_H2)) {
            H2Client client = rig.h2();
            for (int i = 0; i < 4 * LIMIT; i++) {
                H2Client.Call call = (H2Client.Call) client.get("/");
                rig.take().ok("x");
                assertThat(call.reply().text()).isEqualTo("x");
                call.abort(); // for which the exchange itself would have paid
                call.abort();
            }
            assertServed(rig, client);
        }
    }

    /** The work is still to be done: an upstream that gives hints early shields nobody. */
    @Test
    void resetsBehindAnInterimHeadAreBeforeTheReply() throws Exception {
        try (Rig rig = start(Pair.H2_H2)) {
            H2Client client = rig.h2();
            for (int i = 0; i <= LIMIT; i++) {
                assertThat(client.wire.goAway).isNotDone();
                ClientCall call = client.get("/");
                UpstreamCall up = rig.take();
                up.interim(103, "link", "</a>");
                assertThat(call.head().status()).isEqualTo(103);
                call.abort();
                up.awaitCancel();
            }
            assertToldToCalmDown(rig, client, 2 * LIMIT + 1, Limit.EARLY_RESETS);
        }
    }

    /** Each client answers for itself, also where all share one connection to the upstream. */
    @Test
    void resetsOfOneClientAreNotCountedAgainstAnother() throws Exception {
        try (Rig rig = start(Pair.H2_H2)) {
            H2Client bystander = rig.h2();
            ClientCall open = bystander.get("/open");
            UpstreamCall up = rig.take();
            for (int client = 0; client < 3; client++) {
                H2Client passing = rig.h2();
                for (int i = 0; i < LIMIT; i++) {
                    resetEarly(rig, passing);
                }
            }
            assertServed(rig, bystander);
            up.ok("patience");
            assertThat(open.reply().text()).isEqualTo("patience");
            assertThat(rig.upstream.connections)
                    .as("connections of the upstream")
                    .hasValue(1);
        }
    }

    /** A close while frames come in would make the system drop the GOAWAY before it is read. */
    @Test
    void whoIsToldToCalmDownHasTheTimeToReadIt() throws Exception {
        try (Rig rig = start(Pair.H2_H2)) {
            H2Client attacker = rig.h2();
            for (int i = 0; i <= LIMIT; i++) {
                resetEarly(rig, attacker);
            }
            assertToldToCalmDown(rig, attacker, 2 * LIMIT + 1, Limit.EARLY_RESETS);
            for (int i = 0; i < 100; i++) {
                attacker.get("/").abort(); // would fail from the second on
            }
            assertThat(rig.upstream.requests).as("requests at the upstream").hasValue(LIMIT + 1);
        }
    }

    @Test
    void whoDoesNotLeaveAfterTheGoAwayIsCutInTheEnd() throws Exception {
        try (Rig rig = Rig.of(Pair.H2_H2, Path.FUSED)
                .settings(s -> s.h2(LIMITS).linger(Duration.ofMillis(30)))
                .start()) {
            H2Client attacker = rig.h2();
            for (int i = 0; i <= LIMIT; i++) {
                resetEarly(rig, attacker);
            }
            assertToldToCalmDown(rig, attacker, 2 * LIMIT + 1, Limit.EARLY_RESETS);
            rig.awaitStats(stats -> stats.frontConnections() == 0);
        }
    }
}
