package io.headgate.sync.client;

import static io.headgate.sync.client.ScriptedServer.hello;
import static io.headgate.sync.client.ScriptedServer.inSync;
import static io.headgate.sync.client.ScriptedServer.kvs;
import static io.headgate.sync.client.ScriptedServer.ping;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.retry.Backoff;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.internal.gob.GobTime;
import io.headgate.sync.internal.wire.Generation;
import io.headgate.sync.internal.wire.SyncEncoder;
import io.headgate.sync.internal.wire.SyncMessage;
import io.headgate.tls.ClientTls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What bad servers do to a client: it leaves them with a reason that is counted, and takes the next. */
class SyncClientFaultsTest {

    private static final Instant T = Instant.parse("2026-11-21T12:00:00Z");
    private static final SyncClientSettings QUICK =
            SyncClientSettings.DEFAULTS.withBackoff(Backoff.exponential(Duration.ofMillis(1), Duration.ofMillis(20)));

    /** Long enough that a server which speaks is not taken for a silent one on a machine that is busy. */
    private static final Duration SILENCE = Duration.ofSeconds(1);

    private final ScriptedServer server = new ScriptedServer();
    private SyncClient client;
    private EventProbe probe;

    @AfterEach
    void end() {
        if (probe != null) {
            probe.cancel();
            assertThat(client.stats().streams()).isZero();
        }
        server.close();
    }

    private ScriptedServer.Client follow(SyncClientSettings settings) {
        client = SyncClient.of(SyncClientSpec.of(server.address()).withSettings(settings));
        probe = EventProbe.on(client.events());
        ScriptedServer.Client peer = server.accept();
        peer.hello();
        return peer;
    }

    /** The bad server is left for that reason, and the next one is followed. */
    private void assertLost(SyncLoss why, String reason) {
        await().until(() -> client.stats().lost(why) > 0);
        assertThat(client.stats().lastReason()).contains(reason);
        server.accept().say(hello(), kvs(0, "/good=1"), inSync(0));
        probe.awaitStatus(SyncStatus.IN_SYNC);
        assertThat(probe.set()).isEqualTo(Map.of("/good", "1"));
        assertThat(client.stats().losses()).isEqualTo(Map.of(why, 1L));
    }

    /** The same by a server that says no more than it must either: whoever is slow to look finds it left as well. */
    private void assertLostForSilence() {
        await().until(() -> client.stats().lost(SyncLoss.SILENT) > 0);
        assertThat(client.stats().lastReason()).contains("no message for PT1S (expected: pings at least)");
        await().until(() -> {
            if (server.hasClient()) {
                server.accept().say(hello(), kvs(0, "/good=1"), inSync(0));
            }
            return probe.set().equals(Map.of("/good", "1"));
        });
        assertThat(client.stats().losses()).containsOnlyKeys(SyncLoss.SILENT);
    }

    /** Frames of pings, without the definitions, which the hello has brought. */
    private static byte[] pings(int count) {
        ByteBuf bytes = Unpooled.buffer();
        for (int i = 0; i < count; i++) {
            SyncEncoder.server(Generation.TODAY).encode(ping(T, null), bytes);
        }
        return ByteBufUtil.getBytes(bytes);
    }

    /** What a client would say, for a server that mixes the two up. */
    private static byte[] client(SyncMessage message) {
        ByteBuf bytes = Unpooled.buffer();
        SyncEncoder encoder = SyncEncoder.client(Generation.TODAY);
        bytes.writeBytes(encoder.preamble());
        encoder.encode(message, bytes);
        return ByteBufUtil.getBytes(bytes);
    }

    @Test
    void aServerThatSaysNothingIsLeftAfterTheReadTimeout() {
        long before = System.nanoTime();
        ScriptedServer.Client peer = follow(QUICK.withReadTimeout(SILENCE));
        peer.awaitEnd();

        assertThat(System.nanoTime() - before)
                .isGreaterThanOrEqualTo(SILENCE.minusMillis(10).toNanos());
        assertLostForSilence();
    }

    @Test
    void aServerThatFallsSilentIsLeftAndOneThatPingsIsNot() {
        ScriptedServer.Client peer = follow(QUICK.withReadTimeout(SILENCE));
        peer.say(hello(), kvs(0, "/a=1"), inSync(0));
        probe.awaitStatus(SyncStatus.IN_SYNC);
        long before = System.nanoTime();
        await().until(() -> {
            peer.say(ping(T, null));
            peer.next(SyncMessage.Pong.class);
            return System.nanoTime() - before > SILENCE.plus(SILENCE).toNanos();
        });
        assertThat(client.stats().losses()).isEmpty();
        peer.awaitEnd();

        assertLostForSilence();
    }

