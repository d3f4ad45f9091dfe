package io.headgate.rewrite;

import static io.headgate.forward.From.below;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.GatewayException;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.RequestHead;
import io.headgate.mux.internal.PathRules;
import io.headgate.test.TestExchange;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalPathTest {

    private final CanonicalPath stage = CanonicalPath.create();

    @ParameterizedTest
    @CsvSource({
        "/a/./b, /a/b",
        "/a/../b, /b",
        "/a/b/.., /a/",
        "/a/b/../, /a/",
        "/a/., /a/",
        "/., /",
        "/a/.., /",
        "/a/b/c/./../../g, /a/g",
        "/%61%2D%7e, /a-~",
        "/a/%2e%2E/b, /b",
        "/%2e/a, /a",
        "/a%e2%82%ac, /a%E2%82%AC",
        "/%252e%252e/a, /%252e%252e/a",
        "/a//b, /a//b",
        "/a//../b, /a/b",
        "/a?b=/../%2f%00, /a?b=/../%2f%00",
        "/x/../a?b=%61, /a?b=%61",
        "/..., /...",
        "/..a/b.., /..a/b..",
        "/a;v=1/b, /a;v=1/b",
        "/%3b, /%3B"
    })
    void givesEachPathOneSpelling(String target, String canonical) {
        assertThat(canonical(stage, target)).isEqualTo(canonical);
    }

    @ParameterizedTest
    @CsvSource({"//a, /a", "/a//, /a/", "///, /", "/a/.//b, /a/b", "/a//../b, /b", "/a?b//c, /a?b//c"})
    void mergesSlashesWhenAskedTo(String target, String canonical) {
        assertThat(canonical(stage.withMergedSlashes(), target)).isEqualTo(canonical);
    }

    @Test
    void keepsEncodedSlashesWhenAskedTo() {
        assertThat(canonical(stage.withEncodedSlashes(), "/a%2fb%5c/../c%2F")).isEqualTo("/c%2F");
        assertThat(canonical(stage.withEncodedSlashes().withMergedSlashes(), "/a%2fb//c"))
                .isEqualTo("/a%2Fb/c");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/..",
                "/../a",
                "/a/../..",
                "/a/../../b",
                "/%2e%2e/a",
                "/.%2e/",
                "/a%00",
                "/%00?x",
                "/a\\b",
                "/a%2fb",
                "/a%2Fb",
                "/a%5cb",
                "/a%5Cb",
                "/a/..;/b",
                "/a/..;x=1/b",
                "/.;/a",
                "/a/%2e%2e;/b"
            })
    void refusesWhatServersReadInTwoWays(String target) {
        assertThatThrownBy(() -> canonical(stage, target))
                .isInstanceOfSatisfying(
                        GatewayException.class, e -> assertThat(e.status()).isEqualTo(400))
                .hasMessageStartingWith("target: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/a", "/a/", "/a/b?c", "/.well-known/x", "/a%20b", "/a//b", "/;x", "/a/...;/b"})
    void canonicalPathsPassAsTheyAre(String target) {
        HttpExchange exchange = TestExchange.get(target);

        assertThat(below(stage, exchange)).isSameAs(exchange);
    }

    @Test
    void optionsOfTheServerPass() {
        HttpExchange exchange = HttpExchange.of(RequestHead.of("OPTIONS", "a", "*"), Body.empty());

        assertThat(below(stage, exchange)).isSameAs(exchange);
    }

    /** Targets of all the pieces that matter, from a seed that makes a failure come again. */
    @Test
    void applyingItTwiceChangesNothing() {
        String[] pieces = {"/", "/", ".", "..", "%2e", "%2E", "%25", "%61", "%3b", ";", "a", "%e2", "?", "%2d", "b"};
        Random random = new Random(20261121);
        int canonicals = 0;
        for (PathRules rules :
                new PathRules[] {new PathRules(false, false), new PathRules(true, false), new PathRules(true, true)}) {
            for (int i = 0; i < 100_000; i++) {
                StringBuilder target = new StringBuilder("/");
                for (int n = random.nextInt(10); n > 0; n--) {
                    target.append(pieces[random.nextInt(pieces.length)]);
                }
                String once;
                try {
                    once = rules.canonical(target.toString());
                } catch (GatewayException refused) {
                    continue;
                }
                canonicals++;
                assertThat(rules.canonical(once))
                        .as("canonical form of %s", target)
                        .isSameAs(once);
                String path = once.split("\\?", 2)[0];
                assertThat(path)
                        .as("canonical form of %s", target)
                        .startsWith("/")
                        .doesNotContain("/../", "/./");
            }
        }
        assertThat(canonicals).isGreaterThan(100_000);
    }

    private static String canonical(CanonicalPath stage, String target) {
        return below(stage, TestExchange.get(target)).head().target();
    }
}
