package io.headgate.function.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.Trigger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TriggerIndexTest {

    private static final App APP = App.named("app");
    private static final Fn FN = Fn.of("app", "f", "image");

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "/, /",
                "/orders, /orders",
                "/orders/, /orders/*",
                "/orders/17, /orders/{id}",
                "/orders/new, /orders/new",
                "/orders/17/lines, /orders/*",
                "/orders/17/lines/3, /orders/{id}/lines/{line}",
                "/users/, -",
                "/users/1, /users/{id}",
                "/users/1/, -",
                "/files, /files/*",
                "/files/a/b/c, /files/*",
                "/files/a/special/x, /files/{dir}/special/*",
                "/files/a/special, /files/{dir}/special/*",
                "/filesystem, -",
                "orders, -",
                "/Orders, -"
            })
    void theMostExactSourceIsForAPath(String path, @Nullable String source) {
        TriggerIndex index = index(
                "/",
                "/orders",
                "/orders/*",
                "/orders/{id}",
                "/orders/new",
                "/orders/{id}/lines/{line}",
                "/users/{id}",
                "/files/*",
                "/files/{dir}/special/*");
        assertThat(source(index, path)).isEqualTo(source);
    }

    @Test
    void parametersAreWhatThePathSays() {
        TriggerIndex index = index("/orders/{id}/lines/{line}", "/files/{dir}/*", "/plain");
        assertThat(parameters(index, "/orders/1%2F7/lines/3")).isEqualTo(Map.of("id", "1%2F7", "line", "3"));
        assertThat(parameters(index, "/files/a/b/c")).isEqualTo(Map.of("dir", "a", "*", "b/c"));
        assertThat(parameters(index, "/files/a/")).isEqualTo(Map.of("dir", "a", "*", ""));
        assertThat(parameters(index, "/files/a")).isEqualTo(Map.of("dir", "a", "*", ""));
        assertThat(parameters(index, "/plain")).isEmpty();
    }

    @Test
    void anOpenEndAtTheRootTakesWhatNothingElseTakes() {
        TriggerIndex index = index("/*", "/a");
        assertThat(source(index, "/")).isEqualTo("/*");
        assertThat(source(index, "/a/b")).isEqualTo("/*");
        assertThat(source(index, "/a")).isEqualTo("/a");
    }

    @Test
    void ofTwoSourcesForTheSamePathsTheFirstInOrderCounts() {
        assertThat(source(index("/{a}", "/{b}"), "/x")).isEqualTo("/{a}");
        assertThat(source(index("/{a}/*", "/{b}/*"), "/x/y")).isEqualTo("/{a}/*");
    }

    @Test
    void anyIndexFindsWhatComparingAllSourcesFinds() {
        Random random = new Random(8);
        for (int round = 0; round < 2000; round++) {
            TreeSet<String> sources = new TreeSet<>();
            for (int i = random.nextInt(8); i >= 0; i--) {
                sources.add(path(random, "a", "b", "{p}", "*"));
            }
            TriggerIndex index = index(sources.toArray(String[]::new));
            for (int i = 0; i < 10; i++) {
                String path = path(random, "a", "b", "c", "");
                assertThat(source(index, path)).as("%s of %s", path, sources).isEqualTo(best(sources, path));
            }
        }
    }

    private static String path(Random random, String... choice) {
        StringBuilder path = new StringBuilder();
        int segments = 1 + random.nextInt(4);
        for (int i = 0; i < segments; i++) {
            String segment = choice[random.nextInt(choice.length)];
            if (segment.equals("*")) {
                return path.append("/*").toString();
            }
            path.append('/').append(segment.equals("{p}") ? "{p" + i + "}" : segment);
        }
        return path.toString();
    }

    /** All that match, each as a text that sorts by precedence. */
    private static @Nullable String best(TreeSet<String> sources, String path) {
        List<String> matching = new ArrayList<>();
        for (String source : sources) {
            if (Pattern.matches(regex(source), path)) {
                matching.add(source);
            }
        }
        return matching.stream()
                .min(Comparator.comparing(TriggerIndexTest::rank))
                .orElse(null);
    }

    private static String regex(String source) {
        String text = source.replaceAll("\\{\\w+}", "[^/]+");
        return text.endsWith("/*") ? text.substring(0, text.length() - 2) + "(/.*)?" : text;
    }

    private static String rank(String source) {
        String kinds = source.replaceAll("/\\{\\w+}", "P").replaceAll("/[ab]", "L");
        if (!source.endsWith("*")) {
            return (kinds.contains("P") ? "1" : "0") + kinds;
        }
        int depth = kinds.length() - 2;
        return "2" + (9 - depth) + kinds;
    }

    private static TriggerIndex index(String... sources) {
        List<Trigger> triggers = new ArrayList<>();
        for (String source : sources) {
            triggers.add(Trigger.of("app", "f", "t", source));
        }
        return new TriggerIndex(triggers);
    }

    private static @Nullable String source(TriggerIndex index, String path) {
        TriggerSlot slot = index.find(path);
        return slot == null ? null : slot.trigger().source();
    }

    private static Map<String, String> parameters(TriggerIndex index, String path) {
        TriggerSlot slot = index.find(path);
        assertThat(slot).isNotNull();
        Target target = slot.target(APP, FN, path).block();
        assertThat(target).isNotNull();
        return target.parameters();
    }
}
