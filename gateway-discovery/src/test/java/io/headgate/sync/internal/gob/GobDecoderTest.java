package io.headgate.sync.internal.gob;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.headgate.sync.internal.gob.GobDefinitions.Field;
import io.headgate.sync.internal.gob.GobShape.Kind;
import io.headgate.sync.internal.gob.SyncWireException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Streams of any struct, written by hand: what is matched, what is skipped, what is refused. */
class GobDecoderTest {

    private static final int INT = 2;
    private static final int UINT = 3;
    private static final int STRING = 6;
    private static final int INTERFACE = 8;

    /** {@code Number int, Text string, Rows []Row, Any interface}. */
    private static final GobShape ROW = GobShape.of("Row", new GobShape.Field("N", Kind.UINT));

    private static final GobShape SHAPE = GobShape.of(
            "Shape",
            new GobShape.Field("Number", Kind.INT),
            new GobShape.Field("Text", Kind.STRING),
            new GobShape.Field("Rows", Kind.STRUCTS, ROW),
            new GobShape.Field("Any", Kind.INTERFACE));

    private final List<Object> seen = new ArrayList<>();

    private void see(int slot, @Nullable GobPlan rows, GobDecoder in) {
        switch (slot) {
            case 0 -> seen.add(in.reader().sint());
            case 1 -> seen.add(in.reader().string());
            case 2 -> {
                for (int left = in.count(); left > 0; left--) {
                    in.struct(
                            java.util.Objects.requireNonNull(rows),
                            (s, e, d) -> seen.add(d.reader().uint()));
                    seen.add("row");
                }
            }
            default -> seen.add(in.text());
        }
    }

    private boolean decode(GobLimits limits, ByteBuf in) {
        return new GobDecoder(limits).decode(in, SHAPE, this::see);
    }

    private List<Object> decoded(ByteBuf in) {
        assertTrue(decode(GobLimits.SERVER, in));
        assertFalse(in.isReadable());
        return seen;
    }

    private static ByteBuf hex(String hex) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    /** A frame with these bytes. */
    private static ByteBuf frame(ByteBuf body) {
        ByteBuf frame = Unpooled.buffer();
        Gob.uint(frame, body.readableBytes());
        return frame.writeBytes(body);
    }

