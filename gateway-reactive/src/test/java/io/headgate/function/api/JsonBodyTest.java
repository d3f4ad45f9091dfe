package io.headgate.function.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonBodyTest {

    private static JsonBody read(String json) {
        return JsonBody.read(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static Object all(JsonBody body) {
        return new Object[] {
            body.string("name"),
            body.integer("memory"),
            body.strings("config"),
            body.values("annotations", key -> false)
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // what is no JSON, or not one object of it
                "`` | body: empty (expected: an object of JSON)",
                "   | body: empty (expected: an object of JSON)",
                "[] | body: [] (expected: an object of JSON)",
                "null | body: null (expected: an object of JSON)",
                "{} {} | body: more than one value (expected: an object of JSON and nothing behind it)",
                "{'name':'a'} x | body: Unrecognized token",
                "{'name':'a' | name: Unexpected end-of-input: expected close marker for Object (expected: JSON)",
                "{'name':} | name: Unexpected character",
                "{'config':{'a':tru}} | config.a: Unrecognized token",
                "{'x':[1,[2,]]} | x.1.1: Unexpected character",
                "{'memory':NaN} | memory: ",
                "{'memory':01} | memory: Invalid numeric value",
                "{'name':'a\\x'} | name: Unrecognized character escape",
                // twice
                "{'name':'a','name':'b'} | name: Duplicate Object property",
                "{'config':{'a':'1','a':'2'}} | config.a: Duplicate Object property",
                "{'unknown':{'a':{'b':1,'b':2}}} | unknown.a.b: Duplicate Object property",
                // types
                "{'name':1} | name: 1 (expected: a string)",
                "{'name':['a']} | name: [\"a\"] (expected: a string)",
                "{'memory':'128'} | memory: \"128\" (expected: a whole number)",
                "{'memory':128.0} | memory: 128.0 (expected: a whole number)",
                "{'memory':1e2} | memory: 1E+2 (expected: a whole number)",
                "{'memory':true} | memory: true (expected: a whole number)",
                "{'config':[]} | config: [] (expected: an object)",
                "{'config':{'a':1}} | config.a: 1 (expected: a string)",
                "{'config':{'a':null}} | config.a: null (expected: a string)",
                "{'annotations':'x'} | annotations: \"x\" (expected: an object)",
                // numbers
                "{'memory':99999999999999999999} | memory: 99999999999999999999 (expected: a number from",
                "{'memory':-2147483649} | memory: -2147483649 (expected: a number from",
                "{'memory':1e999999999} | memory: 1E+999999999 (expected: a whole number)",
                // text
                "{'name':'a\\u0000'} | name: has the character U+0000 (expected: text without it)",
                "{'name':'\\ud800'} | name: has half a surrogate pair (expected: text of Unicode)",
                "{'config':{'a':'\\udc00\\ud800'}} | config.a: has half a surrogate pair (expected: text of Unicode)",
                "{'annotations':{'a':['\\ud800']}} | annotations.a: has half a surrogate pair (expected: text of Unicode)",
            })
    void refusesWhatIsWrongAndNamesTheField(String json, String message) {
        FunctionException refusal =
                catchThrowableOfType(FunctionException.class, () -> all(read(json == null ? "" : json)));

        assertThat(refusal).isNotNull().hasMessageStartingWith(message);
        assertThat(refusal.kind()).isEqualTo(ErrorKind.INVALID);
    }

    @ParameterizedTest
    @CsvSource({
        "'{\"name\":\"a', C3, name", // a character that does not go on
        "'{\"name\":\"a', 80, name",
        "'{\"config\":{\"k\":\"', C080, config.k", // overlong
        "'{\"config\":{\"', FF, config",
        "'{\"name\":\"', EDA080, name", // a surrogate
        "'{\"annotations\":{\"a\":[0,\"', F8, annotations.a.1",
        "'{', FE, body"
    })
    void refusesWhatIsNotUtf8AndNamesTheField(String before, String bytes, String field) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(before.getBytes(StandardCharsets.UTF_8));
        body.writeBytes(HexFormat.of().parseHex(bytes));
        body.writeBytes("\"}".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> JsonBody.read(body.toByteArray()))
                .isInstanceOf(FunctionException.class)
                .hasMessage(field + ": not UTF-8 at byte " + before.length() + " (expected: UTF-8)");
    }

    @Test
    void refusesDeepNestingAndLongNumbers() {
        String deep = "{'annotations':{'a':" + "[".repeat(10_000) + "]".repeat(10_000) + "}}";
        String large = "{'unknown':" + "9".repeat(100_000) + "}";

        assertThatThrownBy(() -> read(deep))
                .isInstanceOf(FunctionException.class)
                .hasMessageStartingWith("annotations.a.0.0")
                .hasMessageContaining("nesting depth");
        assertThatThrownBy(() -> read(large))
                .isInstanceOf(FunctionException.class)
                .hasMessageStartingWith("unknown: ")
                .hasMessageContaining("length");
    }

    @Test
    void readsWhatIsRightAndKeepsItAsItIs() {
        JsonBody body = read(
                "{'name':'a\u00e4\ud83d\ude00','memory':128,'config':{'b':'','a':'1'},'unknown':{'x':[1]},"
                        + "'annotations':{'n': null, 'o': {'z': 1.10, 'a': [ true, 123456789012345678901234567890 ]}, 's': '', 'x': 1}}");

        assertThat(body.string("name")).isEqualTo("a\u00e4\ud83d\ude00");
        assertThat(body.integer("memory")).isEqualTo(128);
        assertThat(body.strings("config")).isEqualTo(Map.of("a", "1", "b", ""));
        assertThat(body.values("annotations", "x"::equals))
                .isEqualTo(Map.of(
                        "n", "null", "o", "{\"z\":1.10,\"a\":[true,123456789012345678901234567890]}", "s", "\"\""));
    }

    @Test
    void nullIsAsGoodAsNothing() {
        JsonBody body = read("{'name':null,'memory':null,'config':null,'annotations':null}");

        assertThat(body.string("name")).isNull();
        assertThat(body.integer("memory")).isNull();
        assertThat(body.strings("config")).isNull();
        assertThat(body.values("annotations", key -> false)).isNull();
        assertThat(body.string("missing")).isNull();
    }
}
