package io.headgate.sync.internal.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import io.headgate.sync.internal.gob.GobLimits;
import io.headgate.sync.internal.gob.GobTime;
import io.headgate.sync.internal.gob.SyncWireException;
import io.headgate.sync.internal.gob.SyncWireException.Reason;
import io.headgate.sync.internal.wire.SyncMessage.ClientHello;
import io.headgate.sync.internal.wire.SyncMessage.DecoderRestart;
import io.headgate.sync.internal.wire.SyncMessage.Kvs;
import io.headgate.sync.internal.wire.SyncMessage.Ping;
import io.headgate.sync.internal.wire.SyncMessage.Pong;
import io.headgate.sync.internal.wire.SyncMessage.ServerHello;
import io.headgate.sync.internal.wire.SyncMessage.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What Go writes is read, and what was read by Go is written. */
class GoldenBytesTest {

    private static final Instant THEN = Instant.parse("2019-02-22T11:36:56.123456789Z");
    private static final Instant NOW = Instant.parse("2026-08-22T06:33:20.000000005Z");
    private static final String FOOBAR = "/calico/v1/config/foobar";

    static final ClientHello HELLO_325 = new ClientHello("node-1", "felix", "v3.2.5");
    static final ClientHello HELLO_TODAY = new ClientHello(
            "node-1",
            "felix",
            "v3.32.0",
            "felix",
            true,
            List.of("snappy"),
            true,
            0x1122334400000001L,
            false,
            List.of(),
            0,
            0);
    static final ServerHello SERVER_HELLO_TODAY =
            new ServerHello("v3.32.0", "felix", true, 0x5566778800000001L, 0, false, false);

    private static SyncUpdate update(String key, String value, String revision, UpdateType type) {
        return new SyncUpdate(
                key, value.isEmpty() ? null : ByteString.copyFromUtf8(value), revision, "", Duration.ZERO, type);
    }

    private static Kvs kvs(SyncUpdate... updates) {
        return new Kvs(List.of(updates));
    }

    static List<SyncMessage> decode(SyncDecoder decoder, ByteBuf in) {
        List<SyncMessage> messages = new ArrayList<>();
        for (SyncMessage message = decoder.decode(in); message != null; message = decoder.decode(in)) {
            messages.add(message);
        }
        return messages;
    }

    private static SyncDecoder server() {
        return SyncDecoder.server(GobLimits.SERVER);
    }

    private static SyncDecoder client() {
        return SyncDecoder.client(GobLimits.CLIENT);
    }

    static String[] names(String set, int to) {
        return IntStream.rangeClosed(1, to).mapToObj(i -> set + i).toArray(String[]::new);
    }

    static List<SyncMessage> setA() {
        return List.of(
                HELLO_325,
                new Pong(GobTime.of(THEN)),
                new Pong(GobTime.of(THEN)),
                new Pong(GobTime.of(THEN), GobTime.of(THEN.plusNanos(1_500_000))),
                new ClientHello("", "", ""));
    }

    static List<SyncMessage> setB() {
        return List.of(
                new ServerHello("v3.2.5"),
                kvs(
                        new SyncUpdate(
                                FOOBAR,
                                ByteString.copyFromUtf8("bazzbiff"),
                                "1234",
                                "",
                                Duration.ofNanos(12),
                                UpdateType.NEW),
                        update("/calico/v1/Ready", "true", "1235", UpdateType.NEW)),
                new Ping(THEN),
                new Status(SyncStatus.IN_SYNC),
                kvs(update(FOOBAR, "x", "1236", UpdateType.UPDATED)),
                kvs(update(FOOBAR, "", "1237", UpdateType.DELETED)),
                kvs(update(FOOBAR, "", "1238", UpdateType.UPDATED)),
                kvs(update("/calico/v1/config/e", "y", "", UpdateType.NEW)),
                kvs(update("/calico/v1/config/e", "y", "300", UpdateType.UPDATED)),
                kvs(update("/calico/v1/config/e", "y", "-129", UpdateType.UPDATED)),
                kvs(),
                new Status(SyncStatus.WAIT_FOR_DATASTORE),
                new Status(SyncStatus.RESYNC));
    }

    @Test
    void readsWhatClientsOf325Say() {
        assertEquals(setA(), decode(server(), Vectors.of(names("A", 5))));
    }

    @Test
    void readsWhatServersOf325Say() {
        assertEquals(setB(), decode(client(), Vectors.of(names("B", 13))));
    }

