package io.headgate.rpc.zrepl;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Our acceptor, called by the original: what is sent is what the original sent, to the byte. */
class OriginalClientTest {

    private static final String OK_JSON =
            "{\"Endpoint\":\"\",\"DataType\":3,\"Accept\":0,\"Error\":1,\"ErrorMessage\":\"\"}\n";

    private final Loopback net = new Loopback();
    private final Sinks.Many<ByteBuf> source = Sinks.many().unicast().onBackpressureBuffer();
    private final AtomicReference<Throwable> bodyError = new AtomicReference<>();
    private final CountDownLatch bodyFailed = new CountDownLatch(1);
    private final CountDownLatch handlerCancelled = new CountDownLatch(1);
    private final CountDownLatch handlerBegan = new CountDownLatch(1);

    @AfterEach
    void closes() {
        net.close();
    }

    private Mono<RpcReply> handle(RpcRequest request) {
        return switch (request.endpoint()) {
            case "echo" -> Mono.just(RpcReply.of(request.content(), request.body()));
            case "octets" -> drained(request).thenReturn(RpcReply.of(Content.OCTETS, Body.of(source.asFlux())));
            case "upload" ->
                request.body()
                        .map(part -> {
                            int length = part.readableBytes();
                            part.release();
                            return length;
                        })
                        .reduce(0, Integer::sum)
                        .doOnError(error -> {
                            bodyError.set(error);
                            bodyFailed.countDown();
                        })
                        .map(total -> RpcReply.of(Content.JSON, Body.utf8("" + total)));
            case "void" -> drained(request).thenReturn(RpcReply.of(Content.NONE, Body.empty()));
            case "nothing" -> drained(request).then(Mono.empty());
            case "protobuf" -> drained(request).thenReturn(RpcReply.of(Content.PROTOBUF, Body.utf8("x")));
            case "quotes" ->
                drained(request).then(Mono.error(RpcException.of(RpcStatus.NOT_FOUND, "\u0001".repeat(4000))));
            case "bug" -> drained(request).then(Mono.error(new IllegalStateException("secret")));
            case "broken" ->
                drained(request)
                        .thenReturn(RpcReply.of(
                                Content.OCTETS, Body.of(Flux.error(RpcException.of(RpcStatus.NOT_FOUND, "no disk")))));
            case "never" -> {
                request.body().discard();
                handlerBegan.countDown();
                yield Mono.<RpcReply>never().doOnCancel(handlerCancelled::countDown);
            }
            default -> {
                request.body().discard();
                yield Mono.error(RpcException.of(RpcStatus.UNIMPLEMENTED, "endpoint: " + request.endpoint()));
            }
        };
    }

    private static Mono<Void> drained(RpcRequest request) {
        return request.body().doOnNext(ByteBuf::release).then();
    }

    private Original client() throws IOException {
        return client(RpcSettings.DEFAULTS);
    }

    private Original client(RpcSettings settings) throws IOException {
        Service<RpcRequest, RpcReply> handler = this::handle;
        return net.originalClient(RpcSpec.DEFAULTS.withHandler(handler).withSettings(settings));
    }

    // ---- byte vectors

    @Test
    void aCallIsReadAndAnsweredToTheByte() throws IOException {
        try (Original client = client()) {
            client.raw(0x01, 0x01, 0x48, 0x00, 0x00, 0x00);
            for (byte b : Original.utf8(Original.json("echo", 3, 3, 0, "") + "\n")) {
                client.raw(b);
            }
            client.raw(0x02, 0x01, 0x0b, 0x00, 0x00, 0x00);
            for (byte b : Original.utf8("{\"a\":\"bc\"}\n")) {
                client.raw(b);
            }
            assertThat(client.bytes(6)).containsExactly(1, 1, 0x44, 0, 0, 0);
            assertThat(new String(client.bytes(0x44), StandardCharsets.UTF_8)).isEqualTo(OK_JSON);
            assertThat(client.bytes(6)).containsExactly(2, 1, 10, 0, 0, 0);
            assertThat(new String(client.bytes(10), StandardCharsets.UTF_8)).isEqualTo("{\"a\":\"bc\"}");
        }
    }

