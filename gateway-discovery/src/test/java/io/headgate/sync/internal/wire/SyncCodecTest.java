package io.headgate.sync.internal.wire;

import static io.headgate.sync.internal.wire.GoldenBytesTest.decode;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import io.headgate.sync.internal.gob.GobDecoder;
import io.headgate.sync.internal.gob.GobLimits;
import io.headgate.sync.internal.gob.GobShape;
import io.headgate.sync.internal.gob.GobTime;
import io.headgate.sync.internal.gob.SyncWireException;
import io.headgate.sync.internal.gob.SyncWireException.Reason;
import io.headgate.sync.internal.wire.SyncMessage.ClientHello;
import io.headgate.sync.internal.wire.SyncMessage.DecoderRestart;
import io.headgate.sync.internal.wire.SyncMessage.Kvs;
import io.headgate.sync.internal.wire.SyncMessage.Ping;
import io.headgate.sync.internal.wire.SyncMessage.Pong;
import io.headgate.sync.internal.wire.SyncMessage.Refusal;
import io.headgate.sync.internal.wire.SyncMessage.ServerHello;
import io.headgate.sync.internal.wire.SyncMessage.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages there and back, however they are cut, and between peers of different age. */
class SyncCodecTest {

    private static final UpdateType[] TYPES = UpdateType.values();

    record Stretch(String name, Supplier<SyncDecoder> decoder, Supplier<ByteBuf> bytes) {

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Stretch> streams() {
        Supplier<SyncDecoder> server = () -> SyncDecoder.server(GobLimits.SERVER);
        Supplier<SyncDecoder> client = () -> SyncDecoder.client(GobLimits.CLIENT);
        return Stream.of(
                new Stretch("A", server, () -> Vectors.of(GoldenBytesTest.names("A", 5))),
                new Stretch("B", client, () -> Vectors.of(GoldenBytesTest.names("B", 17))),
                new Stretch("C", server, () -> Vectors.of(GoldenBytesTest.names("C", 4))),
                new Stretch("D1", client, () -> Vectors.of("D1", "D2")),
                new Stretch("D2", client, () -> Vectors.of("D3", "D4")),
                new Stretch("D3", client, () -> Vectors.of("D5", "D6", "D7", "D8")),
                new Stretch("F", client, () -> Vectors.of("F-preamble", "F-ServerHello", "F-KVs", "F-Ping")),
                new Stretch("G", server, () -> Vectors.of("G-preamble", "G-ClientHello", "G-ACK", "G-Pong")));
    }

    @ParameterizedTest
    @MethodSource("streams")
    void readsTheSameCutAtEveryByte(Stretch stretch) {
        ByteBuf whole = stretch.bytes().get();
        List<SyncMessage> expected = decode(stretch.decoder().get(), whole.duplicate());
        for (int cut = 0; cut <= whole.readableBytes(); cut++) {
            SyncDecoder decoder = stretch.decoder().get();
            ByteBuf in = Unpooled.buffer().writeBytes(whole, 0, cut);
            List<SyncMessage> messages = new ArrayList<>(decode(decoder, in));
            in.writeBytes(whole, cut, whole.readableBytes() - cut);
            messages.addAll(decode(decoder, in));
            assertEquals(expected, messages, "cut at " + cut);
            assertFalse(in.isReadable());
        }
    }

    @ParameterizedTest
    @MethodSource("streams")
    void readsTheSameByteByByteOffTheHeap(Stretch stretch) {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true, true);
        ByteBuf whole = stretch.bytes().get();
        List<SyncMessage> expected = decode(stretch.decoder().get(), whole.duplicate());
        SyncDecoder decoder = stretch.decoder().get();
        List<SyncMessage> messages = new ArrayList<>();
        ByteBuf in = allocator.directBuffer();
        while (whole.isReadable()) {
            in.writeByte(whole.readByte());
            messages.addAll(decode(decoder, in));
            in.discardSomeReadBytes();
        }
        in.release();
        assertEquals(expected, messages);
        assertEquals(0, allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void givesBackWhatWasWritten(long seed) {
        Random random = new Random(seed);
        List<SyncMessage> fromServer = new ArrayList<>();
        List<SyncMessage> fromClient = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            fromServer.add(fromServer(random));
            fromClient.add(fromClient(random));
        }
        assertEquals(
                fromServer,
                decode(
                        SyncDecoder.client(GobLimits.CLIENT),
                        encoded(SyncEncoder.server(Generation.TODAY), fromServer)));
        assertEquals(
                fromClient,
                decode(
                        SyncDecoder.server(GobLimits.SERVER),
                        encoded(SyncEncoder.client(Generation.TODAY), fromClient)));
    }