    @Test
    void readsTimesOfAllZones() {
        SyncDecoder decoder = client();
        decode(decoder, Vectors.of(names("B", 3)));
        List<Instant> times = decode(decoder, Vectors.of("B14", "B15", "B16", "B17")).stream()
                .map(ping -> ((Ping) ping).sent().instant())
                .toList();
        assertEquals(
                List.of(
                        Instant.parse("2019-02-22T11:36:56Z"),
                        Instant.parse("2019-02-22T11:36:56.000000005Z"),
                        Instant.parse("2019-02-22T12:37:57Z"),
                        Instant.parse("0001-01-01T00:00:00Z")),
                times);
    }

    @Test
    void sendsTimesBackByteByByte() {
        for (String name : List.of("B14", "B15", "B16")) {
            SyncDecoder decoder = client();
            decode(decoder, Vectors.of("B1", "B3"));
            Ping ping = (Ping) decode(decoder, Vectors.of(name)).get(0);
            ByteBuf pong = Unpooled.buffer();
            SyncEncoder.client(Generation.V3_2_5).encode(new Pong(ping.sent()), pong);
            byte[] sent = Vectors.bytes(name);
            byte[] time = Arrays.copyOfRange(sent, sent.length - ping.sent().size() - 2, sent.length);
            String hex = Vectors.hex(pong);
            assertEquals(Vectors.hex(Unpooled.wrappedBuffer(time)), hex.substring(hex.length() - 2 * time.length));
        }
    }

    @Test
    void readsLongLengths() {
        SyncDecoder decoder = client();
        decode(decoder, Vectors.of("B1", "B2"));
        assertEquals(
                List.of(kvs(new SyncUpdate(
                        "/calico/v1/config/big",
                        ByteString.copyFromUtf8("v".repeat(300)),
                        "99",
                        "",
                        Duration.ofSeconds(90),
                        UpdateType.UPDATED))),
                decode(decoder, Vectors.of("B20")));
    }

    @Test
    void refusesEnvelopesWithoutAMessage() {
        SyncDecoder decoder = client();
        decode(decoder, Vectors.of("B1"));
        SyncWireException refused = assertThrows(SyncWireException.class, () -> decoder.decode(Vectors.of("B18")));
        assertEquals(Reason.NO_MESSAGE, refused.reason());
    }

    @Test
    void refusesEnvelopesWithANumber() {
        SyncDecoder decoder = client();
        decode(decoder, Vectors.of("B1"));
        SyncWireException refused = assertThrows(SyncWireException.class, () -> decoder.decode(Vectors.of("B19")));
        assertEquals(Reason.UNKNOWN_NAME, refused.reason());
    }

    @Test
    void readsWhatClientsOfTodaySay() {
        assertEquals(
                List.of(HELLO_TODAY, new SyncMessage.Ack(), new SyncMessage.Ack(), new Pong(GobTime.of(NOW))),
                decode(server(), Vectors.of(names("C", 4))));
    }

    @Test
    void readsWhatServersOfTodaySayInThreeStreams() {
        assertEquals(
                List.of(
                        SERVER_HELLO_TODAY,
                        new DecoderRestart("enable compression: snappy;send binary snapshot", "snappy")),
                decode(client(), Vectors.of("D1", "D2")));
        assertEquals(
                List.of(
                        kvs(
                                new SyncUpdate(
                                        "/calico/resources/v3/projectcalico.org/nodes/node1",
                                        ByteString.copyFromUtf8("{}"),
                                        "77",
                                        "77",
                                        Duration.ZERO,
                                        UpdateType.NEW),
                                update(FOOBAR, "bazzbiff", "1234", UpdateType.NEW)),
                        new DecoderRestart("End of compressed snapshot.", "snappy")),
                decode(client(), Vectors.of("D3", "D4")));
        assertEquals(
                List.of(
                        new Status(SyncStatus.IN_SYNC),
                        kvs(update(FOOBAR, "", "1300", UpdateType.DELETED)),
                        new Ping(NOW),
                        new DecoderRestart("x", "")),
                decode(client(), Vectors.of("D5", "D6", "D7", "D8")));
    }

