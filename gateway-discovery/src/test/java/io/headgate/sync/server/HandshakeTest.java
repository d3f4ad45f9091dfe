package io.headgate.sync.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.sync.internal.gob.GobTime;
import io.headgate.sync.internal.wire.SyncMessage;
import io.headgate.sync.server.Visitor.Hello;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is let in, and what becomes of the others. */
class HandshakeTest {

    private static final Duration HANDSHAKE = Duration.ofMillis(300);
    private static final Duration PONG = Duration.ofMillis(300);
    private static final Duration PING = Duration.ofMillis(100);
    private static final Duration NEXT_PING = PING.plus(PING.dividedBy(10)); // at the latest

    private final HandClock clock = new HandClock();
    private final Served served = Served.by(
            clock,
            spec -> spec.withSettings(SyncServerSettings.builder()
                    .handshakeTimeout(HANDSHAKE)
                    .pongTimeout(PONG)
                    .pingInterval(PING)
                    .maxInbound(4096)
                    .build()),
            ByteBufAllocator.DEFAULT);

    @AfterEach
    void everyGaugeReturnsToZero() {
        served.close();
    }

    /** In hex; a message of the origin's client is written by its encoder. */
    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    @Test
    void aClientWithoutAHelloIsCutAtTheDeadlineAndNotBefore() {
        Visitor silent = served.stranger();
        served.awaitConnections(1);
        clock.pass(HANDSHAKE.minusNanos(1));
        assertThat(silent.isQuietFor(Duration.ofMillis(200))).isTrue();
        clock.pass(Duration.ofNanos(1));
        silent.untilClosed();
        served.awaitEnded(SyncEnd.NO_HELLO, 1);
        assertThat(served.seen("ended null NO_HELLO")).isEqualTo(1);
    }

    @Test
    void halfAHelloIsNone() {
        served.feed().put("/a", "1").inSync();
        Visitor half = served.stranger().write((byte) 40, (byte) 1);
        served.visitor(Hello.PLAIN).untilInSync(); // nobody else notices
        served.awaitConnections(2);
        clock.pass(HANDSHAKE);
        half.untilClosed();
        served.awaitEnded(SyncEnd.NO_HELLO, 1);
    }

    @Test
    void aClientThatClosesBeforeItsHelloHasLeft() {
        served.stranger().close();
        served.awaitEnded(SyncEnd.LEFT, 1);
    }

    @Test
    void aTopicThatIsNotThereIsRefused() {
        Visitor visitor = served.visitor(Hello.PLAIN.withType("tunnel-ip-allocation"));
        visitor.untilClosed();
        assertThat(visitor.received()).isEmpty(); // it would not understand the reason
        served.awaitEnded(SyncEnd.UNKNOWN_TYPE, 1);
    }

    @Test
    void whoUnderstandsItIsToldWhy() {
        Visitor visitor = served.visitor(Hello.SNAPPY.withType("node-status").withRefusals());
        assertThat(visitor.next(SyncMessage.Refusal.class).reason())
                .isEqualTo("syncer type: node-status (expected: one of [felix])");
        assertThat(visitor.next()).isNull();
        served.awaitEnded(SyncEnd.UNKNOWN_TYPE, 1);
    }

    @Test
    void aClientThatDoesNotKnowPolicyKeysIsRefused() {
        Visitor visitor = served.visitor(Hello.PLAIN.withoutPolicyKeys().withRefusals());
        assertThat(visitor.next(SyncMessage.Refusal.class).reason()).contains("policy keys");
        visitor.untilClosed();
        served.awaitEnded(SyncEnd.OLD_POLICY_KEYS, 1);
    }

    @Test
    void clientsOfTheOldReleaseCanBeLetIn() {
        try (Served tolerant = Served.with(settings -> settings.policyKeysRequired(false))) {
            tolerant.feed().put("/a", "1").inSync();
            Visitor old = tolerant.stranger().say(new SyncMessage.ClientHello("host", "old", "v3.2.5"));
            assertThat(old.untilInSync().values()).containsEntry("/a", "1");
            assertThat(old.serverHello().syncerType()).isEqualTo("felix");
        }
    }

