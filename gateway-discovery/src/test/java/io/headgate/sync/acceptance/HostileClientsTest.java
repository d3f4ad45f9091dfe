package io.headgate.sync.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.gob.GobTime;
import io.headgate.sync.internal.wire.SyncMessage;
import io.headgate.sync.server.SyncEnd;
import io.headgate.sync.server.SyncServer;
import io.headgate.sync.server.SyncServerSettings;
import io.headgate.sync.server.SyncServerSpec;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that break the protocol, or do nothing, are cut for a reason that is counted; who does neither notices nothing. */
@Timeout(60)
class HostileClientsTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int AT_ONCE = 5;

    private static final SyncServerSettings PATIENT =
            SyncServerSettings.builder().maxInbound(64 * 1024).maxPrefixes(4).build();

    private final Source source = new Source();
    private SyncServer server;

    /** What a client does before it waits for its end. */
    @FunctionalInterface
    interface Behaviour {
        void act(RawClient client) throws IOException;
    }

    /**
     * One manner of being hostile.
     *
     * @param name for reports
     * @param behaviour what it does
     * @param ends why it may be cut
     */
    record Manner(String name, Behaviour behaviour, Set<SyncEnd> ends) {
        /** Deadlines are short where it is one of them that is to cut. */
        SyncServerSettings settings() {
            SyncServerSettings.Builder builder = PATIENT.toBuilder();
            if (ends.contains(SyncEnd.NO_HELLO)) {
                builder.handshakeTimeout(Duration.ofMillis(500));
            } else if (ends.contains(SyncEnd.NO_PONG) || ends.contains(SyncEnd.NO_ACK)) {
                builder.pingInterval(Duration.ofMillis(100)).pongTimeout(Duration.ofSeconds(1));
            }
            return builder.build();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Manner manner(String name, SyncEnd end, Behaviour behaviour) {
        return new Manner(name, behaviour, EnumSet.of(end));
    }

    private static Manner bytes(String name, SyncEnd end, GobBytes bytes) {
        return manner(name, end, client -> client.say(bytes.toBytes()));
    }

    static Stream<Manner> manners() {
        byte[] garbage = new byte[4096];
        new Random(7).nextBytes(garbage);
        garbage[0] = 0;
        return Stream.of(
                manner("says nothing", SyncEnd.NO_HELLO, client -> {}),
                manner("garbage", SyncEnd.BAD_BYTES, client -> client.say(garbage)),
                new Manner(
                        "another protocol",
                        client -> client.say("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n"
                                .repeat(10)
                                .getBytes(StandardCharsets.US_ASCII)),
                        EnumSet.of(SyncEnd.BAD_BYTES, SyncEnd.NO_HELLO)),
                bytes("half a frame", SyncEnd.NO_HELLO, new GobBytes().uint(200).sint(-64)),
                bytes("a frame of many exabytes", SyncEnd.TOO_LONG, new GobBytes().uint(1L << 62)),
                bytes("a frame above the limit", SyncEnd.TOO_LONG, new GobBytes().uint(64 * 1024 + 1)),
                manner("a frame whose bytes trickle", SyncEnd.NO_HELLO, HostileClientsTest::trickle),
                bytes("a count of more than eight bytes", SyncEnd.BAD_BYTES, new GobBytes().raw(new byte[] {-9, 1, 2, 3
                        })),
                bytes("an empty frame", SyncEnd.BAD_BYTES, new GobBytes().uint(0)),
                bytes(
                        "a type defined twice",
                        SyncEnd.BAD_BYTES,
                        GobBytes.stream().struct(64, "Envelope", "Message", 8)),
                bytes("a type that is built in", SyncEnd.BAD_BYTES, new GobBytes().struct(6, "String", "A", 6)),
                bytes(
                        "a value of no type",
                        SyncEnd.BAD_BYTES,
                        new GobBytes().frame(new GobBytes().sint(99).uint(0))),
                bytes(
                        "a type without end",
                        SyncEnd.BAD_BYTES,
                        GobBytes.stream()
                                .slice(65, 65)
                                .struct(66, "MsgClientHello", "Hostname", 6, "More", 65)
                                .message("MsgClientHello", 66, deep(100_000 / 4))),
                bytes("types within types", SyncEnd.BAD_BYTES, nested()),
                bytes("more types than anybody needs", SyncEnd.BAD_BYTES, manyTypes()),
                bytes(
                        "a list longer than its frame",
                        SyncEnd.BAD_BYTES,
                        GobBytes.stream()
                                .slice(65, 6)
                                .struct(66, "MsgClientHello", "Hostname", 6, "SupportedCompressionAlgorithms", 65)
                                .message(
                                        "MsgClientHello",
                                        66,
                                        new GobBytes().uint(2).uint(1L << 40))),
                bytes(
                        "a text longer than its frame",
                        SyncEnd.BAD_BYTES,
                        GobBytes.stream()
                                .struct(66, "MsgClientHello", "Hostname", 6)
                                .message(
                                        "MsgClientHello",
                                        66,
                                        new GobBytes().uint(1).uint(1L << 33))),
                bytes(
                        "a number where a text is meant",
                        SyncEnd.BAD_BYTES,
                        GobBytes.stream()
                                .struct(66, "MsgClientHello", "Hostname", 3)
                                .message(
                                        "MsgClientHello",
                                        66,
                                        new GobBytes().uint(1).uint(5).uint(0))),
                bytes(
                        "a message that nobody knows",
                        SyncEnd.WRONG_MESSAGE,
                        GobBytes.stream()
                                .struct(66, "MsgOther", "A", 6)
                                .message("MsgOther", 66, new GobBytes().uint(0))),
                bytes(
                        "no message in its envelope",
                        SyncEnd.WRONG_MESSAGE,
                        GobBytes.stream().frame(new GobBytes().sint(64).uint(0))),
                bytes(
                        "the number 42 for a message",
                        SyncEnd.WRONG_MESSAGE,
                        GobBytes.stream()
                                .frame(new GobBytes()
                                        .sint(64)
                                        .uint(1)
                                        .text("int")
                                        .sint(2)
                                        .uint(2)
                                        .uint(0)
                                        .sint(42)
                                        .uint(0))),
                manner(
                        "another message first",
                        SyncEnd.WRONG_MESSAGE,
                        client -> client.say(new SyncMessage.Pong(GobTime.ZERO))),
                manner(
                        "a second hello",
                        SyncEnd.WRONG_MESSAGE,
                        client -> client.say(RawClient.hello()).say(RawClient.hello())),
                manner(
                        "an acknowledgement of nothing",
                        SyncEnd.WRONG_MESSAGE,
                        client -> client.say(RawClient.hello()).say(new SyncMessage.Ack())),
                manner(
                        "garbage behind its hello",
                        SyncEnd.BAD_BYTES,
                        client -> client.say(RawClient.hello()).say(garbage)),
                manner(
                        "a topic that there is not",
                        SyncEnd.UNKNOWN_TYPE,
                        client -> client.say(RawClient.hello("other", false, List.of()))),
                manner(
                        "no policy keys of today",
                        SyncEnd.OLD_POLICY_KEYS,
                        client -> client.say(new SyncMessage.ClientHello("host", "info", "v3.2.5"))),
                manner(
                        "too many prefixes",
                        SyncEnd.TOO_MANY_PREFIXES,
                        client -> client.say(new SyncMessage.ClientHello(
                                "",
                                "",
                                "",
                                "felix",
                                false,
                                List.of(),
                                true,
                                1,
                                true,
                                List.of("a", "b", "c", "d", "e"),
                                0,
                                0))),
                manner("no pong", SyncEnd.NO_PONG, client -> client.say(RawClient.hello())),
                manner(
                        "no acknowledgement",
                        SyncEnd.NO_ACK,
                        client -> client.say(RawClient.hello("felix", true, List.of("snappy")))));
    }

    /** Slices in slices, as a value: each holds one. */
    private static GobBytes deep(int depth) {
        GobBytes value = new GobBytes().uint(2);
        for (int i = 0; i < depth; i++) {
            value.uint(1);
        }
        return value.uint(0).uint(0);
    }

    private static GobBytes nested() {
        GobBytes bytes = GobBytes.stream();
        int depth = 1000;
        for (int i = 0; i < depth; i++) {
            bytes.slice(66 + i, 67 + i);
        }
        return bytes.slice(66 + depth, 6)
                .struct(65, "MsgClientHello", "Hostname", 6, "More", 66)
                .message("MsgClientHello", 65, deep(depth));
    }

    private static GobBytes manyTypes() {
        GobBytes bytes = GobBytes.stream();
        for (int i = 0; i < 100_000; i++) {
            bytes.slice(65 + i, 6);
        }
        return bytes;
    }

    private static void trickle(RawClient client) throws IOException {
        client.say(new GobBytes().uint(1000).toBytes());
        for (int i = 0; i < 100; i++) {
            client.say(new byte[] {1});
            LockSupport.parkNanos(10_000_000);
        }
    }

    private void open(Manner manner) {
        server = SyncServer.bind(SyncServerSpec.of("127.0.0.1", 0)
                        .withTopic(SyncServerSpec.FELIX, source.events())
                        .withSettings(manner.settings()))
                .block(LIMIT);
        source.tell(Source.entries(0, 200, 100)).status(SyncStatus.IN_SYNC);
        Eventually.holds(() -> server.stats().isReady());
    }

    @AfterEach
    void everythingIsOver() {
        server.closeAsync(Duration.ZERO).block(LIMIT);
        assertThat(server.stats().connections()).isZero();
        assertThat(server.stats().streaming()).isZero();
    }

    @ParameterizedTest
    @MethodSource("manners")
    void areCutForAReasonWhileOthersAreServed(Manner manner) throws Exception {
        open(manner);
        try (Witness witness = Witness.follow(server.port())) {
            witness.awaitChecksum(source.sum().checksum());
            List<RawClient> hostile = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                RawClient client = RawClient.connect(server.port());
                hostile.add(client);
                try {
                    manner.behaviour().act(client);
                } catch (SocketException cutMeanwhile) {
                    // That is what is to happen; the reason is looked at below.
                }
                source.tell(SyncUpdate.changed(Source.key(i), ByteString.copyFromUtf8(manner.name()), "x"));
            }
            witness.awaitChecksum(source.sum().checksum());
            for (RawClient client : hostile) {
                client.drain();
                client.close();
            }
            Eventually.holds(() -> server.stats().connections() == 1);
            var others = server.stats().ends().entrySet().stream()
                    .filter(end -> !manner.ends().contains(end.getKey()))
                    .collect(Collectors.toMap(end -> end.getKey(), end -> end.getValue()));
            assertThat(others).isEmpty();
            assertThat(manner.ends().stream().mapToLong(server.stats()::ended).sum())
                    .isEqualTo(AT_ONCE);
            source.tell(SyncUpdate.deleted(Source.key(9), "y"));
            witness.awaitChecksum(source.sum().checksum());
            assertThat(witness.losses()).isZero();
        }
    }
}