    @Test
    void garbageIsLeft() {
        follow(QUICK)
                .bytes(
                        HexFormat.of()
                                .parseHex(
                                        "474554202f20485454502f312e310d0a0d0a474554202f20485454502f312e310d0a0d0a"
                                                + "474554202f20485454502f312e310d0a0d0a474554202f20485454502f312e310d0a0d0a474554202f20485454502f312e310d0a0d0a"));

        assertLost(SyncLoss.BAD_BYTES, "expected");
    }

    @Test
    void aMessageThatIsTooLongIsLeftBeforeItHasCome() {
        ScriptedServer.Client peer = follow(QUICK.withMaxMessageBytes(1024));
        peer.bytes((byte) 0xfd, (byte) 1, (byte) 0, (byte) 0);

        assertLost(SyncLoss.TOO_LONG, "bytes of a message: 65540 (expected: at most 1024)");
    }

    @Test
    void aSnapshotThatIsTooLongIsLeft() {
        ScriptedServer.Client peer = follow(QUICK.withMaxMessageBytes(1024));
        peer.say(hello(), kvs(0, "/a=1"), kvs(0, "/b=" + "x".repeat(2_000)));

        assertLost(SyncLoss.TOO_LONG, "expected");
    }

    @Test
    void anythingBeforeTheHelloIsWrong() {
        follow(QUICK).say(kvs(0, "/a=1"));

        assertLost(SyncLoss.WRONG_MESSAGE, "(expected: the hello of a server, before anything else)");
    }

    @Test
    void aSecondHelloIsWrong() {
        follow(QUICK).say(hello(), hello());

        assertLost(SyncLoss.WRONG_MESSAGE, "(expected: one hello)");
    }

    @Test
    void whatOnlyClientsSayIsWrong() {
        follow(QUICK).bytes(client(new SyncMessage.Pong(GobTime.of(T))));

        assertLost(SyncLoss.WRONG_MESSAGE, "MsgPong");
    }

    @Test
    void anotherSetThanTheOneAskedForIsWrong() {
        follow(QUICK).say(new SyncMessage.ServerHello("v3", "bgp", true, 0, 0, false, false));

        assertLost(SyncLoss.WRONG_SERVER, "syncerType: bgp (expected: felix)");
    }

    @Test
    void aRestartThatWasNotOfferedIsWrong() {
        follow(QUICK.withFeatures(EnumSet.of(SyncFeature.POLICY_KEYS)))
                .say(hello(), new SyncMessage.DecoderRestart("", ""));

        assertLost(SyncLoss.WRONG_MESSAGE, "DecoderRestart");
    }

    @Test
    void aCompressionThatWasNotOfferedIsWrong() {
        follow(QUICK.withFeatures(EnumSet.of(SyncFeature.POLICY_KEYS, SyncFeature.DECODER_RESTART)))
                .say(hello(), new SyncMessage.DecoderRestart("", "snappy"));

        assertLost(SyncLoss.WRONG_MESSAGE, "snappy");
    }

    @Test
    void aCompressionThatNobodyKnowsIsWrong() {
        follow(QUICK).say(hello(), new SyncMessage.DecoderRestart("", "zstd"));

        await().until(() -> client.stats().losses().size() > 0);
        assertThat(client.stats().lastReason()).contains("zstd");
        assertThat(client.stats().lastLoss()).isIn(SyncLoss.WRONG_MESSAGE, SyncLoss.BAD_BYTES);
    }

    @Test
    void aBrokenCompressedStreamIsLeft() {
        ScriptedServer.Client peer = follow(QUICK);
        peer.say(hello()).restart(true).bytes(HexFormat.of().parseHex("ff060000734e61507059010800000000000000000000"));

        assertLost(SyncLoss.BAD_BYTES, "expected");
    }

    @Test
    void aConnectionThatIsResetIsBroken() {
        ScriptedServer.Client peer = follow(QUICK);
        peer.say(hello());
        probe.awaitLine("RESYNC");
        peer.reset();

        await().until(() -> !client.stats().losses().isEmpty());
        assertThat(client.stats().lastLoss()).isIn(SyncLoss.BROKEN, SyncLoss.CLOSED);
    }

    @Test
    void aServerThatPingsAndDoesNotReadIsLeftAndHoldsNoMemory() {
        LoopResources loops = new SmallSockets();
        client = SyncClient.of(SyncClientSpec.of(server.address())
                .withLoops(loops)
                .withSettings(QUICK.withWriteTimeout(Duration.ofMillis(200))));
        probe = EventProbe.on(client.events());
        ScriptedServer.Client peer = server.accept();
        peer.hello();
        peer.say(hello());
        peer.stopReading();
        for (int i = 0; i < 50; i++) {
            peer.bytes(pings(200));
        }

        assertLost(SyncLoss.NOT_READING, "took nothing for PT0.2S");
        probe.cancel();
        loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block();
    }