    @Test
    void aFirstMessageThatIsNoHelloIsRefused() {
        served.stranger().say(new SyncMessage.Pong(GobTime.of(Instant.EPOCH))).untilClosed();
        served.stranger().say(new SyncMessage.Ack()).untilClosed();
        served.awaitEnded(SyncEnd.WRONG_MESSAGE, 2);
    }

    @Test
    void aSecondHelloIsRefused() {
        Visitor visitor = served.visitor(Hello.PLAIN);
        visitor.hello(Hello.PLAIN).untilClosed();
        served.awaitEnded(SyncEnd.WRONG_MESSAGE, 1);
    }

    @Test
    void anAcknowledgementThatNobodyAskedForIsRefused() {
        served.visitor(Hello.PLAIN).say(new SyncMessage.Ack()).untilClosed();
        served.awaitEnded(SyncEnd.WRONG_MESSAGE, 1);
    }

    @Test
    void bytesThatAreNoneOfTheProtocolAreRefused() {
        for (byte[] bytes : List.of(
                hex("f5 00 00 00 00 00"), // a number of eleven bytes
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n ever so long, to be a whole frame of 71 bytes, at least, of it"
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII))) {
            served.stranger().write(bytes).untilClosed();
        }
        served.awaitEnded(SyncEnd.BAD_BYTES, 2);
    }

    @Test
    void aMessageThatIsTooLongIsRefusedBeforeItIsRead() {
        served.stranger().write(hex("fd 10 00 01")).untilClosed(); // says that 1 MiB and a byte follow
        served.awaitEnded(SyncEnd.TOO_LONG, 1);
        served.visitor(Hello.PLAIN.withType("x".repeat(5000))).untilClosed();
        served.awaitEnded(SyncEnd.TOO_LONG, 2);
    }

    @Test
    void aClientThatDoesNotAcknowledgeTheRestartIsCut() {
        Visitor visitor = served.stranger().silent().hello(Hello.SNAPPY);
        visitor.next(SyncMessage.ServerHello.class);
        visitor.next(SyncMessage.DecoderRestart.class);
        clock.pass(PONG);
        visitor.untilClosed();
        assertThat(visitor.received()).hasSize(2);
        served.awaitEnded(SyncEnd.NO_ACK, 1);
    }

    @Test
    void aClientThatAnswersPingsStaysAndASilentOneIsCut() {
        served.feed().inSync();
        Visitor answering = served.visitor(Hello.PLAIN).untilInSync();
        Visitor silent = served.visitor(Hello.PLAIN).silent().untilInSync();
        awaitPlannedPings(answering, silent);
        int pings = 0;
        while (served.seen("ended felix NO_PONG") == 0) {
            clock.pass(NEXT_PING);
            awaitPong(answering, ++pings);
        }
        assertThat(NEXT_PING.multipliedBy(pings - 1)).isGreaterThanOrEqualTo(PONG); // since the first ping
        silent.untilClosed();
        served.awaitEnded(SyncEnd.NO_PONG, 1);
        assertThat(served.stats().streaming()).isEqualTo(1);
    }

    /** The first pings are planned behind the snapshots, and what comes behind these is sent after that. */
    private void awaitPlannedPings(Visitor... visitors) {
        Awaitility.await().atMost(Served.PATIENCE).until(() -> served.seen("snapshot") == visitors.length);
        served.feed().put("/a", "1");
        for (Visitor visitor : visitors) {
            visitor.until(seen -> !seen.entries().isEmpty());
        }
    }

    private void awaitPong(Visitor visitor, int count) {
        visitor.until(seen -> seen.received(SyncMessage.Ping.class).size() == count);
        Awaitility.await().atMost(Served.PATIENCE).until(() -> served.seen("ponged") == count);
    }
}
