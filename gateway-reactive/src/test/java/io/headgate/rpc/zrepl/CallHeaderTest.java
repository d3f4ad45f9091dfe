package io.headgate.rpc.zrepl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.rpc.RpcException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallHeaderTest {

    private static final String OK =
            "{\"Endpoint\":\"e\",\"DataType\":3,\"Accept\":4,\"Error\":1,\"ErrorMessage\":\"m\"}\n";

    private static CallHeader read(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return HeaderReader.read(bytes, bytes.length);
    }

    @Test
    void aHeaderIsWrittenAsTheOriginalWritesIt() {
        CallHeader header = new CallHeader("e", 3, 4, 1, "m");
        assertThat(HeaderWriter.text(header)).isEqualTo(OK);
        assertThat(read(OK)).isEqualTo(header);
    }

    @Test
    void textsAreEscapedByTheRulesOfGo() {
        CallHeader header = CallHeader.failure(4, "\"\\\n\r\t\b\u0000<>&\u2028\u2029é€😀\u007f\ud800");
        assertThat(HeaderWriter.text(header))
                .contains("\\\"\\\\\\n\\r\\t\\u0008\\u0000\\u003c\\u003e\\u0026\\u2028\\u2029é€😀\u007f\\ufffd\"}\n");
        assertThat(read(HeaderWriter.text(header)).errorMessage())
                .isEqualTo("\"\\\n\r\t\b\u0000<>&\u2028\u2029é€😀\u007f\ufffd");
    }

    @Test
    void numbersAreAsWideAsTheOriginals() {
        assertThat(read(OK.replace(":3", ":255").replace(":1,", ":18446744073709551615,")))
                .isEqualTo(new CallHeader("e", 255, 4, -1, "m"));
        assertThat(HeaderWriter.text(new CallHeader("e", 255, 4, -1, "m"))).contains("\"Error\":18446744073709551615,");
    }

    @Test
    void fieldsMayComeInAnyOrderWithBlanks() {
        assertThat(read(" { \"ErrorMessage\" : \"\\u006d\\/\" ,\n\"Error\":1, \"Accept\":4,\t\"DataType\":3,"
                        + "\"Endpoint\":\"e\" } \r\n"))
                .isEqualTo(new CallHeader("e", 3, 4, 1, "m/"));
    }

    @ParameterizedTest
    @ValueSource(ints = {444, 445, 446, 1469, 3517, 4000})
    void d3AHeaderNeverEndsWhereTheBufferOfTheOriginalsDecoderDoes(int length) {
        String text = HeaderWriter.text(CallHeader.failure(4, "x".repeat(length)));
        assertThat(text.length() - 1).isNotIn(512, 1536, 3584);
        assertThat(read(text).errorMessage()).hasSize(length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0001", "\"", "é", "€", "😀", "x"})
    void d5TextsAreCutToFitAtACharacter(String character) {
        byte[] bytes =
                HeaderWriter.text(CallHeader.failure(4, character.repeat(5000))).getBytes(StandardCharsets.UTF_8);
        assertThat(bytes.length).isBetween(4080, 4096);
        assertThat(HeaderReader.read(bytes, bytes.length).errorMessage().replace(character, ""))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "null",
                "[]",
                "{\"Endpoint\":\"e\",\"DataType\":3,\"Accept\":4,\"Error\":1}",
                "{\"Endpoint\":\"e\",\"Endpoint\":\"e\",\"DataType\":3,\"Accept\":4,\"Error\":1,\"ErrorMessage\":\"m\"}",
                "{\"Endpoint\":\"e\",\"DataType\":256,\"Accept\":4,\"Error\":1,\"ErrorMessage\":\"m\"}",
                "{\"Endpoint\":\"e\",\"DataType\":-3,\"Accept\":4,\"Error\":1,\"ErrorMessage\":\"m\"}",
                "{\"Endpoint\":\"e\",\"DataType\":03,\"Accept\":4,\"Error\":1,\"ErrorMessage\":\"m\"}",
                "{\"Endpoint\":\"e\",\"DataType\":\"3\",\"Accept\":4,\"Error\":1,\"ErrorMessage\":\"m\"}",
                "{\"Endpoint\":\"e\",\"DataType\":3,\"Accept\":4,\"Error\":18446744073709551616,\"ErrorMessage\":\"m\"}",
                "{\"Endpoint\":\"e\",\"DataType\":3,\"Accept\":4,\"Error\":1,\"ErrorMessage\":\"\\x\"}",
                "{\"Endpoint\":\"e\",\"DataType\":3,\"Accept\":4,\"Error\":1,\"ErrorMessage\":\"\\u00g0\"}",
                "{\"Endpoint\":\"e\",\"DataType\":3,\"Accept\":4,\"Error\":1,\"ErrorMessage\":\"\n\"}",
                "{\"Endpoint\":\"e\",\"DataType\":3,\"Accept\":4,\"Error\":1,\"Message\":\"m\"}",
                "{\"Endpoint\":\"e\",\"DataType\":3,\"Accept\":4,\"Error\":1,\"ErrorMessage\":\"m\",\"More\":1}",
                "{\"Endpoint\":\"e\",\"DataType\":3,\"Accept\":4,\"Error\":1,\"ErrorMessage\":\"m\"} {"
            })
    void whatIsNoHeaderIsRefusedAndShown(String text) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(RpcException.class)
                .hasMessageStartingWith("header: " + (text.length() > 80 ? text.substring(0, 40) : ""))
                .hasMessageContaining("(expected: ");
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        byte[] bytes = {(byte) '{', (byte) 0xff, (byte) '}'};
        assertThatThrownBy(() -> HeaderReader.read(bytes, 3)).hasMessageContaining("3 bytes that are not UTF-8");
    }
}
