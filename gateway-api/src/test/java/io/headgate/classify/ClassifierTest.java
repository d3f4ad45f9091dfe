package io.headgate.classify;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Attributes;
import io.headgate.GatewayException;
import io.headgate.Trait;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.RefusedException;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClassifierTest {

    private static final Classifier STANDARD = Classifier.standard();
    private static final RequestHead GET = RequestHead.of("GET", "test.example", "/");

    private static RequestHead grpc(String contentType) {
        return RequestHead.of("POST", "test.example", "/service/method")
                .withFields(Fields.of("content-type", contentType));
    }

    private static Fields status(@Nullable String status) {
        return status == null ? Fields.empty() : Fields.of("grpc-status", status);
    }

    private static ReplyHead reply(int status) {
        return new ReplyHead(status, Fields.empty());
    }

    // ---- HTTP

    @ParameterizedTest
    @CsvSource({
        "101, true",
        "200, true",
        "204, true",
        "304, true",
        "400, true",
        "404, true",
        "429, true",
        "499, true",
        "500, false",
        "501, false",
        "503, false",
        "599, false"
    })
    void theStatusOfAReplyDecidesAtItsHead(int status, boolean success) {
        Classification verdict = Classification.of(success);
        assertThat(STANDARD.atHead(GET, reply(status))).isEqualTo(verdict);
        assertThat(STANDARD.atEnd(GET, reply(status), Fields.empty())).isEqualTo(verdict);
        assertThat(STANDARD.atCancel(GET, reply(status))).isEqualTo(verdict);
    }

    @Test
    void aGrpcStatusOfWhatIsNoGrpcDoesNotCount() {
        ReplyHead reply = new ReplyHead(200, status("13"));
        assertThat(STANDARD.atHead(GET, reply)).isEqualTo(Classification.SUCCESS);
        assertThat(STANDARD.atEnd(GET, reply, status("13"))).isEqualTo(Classification.SUCCESS);
    }

    // ---- gRPC

    static Stream<Arguments> grpcStatuses() {
        Set<Integer> failures = Set.of(2, 4, 7, 13, 14, 15);
        return Stream.iterate(0, code -> code + 1).limit(17).map(code -> Arguments.of(code, !failures.contains(code)));
    }

    @ParameterizedTest
    @MethodSource("grpcStatuses")
    void theStatusInTheTrailersDecidesWhenTheHeadHasNone(int code, boolean success) {
        Classification verdict = new Classification(success, code, null);
        RequestHead request = grpc("application/grpc");
        assertThat(STANDARD.atHead(request, reply(200))).isNull();
        assertThat(STANDARD.atEnd(request, reply(200), status(String.valueOf(code))))
                .isEqualTo(verdict);
    }

    @ParameterizedTest
    @MethodSource("grpcStatuses")
    void theStatusOfATrailersOnlyReplyDecidesAtItsHead(int code, boolean success) {
        Classification verdict = new Classification(success, code, null);
        RequestHead request = grpc("application/grpc");
        ReplyHead reply = new ReplyHead(200, status(String.valueOf(code)));
        assertThat(STANDARD.atHead(request, reply)).isEqualTo(verdict);
        assertThat(STANDARD.atEnd(request, reply, status("0"))).isEqualTo(verdict);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/grpc",
                "application/grpc+proto",
                "application/grpc;charset=utf-8",
                "APPLICATION/GRPC"
            })
    void allWaysToSayGrpcAreRecognised(String contentType) {
        assertThat(STANDARD.atHead(grpc(contentType), reply(200))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/grpc-web", "application/grpc-web+proto", "application/json"})
    void whatIsNotGrpcIsJudgedByItsStatus(String contentType) {
        assertThat(STANDARD.atHead(grpc(contentType), reply(200))).isEqualTo(Classification.SUCCESS);
    }

    @Test
    void aGrpcReplyWithoutAStatusIsAFailure() {
        assertThat(STANDARD.atEnd(grpc("application/grpc"), reply(200), Fields.of("x-other", "0")))
                .isEqualTo(new Classification(false, 2, null));
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 302, 404, 429, 503})
    void whatIsNoGrpcReplyAtAllIsAFailureAtItsHead(int status) {
        assertThat(STANDARD.atHead(grpc("application/grpc"), reply(status)))
                .isEqualTo(new Classification(false, 2, null));
    }

    @Test
    void aGrpcStatusCountsWhateverTheHttpStatus() {
        assertThat(STANDARD.atHead(grpc("application/grpc"), new ReplyHead(503, status("5"))))
                .isEqualTo(new Classification(true, 5, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"17", "99999999999999999999", "-1", "", "x", "1x"})
    void aStatusThatIsNoneIsUnknown(String status) {
        assertThat(STANDARD.atEnd(grpc("application/grpc"), reply(200), status(status)))
                .isEqualTo(new Classification(false, 2, null));
    }

    // ---- without a whole reply

    @Test
    void leavingAGrpcStreamIsNoFailure() {
        Classification left = STANDARD.atCancel(grpc("application/grpc"), reply(200));
        assertThat(left.isSuccess()).isTrue();
        assertThat(left.error()).isEqualTo("cancelled");
        assertThat(left.grpcStatus()).isEqualTo(Classification.NO_GRPC_STATUS);
    }

    @Test
    void leavingBeforeTheHeadIsNoFailure() {
        assertThat(STANDARD.atCancel(GET, null)).isEqualTo(new Classification(true, -1, "cancelled"));
    }

    @Test
    void whoLeavesAfterAFailedHeadHasSeenAFailure() {
        assertThat(STANDARD.atCancel(GET, reply(503))).isEqualTo(Classification.FAILURE);
        assertThat(STANDARD.atCancel(grpc("application/grpc"), new ReplyHead(200, status("14"))))
                .isEqualTo(new Classification(false, 14, null));
    }

    private static final class Failure extends GatewayException {

        private static final long serialVersionUID = 1L;

        Failure(int status, Trait... traits) {
            super(status, Set.of(traits), "made by the test", null, false);
        }
    }

    private static final class Reset extends RuntimeException implements Classified {

        private static final long serialVersionUID = 1L;
        private static final Classification OWN = new Classification(false, -1, "h2(CANCEL)");

        @Override
        public Classification classification() {
            return OWN;
        }
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new TimeoutException(), false, "timeout"),
                Arguments.of(new Failure(504), false, "timeout"),
                Arguments.of(new Failure(504, Trait.RETRYABLE), false, "timeout"),
                Arguments.of(new Failure(503, Trait.REJECTED, Trait.RETRYABLE), false, "rejected"),
                Arguments.of(new Failure(429, Trait.REJECTED), true, "rejected"),
                Arguments.of(new RefusedException(413, "too large"), true, "rejected"),
                Arguments.of(new Failure(503, Trait.RETRYABLE), false, "unprocessed"),
                Arguments.of(new Failure(499, Trait.CANCELLED, Trait.CLIENT_FAULT), true, "cancelled"),
                Arguments.of(new Failure(408, Trait.CLIENT_FAULT), true, "client"),
                Arguments.of(new Failure(502), false, "unclassified"),
                Arguments.of(new Reset(), false, "h2(CANCEL)"),
                Arguments.of(new IllegalStateException(), false, "unclassified"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void failuresHaveLabels(Throwable cause, boolean success, String label) {
        Classification verdict = STANDARD.ofFailure(cause);
        assertThat(verdict).isEqualTo(new Classification(success, Classification.NO_GRPC_STATUS, label));
        assertThat(STANDARD.ofFailure(cause))
                .as("nothing is made for each call")
                .isSameAs(verdict);
    }

    // ---- of an exchange

    @Test
    void anExchangeIsJudgedByTheClassifierOfItsRoute() {
        HttpExchange exchange = HttpExchange.of(GET, Body.empty());
        assertThat(exchange.attributes()).isSameAs(Attributes.EMPTY);
        assertThat(Classifier.of(exchange)).isSameAs(STANDARD);
        Classifier own = new Classifier() {
            @Override
            public Classification atHead(RequestHead request, ReplyHead reply) {
                return Classification.FAILURE;
            }

            @Override
            public Classification atEnd(RequestHead request, ReplyHead reply, Fields trailers) {
                return Classification.FAILURE;
            }
        };
        assertThat(Classifier.of(exchange.withAttribute(Classifier.KEY, own))).isSameAs(own);
    }
}
