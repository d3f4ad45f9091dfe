package io.headgate.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.classify.Classification;
import io.headgate.classify.Classifier;
import io.headgate.http.Fields;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.profile.ResponseMatch.All;
import io.headgate.profile.ResponseMatch.Any;
import io.headgate.profile.ResponseMatch.Not;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ResponseMatchTest {

    private static final RequestHead GET = RequestHead.of("GET", "test.example", "/");
    private static final RequestHead GRPC = RequestHead.of("POST", "test.example", "/service/method")
            .withFields(Fields.of("content-type", "application/grpc"));

    private static ResponseMatch status(int min, int max) {
        return ResponseMatch.status(min, max);
    }

    private static ReplyHead reply(int status) {
        return new ReplyHead(status, Fields.empty());
    }

    static Stream<Arguments> conditions() {
        return Stream.of(
                Arguments.of(status(500, 599), 500, true),
                Arguments.of(status(500, 599), 599, true),
                Arguments.of(status(500, 599), 499, false),
                Arguments.of(ResponseMatch.status(404), 404, true),
                Arguments.of(ResponseMatch.status(404), 405, false),
                Arguments.of(new All(List.of()), 200, true),
                Arguments.of(new Any(List.of()), 200, false),
                Arguments.of(new Not(status(200, 299)), 200, false),
                Arguments.of(new Not(status(200, 299)), 300, true),
                Arguments.of(new All(List.of(status(400, 499), new Not(status(404, 404)))), 404, false),
                Arguments.of(new All(List.of(status(400, 499), new Not(status(404, 404)))), 409, true),
                Arguments.of(new Any(List.of(status(500, 599), status(429, 429))), 429, true),
                Arguments.of(new Any(List.of(status(500, 599), status(429, 429))), 428, false));
    }

    @ParameterizedTest
    @MethodSource("conditions")
    void conditionsAreAboutTheStatus(ResponseMatch condition, int status, boolean matches) {
        assertThat(condition.matches(status)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({"99, 200", "100, 1000", "300, 200"})
    void aRangeThatIsNoneIsRefused(int min, int max) {
        assertThatThrownBy(() -> status(min, max))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(expected: a range within 100..999)");
    }

    @Test
    void conditionsAreNotNestedWithoutBounds() {
        ResponseMatch deep = status(200, 200);
        for (int i = 1; i < MatchTree.MAX_DEPTH; i++) {
            deep = new Not(deep);
        }
        ResponseMatch deepest = deep;
        assertThat(deepest.matches(200)).isFalse();
        assertThatThrownBy(() -> new Not(deepest)).isInstanceOf(IllegalArgumentException.class);
    }

    // ---- classes

    private static final Classifier CLASSES = ProfileClassifier.of(List.of(
            new ResponseClass(status(200, 204), false),
            new ResponseClass(status(404, 404), true),
            new ResponseClass(status(200, 299), true),
            new ResponseClass(status(501, 501), false)));

    @ParameterizedTest
    @CsvSource({
        "200, true",
        "204, true",
        "206, false",
        "404, false",
        "501, true",
        "400, true",
        "500, false",
        "503, false",
        "302, true"
    })
    void theFirstClassThatMatchesCountsAndElseTheStandardRules(int status, boolean success) {
        assertThat(CLASSES.atHead(GET, reply(status))).isEqualTo(Classification.of(success));
        assertThat(CLASSES.atEnd(GET, reply(status), Fields.empty())).isEqualTo(Classification.of(success));
    }

    @Test
    void trailersAreNotAskedWhereAClassMatches() {
        Fields failed = Fields.of("grpc-status", "13");
        assertThat(CLASSES.atHead(GRPC, reply(200))).isEqualTo(Classification.SUCCESS);
        assertThat(CLASSES.atEnd(GRPC, reply(200), failed)).isEqualTo(Classification.SUCCESS);
    }

    @Test
    void trailersAreAskedWhereNoClassMatches() {
        Classifier classes = ProfileClassifier.of(List.of(new ResponseClass(status(500, 599), true)));
        assertThat(classes.atHead(GRPC, reply(200))).isNull();
        assertThat(classes.atEnd(GRPC, reply(200), Fields.of("grpc-status", "13")))
                .isEqualTo(new Classification(false, 13, null));
        assertThat(classes.atEnd(GRPC, reply(200), Fields.empty())).isEqualTo(new Classification(false, 2, null));
    }

    @Test
    void noClassesAreTheStandardRules() {
        assertThat(ProfileClassifier.of(List.of())).isSameAs(Classifier.standard());
    }

    @Test
    void callsWithoutAReplyAreJudgedByTheStandardRules() {
        assertThat(CLASSES.ofFailure(new TimeoutException()).error()).isEqualTo("timeout");
        assertThat(CLASSES.atCancel(GET, null).isSuccess()).isTrue();
        assertThat(CLASSES.atCancel(GET, reply(404)).isSuccess()).isFalse();
    }
}
