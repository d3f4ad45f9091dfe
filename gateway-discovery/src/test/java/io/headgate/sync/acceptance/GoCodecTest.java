package io.headgate.sync.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import io.headgate.sync.acceptance.GoPeer.Structs;
import io.headgate.sync.internal.gob.GobLimits;
import io.headgate.sync.internal.gob.GobTime;
import io.headgate.sync.internal.wire.Generation;
import io.headgate.sync.internal.wire.SyncDecoder;
import io.headgate.sync.internal.wire.SyncEncoder;
import io.headgate.sync.internal.wire.SyncMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Gob of the standard library of Go, with the structs of both generations, against ours. */
@Timeout(120)
class GoCodecTest {

    private static final Instant AT = Instant.parse("2026-08-22T06:33:20.000000005Z");

    private static byte[] encoded(SyncEncoder encoder, List<? extends SyncMessage> messages) {
        ByteBuf out = Unpooled.buffer();
        out.writeBytes(encoder.preamble());
        messages.forEach(message -> encoder.encode(message, out));
        return ByteBufUtil.getBytes(out);
    }

    private static String decodedByGo(Structs structs, byte[] bytes) throws Exception {
        return Told.normal(new String(GoPeer.run(structs, bytes, "decode"), StandardCharsets.UTF_8));
    }

    private static String told(Structs structs, List<? extends SyncMessage> messages) {
        return messages.stream().map(message -> Told.of(message, structs)).collect(Collectors.joining("\n"));
    }

    private static SyncUpdate update(String key, ByteString value, String revision, long ttl, UpdateType type) {
        return new SyncUpdate(key, value, revision, "", Duration.ofNanos(ttl), type);
    }

    /** All that a server may say to anybody, each of our own fields set. */
    private static List<SyncMessage> ofServer(Generation generation) {
        boolean today = generation == Generation.TODAY;
        List<SyncUpdate> updates = new ArrayList<>(List.of(
                update("/a", ByteString.copyFromUtf8("text \"quoted\""), "1234", 12, UpdateType.NEW),
                update("/b", ByteString.copyFrom(new byte[] {0, -1, -128}), "", -5, UpdateType.UPDATED),
                update("/c/" + "long".repeat(100), ByteString.copyFrom(new byte[70_000]), "1", 0, UpdateType.UNKNOWN),
                update("/d", null, "5", 0, UpdateType.DELETED),
                update("/e", null, "6", 0, UpdateType.UPDATED)));
        if (today) {
            updates.add(new SyncUpdate(
                    "/f", ByteString.copyFromUtf8("{}"), "77", "78", Duration.ofSeconds(90), UpdateType.NEW));
        }
        return List.of(
                new SyncMessage.ServerHello("v1", today ? "bgp" : "", today, today ? -2 : 0, -3, true, true),
                new SyncMessage.Kvs(updates, -1),
                new SyncMessage.Kvs(List.of(), 7),
                new SyncMessage.Kvs(List.of()),
                new SyncMessage.Status(SyncStatus.WAIT_FOR_DATASTORE, 8),
                new SyncMessage.Status(SyncStatus.RESYNC, 8),
                new SyncMessage.Status(SyncStatus.IN_SYNC),
                new SyncMessage.Ping(GobTime.of(AT), AT.plusSeconds(1), 300),
                new SyncMessage.Ping(AT));
    }