    @Test
    void aCloseIsAnsweredToTheByteAndIsCleanAlthoughTheResetStaysUnread() throws IOException {
        Original client = client();
        client.request("echo", 3, "1").expectHeader("", 3, 0, 1, "").expectData("1");
        client.header("Close", 2, 0, 0, "").expectHeader("", 2, 0, 1, "");
        client.reset().close(); // with our reset unread
        assertThat(Loopback.end(client.ours).kind()).isEqualTo(Ending.Kind.CLEAN);
    }

    @Test
    void aCloseWhoseResetsAreReadEndsWithAnEndAndNothingUnread() throws IOException {
        try (Original client = client()) {
            client.header("Close", 2, 0, 0, "").expectHeader("", 2, 0, 1, "").reset();
            client.expectReset();
            client.shutdownOutput();
            assertThat(client.leftUntilEnd()).isZero();
            assertThat(Loopback.end(client.ours).kind()).isEqualTo(Ending.Kind.CLEAN);
        }
    }

    @Test
    void octetsComeInFramesAndEndWithAnEmptyOne() throws IOException {
        try (Original client = client()) {
            client.request("octets", 4, "{}");
            source.tryEmitNext(net.alloc.utf8("first"));
            client.expectHeader("", 4, 0, 1, "");
            Original.Read first = client.read(); // although the source goes on
            assertThat(first.text()).isEqualTo("first");
            assertThat(first.last()).isFalse();
            source.tryEmitNext(net.alloc.heapBuffer(2 << 20).writeZero(2 << 20));
            source.tryEmitComplete();
            assertThat(client.read().payload()).hasSize(1 << 20);
            assertThat(client.read().payload()).hasSize(1 << 20);
            client.expectData("");
        }
    }

    @Test
    void aSlowSourceSendsItsHeaderBeforeItsFirstByte() throws IOException {
        try (Original client = client()) {
            client.request("octets", 4, "{}").expectHeader("", 4, 0, 1, "");
            source.tryEmitComplete();
            client.expectData("");
        }
    }

    @Test
    void messagesMayBeCutIntoFramesAndAnyFlagButZeroEndsThem() throws IOException {
        try (Original client = client()) {
            byte[] header = Original.utf8(Original.json("upload", 4, 3, 0, "") + "\n");
            client.frame(1, false, Arrays.copyOf(header, 10)).frame(1, false, new byte[0]);
            client.raw(1, 7, header.length - 10, 0, 0, 0);
            for (int i = 10; i < header.length; i++) {
                client.raw(header[i]);
            }
            client.frame(2, false, new byte[70_000])
                    .frame(2, false, new byte[30_000])
                    .frame(2, true, new byte[0]);
            client.expectHeader("", 3, 0, 1, "").expectData("100000");
        }
    }

    @Test
    void requestsThatCrossTheirAnswersAreAnsweredInOrder() throws IOException {
        try (Original client = client()) {
            for (int i = 0; i < 20; i++) {
                client.request("echo", 3, "" + i);
            }
            for (int i = 0; i < 20; i++) {
                client.expectHeader("", 3, 0, 1, "").expectData("" + i);
            }
        }
    }

    @Test
    void aReplyWithoutContentIsNullForWhoTakesJson() throws IOException {
        try (Original client = client()) {
            client.request("void", 3, "{}").expectHeader("", 3, 0, 1, "").expectData("null");
            client.request("void", 4, "{}").expectHeader("", 4, 0, 1, "").expectData("");
            client.header("void", 1, 1, 0, "").expectHeader("", 1, 0, 1, "");
            client.request("echo", 3, "1").expectHeader("", 3, 0, 1, "").expectData("1");
        }
    }