    private static ByteBuf encoded(SyncEncoder encoder, List<? extends SyncMessage> messages) {
        ByteBuf out = Unpooled.buffer();
        out.writeBytes(encoder.preamble());
        messages.forEach(message -> encoder.encode(message, out));
        return out;
    }

    private static SyncMessage fromServer(Random random) {
        return switch (random.nextInt(7)) {
            case 0 ->
                new ServerHello(
                        text(random),
                        text(random),
                        random.nextBoolean(),
                        random.nextLong(),
                        random.nextLong(),
                        random.nextBoolean(),
                        random.nextBoolean());
            case 1 -> new Status(SyncStatus.values()[random.nextInt(3)], number(random));
            case 2 -> new Ping(GobTime.of(time(random)), random.nextBoolean() ? null : time(random), number(random));
            case 3 -> new DecoderRestart(text(random), text(random));
            case 4 -> new Refusal(text(random), Duration.ofNanos(number(random)));
            default ->
                new Kvs(
                        Stream.generate(() -> update(random))
                                .limit(random.nextInt(5))
                                .toList(),
                        number(random));
        };
    }

    private static SyncMessage fromClient(Random random) {
        return switch (random.nextInt(3)) {
            case 0 ->
                new ClientHello(
                        text(random),
                        text(random),
                        text(random),
                        text(random),
                        random.nextBoolean(),
                        texts(random),
                        random.nextBoolean(),
                        random.nextLong(),
                        random.nextBoolean(),
                        texts(random),
                        number(random),
                        number(random));
            case 1 -> new Pong(GobTime.of(time(random)), GobTime.of(time(random)));
            default -> new SyncMessage.Ack();
        };
    }

    private static SyncUpdate update(Random random) {
        byte[] value = new byte[random.nextInt(10) == 0 ? random.nextInt(70_000) : random.nextInt(3)];
        random.nextBytes(value);
        return new SyncUpdate(
                text(random),
                random.nextInt(4) == 0 ? null : ByteString.copyFrom(value),
                text(random),
                text(random),
                Duration.ofNanos(number(random)),
                TYPES[random.nextInt(TYPES.length)]);
    }

    private static String text(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> "";
            case 1 -> "k\u00e4se \u20ac \ud83d\ude00" + random.nextInt(100);
            default -> "x".repeat(random.nextInt(200));
        };
    }

    private static List<String> texts(Random random) {
        return IntStream.range(0, random.nextInt(4)).mapToObj(i -> text(random)).toList();
    }

    private static long number(Random random) {
        return random.nextInt(3) == 0 ? 0 : random.nextLong() >> random.nextInt(64);
    }

    private static Instant time(Random random) {
        return Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
    }

    @Test
    void tellsEmptyValuesFromDeletions() {
        List<Kvs> sent = List.of(
                new Kvs(List.of(SyncUpdate.added("empty", ByteString.EMPTY, "1"), SyncUpdate.deleted("gone", "2"))));
        for (Generation generation : Generation.values()) {
            SyncMessage read =
                    SyncDecoder.client(GobLimits.CLIENT).decode(encoded(SyncEncoder.server(generation), sent));
            assertEquals(sent.get(0), read);
        }
    }

    @Test
    void leavesOutWhatV325HasNot() {
        SyncUpdate update =
                new SyncUpdate("k", ByteString.EMPTY, "1", "version", Duration.ofSeconds(1), UpdateType.UPDATED);
        SyncUpdate stripped = new SyncUpdate("k", ByteString.EMPTY, "1", "", Duration.ofSeconds(1), UpdateType.UPDATED);
        assertEquals(
                List.of(
                        new ServerHello("v"),
                        new Kvs(List.of(stripped)),
                        new Status(SyncStatus.IN_SYNC),
                        new Ping(Instant.EPOCH)),
                decode(
                        SyncDecoder.client(GobLimits.CLIENT),
                        encoded(
                                SyncEncoder.server(Generation.V3_2_5),
                                List.of(
                                        new ServerHello("v", "felix", true, 1, 2, true, true),
                                        new Kvs(List.of(update), 9),
                                        new Status(SyncStatus.IN_SYNC, 9),
                                        new Ping(GobTime.of(Instant.EPOCH), Instant.MAX, 9)))));
    }

