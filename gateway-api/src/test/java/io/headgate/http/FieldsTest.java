package io.headgate.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldsTest {

    private final Fields cookies = Fields.of("Host", "a", "Set-Cookie", "x=1", "via", "b", "set-cookie", "y=2");

    @Test
    void keepsOrderDuplicatesAndCase() {
        assertThat(cookies.size()).isEqualTo(4);
        assertThat(cookies.name(1)).hasToString("Set-Cookie");
        assertThat(cookies.name(3)).hasToString("set-cookie");
        assertThat(cookies.value(2)).hasToString("b");
        assertThat(cookies).hasToString("Host: a\nSet-Cookie: x=1\nvia: b\nset-cookie: y=2");
    }

    @Test
    void findsNamesInAnyCaseAsAnyCharSequence() {
        assertThat(cookies.get("SET-COOKIE")).isEqualTo("x=1");
        assertThat(cookies.get(AsciiString.of("hOST"))).isEqualTo("a");
        assertThat(cookies.all("set-Cookie")).containsExactly("x=1", "y=2");
        assertThat(cookies.indexOf("set-cookie", 2)).isEqualTo(3);
        assertThat(cookies.indexOf("set-cookie", 4)).isEqualTo(-1);
        assertThat(cookies.contains("VIA")).isTrue();
    }

    @Test
    void saysWhatIsNotThere() {
        assertThat(cookies.get("cookie")).isNull();
        assertThat(cookies.all("cookie")).isEmpty();
        assertThat(cookies.contains("set")).isFalse();
        assertThat(cookies.without("cookie")).isSameAs(cookies);
        assertThatThrownBy(() -> cookies.name(4)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> cookies.value(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void emptyFieldsAreOneInstance() {
        assertThat(Fields.of()).isSameAs(Fields.empty());
        assertThat(Fields.builder().build()).isSameAs(Fields.empty());
        assertThat(Fields.of("a", "1").without("A")).isSameAs(Fields.empty());
        assertThat(Fields.ofValidated(new CharSequence[4], 0)).isSameAs(Fields.empty());
        assertThat(Fields.empty().isEmpty()).isTrue();
    }

    @Test
    void withReplacesAllValuesAndLeavesTheOriginal() {
        Fields changed = cookies.with("SET-COOKIE", "z=3");

        assertThat(changed).hasToString("Host: a\nvia: b\nSET-COOKIE: z=3");
        assertThat(cookies.all("set-cookie")).containsExactly("x=1", "y=2");
        assertThat(cookies.without("set-cookie")).hasToString("Host: a\nvia: b");
    }

    @Test
    void builderGoesOnAfterBuild() {
        Fields.Builder builder = Fields.builder();
        for (int i = 0; i < 20; i++) {
            builder.add("n" + i, "v" + i);
        }
        Fields first = builder.build();
        Fields second = builder.remove("N7").set("n0", "w").add("n1", "twice").build();

        assertThat(first.size()).isEqualTo(20);
        assertThat(first.get("n19")).isEqualTo("v19");
        assertThat(second.size()).isEqualTo(20);
        assertThat(second.contains("n7")).isFalse();
        assertThat(second.all("n0")).containsExactly("w");
        assertThat(second.all("n1")).containsExactly("v1", "twice");
    }

    @Test
    void takesWhiteSpaceOffTheEndsOfValues() {
        assertThat(Fields.of("a", " \t x y\t ").get("a")).isEqualTo("x y");
        assertThat(Fields.of("a", "  ").get("a")).isEmpty();
    }

    @Test
    void acceptsTabsAndObsoleteText() {
        assertThat(Fields.of("a", "x\ty\u00e9\u00ff").get("a")).isEqualTo("x\ty\u00e9\u00ff");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", ":path", "a:", "a\r", "n\u00e9", "a\u0000", "\"a\"", "a/b"})
    void refusesNamesThatAreNoTokens(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fields.of(name, "x"))
                .withMessageStartingWith("field name: \"")
                .withMessageEndingWith("(expected: a token)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nb: c", "a\nb", "a\rb", "\u0000", "a\u007f", "a\u0100", "\ud83d\ude00"})
    void refusesValuesThatCouldEndTheField(String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fields.builder().add("x-name", value))
                .withMessageStartingWith("value of field x-name: \"")
                .withMessageEndingWith("(expected: no control characters, none above U+00FF)");
    }

    @Test
    void showsRefusedTextEscapedAndCutShort() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fields.of("a", "\r\n" + "x".repeat(200)))
                .withMessageContaining("\\u000d\\u000a" + "x".repeat(78) + "...\"");
    }

    @Test
    void refusesAnOddNumberOfStrings() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fields.of("a", "1", "b"))
                .withMessage("namesAndValues: 3 strings (expected: pairs of name and value)");
    }

    @Test
    void aRefusedSetLeavesTheBuilderAsItWas() {
        Fields.Builder builder = cookies.toBuilder();

        assertThatIllegalArgumentException().isThrownBy(() -> builder.set("via", "\n"));
        assertThat(builder.build()).isEqualTo(cookies);
    }

    @Test
    void textThatChangesLaterDoesNotChangeTheFields() {
        StringBuilder name = new StringBuilder("name");
        StringBuilder value = new StringBuilder("value");
        Fields fields = Fields.of(name, value);
        name.append(": injected");
        value.append("\r\ninjected: yes");

        assertThat(fields).hasToString("name: value");
    }

    @Test
    void equalityIgnoresTheCaseOfNamesOnlyAndTheKindOfText() {
        AsciiString obsolete = new AsciiString("\u00e9", StandardCharsets.ISO_8859_1);
        Fields strings = Fields.of("Name", "Value", "b", "\u00e9");
        Fields ascii = Fields.of(AsciiString.of("nAME"), AsciiString.of("Value"), AsciiString.of("B"), obsolete);

        assertThat(ascii).isEqualTo(strings).hasSameHashCodeAs(strings);
        assertThat(strings).isNotEqualTo(Fields.of("Name", "value", "b", "\u00e9"));
        assertThat(Fields.of("a", "1", "b", "2")).isNotEqualTo(Fields.of("b", "2", "a", "1"));
        assertThat(Fields.of("a", "1"))
                .isNotEqualTo(Fields.of("a", "1", "a", "1"))
                .isNotEqualTo(null);
    }
}
