package io.headgate.rpc.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.endpoint.Shapes.Color;
import io.headgate.rpc.endpoint.Shapes.Point;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** What is wrong with a request is said by the side that sees it first, by the names of the signature. */
class RequestErrorsTest {

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final Endpoints endpoints = Endpoints.builder()
            .add(new ShapesHandler(allocator))
            .allocator(allocator)
            .maxElement(64)
            .build();

    @AfterEach
    void everyBufferIsReleased() {
        allocator.assertNoLeaks();
    }

    @ParameterizedTest(name = "{0} {3}")
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "Shapes/other  | JSON | JSON | 1 | endpoint: Shapes/other (expected: one that headgate/endpoints lists)",
                "Shapes/unary  | OCTETS | JSON | 1 | Shapes/unary: content: OCTETS (expected: JSON, for"
                        + " Shapes/unary(point: Point): Mono<Point>)",
                "Shapes/unary  | JSON | PROTOBUF | 1 | Shapes/unary: accept: PROTOBUF (expected: JSON, for"
                        + " Shapes/unary(point: Point): Mono<Point>)",
                "Shapes/unary  | JSON | JSON | - | Shapes/unary: point: missing (expected: one element, Point)",
                "Shapes/unary  | JSON | JSON | {}~{} | Shapes/unary: point: more than one element (expected: one, Point)",
                "Shapes/unary  | JSON | JSON | {\"x\": | Shapes/unary: point: * (expected: Point)",
                "Shapes/unary  | JSON | JSON | {} {} | Shapes/unary: point: Trailing token* (expected: Point)",
                "Shapes/unary  | JSON | JSON | {}x | Shapes/unary: point: * (expected: Point)",
                "Shapes/unary  | JSON | JSON | '' | Shapes/unary: point: No content* (expected: Point)",
                "Shapes/unary  | JSON | JSON | [1] | Shapes/unary: point: * (expected: Point)",
                "Shapes/unary  | JSON | JSON | {\"x\":null} | Shapes/unary: point: * (expected: Point)",
                "Shapes/unary  | JSON | JSON | {\"x\":11111111111111111111111111111111111111111111111111111111111} |"
                        + " Shapes/unary: point: 65 bytes (expected: at most 64)",
                "Shapes/maybe  | JSON | JSON | null | Shapes/maybe: there: * (expected: boolean)",
                "Shapes/several | JSON | JSON | {} | Shapes/several: not a JSON array (expected: one of [text: String,"
                        + " times: int, color: Color, point: Point])",
                "Shapes/several | JSON | JSON | [\"a\"] | Shapes/several: times: missing (expected: [text: String,"
                        + " times: int, color: Color, point: Point])",
                "Shapes/several | JSON | JSON | [\"a\",1,\"RED\",null,5] | Shapes/several: more values than"
                        + " parameters (expected: *",
                "Shapes/several | JSON | JSON | [\"a\",1,\"RED\",null]] | Shapes/several: *",
                "Shapes/several | JSON | JSON | [\"a\",1,\"RED\",null] 1 | Shapes/several: something follows*",
                "Shapes/several | JSON | JSON | [\"a\",1,\"PINK\",null] | Shapes/several: color: * (expected: Color)",
                "Shapes/several | JSON | JSON | [\"a\",null,\"RED\",null] | Shapes/several: times: * (expected: int)",
                "Shapes/several | JSON | JSON | [\"a\",1 | Shapes/several: *",
                "Shapes/nothing | NONE | NONE | {} | Shapes/nothing: a body (expected: none, for"
                        + " Shapes/nothing(): Mono<Void>)",
                "Shapes/message | PROTOBUF | PROTOBUF | zz | Shapes/message: given: * (expected: StringValue)",
                "Shapes/octets | OCTETS | OCTETS | 40-40-40-40-40-40-40-40-40-40~40-40-40-40-40-40-40-40-40-40-40-40-40 |"
                        + " Shapes/octets: given: 67 bytes (expected: at most 64)",
                "Shapes/label  | JSON | JSON | - | Shapes/label: missing (expected: one element)",
                "Shapes/label  | JSON | JSON | [\"a\"] | Shapes/label: color: missing (expected: *",
                "Shapes/label  | JSON | JSON | [\"a\",\"RED\"]~{}~7 | Shapes/label: points: * (expected: Point)",
                "Shapes/sum    | JSON | JSON | 1~null | Shapes/sum: numbers: null (expected: Integer)",
                "Shapes/both   | JSON | JSON | {} | Shapes/both: prefix: * (expected: String)",
                "Shapes/upload | OCTETS | JSON | bytes | Shapes/upload: missing (expected: the field headgate-values)"
            })
    void wrongRequestIsRefused(String endpoint, Content content, Content accept, String elements, String message) {
        RpcRequest request = RpcRequest.of(endpoint, content, accept, body(elements));

        StepVerifier.create(endpoints.call(request).flatMapMany(reply -> reply.body()))
                .verifyErrorSatisfies(error -> {
                    assertThat(error).isInstanceOf(RpcException.class);
                    assertThat(((RpcException) error).rpcStatus())
                            .isEqualTo(
                                    endpoint.endsWith("other") ? RpcStatus.UNIMPLEMENTED : RpcStatus.INVALID_ARGUMENT);
                    assertThat(error.getMessage()).matches(pattern(message));
                });
        StepVerifier.create(request.body()).verifyError(IllegalStateException.class); // consumed or discarded before
    }

    @Test
    void whatATypeDoesNotKnowIsIgnored() {
        RpcRequest request =
                RpcRequest.of("Shapes/unary", Content.JSON, Content.JSON, body("{\"x\":1,\"y\":2,\"z\":3}"));

        StepVerifier.create(endpoints
                        .call(request)
                        .flatMapMany(reply -> reply.body())
                        .map(ShapesTest::text))
                .expectNext("{\"x\":2,\"y\":1}")
                .verifyComplete();
    }

    @Test
    void endpointWithoutResultAnswersWhateverIsAccepted() {
        RpcRequest request = RpcRequest.of("Shapes/nothing", Content.NONE, Content.JSON, Body.empty());

        StepVerifier.create(endpoints.call(request))
                .assertNext(reply -> assertThat(reply.content()).isEqualTo(Content.NONE))
                .verifyComplete();
    }

    @Test
    void fieldOfValuesIsChecked() {
        RpcRequest request = RpcRequest.of("Shapes/upload", Content.OCTETS, Content.JSON, body("bytes"))
                .withFields(Fields.of(ValueField.NAME, "[\"a\",\"PINK\"]"));

        StepVerifier.create(endpoints.call(request))
                .verifyErrorMatches(error -> error.getMessage().startsWith("Shapes/upload: color: "));
    }

    @Test
    void callThatComesTooLateIsNotHandled() {
        ScriptedBody body = ScriptedBody.create();
        RpcRequest request = RpcRequest.of("Shapes/unary", Content.JSON, Content.JSON, body)
                .withDeadline(Deadline.after(Duration.ZERO));

        StepVerifier.create(endpoints.call(request)).verifyErrorMatches(RequestErrorsTest::isLate);
        assertThat(body.end()).isEqualTo(ScriptedBody.End.DISCARDED);
    }

    @Test
    void requestThatBreaksBreaksItsCall() {
        ScriptedBody body = ScriptedBody.create();
        IllegalStateException broken = new IllegalStateException("broken");

        StepVerifier.create(endpoints.call(RpcRequest.of("Shapes/unary", Content.JSON, Content.JSON, body)))
                .then(() -> body.emit(allocator.utf8("{}")).fail(broken))
                .verifyErrorMatches(error -> error == broken);
    }

    @Test
    void argumentsThatDoNotEncodeAreNotSent() {
        Shapes shapes = RpcClients.create()
                .withAllocator(allocator)
                .withMaxElement(64)
                .client(Shapes.class, RequestErrorsTest::called);

        refused(shapes.unary(null).map(Object::toString), null);
        refused(
                shapes.several("x".repeat(70), 1, Color.RED, null),
                "Shapes/several: more bytes (expected: at most 64)");
        refused(shapes.optional(null).map(Object::toString), null);
        refused(shapes.message(null).map(Object::toString), "Shapes/message: given: null*");
        refused(shapes.octets(allocator.utf8("x".repeat(65))).map(Object::toString), "Shapes/octets: given: 65 bytes*");
        refused(shapes.octets(null).map(Object::toString), "Shapes/octets: given: null (expected: a buffer)");
        refused(shapes.sum(null).map(Object::toString), "Shapes/sum: stream: null (expected: a Flux)");
        refused(shapes.context(null, "a"), "Shapes/context: context: null (expected: RpcContext.EMPTY for none)");
        refused(shapes.nested(Map.of("a".repeat(80), List.of())).map(Object::toString), "Shapes/nested: given: more*");
    }

    @Test
    void elementThatDoesNotEncodeFailsTheStreamThatItIsIn() {
        Shapes shapes =
                RpcClients.create().withAllocator(allocator).withMaxElement(12).client(Shapes.class, endpoints);

        refused(
                shapes.both("a", Flux.just(new Point(1, 1), new Point(1_000_000, 1_000_000)))
                        .ignoreElements()
                        .map(Object::toString),
                "Shapes/both: points: more bytes (expected: at most 12)");
    }

    @Test
    void valuesBesideOctetsHaveALimit() {
        Shapes shapes = RpcClients.create().withAllocator(allocator).client(Shapes.class, RequestErrorsTest::called);
        ScriptedBody body = ScriptedBody.create();

        refused(
                shapes.upload("x".repeat(ValueField.MAX_CHARS), Color.RED, body),
                "Shapes/upload: 163* characters (expected: at most 16384 beside a stream of octets)");
        assertThat(body.end()).isEqualTo(ScriptedBody.End.DISCARDED);
    }

    private static Mono<RpcReply> called(RpcRequest request) {
        request.body().discard();
        return Mono.error(new AssertionError("called"));
    }

    private void refused(Mono<String> call, String message) {
        if (message == null) { // null is JSON, and goes out: it is the other side that knows no such value
            StepVerifier.create(call)
                    .verifyErrorSatisfies(error -> assertThat(error).isInstanceOf(AssertionError.class));
            return;
        }
        StepVerifier.create(call).verifyErrorSatisfies(error -> {
            assertThat(error).isInstanceOf(RpcException.class);
            assertThat(error.getMessage()).matches(pattern(message));
        });
    }

    private static boolean isLate(Throwable error) {
        return error instanceof RpcException rpc && rpc.rpcStatus() == RpcStatus.DEADLINE_EXCEEDED;
    }

    private static String pattern(String message) {
        return List.of(message.split("\\*", -1)).stream().map(Pattern::quote).collect(Collectors.joining(".*"));
    }

    private Body body(String elements) {
        List<String> all = elements == null ? new ArrayList<>() : List.of(elements.split("~", -1));
        return Body.of(Flux.fromIterable(all).map(allocator::utf8));
    }
}
