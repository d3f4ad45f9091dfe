package io.headgate.function.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValidationTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final String LONGEST = "x".repeat(255);

    @ParameterizedTest
    @ValueSource(strings = {"a", "A-z_09", "Zoë", "東京", "𝒜"})
    void namesAreLettersDigitsAndTwoMore(String name) {
        assertThat(App.named(name).checked().name()).isEqualTo(name);
        assertThat(App.named(LONGEST).checked().name()).isEqualTo(LONGEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a/b", "a.b", "a%20", "a\n", "\ud800"})
    void otherNamesAreRefused(String name) {
        refused(() -> App.named(name).checked(), "name: ");
        refused(() -> App.named(LONGEST + "x").checked(), "name: ");
        refused(() -> Trigger.of("a", "f", name, "/").checked(), "name: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"f", "a.b-c_d~e", "$&+:=@"})
    void functionNamesAreWhatAPathNeedsNotEscape(String name) {
        assertThat(Fn.of("a", name, "x").checked().name()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "a%b", "a;b", "a,b", "a?b", "é", ".", ".."})
    void otherFunctionNamesAreRefused(String name) {
        refused(() -> Fn.of("a", name, "x").checked(), "name: ");
        refused(() -> Fn.of("a", LONGEST + "x", "x").checked(), "name: ");
    }

    @Test
    void newEntitiesHaveNoIdAndRefersToOthers() {
        refused(() -> App.named("a").created("01", NOW).checked(), "id: 01 (expected: none: the store makes it)");
        refused(() -> Fn.of("", "f", "x").checked(), "app_id: ");
        refused(() -> Trigger.of("", "f", "t", "/").checked(), "app_id: ");
        refused(() -> Trigger.of("a", "", "t", "/").checked(), "fn_id: ");
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1, true",
        "8192, 300, 3600, true",
        "0, 1, 1, false",
        "8193, 1, 1, false",
        "1, 0, 1, false",
        "1, 301, 1, false",
        "1, 1, 0, false",
        "1, 1, 3601, false"
    })
    void sizesAndTimesOfFunctionsHaveBounds(int memory, int timeout, int idle, boolean isValid) {
        FnPatch patch = new FnPatch(null, null, null, null, memory, timeout, idle, null, null);
        Fn fn = Fn.of("a", "f", "x").created("01", NOW);
        if (isValid) {
            assertThat(fn.patched(patch, NOW).memoryMb()).isEqualTo(memory);
        } else {
            refused(() -> patch.checked("01"), " (expected: 1 to ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "ä", "a\n"})
    void imagesAreVisibleText(String image) {
        refused(() -> Fn.of("a", "f", image).checked(), "image: ");
        refused(() -> Fn.of("a", "f", "x".repeat(513)).checked(), "image: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp://h:1",
                "udp://h",
                "tcp+tls://[::1]:6514",
                "unix:///dev/log",
                "unixgram:///dev/log",
                "TCP://h"
            })
    void logsGoToKnownKindsOfPlaces(String url) {
        assertThat(withSyslog(url).checked().syslogUrl()).isEqualTo(url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "h",
                "http://h",
                "tcp:",
                "tcp://",
                "tcp://h:99999",
                "unix://",
                "unix:///",
                "tls://h:1",
                "tcp://h o"
            })
    void otherPlacesForLogsAreRefused(String url) {
        refused(() -> withSyslog(url).checked(), "syslog_url: ");
        refused(() -> new AppPatch(null, null, null, null, url).checked("x"), "syslog_url: ");
    }

    @Test
    void emptyPlaceForLogsIsNone() {
        assertThat(withSyslog("").checked().syslogUrl()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/a", "/a/", "//", "/a/{id}/b", "/{id}/*", "/*", "/a%20b", "/a.b;c=d,e"})
    void sourcesArePaths(String source) {
        assertThat(Trigger.of("a", "f", "t", source).checked().source()).isEqualTo(source);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "/ü",
                "/a b",
                "/a?b",
                "/a#b",
                "/*/a",
                "/{}",
                "/{a}{b}",
                "/x{a}",
                "/{a/b}",
                "/{a}/{a}",
                "/..",
                "/./a",
                "/{ä}"
            })
    void otherSourcesAreRefused(String source) {
        refused(() -> Trigger.of("a", "f", "t", source).checked(), "source: ");
        refused(() -> new TriggerPatch(null, null, null, null, source, null).checked("x"), "source: ");
    }

    @Test
    void sourcesHaveBounds() {
        refused(() -> Trigger.of("a", "f", "t", "/" + "x".repeat(1024)).checked(), "source: ");
        refused(() -> Trigger.of("a", "f", "t", "/x".repeat(65)).checked(), "source: ");
        assertThat(Trigger.of("a", "f", "t", "/x".repeat(64)).checked().source())
                .hasSize(128);
    }

    @Test
    void onlyHttpTriggersThereAre() {
        Trigger other = new Trigger("", "a", "f", "t", "timer", "/", Annotations.NONE, NOW, NOW);
        refused(other::checked, "type: timer (expected: http)");
    }

    @Test
    void configurationIsWhatAnEnvironmentCanHold() {
        for (String key : new String[] {"", "A B", "A=B", "ü", "A\0"}) {
            refused(() -> withConfig(Map.of(key, "1")).checked(), "config: ");
        }
        refused(() -> withConfig(Map.of("A", "b\0c")).checked(), "config.A: b?c (expected: no NUL");
        refused(() -> withConfig(Map.of("A", "x".repeat(65_536))).checked(), "config: 65537 characters");
        Fn fn = Fn.of("a", "f", "x").created("01", NOW);
        Fn half = fn.patched(config(Map.of("A", "x".repeat(40_000))), NOW);
        refused(() -> half.patched(config(Map.of("B", "x".repeat(40_000))), NOW), "config: 80002 characters");
    }

    // annotations

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1|1",
                "-0.5e+10|-0.5e+10",
                "true|true",
                " { \"a\" : [ 1 , { } , \"x y\" ] , \"b\" : null } |{\"a\":[1,{},\"x y\"],\"b\":null}",
                "\"a\\u00e9\\n\"|\"a\\u00e9\\n\"",
                "[[],[[]]]|[[],[[]]]"
            })
    void annotationsAreKeptWithoutBlanks(String json, String compact) {
        assertThat(new Annotations(Map.of("k", json)).checked().get("k")).isEqualTo(compact);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "}",
                "[1,]",
                "{\"a\"}",
                "{\"a\":}",
                "{a:1}",
                "{\"a\":1,}",
                "01",
                "1.",
                ".5",
                "1e",
                "+1",
                "tru",
                "nulll",
                "'a'",
                "\"a",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"a\nb\"",
                "1 2",
                "[1 2]",
                "NaN",
                "\"\\",
                "-"
            })
    void whatIsNotJsonIsRefused(String json) {
        refused(
                () -> new Annotations(Map.of("k", json)).checked(),
                "annotations.k: " + json + " (expected: a JSON value)");
    }

    @Test
    void deepJsonIsRefusedAndNotFollowed() {
        refused(() -> new Annotations(Map.of("k", "[".repeat(100_000))).checked(), "annotations.k: [[");
    }

    @Test
    void annotationsHaveBounds() {
        refused(() -> new Annotations(Map.of("", "1")).checked(), "annotations: ");
        refused(() -> new Annotations(Map.of("a b", "1")).checked(), "annotations: ");
        refused(() -> new Annotations(Map.of("x".repeat(129), "1")).checked(), "annotations: ");
        refused(
                () -> new Annotations(Map.of("k", "\"" + "é".repeat(256) + "\"")).checked(),
                "annotations.k: 514 bytes");
        refused(() -> new Annotations(Map.of("k", "\"\"")).checked(), "annotations.k: ");
        refused(() -> new Annotations(Map.of("k", " null ")).checked(), "annotations.k: ");
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i <= 100; i++) {
            many.put("k" + i, "1");
        }
        refused(() -> new Annotations(many).checked(), "annotations: 101 keys (expected: at most 100)");
        many.remove("k0");
        assertThat(new Annotations(many).checked().values()).hasSize(100);
    }

    @Test
    void aPatchThatSaysTheSameInOtherBlanksChangesNothing() {
        App app = new App("01", "a", Map.of(), new Annotations(Map.of("k", "[1,2]")), null, NOW, NOW);
        AppPatch patch = new AppPatch(null, null, null, Map.of("k", "[1, 2]", "gone", "null"), null);
        assertThat(app.patched(patch, NOW.plusSeconds(1))).isSameAs(app);
    }

    // limits

    @Test
    void limitsOfAFunctionAreReadFromItsAnnotations() {
        assertThat(FnLimits.of(fn(Map.of("note", "1")))).isSameAs(FnLimits.DEFAULTS);
        Fn fn = fn(Map.of(
                "headgate.io/cpu-millis", "250",
                "headgate.io/min-instances", "1",
                "headgate.io/max-instances", "4",
                "headgate.io/max-waiting", "0",
                "headgate.io/max-wait-ms", "1500",
                "headgate.io/concurrency", "8"));
        assertThat(FnLimits.of(fn)).isEqualTo(new FnLimits(250, 1, 4, 0, Duration.ofMillis(1500), 8));
    }

    @ParameterizedTest
    @CsvSource({
        "cpu-millis, -1",
        "cpu-millis, 1000001",
        "min-instances, -1",
        "max-instances, 0",
        "max-waiting, -1",
        "max-wait-ms, -1",
        "max-wait-ms, 99999999999",
        "concurrency, 0",
        "concurrency, 1001",
        "concurrency, 1.5",
        "concurrency, true",
        "concurrency, '\"2\"'"
    })
    void limitsThatMakeNoSenseAreRefused(String key, String value) {
        refused(
                () -> fn(Map.of("headgate.io/" + key, value)).checked(),
                "annotations.headgate.io/" + key + ": " + value);
    }

    @ParameterizedTest
    @CsvSource({
        "async, true, 1",
        "async, '\"false\"', '\"yes\"'",
        "stream, false, []",
        "async-priority, 2, 3",
        "async-priority, 0, '\"1\"'",
        "async-retries, 100, 101",
        "async-retries, 0, -1"
    })
    void annotationsThatSayHowAFunctionIsCalledAreChecked(String name, String good, String bad) {
        String key = CallAnnotations.ASYNC.replace("async", name);
        Annotations fine = new Annotations(Map.of(key, good));
        Annotations wrong = new Annotations(Map.of(key, bad));
        Trigger trigger = Trigger.of("a", "f", "t", "/").created("01", NOW);
        TriggerPatch patch = new TriggerPatch(null, null, null, null, null, wrong.values());

        assertThat(fn(fine.values()).checked().annotations()).isEqualTo(fine);
        refused(() -> fn(wrong.values()).checked(), "annotations." + key + ": " + wrong.get(key));
        refused(() -> trigger.patched(patch, NOW), "annotations." + key + ": " + wrong.get(key));
    }

    @Test
    void noMoreInstancesAreKeptWarmThanThereMayBe() {
        Fn fn = fn(Map.of("headgate.io/min-instances", "3", "headgate.io/max-instances", "2"));
        refused(fn::checked, "annotations.headgate.io/min-instances: 3 (expected: at most 2");
    }

    private static Fn fn(Map<String, String> annotations) {
        return new Fn("", "a", "f", "x", 128, 30, 30, Map.of(), new Annotations(annotations), NOW, NOW);
    }

    private static FnPatch config(Map<String, String> config) {
        return new FnPatch(null, null, null, null, null, null, null, config, null);
    }

    private static App withSyslog(@Nullable String url) {
        return new App("", "a", Map.of(), Annotations.NONE, url, NOW, NOW);
    }

    private static App withConfig(Map<String, String> config) {
        return new App("", "a", config, Annotations.NONE, null, NOW, NOW);
    }

    private static void refused(Runnable check, String message) {
        assertThatThrownBy(check::run)
                .isInstanceOfSatisfying(
                        FunctionException.class,
                        refusal -> assertThat(refusal.kind()).isEqualTo(ErrorKind.INVALID))
                .hasMessageContaining(message)
                .hasMessageContaining(" (expected: ");
    }
}