    @Test
    void refusesToWriteWhatV325HasNot() {
        SyncEncoder encoder = SyncEncoder.server(Generation.V3_2_5);
        for (SyncMessage message :
                List.of(new DecoderRestart("", ""), new SyncMessage.Ack(), new Refusal("", Duration.ZERO))) {
            assertThrows(IllegalArgumentException.class, () -> encoder.encode(message, Unpooled.buffer()));
        }
    }

    @Test
    void savesLifetimesThatAreTooLongToSay() {
        ByteBuf out = encoded(
                SyncEncoder.server(Generation.TODAY),
                List.of(new Kvs(List.of(
                        new SyncUpdate("k", null, "", "", Duration.ofSeconds(Long.MAX_VALUE), UpdateType.DELETED)))));
        Kvs read = (Kvs) decode(SyncDecoder.client(GobLimits.CLIENT), out).get(0);
        assertEquals(Duration.ofNanos(Long.MAX_VALUE), read.updates().get(0).ttl());
    }

    /** A peer that knows fields up to a time reads every message that we send, and sees nothing of the rest. */
    @ParameterizedTest
    @EnumSource(names = {"ORIGIN", "TODAY"})
    void isReadByPeersThatKnowNothingOfOurs(SyncType.Since peer) {
        List<SyncMessage> sent = List.of(
                new ServerHello("v", "felix", true, 1, 2, true, true),
                new Kvs(List.of(SyncUpdate.added("k", ByteString.copyFromUtf8("v"), "1")), 9),
                new Status(SyncStatus.IN_SYNC, 9),
                new Ping(GobTime.of(Instant.EPOCH), Instant.EPOCH, 9));
        assertEquals(
                List.of("MsgServerHello", "MsgKVs", "MsgSyncStatus", "MsgPing"),
                readBy(peer, encoded(SyncEncoder.server(Generation.TODAY), sent)));
        assertEquals(
                List.of("MsgClientHello"),
                readBy(
                        peer,
                        encoded(
                                SyncEncoder.client(Generation.TODAY),
                                List.of(new ClientHello(
                                        "h",
                                        "i",
                                        "v",
                                        "felix",
                                        true,
                                        List.of("snappy"),
                                        true,
                                        1,
                                        true,
                                        List.of("/a"),
                                        2,
                                        3)))));
    }

    /** Reads as a peer does that has only the fields up to a time, and counts that none of ours reaches it. */
    private static List<String> readBy(SyncType.Since peer, ByteBuf in) {
        GobShape update = shape(SyncType.UPDATE, peer, null);
        GobDecoder gob = new GobDecoder(GobLimits.SERVER);
        List<String> names = new ArrayList<>();
        while (gob.decode(in, SyncType.ENVELOPE.shape(null), (slot, element, value) -> {
            String name = value.name();
            SyncType type = Stream.of(SyncType.values())
                    .filter(candidate -> candidate.registeredName().equals(name))
                    .findFirst()
                    .orElseThrow();
            value.struct(value.plan(value.concrete(), shape(type, peer, update)), (s, elements, fields) -> {
                switch (kindOf(type, peer, s)) {
                    case STRING -> fields.reader().string();
                    case BOOL -> fields.reader().bool();
                    case EXTERNAL -> GobTime.read(fields.reader());
                    case STRINGS -> fields.strings();
                    case STRUCTS -> {
                        for (int left = fields.count(); left > 0; left--) {
                            fields.struct(java.util.Objects.requireNonNull(elements), (e, none, field) -> {
                                switch (kindOf(SyncType.UPDATE, peer, e)) {
                                    case STRING -> field.reader().string();
                                    case BYTES -> field.reader().bytes();
                                    case INTERFACE -> field.text();
                                    default -> field.reader().uint();
                                }
                            });
                        }
                    }
                    default -> fields.reader().uint();
                }
            });
            names.add(type.typeName());
        })) {
            assertTrue(names.size() < 10);
        }
        assertFalse(in.isReadable());
        return names;
    }