    // ---- the defects

    @ParameterizedTest
    @ValueSource(ints = {0x02, 0x03, 0x7e, 0x00})
    void d1AFrameOfAnotherTypeThanAHeaderEndsTheConnection(int type) throws IOException {
        try (Original client = client()) {
            client.frame(type, true, Original.utf8(Original.json("echo", 3, 3, 0, "")));
            assertViolated(client, "type of a frame: ", type == 0x7e || type == 0 ? "0x" : "expected: HEADER");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x01, 0x03, 0x7e})
    void d1AFrameOfAnotherTypeThanDataEndsTheConnection(int type) throws IOException {
        try (Original client = client()) {
            client.header("upload", 4, 3, 0, "").frame(2, false, new byte[10]).frame(type, true, new byte[10]);
            assertViolated(client, "type of a frame: ", type == 0x7e ? "0x7e" : "expected: DATA");
        }
    }

    private static void assertViolated(Original client, String... texts) throws IOException {
        client.expectReset();
        client.shutdownOutput();
        assertThat(client.leftUntilEnd()).isZero();
        Ending ending = Loopback.end(client.ours);
        assertThat(ending.kind()).isEqualTo(Ending.Kind.VIOLATED);
        assertThat(ending.detail()).contains(texts);
    }

    @Test
    void d2TheBodyOfARefusedRequestIsReadSoThatTheNextCallGetsItsOwnAnswer() throws IOException {
        try (Original client = client()) {
            client.request("unknown", 3, "{\"Endpoint\":\"echo\"}");
            assertThat(client.expectError(2)).contains("endpoint: unknown");
            client.header("", 4, 3, 0, "").frame(2, false, new byte[100_000]).frame(2, true, new byte[0]);
            assertThat(client.expectError(2)).contains("Endpoint: 0 characters (expected: 1..255)");
            client.request("echo", 9, "{}");
            assertThat(client.expectError(2)).contains("Accept: 9 (expected: 1, 3 or 4)");
            client.request("echo", 3, "2").expectHeader("", 3, 0, 1, "").expectData("2");
        }
    }

