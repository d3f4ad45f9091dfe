package io.headgate.profile;

import static io.headgate.profile.RequestMatch.all;
import static io.headgate.profile.RequestMatch.any;
import static io.headgate.profile.RequestMatch.method;
import static io.headgate.profile.RequestMatch.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import io.headgate.http.RequestHead;
import io.headgate.test.AllocationAssert;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestMatchTest {

    private static RequestHead head(String method, String target) {
        return RequestHead.of(method, "test.example", target);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "/a /a true",
                "/a /a/ false",
                "/a /ab false",
                "/a /b/a false",
                "^/a$ /a true",
                "^/a /ab false",
                "/a$ /b/a false",
                // an alternation without parentheses is anchored at both ends of each part
                "/a|/b /a true",
                "/a|/b /b true",
                "/a|/b /ax false",
                "/a|/b /x/b false",
                "/a|/ab /ab true",
                "^/a|/b$ /ax false",
                "^/a|/b$ /x/b false",
                // paths are matched as they were sent, up to the query
                "/a /a?b=c true",
                "/a\\?b=c /a?b=c false",
                "/a? /a?b true",
                "/a%20b /a%20b true",
                "/a.b /a%20b false",
                "/%61 /a false",
                "/a /%61 false",
                "/A /a false",
                "(?i)/A /a true",
                // segments
                "/books/[^/]* /books/ true",
                "/books/[^/]* /books/1 true",
                "/books/[^/]* /books/1/2 false",
                "/books/[^/]+ /books/ false",
                "/books/[^/]+/edit /books/1/edit true",
                "/books/[^/]+/edit /books//edit false",
                "/books/[^/]*/edit /books//edit true",
                "/books/[^/]+/edit /books/1/edits false",
                "/books/\\d+ /books/12 true",
                "/books/\\d+ /books/x false",
                "/a\\.json /a.json true",
                "/a\\.json /axjson false",
                "/a.json /axjson true",
                "/a/.* /a/ true",
                "/a/.* /a/b/c true",
                "/a/.+ /a/ false",
                ".* /x true",
                "/a* /aaa true",
                "/ab?c /ac true",
                "/a{2} /aa true",
                "(/a|/b)/c /b/c true",
                "/[^/]*b /aab true",
                "/[^/]*.* /a/b true",
            })
    void aPatternMatchesTheWholePath(String regex, String target, boolean matches) {
        assertThat(path(regex).matches(head("GET", target))).isEqualTo(matches);
    }

    /** The ways to match that allocate nothing must agree with RE2 on everything. */
    @Test
    void patternsOfSegmentsAgreeWithTheRegularExpression() {
        Random random = new Random(20180911);
        String[] pieces = {"/", "a", "b", "[^/]*", "[^/]+", "\\.", "/a", "/[^/]+", "/[^/]*", "ab", ".*", ".+", "|", "a*"
        };
        String[] texts = {"/", "a", "b", ".", "/a", "ab", "//"};
        int fast = 0;
        for (int i = 0; i < 20_000; i++) {
            String regex = joined(random, pieces, 5);
            SegmentPattern segments = SegmentPattern.parse(regex);
            fast += segments == null ? 0 : 1;
            PathPattern subject = PathPattern.of(regex);
            Pattern oracle = Pattern.compile("^(?:" + regex + ")$");
            for (int j = 0; j < 5; j++) {
                String path = joined(random, texts, 5);
                assertThat(subject.matches(path)).as("%s on %s", regex, path).isEqualTo(oracle.matches(path));
            }
        }
        assertThat(fast).as("patterns without RE2").isGreaterThan(3_000);
    }

    private static String joined(Random random, String[] pieces, int most) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            text.append(pieces[random.nextInt(pieces.length)]);
        }
        return text.toString();
    }

    static Stream<Arguments> conditions() {
        RequestMatch get = method("GET");
        RequestMatch books = path("/books");
        return Stream.of(
                Arguments.of(all(), "GET /x", true),
                Arguments.of(any(), "GET /x", false),
                Arguments.of(RequestMatch.EVERY, "DELETE /", true),
                Arguments.of(get, "GET /x", true),
                Arguments.of(get, "get /x", false),
                Arguments.of(get, "HEAD /x", false),
                Arguments.of(all(get, books), "GET /books", true),
                Arguments.of(all(get, books), "POST /books", false),
                Arguments.of(all(get, books), "GET /x", false),
                Arguments.of(any(get, books), "POST /books", true),
                Arguments.of(any(get, books), "GET /x", true),
                Arguments.of(any(get, books), "POST /x", false),
                Arguments.of(new RequestMatch.Not(get), "GET /", false),
                Arguments.of(new RequestMatch.Not(get), "PUT /", true),
                Arguments.of(new RequestMatch.Not(all()), "GET /", false),
                Arguments.of(new RequestMatch.Not(any()), "GET /", true),
                Arguments.of(all(books, new RequestMatch.Not(any(get, method("HEAD")))), "POST /books", true),
                Arguments.of(all(books, new RequestMatch.Not(any(get, method("HEAD")))), "HEAD /books", false));
    }

    @ParameterizedTest
    @MethodSource("conditions")
    void conditionsAreMadeOfConditions(RequestMatch condition, String request, boolean matches) {
        String[] parts = request.split(" ");
        assertThat(condition.matches(head(parts[0], parts[1]))).isEqualTo(matches);
        String reason = RequestMatching.whyNot(condition, parts[0], parts[1]);
        assertThat(reason == null).as("reason: %s", reason).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[", "/a(?=b)", "\\1", "*"})
    void aPatternThatIsNoneIsNamed(String regex) {
        assertThatThrownBy(() -> path(regex))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("path: " + regex + " (expected: a regular expression of RE2)");
    }

    @Test
    void aPatternOfNoReasonableLengthIsRefused() {
        assertThatThrownBy(() -> path("/" + "a".repeat(4096)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4097 characters (expected: at most 4096)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "((a{1000}){1000}){1000}",
                "(a{1000}){1,1000}",
                "(a{1000}\\Q)\\E){1000}",
                "(a{1000}[)]){1000}",
                "(a{1000}[^])]){1000}",
                "(a{1000}[[:alpha:])]){1000}",
                "(a{1000}\\)){1000}",
                "(?:(?:(?:x{99}){99}){99})+"
            })
    void aPatternThatWouldBeHugeIsRefusedBeforeItIsCompiled(String regex) {
        assertThatThrownBy(() -> path(regex))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(expected: repetitions that come to at most 10000 parts)");
    }

    @Test
    void usualRepetitionsAreFine() {
        String uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
        assertThat(RegexSize.of("/a/" + uuid + "/b/" + uuid)).isLessThan(100);
        assertThat(path("/" + uuid).matches(head("GET", "/0123abcd-0123-0123-0123-0123456789ab")))
                .isTrue();
        assertThat(RegexSize.of("/x{1000}")).isEqualTo(1001);
        assertThat(RegexSize.of("/(ab|c){10}")).isEqualTo(41);
    }

    @Test
    void spaceAroundAPatternDoesNotCount() {
        assertThat(path(" /a ")).isEqualTo(path("/a")).hasSameHashCodeAs(path("/a"));
        assertThat(path("/a")).isNotEqualTo(path("/b"));
    }

    @Test
    void conditionsAreNotNestedWithoutBounds() {
        RequestMatch deep = method("GET");
        for (int i = 1; i < MatchTree.MAX_DEPTH; i++) {
            deep = new RequestMatch.Not(deep);
        }
        RequestMatch deepest = deep;
        assertThat(deepest.matches(head("GET", "/"))).isFalse();
        assertThatThrownBy(() -> new RequestMatch.Not(deepest))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 64");
        assertThatThrownBy(() -> all(deepest)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void conditionsDoNotGrowWithoutBounds() {
        RequestMatch doubled = method("GET");
        List<RequestMatch> parts = new ArrayList<>(Collections.nCopies(MatchTree.MAX_PARTS - 1, doubled));
        assertThat(new RequestMatch.Any(parts).matches(head("GET", "/"))).isTrue();
        parts.add(doubled);
        assertThatThrownBy(() -> new RequestMatch.Any(parts))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 10000");
        assertThatThrownBy(() -> {
                    RequestMatch tree = method("GET");
                    for (int i = 0; i < 40; i++) {
                        tree = all(tree, tree); // small in memory, 2^40 to evaluate
                    }
                })
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anEvaluationAllocatesNothing() {
        RequestMatch condition = any(
                all(method("POST"), path("/a/.*")),
                all(method("GET"), new RequestMatch.Not(path("/b")), path("/authors/\\d+")),
                path("/books/[^/]+/edit"));
        RequestHead head = head("GET", "/books/12/edit");
        AllocationAssert.assertNothingBeyond(() -> {}, () -> {
            if (!condition.matches(head)) {
                throw new AssertionError("not matched");
            }
        });
    }
}