    private static ByteBuf stream(GobDefinitions definitions, String value) {
        return Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(definitions.toBytes()), frame(hex(value)));
    }

    @Test
    void matchesFieldsByNameInWhateverOrder() {
        GobDefinitions definitions =
                new GobDefinitions().struct("", List.of(new Field("Text", STRING), new Field("Number", INT)));
        assertEquals(List.of("ab", -1L), decoded(stream(definitions, "ff80 01 026162 01 01 00")));
    }

    @Test
    void readsNothingWhereAllIsZero() {
        GobDefinitions definitions = new GobDefinitions().struct("", List.of(new Field("Text", STRING)));
        assertEquals(List.of(), decoded(stream(definitions, "ff80 00")));
    }

    @Test
    void readsListsOfStructs() {
        GobDefinitions definitions = new GobDefinitions()
                .struct("", List.of(new Field("Rows", 65)))
                .slice("", 66)
                .struct("", List.of(new Field("X", STRING), new Field("N", UINT)));
        assertEquals(
                List.of(5L, "row", "row", 300L, "row"),
                decoded(stream(definitions, "ff80 01 03 0205 00 010178 00 02 fe012c 00 00")));
    }

    @Test
    void takesAnEmptyStructForAnyOther() {
        assertEquals(List.of(), decoded(stream(new GobDefinitions().struct("", List.of()), "ff80 00")));
    }

    @ParameterizedTest
    @CsvSource({
        "bool,      1, 01,                                   true",
        "int16,     2, 03,                                   -2",
        "uint64,    3, f8ffffffffffffffff,                   18446744073709551615",
        "float64,   4, fef83f,                               1.5",
        "[]uint8,   5, 026162,                               ab",
        "string,    6, 026162,                               ab"
    })
    void readsBasicValuesOfInterfacesAsText(String name, int id, String value, String text) {
        GobDefinitions definitions = new GobDefinitions().struct("", List.of(new Field("Any", INTERFACE)));
        ByteBuf body = hex("ff80 01");
        ByteBuf any = Unpooled.buffer();
        any.writeBytes(body);
        Gob.string(any, name);
        Gob.sint(any, id);
        ByteBuf bytes = hex("00" + value);
        Gob.uint(any, bytes.readableBytes());
        any.writeBytes(bytes).writeByte(0);
        assertEquals(
                List.of(text),
                decoded(Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(definitions.toBytes()), frame(any))));
    }

    @Test
    void skipsFieldsOfEveryKind() {
        ByteBuf all = Unpooled.buffer();
        // 64: the struct; 65: array of 2 uints, 66: map of string to 67, 67: slice of 68, 68: struct {interface,
        // complex, bytes},
        // 69: GobEncoder, 70: TextMarshaler
        all.writeBytes(new GobDefinitions()
                .struct(
                        "",
                        List.of(
                                new Field("Array", 65),
                                new Field("Map", 66),
                                new Field("Time", 69),
                                new Field("Other", 70),
                                new Field("Bool", 1),
                                new Field("Float", 4),
                                new Field("Nil", INTERFACE),
                                new Field("Text", STRING)))
                .toBytes());
        all.writeBytes(frame(hex("ff81 01 01 01 0141 01 ff82 00 01 06 01 04 00 00")));
        all.writeBytes(frame(hex("ff83 04 01 02 ff84 00 01 0c 01 ff86 00 00")));
        all.writeBytes(frame(hex("ff85 02 01 02 ff86 00 01 ff88 00 00")));
        all.writeBytes(
                frame(hex("ff87 03 01 02 ff88 00 01 03 01 0149 01 10 00 01 0143 01 0e 00 01 0142 01 0a 00 00 00")));
        all.writeBytes(frame(hex("ff89 05 01 02 ff8a 00 00 00")));
        all.writeBytes(frame(hex("ff8b 07 01 02 ff8c 00 00 00")));
        all.writeBytes(frame(hex("ff80"
                + "01 02 05 fe012c" // array
                + "01 01 0161 02 00 01 06737472696e67 0c 03 000178 01 40 fe3ff0 01 0199 00" // map
                + "01 03 010203" // GobEncoder
                + "01 00" // TextMarshaler
                + "01 01 01 fe3ff0 01 00" // bool, float, nil
                + "01 0162 00")));
        assertEquals(List.of("b"), decoded(all));
    }

    @Test
    void readsDefinitionsInsideOfDelimitedValues() {
        // Go writes a nested interface's definition in the middle of the value, and then a length that nobody needs
        GobDefinitions definitions =
                new GobDefinitions().struct("", List.of(new Field("Any", INTERFACE), new Field("Text", STRING)));
        ByteBuf in =
                stream(definitions, "ff80 01 06737472696e67 ff83 05 01 02 ff84 00 00 00 07 0c 02 00 00 01 0178 00");
        assertEquals(List.of("", "x"), decoded(in));
    }

    @Test
    void readsAMessageAgainOnlyWhenAFrameHasCome() {
        GobDecoder decoder = new GobDecoder(GobLimits.SERVER);
        ByteBuf in = Unpooled.buffer()
                .writeBytes(new GobDefinitions()
                        .struct("", List.of(new Field("Number", INT), new Field("Any", INTERFACE)))
                        .toBytes());
        in.writeBytes(frame(hex("ff80 01 02 01 06737472696e67 ff83 05 01 02 ff84 00 00 00")));
        byte[] rest = new byte[40];
        frame(hex("0c 20 00 1d" + "61".repeat(29) + "00")).readBytes(rest, 0, 35);
        for (int i = 0; i < 34; i++) {
            assertFalse(decoder.decode(in, SHAPE, this::see));
            in.writeByte(rest[i]);
        }
        assertEquals(2, seen.size()); // once when the frame came, and once when its length did
        in.writeByte(rest[34]);
        assertTrue(decoder.decode(in, SHAPE, this::see));
        assertEquals(List.of(1L, 1L, 1L, "a".repeat(29)), seen);
    }

    @Test
    void roundsNumbersTrip() {
        Random random = new Random(11);
        for (int i = 0; i < 2000; i++) {
            long number = random.nextLong() >> random.nextInt(64);
            ByteBuf out = Unpooled.buffer();
            Gob.uint(out, number);
            assertEquals(Gob.uintSize(number), out.readableBytes());
            Gob.sint(out, number);
            assertEquals(Gob.uintSize(number) + Gob.sintSize(number), out.readableBytes());
            GobReader reader = new GobReader();
            reader.open(out.array(), 0, out.readableBytes());
            assertEquals(number, reader.uint());
            assertEquals(number, reader.sint());
            assertEquals(0, reader.remaining());
        }
    }

    /** Frames by hand; what is refused, and what the message names. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "80                                             | BAD_NUMBER     | bytes of a frame's length: 128",
                "f7                                             | BAD_NUMBER     | bytes of a frame's length: 9",
                "f8 ffffffffffffffff                            | FRAME_TOO_LONG | bytes of a message: 18446744073709551615",
                "f8 7fffffffffffffff                            | FRAME_TOO_LONG | bytes of a message:",
                "fd 100000                                      | FRAME_TOO_LONG | bytes of a message: 1048580",
                "00                                             | TRUNCATED      | number: 1 bytes",
                "01 ff                                          | TRUNCATED      | number: 1 bytes",
                "02 f7 00                                       | BAD_NUMBER     | bytes of a number: 9",
                "01 00                                          | UNDEFINED_TYPE | type id: 0",
                "02 12 00                                       | UNDEFINED_TYPE | type id: 9",
                "02 04 00                                       | WRONG_KIND     | type 2: int",
                "03 ff82 00                                     | UNDEFINED_TYPE | type id: 65",
                "09 f8 fffffffffffffffe                         | UNDEFINED_TYPE | type id: 9223372036854775807",
                "01 7d                                          | BAD_TYPE_ID    | id of a defined type: 63",
                "01 01                                          | BAD_TYPE_ID    | id of a defined type: 1",
                "09 f8 ffffffffffffffff                         | BAD_TYPE_ID    | id of a defined type:",
                "06 fb 01ffffffff 00                            | BAD_TYPE_ID    | id of a defined type: 4294967296",
                "02 7f 00                                       | BAD_DEFINITION | kind of a definition: -1",
                "02 7f 08                                       | BAD_DEFINITION | kind of a definition: 7",
                "03 7f 03 00                                    | BAD_DEFINITION | first field of a definition: -1",
                "05 7f 03 01 03 00                              | BAD_DEFINITION | end of the common part",
                "09 7f 03 01 02 ff80 00 02 00                   | BAD_DEFINITION | next field of a definition: 2",
                "08 7f 02 01 02 ff80 00 00                      | BAD_DEFINITION | next field of a definition: 0",
                "09 7f 02 01 02 ff80 00 01 00                   | BAD_DEFINITION | type id in a definition: 0",
                "09 7f 02 01 02 ff80 00 01 01                   | BAD_DEFINITION | type id in a definition: -1",
                "0b 7f 03 01 02 ff80 00 01 01 05 00             | BAD_DEFINITION | end of a field",
                "0a 7f 03 01 02 ff80 00 00 01 00                | BAD_DEFINITION | end of a definition: 1",
                "0b 7f 03 01 02 ff80 00 00 00 01 00             | TRAILING_BYTES | bytes behind a definition: 2",
                "0d 7f 03 01 02 ff80 00 01 fd ffffff 01         | BAD_COUNT      | elements: 16777215",
                "0a 7f 03 01 02 ff80 00 01 7f 00                | BAD_COUNT      | elements: 127",
                "09 7f 03 01 01 fe 0401 00 00                   | NAME_TOO_LONG  | bytes of a name: 1025",
                "09 7f 03 01 02 ff80 00 00 00  09 7f 03 01 02 ff80 00 00 00 | DUPLICATE_TYPE | id of a defined type: 64",
            })
    void refusesBrokenFramesAndDefinitions(String bytes, Reason reason, String message) {
        refused(hex(bytes), reason, message);
    }

    /** Values of {@code struct {Number int; Text string; Rows []struct {N uint}; Any interface; X []X}}. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ff80                                           | TRUNCATED      | number: 1 bytes",
                "ff80 06 00                                     | BAD_NUMBER     | field: 5 (expected: less than 5)",
                "ff80 01 02 05 00                               | BAD_NUMBER     | field: 5 (expected: less than 5)",
                "ff80 f8 ffffffffffffffff                       | BAD_NUMBER     | field: 18446744073709551614",
                "ff80 00 00                                     | TRAILING_BYTES | bytes behind a value: 1",
                "ff80 02 7f 00                                  | TRUNCATED      | string: 127 bytes (expected: at most the 1",
                "ff80 02 f8 ffffffffffffffff 00                 | TRUNCATED      | string: 18446744073709551615 bytes",
                "ff80 03 fd ffffff 00                           | BAD_COUNT      | elements: 16777215 (expected: at most 1)",
                "ff80 03 f8 ffffffffffffffff 00                 | BAD_COUNT      | elements: 18446744073709551615",
                "ff80 03 01 02 00                               | BAD_NUMBER     | field: 1 (expected: less than 1)",
                "ff80 04 03 666f6f 0c 02 00 00 00               | UNKNOWN_NAME   | name of a basic value: foo",
                "ff80 04 03 696e74 0c 02 00 00 00               | WRONG_KIND     | type id of int: 6 (expected: 2)",
                "ff80 04 03 696e74 04 7f 00 00 00               | TRUNCATED      | value of an interface: 127 bytes",
                "ff80 04 03 696e74 04 02 05 00 00               | BAD_VALUE      | byte before a basic value: 5",
                "ff80 04 06 737472696e67 0c 02 05 00 00         | BAD_VALUE      | byte before a basic value: 5",
                "ff80 04 04 626f6f6c 02 02 00 02 00             | BAD_VALUE      | bool: 2 (expected: 0 or 1)",
                "ff80 04 fe 0401                                | NAME_TOO_LONG  | bytes of a name: 1025",
                "ff80 05 01 01 01 01 01 01 01 01 01 01 00 00    | TOO_DEEP       | nesting: 9 (expected: at most 8)",
                "ff80 05 7f 00                                  | BAD_COUNT      | elements: 127 (expected: at most 1)",
            })
    void refusesBrokenValues(String bytes, Reason reason, String message) {
        GobDefinitions definitions = new GobDefinitions()
                .struct(
                        "",
                        List.of(
                                new Field("Number", INT),
                                new Field("Text", STRING),
                                new Field("Rows", 65),
                                new Field("Any", INTERFACE),
                                new Field("X", 67)))
                .slice("", 66)
                .struct("", List.of(new Field("N", UINT)))
                .slice("", 67);
        refused(stream(definitions, bytes), reason, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Number | 6  | WRONG_KIND     | Shape.Number: string (expected: int)",
                "Number | 3  | WRONG_KIND     | Shape.Number: uint (expected: int)",
                "Text   | 5  | WRONG_KIND     | Shape.Text: bytes (expected: string)",
                "Any    | 6  | WRONG_KIND     | Shape.Any: string (expected: interface)",
                "Rows   | 6  | WRONG_KIND     | Shape.Rows: string (expected: structs)",
                "Rows   | 64 | WRONG_KIND     | Shape.Rows: struct (expected: structs)",
                "Rows   | 65 | WRONG_KIND     | Shape.Rows: slice (expected: structs)",
                "Rows   | 66 | WRONG_KIND     | Shape.Rows: slice (expected: structs)",
                "Rows   | 67 | WRONG_KIND     | struct:",
                "Rows   | 90 | UNDEFINED_TYPE | type id: 90",
                "Number | 9  | UNDEFINED_TYPE | type id: 9",
                "Other  | 2  | WRONG_KIND     | struct: T (expected: one that has a field of Shape)",
            })
    void refusesFieldsOfAnotherKind(String field, int type, Reason reason, String message) {
        GobDefinitions definitions = new GobDefinitions()
                .struct("T", List.of(new Field(field, type)))
                .slice("", 65)
                .slice("", STRING)
                .slice("", 68)
                .struct("T", List.of(new Field("Other", UINT)));
        refused(stream(definitions, "ff80 00"), reason, message);
    }

    @Test
    void refusesMoreTypesThanAllowed() {
        GobDefinitions definitions = new GobDefinitions();
        for (int i = 0; i < 257; i++) {
            definitions.external("");
        }
        refused(
                Unpooled.wrappedBuffer(definitions.toBytes()),
                Reason.TOO_MANY_TYPES,
                "types: 257 (expected: at most 256)");
    }

    @Test
    void countsAllFramesOfOneMessage() {
        GobLimits limits = GobLimits.SERVER.withMaxMessage(64);
        ByteBuf in = Unpooled.buffer()
                .writeBytes(new GobDefinitions()
                        .struct("", List.of(new Field("Any", INTERFACE)))
                        .toBytes());
        in.writeBytes(frame(hex("ff80 01 06737472696e67 ff83 05 01 02 ff84 00 00 00")));
        in.writeBytes(frame(hex("0c 2a 00 28" + "61".repeat(40) + "00")));
        SyncWireException refused = assertThrows(SyncWireException.class, () -> decode(limits, in));
        assertEquals(Reason.FRAME_TOO_LONG, refused.reason());
    }

    private void refused(ByteBuf in, Reason reason, String message) {
        GobLimits limits = new GobLimits(1 << 20, 256, 1024, 8, 4096);
        SyncWireException refused = assertThrows(SyncWireException.class, () -> decode(limits, in));
        assertEquals(reason, refused.reason(), refused.getMessage());
        String text = refused.getMessage();
        assertTrue(text.startsWith(message) && text.contains(" (expected: "), text);
        assertEquals(0, refused.getStackTrace().length);
    }
}