    @ParameterizedTest
    @CsvSource({"V325, V3_2_5", "V325, TODAY", "TODAY, V3_2_5", "TODAY, TODAY"})
    void goReadsWhatOurServerSaysAndNothingOfWhatIsOurs(Structs structs, Generation generation) throws Exception {
        List<SyncMessage> messages = ofServer(generation);
        byte[] bytes = encoded(SyncEncoder.server(generation), messages);
        String expected = told(structs, messages);
        assertThat(decodedByGo(structs, bytes)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"V325, V3_2_5", "V325, TODAY", "TODAY, V3_2_5", "TODAY, TODAY"})
    void goReadsWhatOurClientSaysAndNothingOfWhatIsOurs(Structs structs, Generation generation) throws Exception {
        SyncMessage.ClientHello hello = generation == Generation.V3_2_5
                ? new SyncMessage.ClientHello("host", "info", "v1")
                : new SyncMessage.ClientHello(
                        "host",
                        "info",
                        "v1",
                        "bgp",
                        true,
                        List.of("snappy"),
                        true,
                        -2,
                        true,
                        List.of("/a", "/b"),
                        7,
                        9);
        List<SyncMessage> messages = List.of(
                hello,
                new SyncMessage.Pong(GobTime.of(AT)),
                new SyncMessage.Pong(GobTime.of(AT), GobTime.of(AT.plusNanos(1))));
        byte[] bytes = encoded(SyncEncoder.client(generation), messages);
        assertThat(decodedByGo(structs, bytes)).isEqualTo(told(structs, messages));
    }

    @ParameterizedTest
    @EnumSource(Structs.class)
    void goTakesAnEmptyValueThatWeSayForNone(Structs structs) throws Exception {
        SyncUpdate empty = update("/empty", ByteString.EMPTY, "1", 0, UpdateType.UPDATED);
        SyncUpdate after = update("/next", ByteString.copyFromUtf8("x"), "2", 0, UpdateType.NEW);
        byte[] bytes =
                encoded(SyncEncoder.server(Generation.TODAY), List.of(new SyncMessage.Kvs(List.of(empty, after))));
        SyncUpdate none = update("/empty", null, "1", 0, UpdateType.UPDATED);
        assertThat(decodedByGo(structs, bytes))
                .isEqualTo(told(structs, List.of(new SyncMessage.Kvs(List.of(none, after)))));
    }

    @ParameterizedTest
    @CsvSource({"V325, client", "V325, server", "TODAY, client", "TODAY, server"})
    void weReadWhatGoHasWritten(Structs structs, String side) throws Exception {
        byte[] bytes = GoPeer.recorded(structs.resource(side + ".hex")).get(0);
        assertThat(decoded(bytes, side, structs)).isEqualTo(recordedText(structs, side));
    }

    @ParameterizedTest
    @CsvSource({"V325, client", "V325, server", "TODAY, client", "TODAY, server"})
    void weReadWhatGoHasWrittenByteByByte(Structs structs, String side) throws Exception {
        byte[] bytes = GoPeer.recorded(structs.resource(side + ".hex")).get(0);
        SyncDecoder decoder = decoder(side);
        List<String> messages = new ArrayList<>();
        ByteBuf in = Unpooled.buffer();
        for (byte each : bytes) {
            in.writeByte(each);
            SyncMessage message = decoder.decode(in);
            if (message != null) {
                messages.add(Told.of(message, structs));
            }
        }
        assertThat(String.join("\n", messages)).isEqualTo(recordedText(structs, side));
    }

    @ParameterizedTest
    @CsvSource({"V325, client", "V325, server", "TODAY, client", "TODAY, server"})
    void goWritesWhatWasRecorded(Structs structs, String side) throws Exception {
        byte[] written = GoPeer.run(structs, new byte[0], "encode", side);
        assertThat(written)
                .isEqualTo(GoPeer.recorded(structs.resource(side + ".hex")).get(0));
        assertThat(decodedByGo(structs, written)).isEqualTo(recordedText(structs, side));
    }

    private static SyncDecoder decoder(String side) {
        return side.equals("client") ? SyncDecoder.server(GobLimits.SERVER) : SyncDecoder.client(GobLimits.CLIENT);
    }

    private static String decoded(byte[] bytes, String side, Structs structs) {
        SyncDecoder decoder = decoder(side);
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        List<String> messages = new ArrayList<>();
        for (SyncMessage next = decoder.decode(in); next != null; next = decoder.decode(in)) {
            messages.add(Told.of(next, structs));
        }
        assertThat(in.isReadable()).isFalse();
        return String.join("\n", messages);
    }

    private static String recordedText(Structs structs, String side) throws Exception {
        try (InputStream text = GoCodecTest.class.getResourceAsStream(structs.resource(side + ".txt"))) {
            return Told.normal(new String(text.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
