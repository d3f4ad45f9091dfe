package io.headgate.rpc.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.headgate.Deadline;
import io.headgate.GatewayException;
import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.ConnectionInfo;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.HttpVersion;
import io.headgate.http.RequestHead;
import io.headgate.mux.ErrorResponder;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.test.ScriptedBody;
import io.netty.buffer.ByteBuf;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class RpcBehindHttpTest {

    private static final String TYPE = "content-type";

    private final Calls calls = new Calls();
    private final AtomicReference<RpcRequest> seen = new AtomicReference<>();

    @AfterEach
    void releaseEverything() {
        calls.assertNoLeaks();
    }

    private HttpReply reply(HttpExchange exchange) {
        return RpcHttp.create().toHttp(calls.echo()).call(exchange).block();
    }

    private GatewayException refusal(HttpExchange exchange) {
        return catchThrowableOfType(GatewayException.class, () -> reply(exchange));
    }

    private Service<HttpExchange, HttpReply> answering(Mono<RpcReply> answer) {
        return RpcHttp.create().toHttp(request -> {
            seen.set(request);
            request.body().discard();
            return answer;
        });
    }

    @Test
    void aDocumentOfJsonIsOneElement() {
        Body halves = Body.of(Flux.just("{\"a\":", "1}").map(calls.allocator::utf8));
        HttpReply reply =
                reply(calls.post("/Files/list", halves, TYPE, "application/json; charset=utf-8", "X-Id", "7"));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.fields().get(TYPE)).isEqualTo("application/json");
        assertThat(reply.fields().get("x-endpoint")).isEqualTo("Files/list");
        assertThat(reply.fields().get("x-id")).isEqualTo("7");
        assertThat(reply.body().length()).isEqualTo(7);
        assertThat(Calls.text(reply)).isEqualTo("{\"a\":1}");
    }

    @Test
    void linesAreElementsHoweverTheyAreChunked() {
        Body chunks = Body.of(Flux.just("1\n2", "2\r\n\n{\"a\":", "3}", "\n4").map(calls.allocator::utf8));
        List<String> elements = new ArrayList<>();
        RpcHttp.create()
                .toHttp(request -> request.body()
                        .map(Calls::text)
                        .doOnNext(elements::add)
                        .then(Mono.just(RpcReply.of(Content.NONE, Body.empty()))))
                .call(calls.post("/S/m", chunks, TYPE, "application/x-ndjson"))
                .block();

        assertThat(elements).containsExactly("1", "22\r", "{\"a\":3}", "4");
    }

    @Test
    void aStreamIsAnsweredLineByLineOrEventByEvent() {
        HttpReply lines = reply(calls.post("/S/m", calls.body("{\n}\n", "2\n"), TYPE, "application/x-ndjson"));
        assertThat(lines.fields().get(TYPE)).isEqualTo("application/x-ndjson");
        assertThat(Calls.text(lines)).isEqualTo("{\n}\n2\n");

        HttpReply events = reply(calls.post(
                "/S/m", calls.body("1\n2\n"), TYPE, "application/x-ndjson", "accept", "text/event-stream, */*;q=0.1"));
        assertThat(events.fields().get(TYPE)).isEqualTo("text/event-stream");
        assertThat(Calls.text(events)).isEqualTo("data: 1\n\ndata: 2\n\n");
    }

    @Test
    void lineBreaksWithinADocumentBecomeBlanks() {
        HttpReply reply = answering(Mono.just(RpcReply.of(Content.JSON, calls.body("{\n\"a\":\r\n1}", "2"))))
                .call(calls.post("/S/m", Body.empty(), "accept", "application/x-ndjson"))
                .block();

        assertThat(Calls.text(reply)).isEqualTo("{ \"a\":  1}\n2\n");
    }

    @Test
    void protobufIsOneMessageOrEachBehindItsLength() {
        HttpReply one = reply(calls.post("/S/m", calls.body("ab", "c"), TYPE, "application/x-protobuf"));
        assertThat(Calls.text(one)).isEqualTo("abc");

        String big = "x".repeat(300);
        Body delimited = calls.body("\2", "ab\0", "\254", "\2" + big.substring(0, 100), big.substring(100));
        HttpReply many = reply(calls.post("/S/m", latin1(delimited), TYPE, "application/protobuf; delimited=true"));
        assertThat(many.fields().get(TYPE)).isEqualTo("application/x-protobuf;delimited=true");
        byte[] bytes = many.body().asBytes(1000).block();
        assertThat(bytes).hasSize(3 + 1 + 2 + 300).startsWith(2, 'a', 'b', 0, 0xac, 2, 'x');
    }

    /** One byte for each character. */
    private Body latin1(Body utf8) {
        return Body.of(utf8.map(buffer -> {
            byte[] bytes = Calls.text(buffer).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
            return calls.allocator.buffer(bytes.length).writeBytes(bytes);
        }));
    }

    @Test
    void octetsPassAsTheyCome() {
        HttpReply reply = reply(calls.post("/S/m", calls.body("a\n", "b"), TYPE, "application/octet-stream"));
        assertThat(reply.fields().get(TYPE)).isEqualTo("application/octet-stream");
        assertThat(Calls.elements(reply.body())).containsExactly("a\n", "b");
    }

    @Test
    void aBodyWithoutBytesIsWhatItsTypeSays() {
        Service<HttpExchange, HttpReply> service = answering(Mono.just(RpcReply.of(Content.NONE, Body.empty())));
        for (Body body : List.of(Body.empty(), Body.of(Flux.empty(), 0, Mono.empty()))) {
            assertThat(contentOf(service, body, "application/octet-stream")).isEqualTo(Content.OCTETS);
            assertThat(contentOf(service, body, "application/x-ndjson")).isEqualTo(Content.JSON);
            assertThat(contentOf(service, body, "application/x-protobuf")).isEqualTo(Content.PROTOBUF);
            assertThat(contentOf(service, body, "application/json")).isEqualTo(Content.NONE);
            assertThat(contentOf(service, body, "text/plain")).isEqualTo(Content.NONE);
        }
    }

    private Content contentOf(Service<HttpExchange, HttpReply> service, Body body, String type) {
        service.call(calls.post("/S/m", body, TYPE, type)).block();
        return seen.get().content();
    }

    @Test
    void aCallWithoutBodyAsksForJsonUnlessItSaysOtherwise() {
        assertThat(Calls.text(reply(calls.post("/S/m", Body.empty())))).isEqualTo("[]");
        answering(Mono.just(RpcReply.of(Content.NONE, Body.empty())))
                .call(calls.post("/S/m", Body.empty(), "accept", "application/json;q=0.5, application/octet-stream"))
                .block();
        assertThat(seen.get().accept()).isEqualTo(Content.OCTETS);
    }

    @Test
    void anAnswerWithoutElementsIs204() {
        Mono<RpcReply> nothing = Mono.just(RpcReply.of(Content.JSON, Body.of(Flux.empty())));
        HttpReply reply =
                answering(nothing).call(calls.post("/S/m", Body.empty())).block();
        assertThat(reply.status()).isEqualTo(204);
        assertThat(reply.body().isEmpty()).isTrue();
    }

    @Test
    void fieldsOfHttpAreNoMetadata() {
        HttpReply reply = reply(calls.post(
                "/S/m",
                calls.one("1"),
                TYPE,
                "application/json",
                "Content-Length",
                "1",
                "Accept",
                "*/*",
                "Te",
                "trailers",
                "Connection",
                "x",
                "authorization",
                "me",
                "rpc-status",
                "5"));
        assertThat(reply.fields().contains("content-length")).isFalse();
        assertThat(reply.fields().contains("te")).isFalse();
        assertThat(reply.fields().contains("connection")).isFalse();
        assertThat(reply.fields().contains("rpc-status")).isFalse();
        assertThat(reply.fields().get("authorization")).isEqualTo("me");
        reply.discard();
    }

    @Test
    void metadataPassByARuleOfTheUsers() {
        HttpReply reply = RpcHttp.of(RpcHttpSettings.DEFAULTS.withMetadata(name -> name.startsWith("x-")))
                .toHttp(calls.echo())
                .call(calls.post("/S/m", calls.one("1"), TYPE, "application/json", "cookie", "c", "X-a", "1"))
                .block();
        assertThat(reply.fields().contains("cookie")).isFalse();
        assertThat(reply.fields().get("x-a")).isEqualTo("1");
        reply.discard();
    }

    @Test
    void namesOfEndpointsAreEscapedBelowAPrefix() {
        RpcHttp bridge = RpcHttp.of(RpcHttpSettings.DEFAULTS.withPrefix("/rpc/"));
        HttpReply reply = bridge.toHttp(calls.echo())
                .call(calls.post("/rpc/a%20b/c%C3%A9?x=y", Body.empty()))
                .block();
        assertThat(reply.fields().get("x-endpoint")).isEqualTo("a b/c\u00e9");
        reply.discard();
        assertThat(new EndpointPath("/rpc/").of("a b/c\u00e9")).isEqualTo("/rpc/a%20b/c%C3%A9");
    }

    @Test
    void whatIsNoCallIsRefused() {
        assertThat(refusal(calls.post("/S/m", calls.one("1"))).status()).isEqualTo(415);
        assertThat(refusal(calls.post("/S/m", calls.one("1"), TYPE, "text/xml")))
                .hasMessageContaining("text/xml")
                .hasMessageContaining("application/json");
        assertThat(refusal(calls.post("/S/m", calls.one("1"), TYPE, "application/json", "content-encoding", "gzip"))
                        .status())
                .isEqualTo(415);
        assertThat(refusal(calls.post("/S/m", Body.empty(), "accept", "text/html"))
                        .status())
                .isEqualTo(406);
        assertThat(refusal(calls.post("/", Body.empty())).status()).isEqualTo(404);
        GatewayException method =
                refusal(HttpExchange.of(new RequestHead("GET", "http", "host", "/S/m", Fields.empty()), Body.empty()));
        assertThat(method.status()).isEqualTo(405);
        assertThat(method.replyFields()).containsEntry("allow", "POST");
    }

    @Test
    void anElementBeyondTheBoundIsRefused() {
        RpcHttp small = RpcHttp.of(RpcHttpSettings.DEFAULTS.withMaxElement(4));
        Service<HttpExchange, HttpReply> service = small.toHttp(calls.echo());
        assertThat(catchThrowableOfType(
                                GatewayException.class,
                                () -> service.call(calls.post("/S/m", calls.one("12345"), TYPE, "application/json"))
                                        .block())
                        .status())
                .isEqualTo(413);
        assertThat(catchThrowableOfType(
                                GatewayException.class,
                                () -> service.call(
                                                calls.post("/S/m", calls.body("123", "45"), TYPE, "application/json"))
                                        .block())
                        .status())
                .isEqualTo(413);
        StepVerifier.create(service.call(calls.post("/S/m", calls.body("1\n123", "45"), TYPE, "application/x-ndjson"))
                        .flatMapMany(HttpReply::body)
                        .map(Calls::text))
                .expectNext("1\n")
                .expectErrorMatches(e -> e instanceof RpcException rpc
                        && rpc.rpcStatus() == RpcStatus.INVALID_ARGUMENT
                        && e.getMessage().contains("at most 4"))
                .verify();
    }

    @Test
    void whatIsWrongWithABodyIsSaidWhateverTheCallMakesOfIt() {
        RpcHttp small = RpcHttp.of(RpcHttpSettings.DEFAULTS.withMaxElement(4));
        Service<HttpExchange, HttpReply> service = small.toHttp(request -> request.body()
                .doOnNext(ByteBuf::release)
                .then(Mono.just(RpcReply.of(Content.NONE, Body.empty())))
                .onErrorMap(e -> RpcException.of(RpcStatus.INTERNAL, "the body of the request failed")));

        GatewayException document = catchThrowableOfType(
                GatewayException.class,
                () -> service.call(calls.post("/S/m", calls.body("123", "45"), TYPE, "application/json"))
                        .block());
        assertThat(document.status()).isEqualTo(413);
        GatewayException line = catchThrowableOfType(
                GatewayException.class,
                () -> service.call(calls.post("/S/m", calls.body("1\n123", "45"), TYPE, "application/x-ndjson"))
                        .block());
        assertThat(line.status()).isEqualTo(400);
        assertThat(line).hasMessageContaining("at most 4");
        assertThat(line.replyFields()).containsEntry("rpc-status", "3");
    }

    @Test
    void aStreamForWhoTakesOneDocumentIsRefusedAndCancelled() {
        ScriptedBody stream = ScriptedBody.create();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        answering(Mono.just(RpcReply.of(Content.JSON, stream)))
                .call(calls.post("/S/m", Body.empty(), "accept", "application/json"))
                .subscribe(reply -> {}, failure::set);
        stream.emit(calls.allocator.utf8("1"));
        assertThat(failure.get()).isNull();
        stream.emit(calls.allocator.utf8("2"));
        assertThat(failure.get()).hasMessageContaining("application/x-ndjson");
        assertThat(stream.end()).isEqualTo(ScriptedBody.End.CANCELLED);
    }

    @Test
    void aFailedCallBecomesProblemDetailsThatSayItsStatus() {
        Throwable failure = catchThrowableOfType(
                GatewayException.class,
                () -> answering(Mono.error(RpcException.refused(RpcStatus.UNAVAILABLE, "caf\u00e9: 100 %")))
                        .call(calls.post("/S/m", Body.empty()))
                        .block());
        HttpReply reply = ErrorResponder.standard().respond(failure, RequestHead.of("POST", "host", "/S/m"));
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.fields().get("rpc-status")).isEqualTo("14");
        assertThat(reply.fields().get("rpc-message")).isEqualTo("caf%C3%A9: 100 %25");
        assertThat(reply.fields().get("rpc-unprocessed")).isEqualTo("true");
        assertThat(Calls.text(reply)).contains("caf\u00e9");
    }

    @Test
    void aFailureAfterTheOnlyElementIsAStatusStill() {
        ScriptedBody body = ScriptedBody.create();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        answering(Mono.just(RpcReply.of(Content.JSON, body)))
                .call(calls.post("/S/m", Body.empty()))
                .subscribe(reply -> {}, failure::set);
        body.emit(calls.allocator.utf8("1"));
        body.fail(RpcException.of(RpcStatus.ABORTED, "late"));
        assertThat(((GatewayException) failure.get()).status()).isEqualTo(409);
    }

    @Test
    void aFailureInTheMiddleFailsTheBodyOrComesInTrailers() {
        for (boolean trailers : new boolean[] {false, true}) {
            ScriptedBody body = ScriptedBody.create();
            HttpReply reply = answering(Mono.just(RpcReply.of(Content.JSON, body)))
                    .call(calls.post(
                            "/S/m",
                            Body.empty(),
                            "accept",
                            "application/x-ndjson",
                            "te",
                            trailers ? "trailers" : "gzip"))
                    .block();
            List<String> lines = new ArrayList<>();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            reply.body().map(Calls::text).subscribe(lines::add, failure::set);
            body.emit(calls.allocator.utf8("1"));
            body.fail(RpcException.of(RpcStatus.ABORTED, "broke"));

            assertThat(lines).containsExactly("1\n");
            if (trailers) {
                assertThat(failure.get()).isNull();
                assertThat(reply.body().trailers().block())
                        .isEqualTo(Fields.of("rpc-status", "10", "rpc-message", "broke"));
            } else {
                assertThat(failure.get()).hasMessage("broke");
            }
        }
    }

    @Test
    void trailersAreNotTrustedToHttp10() {
        ConnectionInfo old = new ConnectionInfo() {
            @Override
            public SocketAddress remoteAddress() {
                return null;
            }

            @Override
            public SocketAddress localAddress() {
                return null;
            }

            @Override
            public HttpVersion version() {
                return HttpVersion.HTTP_1_0;
            }

            @Override
            public boolean isSecure() {
                return false;
            }
        };
        HttpExchange given = calls.post("/S/m", Body.empty(), "accept", "application/x-ndjson", "te", "trailers");
        HttpExchange exchange = new HttpExchange(
                given.head(), given.body(), old, given.deadline(), given.attributes(), given.interim());
        ScriptedBody body = ScriptedBody.create();
        HttpReply reply = answering(Mono.just(RpcReply.of(Content.JSON, body)))
                .call(exchange)
                .block();
        StepVerifier.create(reply.body())
                .then(() -> body.fail(RpcException.of(RpcStatus.ABORTED, "broke")))
                .expectErrorMessage("broke")
                .verify();
    }

    @Test
    void theDeadlinePasses() {
        Deadline deadline = Deadline.after(Duration.ofMinutes(1));
        answering(Mono.just(RpcReply.of(Content.NONE, Body.empty())))
                .call(calls.post("/S/m", Body.empty()).withDeadline(deadline))
                .block();
        assertThat(seen.get().deadline()).isEqualTo(deadline);
    }

    @Test
    void aCancelReachesTheCallAndTheBodyOfItsReply() {
        AtomicReference<String> ends = new AtomicReference<>("");
        Service<HttpExchange, HttpReply> never =
                answering(Mono.<RpcReply>never().doOnCancel(() -> ends.set("call")));
        never.call(calls.post("/S/m", calls.body("1"), TYPE, "application/x-ndjson"))
                .subscribe()
                .dispose();
        assertThat(ends.get()).isEqualTo("call");

        ScriptedBody body = ScriptedBody.create();
        HttpReply reply = answering(Mono.just(RpcReply.of(Content.JSON, body)))
                .call(calls.post("/S/m", Body.empty(), "accept", "application/x-ndjson"))
                .block();
        reply.body().subscribe().dispose();
        assertThat(body.end()).isEqualTo(ScriptedBody.End.CANCELLED);
    }

    @Test
    void linesAreReadAsTheyAreWanted() {
        ScriptedBody body = ScriptedBody.create();
        AtomicReference<RpcRequest> request = new AtomicReference<>();
        RpcHttp.create()
                .toHttp(call -> {
                    request.set(call);
                    return Mono.never();
                })
                .call(calls.post("/S/m", body, TYPE, "application/x-ndjson"))
                .subscribe();
        StepVerifier.create(request.get().body().map(Calls::text), 0)
                .then(() -> assertThat(body.requested()).isZero())
                .thenRequest(1)
                .then(() -> assertThat(body.requested()).isEqualTo(1))
                .then(() -> body.emit(calls.allocator.utf8("1\n2\n3")))
                .expectNext("1")
                .then(() -> assertThat(body.requested()).isEqualTo(1))
                .thenRequest(2)
                .expectNext("2")
                .then(() -> assertThat(body.requested()).isEqualTo(2))
                .then(() -> body.emit(calls.allocator.utf8("4\n5")))
                .expectNext("34")
                .thenCancel()
                .verify();
        assertThat(body.end()).isEqualTo(ScriptedBody.End.CANCELLED);
    }
}