    private static GobShape.Kind kindOf(SyncType type, SyncType.Since peer, int slot) {
        return type.fields().stream()
                .filter(field -> field.since().compareTo(peer) <= 0)
                .toList()
                .get(slot)
                .kind();
    }

    private static GobShape shape(
            SyncType type, SyncType.Since peer, @org.jspecify.annotations.Nullable GobShape elements) {
        return GobShape.of(
                type.typeName(),
                type.fields().stream()
                        .filter(field -> field.since().compareTo(peer) <= 0)
                        .map(field -> new GobShape.Field(
                                field.name(), field.kind(), field.kind() == GobShape.Kind.STRUCTS ? elements : null))
                        .toArray(GobShape.Field[]::new));
    }

    @Test
    void readsTypesOfTomorrowAsUnknown() {
        ByteBuf frames =
                encoded(SyncEncoder.server(Generation.TODAY), List.of(new Kvs(List.of(SyncUpdate.deleted("k", "")))));
        frames.setByte(frames.writerIndex() - 4, 9);
        Kvs read = (Kvs) decode(SyncDecoder.client(GobLimits.CLIENT), frames).get(0);
        assertEquals(UpdateType.UNKNOWN, read.updates().get(0).type());
    }

    @Test
    void refusesAStatusThatMeansNothing() {
        ByteBuf frames = encoded(SyncEncoder.server(Generation.TODAY), List.of(new Status(SyncStatus.IN_SYNC)));
        frames.setByte(frames.writerIndex() - 3, 3);
        refused(SyncDecoder.client(GobLimits.CLIENT), frames, Reason.BAD_VALUE, "status: 3 (expected: 0 to 2)");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9})
    void refusesTimesThatAreNone(int broken) {
        ByteBuf frames = encoded(SyncEncoder.server(Generation.TODAY), List.of(new Ping(Instant.EPOCH)));
        // an unknown version, seconds beyond all calendars, or more nanoseconds than a second has
        frames.setByte(frames.writerIndex() - 17 + broken, 0x7f);
        SyncDecoder decoder = SyncDecoder.client(GobLimits.CLIENT);
        SyncWireException refused = assertThrows(SyncWireException.class, () -> decoder.decode(frames));
        assertEquals(Reason.BAD_VALUE, refused.reason());
    }

    @Test
    void tellsTheOtherDirectionsMessagesFromUnknownOnes() {
        refused(
                SyncDecoder.server(GobLimits.SERVER),
                encoded(SyncEncoder.server(Generation.TODAY), List.of(new Status(SyncStatus.IN_SYNC))),
                Reason.UNEXPECTED_MESSAGE,
                "message: github.com/projectcalico/typha/pkg/syncproto.MsgSyncStatus (expected: one of ");
        ByteBuf frames = encoded(SyncEncoder.client(Generation.TODAY), List.of(new SyncMessage.Ack()));
        frames.setByte(frames.writerIndex() - 6, 'J');
        refused(
                SyncDecoder.server(GobLimits.SERVER),
                frames,
                Reason.UNKNOWN_NAME,
                "message: github.com/projectcalico/typha/pkg/syncproto.MsgACJ (expected: one of ");
    }

    @Test
    void boundsWhatAMessageMayHold() {
        ByteBuf frames = encoded(
                SyncEncoder.server(Generation.TODAY),
                List.of(new Kvs(List.of(SyncUpdate.added("k", ByteString.copyFrom(new byte[5000]), "")))));
        refused(
                SyncDecoder.client(GobLimits.CLIENT.withMaxMessage(4096)),
                frames.duplicate(),
                Reason.FRAME_TOO_LONG,
                "bytes of a message: ");
        ByteBuf cut = frames.duplicate();
        assertNull(SyncDecoder.client(GobLimits.CLIENT).decode(cut.writerIndex(cut.writerIndex() - 1)));
    }

    private static void refused(SyncDecoder decoder, ByteBuf in, Reason reason, String message) {
        SyncWireException refused = assertThrows(SyncWireException.class, () -> decoder.decode(in));
        assertEquals(reason, refused.reason());
        assertTrue(refused.getMessage().startsWith(message), refused.getMessage());
    }
}