    @Test
    void writesTheLayoutOf325() {
        SyncEncoder encoder = SyncEncoder.server(Generation.V3_2_5);
        ByteBuf out = Unpooled.buffer();
        out.writeBytes(encoder.preamble());
        for (SyncMessage message : List.of(
                new ServerHello("v3.2.5"),
                kvs(new SyncUpdate(
                        FOOBAR, ByteString.copyFromUtf8("bazzbiff"), "1234", "", Duration.ofNanos(12), UpdateType.NEW)),
                new Ping(THEN),
                new Status(SyncStatus.IN_SYNC),
                new Pong(GobTime.of(THEN)),
                new ClientHello("h", "", "v"))) {
            encoder.encode(message, out);
        }
        assertEquals(Vectors.hex("E"), Vectors.hex(out));
    }

    @Test
    void readsTheLayoutOf325() {
        ByteBuf all = Vectors.of("E");
        SyncDecoder client = client();
        for (Class<?> type : List.of(ServerHello.class, Kvs.class, Ping.class, Status.class)) {
            assertEquals(type, type.cast(client.decode(all)).getClass());
        }
        assertEquals(
                List.of(new Pong(GobTime.of(THEN)), new ClientHello("h", "", "v")),
                decode(server(), Unpooled.wrappedBuffer(Vectors.of("E").slice(0, 454), all)));
    }

    @Test
    void writesTheDefinitionsOfTodayWhenOursAreLeftOut() {
        assertEquals(
                Vectors.hex("F-preamble"),
                Vectors.hex(Unpooled.wrappedBuffer(
                        new SyncLayout(SyncLayout.SERVER_TYPES, SyncType.Since.TODAY).preamble())));
        assertEquals(
                Vectors.hex("G-preamble"),
                Vectors.hex(Unpooled.wrappedBuffer(
                        new SyncLayout(SyncLayout.CLIENT_TYPES, SyncType.Since.TODAY).preamble())));
    }

    @Test
    void writesTheMessagesOfAServerOfToday() {
        SyncEncoder encoder = SyncEncoder.server(Generation.TODAY);
        expect("F-ServerHello", encoder, SERVER_HELLO_TODAY);
        expect("F-DecoderRestart-snappy", encoder, new DecoderRestart("x", "snappy"));
        expect("F-KVs", encoder, kvs(update(FOOBAR, "bazzbiff", "1234", UpdateType.NEW)));
        expect("F-Ping", encoder, new Ping(NOW));
        expect("F-SyncStatus-InSync", encoder, new Status(SyncStatus.IN_SYNC));
    }

    @Test
    void writesTheMessagesOfAClientOfToday() {
        SyncEncoder encoder = SyncEncoder.client(Generation.TODAY);
        expect("G-ClientHello", encoder, HELLO_TODAY);
        expect("G-ACK", encoder, new SyncMessage.Ack());
        expect("G-Pong", encoder, new Pong(GobTime.of(NOW)));
    }

    @Test
    void readsItsOwnLayouts() {
        assertEquals(
                List.of(
                        SERVER_HELLO_TODAY,
                        new DecoderRestart("x", "snappy"),
                        kvs(update(FOOBAR, "bazzbiff", "1234", UpdateType.NEW)),
                        kvs(new SyncUpdate(
                                "/calico/v1/config/z",
                                ByteString.EMPTY,
                                "1234",
                                "",
                                Duration.ZERO,
                                UpdateType.DELETED)),
                        new Ping(NOW),
                        new Status(SyncStatus.IN_SYNC)),
                decode(
                        client(),
                        Vectors.of(
                                "F-preamble",
                                "F-ServerHello",
                                "F-DecoderRestart-snappy",
                                "F-KVs",
                                "F-KVs-with-explicit-zero-valued-fields",
                                "F-Ping",
                                "F-SyncStatus-InSync")));
        assertEquals(
                List.of(HELLO_TODAY, new SyncMessage.Ack(), new Pong(GobTime.of(NOW))),
                decode(server(), Vectors.of("G-preamble", "G-ClientHello", "G-ACK", "G-Pong")));
    }

    @Test
    void needsNoBytesBehindAMessage() {
        SyncDecoder decoder = server();
        ByteBuf in = Vectors.of("A1");
        assertEquals(HELLO_325, decoder.decode(in));
        assertEquals(0, in.readableBytes());
        assertNull(decoder.decode(in));
    }

    private static void expect(String vector, SyncEncoder encoder, SyncMessage message) {
        ByteBuf out = Unpooled.buffer();
        encoder.encode(message, out);
        assertEquals(Vectors.hex(vector), Vectors.hex(out));
    }
}