    @Test
    void d2ARequestOfAnUnknownDataTypeMayHaveABodyOrNone() throws IOException {
        try (Original client = client()) {
            client.header("echo", 9, 3, 0, "");
            assertThat(client.expectError(2)).contains("DataType: 9 (expected: 1, 2, 3 or 4)");
            client.frame(2, true, new byte[77]);
            client.request("echo", 3, "1").expectHeader("", 3, 0, 1, "").expectData("1");
            client.header("echo", 0, 3, 0, "").expectError(2);
            client.request("echo", 3, "2").expectHeader("", 3, 0, 1, "").expectData("2");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1536, 3584, 7680, 4 << 20})
    void d3WhatFollowsADocumentIsReadWithIt(int length) throws IOException {
        try (Original client = client(
                RpcSettings.builder().maxElement(8 << 20).maxFrame(8 << 20).build())) {
            String document = "\"" + "x".repeat(length - 2) + "\"";
            client.header("echo", 3, 3, 0, "");
            client.frame(2, false, Original.utf8(document)).frame(2, false, Original.utf8("\n"));
            client.frame(2, true, new byte[0]);
            client.expectHeader("", 3, 0, 1, "").expectData(document);
            client.request("echo", 3, "1").expectHeader("", 3, 0, 1, "").expectData("1");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void d4ARequestThatIsCutFailsInsteadOfEnding(boolean amidAFrame) throws Exception {
        try (Original client = client()) {
            client.header("upload", 4, 3, 0, "");
            if (amidAFrame) {
                client.raw(2, 1, 0x88, 0x13, 0, 0);
                client.raw(new int[1000]);
            } else {
                client.frame(2, false, new byte[1000]);
            }
            client.shutdownOutput();
            assertThat(bodyFailed.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(((RpcException) bodyError.get()).rpcStatus()).isEqualTo(RpcStatus.DATA_LOSS);
            Ending ending = Loopback.end(client.ours);
            assertThat(ending.kind()).isEqualTo(Ending.Kind.LOST);
            assertThat(ending.detail())
                    .contains(amidAFrame ? "4000 bytes are missing" : "data message: its last frame is missing");
        }
    }

    @Test
    void d5AnErrorTextIsCutToFitEvenWhenEachCharacterIsEscaped() throws IOException {
        try (Original client = client(RpcSettings.builder().maxErrorText(4096).build())) {
            client.request("quotes", 3, "{}");
            String text = client.expectError(4);
            assertThat(text).hasSizeBetween(4080, 4096).endsWith("\\u0001\"}\n");
            client.request("echo", 3, "1").expectHeader("", 3, 0, 1, "").expectData("1");
        }
    }

    @Test
    void d7AHandlerWithoutAReplyIsAnErrorAndNoSuccessIsSaidBefore() throws IOException {
        try (Original client = client()) {
            client.request("nothing", 3, "{}");
            assertThat(client.expectError(3))
                    .contains("nothing: its handler completed without a reply (expected: one)");
            client.request("echo", 3, "1").expectHeader("", 3, 0, 1, "").expectData("1");
        }
    }

    @Test
    void d10ADocumentThatIsTooLargeIsRefusedAndTheNextCallIsAnswered() throws IOException {
        try (Original client = client(RpcSettings.builder().maxElement(1000).build())) {
            client.request("echo", 3, "\"" + "x".repeat(200_000) + "\"");
            assertThat(client.expectError(2)).contains("request of echo: ", "(expected: at most 1000 of a document)");
            client.request("echo", 3, "1").expectHeader("", 3, 0, 1, "").expectData("1");
        }
    }

    @Test
    void d10ARefusedRequestThatGoesOnBeyondTheBoundIsCut() throws IOException {
        try (Original client = client(RpcSettings.builder().maxLeftover(10_000).build())) {
            client.header("unknown", 4, 3, 0, "").frame(2, false, new byte[9_000]);
            client.expectError(2);
            client.frame(2, false, new byte[9_000]).expectReset().leave();
            Ending ending = Loopback.end(client.ours);
            assertThat(ending.kind()).isEqualTo(Ending.Kind.ABORTED);
            assertThat(ending.detail()).contains("nobody wants the rest", "at most 10000 bytes");
        }
    }

    @Test
    void d13AnAnswerThatTheCallerDoesNotTakeIsAnError() throws IOException {
        try (Original client = client()) {
            client.request("octets", 3, "{}");
            assertThat(client.expectError(2)).contains("Accept: JSON (expected: OCTETS, what octets answers)");
            client.request("protobuf", 3, "{}");
            assertThat(client.expectError(3)).contains("PROTOBUF (expected: NONE, JSON or OCTETS");
            client.header("echo", 3, 3, 4, "").json("1");
            assertThat(client.expectError(2)).contains("Error of a request: 4 (expected: 0)");
            client.request("echo", 3, "1").expectHeader("", 3, 0, 1, "").expectData("1");
        }
    }

    // ---- limits, control, failures

    @ParameterizedTest
    @ValueSource(longs = {4_194_305, 0x8000_0000L, 0xffff_ffffL})
    void aFrameOverFourMebibytesIsRefusedBeforeItsPayload(long length) throws IOException {
        try (Original client = client()) {
            client.header("upload", 4, 3, 0, "").raw(2, 1);
            client.raw((int) length, (int) length >> 8, (int) length >> 16, (int) length >> 24);
            assertViolated(client, "length of a frame: " + length + " (expected: at most 4194304)");
        }
    }

    @Test
    void aHeaderOverFourKibibytesIsRefusedBeforeItsPayload() throws IOException {
        try (Original client = client()) {
            client.frame(1, false, new byte[4000]).raw(1, 1, 97, 0, 0, 0);
            assertViolated(client, "header: 4097 bytes (expected: at most 4096)");
        }
    }

    @Test
    void anUnknownControlEndpointIsAnErrorAndNothingMore() throws IOException {
        try (Original client = client()) {
            client.header("Open", 2, 0, 0, "");
            assertThat(client.expectError(2)).contains("control endpoint: Open (expected: Close)");
            client.request("echo", 3, "1").expectHeader("", 3, 0, 1, "").expectData("1");
        }
    }

    @Test
    void aRequestAfterCloseIsAViolation() throws IOException {
        try (Original client = client()) {
            client.header("Close", 2, 0, 0, "").expectHeader("", 2, 0, 1, "").expectReset();
            client.header("Close", 2, 0, 0, "").leave();
            Ending ending = Loopback.end(client.ours);
            assertThat(ending.kind()).isEqualTo(Ending.Kind.VIOLATED);
            assertThat(ending.detail()).contains("(expected: none after Close)");
        }
    }

    @Test
    void aSourceThatFailsBeforeItsFirstByteIsAnErrorOfItsCall() throws IOException {
        try (Original client = client()) {
            client.request("broken", 4, "{}");
            assertThat(client.expectError(4)).contains("\"no disk\"");
            client.request("bug", 4, "{}");
            assertThat(client.expectError(3)).contains("internal error, id ").doesNotContain("secret");
            client.request("echo", 3, "1").expectHeader("", 3, 0, 1, "").expectData("1");
        }
    }

    @Test
    void aSourceThatFailsLaterIsAResetAfterAllThatWasSent() throws IOException {
        try (Original client = client()) {
            client.request("octets", 4, "{}");
            source.tryEmitNext(net.alloc.heapBuffer(500_000).writeZero(500_000));
            source.tryEmitError(RpcException.of(RpcStatus.NOT_FOUND, "no disk"));
            client.expectHeader("", 4, 0, 1, "");
            assertThat(client.read().payload()).hasSize(500_000);
            client.expectReset();
            client.shutdownOutput();
            assertThat(client.leftUntilEnd()).isZero();
            Ending ending = Loopback.end(client.ours);
            assertThat(ending.kind()).isEqualTo(Ending.Kind.ABORTED);
            assertThat(ending.detail()).contains("octets", "no disk");
        }
    }

    @Test
    void aCallerThatIsGoneCancelsTheHandler() throws Exception {
        Original client = client();
        client.request("never", 3, "{}");
        assertThat(handlerBegan.await(10, TimeUnit.SECONDS)).isTrue();
        client.close();
        assertThat(handlerCancelled.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(Loopback.end(client.ours).kind()).isEqualTo(Ending.Kind.LOST);
    }

    @Test
    void aResetAmidACallCancelsTheHandler() throws Exception {
        try (Original client = client()) {
            client.request("never", 3, "{}");
            assertThat(handlerBegan.await(10, TimeUnit.SECONDS)).isTrue();
            client.reset();
            assertThat(handlerCancelled.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(Loopback.end(client.ours).kind()).isEqualTo(Ending.Kind.ABORTED_BY_PEER);
        }
    }

    @Test
    void theAcceptorCannotCall() throws IOException {
        try (Original client = client()) {
            RpcRequest request = RpcRequest.of("push", Content.JSON, Content.JSON, Body.of(net.alloc.utf8("1")));
            Throwable error = client.ours
                    .call(request)
                    .map(reply -> (Throwable) new AssertionError(reply))
                    .onErrorResume(Mono::just)
                    .block(Loopback.SOON);
            assertThat(((RpcException) error).rpcStatus()).isEqualTo(RpcStatus.UNIMPLEMENTED);
            assertThat(error).hasMessageContaining("push", "ACCEPTOR", "the acceptor only answers");
        }
    }
}
