package io.headgate.rpc.zrepl;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.Trait;
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
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** Our initiator, answered by the original: what is sent is what the original would take, to the byte. */
class OriginalServerTest {

    private final Loopback net = new Loopback();

    @AfterEach
    void closes() {
        net.close();
    }

    private Original server() throws IOException {
        return server(RpcSettings.DEFAULTS);
    }

    private Original server(RpcSettings settings) throws IOException {
        return net.originalServer(RpcSpec.DEFAULTS.withSettings(settings));
    }

    private RpcRequest request(String endpoint, Content accept) {
        return RpcRequest.of(endpoint, Content.JSON, accept, Body.of(net.alloc.utf8("{\"a\":1}\n")));
    }

    private static CompletableFuture<String> text(Original server, RpcRequest request) {
        return server.ours
                .call(request)
                .flatMap(reply -> reply.body().asString(10 << 20))
                .toFuture();
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(10, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private static RpcException error(CompletableFuture<?> future) {
        try {
            throw new AssertionError("no error but " + future.get(10, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return (RpcException) e.getCause();
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private void assertUsable(Original server) throws IOException {
        CompletableFuture<String> answer = text(server, request("still", Content.JSON));
        server.expectHeader("still", 3, 3, 0, "").expectData("{\"a\":1}");
        server.header("", 3, 0, 1, "").json("\"here\"");
        assertThat(get(answer)).isEqualTo("\"here\"\n");
    }

    // ---- byte vectors

    @Test
    void aCallIsWrittenToTheByteAndItsAnswerRead() throws IOException {
        try (Original server = server()) {
            CompletableFuture<String> answer = text(server, request("echo", Content.JSON));
            assertThat(server.bytes(6)).containsExactly(0x01, 0x01, 0x48, 0, 0, 0);
            assertThat(new String(server.bytes(0x48), StandardCharsets.UTF_8))
                    .isEqualTo(
                            "{\"Endpoint\":\"echo\",\"DataType\":3,\"Accept\":3,\"Error\":0,\"ErrorMessage\":\"\"}\n");
            assertThat(server.bytes(6)).containsExactly(0x02, 0x01, 7, 0, 0, 0);
            assertThat(new String(server.bytes(7), StandardCharsets.UTF_8)).isEqualTo("{\"a\":1}");
            server.header("", 3, 0, 1, "").json("{\"b\":2}");
            assertThat(get(answer)).isEqualTo("{\"b\":2}\n");
        }
    }

    @Test
    void closeIsWrittenToTheByteAndIsCleanAlthoughTheOriginalLeavesTheResetUnread() throws IOException {
        Original server = server();
        assertUsable(server);
        CompletableFuture<Void> closed =
                server.ours.closeAsync(Duration.ofSeconds(1)).toFuture();
        server.expectHeader("Close", 2, 0, 0, "");
        server.header("", 2, 0, 1, "").reset().waitForOneByteAndClose();
        get(closed);
        assertThat(Loopback.end(server.ours).kind()).isEqualTo(Ending.Kind.CLEAN);
    }

    @Test
    void closeReadsTheResetAndLeavesNothingUnread() throws IOException {
        try (Original server = server()) {
            CompletableFuture<Void> closed =
                    server.ours.closeAsync(Duration.ofSeconds(1)).toFuture();
            server.expectHeader("Close", 2, 0, 0, "");
            server.header("", 2, 0, 1, "").reset().expectReset();
            server.shutdownOutput();
            assertThat(server.leftUntilEnd()).isZero(); // and not a reset of TCP
            get(closed);
            assertThat(Loopback.end(server.ours).kind()).isEqualTo(Ending.Kind.CLEAN);
        }
    }

    @Test
    void octetsAreUploadedAsTheyComeAndAnEmptyFrameEndsThem() throws IOException {
        try (Original server = server()) {
            Sinks.Many<ByteBuf> source = Sinks.many().unicast().onBackpressureBuffer();
            CompletableFuture<String> answer =
                    text(server, RpcRequest.of("upload", Content.OCTETS, Content.JSON, Body.of(source.asFlux())));
            source.tryEmitNext(net.alloc.utf8("first"));
            server.expectHeader("upload", 4, 3, 0, "");
            assertThat(server.read().text()).isEqualTo("first");
            source.tryEmitNext(net.alloc.utf8("second"));
            source.tryEmitComplete();
            assertThat(server.read().text()).isEqualTo("second");
            server.expectData("").header("", 3, 0, 1, "").json("11");
            assertThat(get(answer)).isEqualTo("11\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"2,INVALID_ARGUMENT", "3,INTERNAL", "4,UNKNOWN"})
    void errorsBecomeStatusesAndKeepTheirTextAndTheConnection(int error, RpcStatus status) throws IOException {
        try (Original server = server()) {
            CompletableFuture<String> answer = text(server, request("echo", Content.JSON));
            server.expectHeader("echo", 3, 3, 0, "").expectData("{\"a\":1}");
            server.header("", 0, 0, error, "no \\\"disk\\\" \\u00e9");
            RpcException failure = error(answer);
            assertThat(failure.rpcStatus()).isEqualTo(status);
            assertThat(failure).hasMessage("no \"disk\" é");
            assertThat(failure.isRemote()).isTrue();
            assertUsable(server);
        }
    }

    // ---- one at a time

    @Test
    void callsWaitForTheirTurnInOrderAndOneThatIsCancelledIsNeverWritten() throws IOException {
        try (Original server = server()) {
            CompletableFuture<String> first = text(server, request("first", Content.JSON));
            server.expectHeader("first", 3, 3, 0, "").expectData("{\"a\":1}");
            Disposable second =
                    server.ours.call(request("second", Content.JSON)).subscribe();
            CompletableFuture<String> third = text(server, request("third", Content.JSON));
            second.dispose();
            server.header("", 3, 0, 1, "").json("1");
            server.expectHeader("third", 3, 3, 0, "").expectData("{\"a\":1}");
            server.header("", 3, 0, 1, "").json("3");
            assertThat(get(first)).isEqualTo("1\n");
            assertThat(get(third)).isEqualTo("3\n");
        }
    }

    @Test
    void aDeadlineCountsWhileACallWaits() throws IOException {
        try (Original server = server()) {
            CompletableFuture<String> first = text(server, request("first", Content.JSON));
            RpcException late = error(
                    text(server, request("late", Content.JSON).withDeadline(Deadline.after(Duration.ofMillis(1)))));
            assertThat(late.rpcStatus()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
            server.expectHeader("first", 3, 3, 0, "")
                    .expectData("{\"a\":1}")
                    .header("", 3, 0, 1, "")
                    .json("1");
            assertThat(get(first)).isEqualTo("1\n");
            assertUsable(server);
        }
    }

    @Test
    void callsBeyondTheBoundAreRefusedUnprocessed() throws IOException {
        try (Original server = server(RpcSettings.builder().maxStreams(1).build())) {
            CompletableFuture<String> first = text(server, request("first", Content.JSON));
            CompletableFuture<String> second = text(server, request("second", Content.JSON));
            RpcException refused = error(text(server, request("third", Content.JSON)));
            assertThat(refused.rpcStatus()).isEqualTo(RpcStatus.RESOURCE_EXHAUSTED);
            assertThat(refused.is(Trait.RETRYABLE)).isTrue();
            server.close();
            assertThat(error(first).rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
            assertThat(error(first).is(Trait.RETRYABLE)).isFalse();
            assertThat(error(second).is(Trait.RETRYABLE)).isTrue();
        }
    }

    // ---- the defects

    @Test
    void d1AFrameOfAnotherTypeThanDataEndsTheConnection() throws IOException {
        try (Original server = server()) {
            CompletableFuture<String> answer = text(server, request("echo", Content.OCTETS));
            server.expectHeader("echo", 3, 4, 0, "").expectData("{\"a\":1}");
            server.header("", 4, 0, 1, "").frame(2, false, new byte[10]).frame(3, true, new byte[10]);
            assertThat(error(answer).rpcStatus()).isEqualTo(RpcStatus.DATA_LOSS);
            Ending ending = Loopback.end(server.expectReset().leave().ours);
            assertThat(ending.kind()).isEqualTo(Ending.Kind.VIOLATED);
            assertThat(ending.detail()).contains("type of a frame: TRAILER (expected: DATA)");
        }
    }

    @Test
    void d2AnAnswerThatNobodyAskedForEndsTheConnection() throws IOException {
        try (Original server = server()) {
            assertUsable(server);
            server.header("", 0, 0, 2, "a second answer");
            Ending ending = Loopback.end(server.expectReset().leave().ours);
            assertThat(ending.kind()).isEqualTo(Ending.Kind.VIOLATED);
            assertThat(ending.detail()).contains("a second answer", "(expected: none, nothing was asked for)");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1536, 3584, 7680, 1 << 20})
    void d3NothingFollowsADocumentThatWeSend(int length) throws IOException {
        try (Original server = server()) {
            String document = "\"" + "x".repeat(length - 2) + "\"";
            RpcRequest request =
                    RpcRequest.of("echo", Content.JSON, Content.JSON, Body.of(net.alloc.utf8(document + " \n")));
            CompletableFuture<String> answer = text(server, request);
            server.expectHeader("echo", 3, 3, 0, "").expectData(document); // in one frame that is the last
            server.header("", 3, 0, 1, "").json(document);
            assertThat(get(answer)).isEqualTo(document + "\n");
            assertUsable(server);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void d4AnAnswerThatIsCutFailsInsteadOfEnding(boolean amidAFrame) throws IOException {
        try (Original server = server()) {
            CompletableFuture<String> answer = text(server, request("echo", Content.OCTETS));
            server.expectHeader("echo", 3, 4, 0, "").expectData("{\"a\":1}").header("", 4, 0, 1, "");
            if (amidAFrame) {
                server.raw(2, 1, 0x88, 0x13, 0, 0).raw(new int[1000]);
            } else {
                server.frame(2, false, new byte[1000]);
            }
            server.shutdownOutput();
            assertThat(error(answer).rpcStatus()).isEqualTo(RpcStatus.DATA_LOSS);
            assertThat(Loopback.end(server.ours).kind()).isEqualTo(Ending.Kind.LOST);
        }
    }

    @Test
    void d6AnAnswerThatIsAbandonedIsReadToItsEndBeforeTheNextCall() throws IOException {
        try (Original server = server()) {
            CompletableFuture<String> abandoned = server.ours
                    .call(request("stream", Content.OCTETS))
                    .flatMapMany(RpcReply::body)
                    .map(part -> {
                        String text = part.toString(StandardCharsets.UTF_8);
                        part.release();
                        return text;
                    })
                    .next()
                    .toFuture();
            server.expectHeader("stream", 3, 4, 0, "").expectData("{\"a\":1}");
            server.header("", 4, 0, 1, "").frame(2, false, Original.utf8("one"));
            assertThat(get(abandoned)).isEqualTo("one");
            CompletableFuture<String> next = text(server, request("next", Content.JSON));
            server.frame(2, false, new byte[100_000]).frame(2, true, Original.utf8("\"wrong\""));
            server.expectHeader("next", 3, 3, 0, "")
                    .expectData("{\"a\":1}")
                    .header("", 3, 0, 1, "")
                    .json("2");
            assertThat(get(next)).isEqualTo("2\n");
        }
    }

    @Test
    void d6AnAbandonedAnswerBeyondTheBoundCutsTheConnection() throws IOException {
        try (Original server = server(RpcSettings.builder().maxLeftover(10_000).build())) {
            server.ours.call(request("stream", Content.OCTETS)).subscribe(RpcReply::discard);
            server.expectHeader("stream", 3, 4, 0, "").expectData("{\"a\":1}").header("", 4, 0, 1, "");
            server.frame(2, false, new byte[10_001]).expectReset().leave();
            Ending ending = Loopback.end(server.ours);
            assertThat(ending.kind()).isEqualTo(Ending.Kind.ABORTED);
            assertThat(ending.detail()).contains("answer of stream: nobody wants it", "at most 10000 bytes");
        }
    }

    @Test
    void d10ADocumentThatIsTooLargeFailsItsCallAndIsReadToItsEnd() throws IOException {
        try (Original server = server(RpcSettings.builder().maxElement(1000).build())) {
            CompletableFuture<String> answer = text(server, request("large", Content.JSON));
            server.expectHeader("large", 3, 3, 0, "").expectData("{\"a\":1}").header("", 3, 0, 1, "");
            server.json("\"" + "x".repeat(100_000) + "\"");
            assertThat(error(answer)).hasMessageContaining("reply of large", "at most 1000 of a document");
            assertUsable(server);
        }
    }

    @Test
    void d13WhatCannotBeSaidIsRefusedBeforeAnythingIsWritten() throws IOException {
        try (Original server = server()) {
            RpcException content = error(
                    text(server, RpcRequest.of("p", Content.PROTOBUF, Content.JSON, Body.of(net.alloc.utf8("x")))));
            assertThat(content.rpcStatus()).isEqualTo(RpcStatus.INVALID_ARGUMENT);
            assertThat(content).hasMessageContaining("content of p: PROTOBUF (expected: NONE, JSON or OCTETS");
            assertThat(error(text(server, request("p", Content.PROTOBUF)))).hasMessageContaining("accept of p");
            Flux<ByteBuf> two = Flux.just(net.alloc.utf8("1"), net.alloc.utf8("2"));
            assertThat(error(text(server, RpcRequest.of("p", Content.JSON, Content.JSON, Body.of(two)))))
                    .hasMessageContaining("more than one element (expected: one");
            Flux<ByteBuf> broken = Flux.error(new IOException("no disk"));
            assertThat(error(text(server, RpcRequest.of("p", Content.OCTETS, Content.JSON, Body.of(broken)))))
                    .hasRootCauseMessage("no disk");
            assertUsable(server); // and these are the first bytes that it reads
        }
    }

    @Test
    void d13AnAnswerOfAnotherTypeThanAcceptedIsAnErrorAndIsReadToItsEnd() throws IOException {
        try (Original server = server()) {
            CompletableFuture<String> answer = text(server, request("echo", Content.JSON));
            server.expectHeader("echo", 3, 3, 0, "").expectData("{\"a\":1}");
            server.header("", 4, 0, 1, "").frame(2, false, new byte[1000]).frame(2, true, new byte[0]);
            RpcException failure = error(answer);
            assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.INTERNAL);
            assertThat(failure).hasMessage("reply of echo: OCTETS (expected: JSON)");
            assertUsable(server);
        }
    }

    // ---- failures

    @Test
    void aResetAmidAnAnswerIsAnAbortOfThePeerAndNoEndOfTheAnswer() throws IOException {
        try (Original server = server()) {
            CompletableFuture<String> answer = text(server, request("echo", Content.OCTETS));
            server.expectHeader("echo", 3, 4, 0, "").expectData("{\"a\":1}").header("", 4, 0, 1, "");
            server.frame(2, false, new byte[1000]).reset();
            assertThat(error(answer).rpcStatus()).isEqualTo(RpcStatus.DATA_LOSS);
            assertThat(Loopback.end(server.ours).kind()).isEqualTo(Ending.Kind.ABORTED_BY_PEER);
        }
    }

    @Test
    void aRequestThatFailsAmidItsBodyIsAReset() throws IOException {
        try (Original server = server()) {
            Flux<ByteBuf> source =
                    Flux.concat(Flux.just(net.alloc.utf8("first")), Flux.error(new IOException("no disk")));
            CompletableFuture<String> answer =
                    text(server, RpcRequest.of("upload", Content.OCTETS, Content.JSON, Body.of(source)));
            assertThat(error(answer)).hasRootCauseMessage("no disk");
            server.expectHeader("upload", 4, 3, 0, "");
            assertThat(server.read().last()).isFalse();
            server.expectReset().shutdownOutput();
            assertThat(server.leftUntilEnd()).isZero();
            Ending ending = Loopback.end(server.ours);
            assertThat(ending.kind()).isEqualTo(Ending.Kind.ABORTED);
            assertThat(ending.detail()).contains("upload");
        }
    }

    @Test
    void anEarlyErrorEndsAnUploadAndTheConnectionStays() throws IOException {
        try (Original server = server()) {
            Sinks.Many<ByteBuf> source = Sinks.many().unicast().onBackpressureBuffer();
            CompletableFuture<String> answer =
                    text(server, RpcRequest.of("upload", Content.OCTETS, Content.JSON, Body.of(source.asFlux())));
            source.tryEmitNext(net.alloc.utf8("first"));
            server.expectHeader("upload", 4, 3, 0, "");
            assertThat(server.read().text()).isEqualTo("first");
            server.header("", 0, 0, 4, "disk full");
            assertThat(error(answer)).hasMessage("disk full");
            server.expectData("");
            assertUsable(server);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5})
    void anErrorNumberThatDoesNotExistIsAViolation(int number) throws IOException {
        try (Original server = server()) {
            CompletableFuture<String> answer = text(server, request("echo", Content.JSON));
            server.expectHeader("echo", 3, 3, 0, "").expectData("{\"a\":1}").header("", 3, 0, number, "");
            assertThat(error(answer).rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
            assertThat(Loopback.end(server.expectReset().leave().ours).detail())
                    .isEqualTo("Error of a reply: " + number + " (expected: 1..4)");
        }
    }

    @Test
    void aServerThatDoesNotAnswerCloseIsGivenUp() throws IOException {
        try (Original server =
                server(RpcSettings.builder().close(Duration.ofMillis(100)).build())) {
            server.ours.opened().block(Loopback.SOON);
            server.ours.closeAsync(Duration.ZERO).block(Loopback.SOON);
            Ending ending = Loopback.end(server.ours);
            assertThat(ending.kind()).isEqualTo(Ending.Kind.SILENT);
            assertThat(ending.detail()).contains("calls");
        }
    }

    @Test
    void aBodyComesAsItIsAskedForAndNothingIsReadBeyond() throws IOException {
        try (Original server = server()) {
            CompletableFuture<BaseSubscriber<ByteBuf>> consumer = new CompletableFuture<>();
            CompletableFuture<Void> ended = new CompletableFuture<>();
            server.ours.call(request("stream", Content.OCTETS)).subscribe(reply -> {
                BaseSubscriber<ByteBuf> slow = new BaseSubscriber<>() {
                    @Override
                    protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
                        // asks for nothing yet
                    }

                    @Override
                    protected void hookOnNext(ByteBuf part) {
                        part.release();
                    }

                    @Override
                    protected void hookOnComplete() {
                        ended.complete(null);
                    }
                };
                reply.body().subscribe(slow);
                consumer.complete(slow);
            });
            server.expectHeader("stream", 3, 4, 0, "").expectData("{\"a\":1}").header("", 4, 0, 1, "");
            for (int i = 0; i < 20; i++) {
                server.frame(2, i == 19, new byte[10_000]);
            }
            BaseSubscriber<ByteBuf> slow = get(consumer);
            assertThat(server.ours.stats().bytesIn()).isLessThan(200_000);
            slow.requestUnbounded();
            get(ended);
            assertThat(server.ours.stats().bytesIn()).isGreaterThan(200_000);
            assertUsable(server);
        }
    }
}