    @Test
    void aServerThatClosesAtOnceIsLeftWithAWord() {
        follow(QUICK).close();

        assertLost(SyncLoss.CLOSED, "closed by the server before its hello (expected: does it know felix?)");
    }

    /** How far a connection is when its subscriber leaves. */
    enum Stage {
        CONNECTED,
        GREETED,
        IN_SNAPSHOT,
        SWITCHING,
        IN_SYNC
    }

    @ParameterizedTest
    @EnumSource(Stage.class)
    void cancellingClosesTheConnectionAtEveryStage(Stage stage) {
        ScriptedServer.Client peer = follow(QUICK);
        if (stage.compareTo(Stage.GREETED) >= 0) {
            peer.say(hello());
            probe.awaitLine("RESYNC");
        }
        if (stage == Stage.SWITCHING) {
            peer.restart(true);
        } else if (stage.compareTo(Stage.IN_SNAPSHOT) >= 0) {
            peer.say(kvs(0, "/a=1"));
            probe.awaitLine("NEW /a=1");
        }
        if (stage == Stage.IN_SYNC) {
            peer.say(inSync(0));
            probe.awaitStatus(SyncStatus.IN_SYNC);
        }
        int before = probe.events();
        probe.cancel();
        peer.say(kvs(0, "/late=1"));
        peer.awaitEnd();

        assertThat(probe.events()).isEqualTo(before);
        assertThat(client.stats().losses()).as("nobody was lost").isEmpty();
        assertThat(server.hasClient()).as("no attempt after the end").isFalse();
    }

    @Test
    void cancellingEndsTheWaitBetweenAttempts() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        client = SyncClient.of(SyncClientSpec.of(server.address()).withTimer(time));
        probe = EventProbe.on(client.events());
        server.accept().close();
        await().until(() -> time.getScheduledTaskCount() == 2);
        probe.cancel();
        time.advanceTimeBy(Duration.ofHours(1));

        assertThat(client.stats().attempts()).isOne();
        assertThat(server.hasClient()).isFalse();
    }

    @Test
    void cancellingWhileBeingToldEndsTheStream() {
        client = SyncClient.of(SyncClientSpec.of(server.address()).withSettings(QUICK));
        StepVerifier.create(client.events().take(2))
                .then(() -> server.accept().say(hello(), kvs(0, "/a=1"), inSync(0)))
                .expectNextCount(2)
                .expectComplete()
                .verify(Duration.ofSeconds(10));

        assertThat(client.stats().streams()).isZero();
    }

    @Test
    void aServerThatAcceptsAndNeverShakesHandsIsLeftAtTheConnectDeadline() throws Exception {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        try (ServerSocket hole = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            client = SyncClient.of(SyncClientSpec.of("127.0.0.1:" + hole.getLocalPort())
                    .withTimer(time)
                    .withTls(ClientTls.DEFAULTS));
            probe = EventProbe.on(client.events());
            try (Socket half = hole.accept()) {
                assertThat(half.getInputStream().read()).as("a TLS record").isEqualTo(22);
                time.advanceTimeBy(Duration.ofMillis(9_999));
                assertThat(client.stats().losses()).isEmpty();
                time.advanceTimeBy(Duration.ofMillis(1));
                await().until(() -> client.stats().lost(SyncLoss.UNREACHABLE) == 1);
                assertThat(client.stats().lastReason()).isEqualTo("no TLS connection in time (expected: within PT10S)");
            }
        }
    }

    @Test
    void oldHabitsAreForgivenInOldServersOnly() {
        ScriptedServer.Client peer = follow(QUICK.withFeatures(Set.of()));
        peer.say(hello(), hello(), kvs(0, "/a=1"), inSync(0));

        probe.awaitStatus(SyncStatus.IN_SYNC);
        assertThat(client.stats().losses()).isEmpty();
    }

    /** Loops whose sockets hold little, so that what is not read is soon felt. */
    private static final class SmallSockets implements LoopResources {

        private final LoopResources loops = LoopResources.create("small-sockets", 1, true);

        @Override
        public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup group) {
            C channel = loops.onChannel(type, group);
            channel.config().setOption(ChannelOption.SO_SNDBUF, 8 * 1024);
            return channel;
        }

        @Override
        public <C extends Channel> Class<? extends C> onChannelClass(Class<C> type, EventLoopGroup group) {
            return loops.onChannelClass(type, group);
        }

        @Override
        public EventLoopGroup onClient(boolean useNative) {
            return loops.onClient(useNative);
        }

        @Override
        public EventLoopGroup onServer(boolean useNative) {
            return loops.onServer(useNative);
        }

        @Override
        public Mono<Void> disposeLater(Duration quiet, Duration timeout) {
            return loops.disposeLater(quiet, timeout);
        }
    }
}
