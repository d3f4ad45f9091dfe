package io.headgate.function.driver.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.function.driver.InstanceFailure;
import io.headgate.function.driver.InstanceFailure.Reason;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

@Timeout(30)
class FunctionClientTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Caps CAPS = new Caps(16 * 1024, 4 * 1024, 1024 * 1024);
    private static final SocketLoops LOOPS = new SocketLoops(null);

    @TempDir
    private Path directory;

    @AfterAll
    static void close() {
        LOOPS.close().block(PATIENCE);
    }

    private UnixPeer peer(UnixPeer.Script script) throws Exception {
        return UnixPeer.listen(directory.resolve("s"), script);
    }

    private FunctionClient client() {
        return new FunctionClient(directory.resolve("s"), LOOPS, CAPS);
    }

    private static ByteBuf utf8(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    private static Mono<String> call(FunctionClient client, Body body) {
        return client.call(new InstanceRequest(Fields.of("fn-call-id", "1"), body))
                .flatMap(reply -> reply.body().asString(2 * 1024 * 1024));
    }

    private static String answer(FunctionClient client, Body body) {
        return call(client, body).block(PATIENCE);
    }

    private static void assertFails(Mono<?> call, Reason reason) {
        assertThatThrownBy(() -> call.block(PATIENCE))
                .isInstanceOf(FunctionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        InstanceFailure.class,
                        failure -> assertThat(failure.reason()).isEqualTo(reason));
    }

    @Test
    void theRequestIsWhatTheContractSays() throws Exception {
        try (UnixPeer peer = peer((number, wire) -> {
            for (String head = wire.head(); head != null; head = wire.head()) {
                wire.tell(head);
                wire.tell(head.contains("chunked") ? wire.chunks() : wire.read(head.contains(": 5") ? 5 : 0));
                wire.write(UnixPeer.OK);
            }
        })) {
            FunctionClient client = client();
            Fields fields =
                    Fields.of("fn-call-id", "1", "Host", "x", "Expect", "100-continue", "x-many", "a", "x-many", "b");
            client.call(new InstanceRequest(fields, Body.utf8("input")))
                    .block(PATIENCE)
                    .body()
                    .discard();
            assertThat(peer.next())
                    .isEqualTo("POST /call HTTP/1.1\r\nhost: localhost\r\nfn-call-id: 1\r\nx-many: a\r\nx-many: b\r\n"
                            + "content-length: 5\r\n\r\n");
            assertThat(peer.next()).isEqualTo("input");
            assertThat(answer(client, Body.empty())).isEqualTo("ok");
            assertThat(peer.next()).asString().endsWith("content-length: 0\r\n\r\n");
            assertThat(peer.next()).isEqualTo("");
            Flux<ByteBuf> pieces = Flux.just("in", "", "put").map(FunctionClientTest::utf8);
            assertThat(answer(client, Body.of(pieces))).isEqualTo("ok");
            assertThat(peer.next()).asString().endsWith("transfer-encoding: chunked\r\n\r\n");
            assertThat(peer.next()).isEqualTo("input");
            assertThat(peer.connections()).isEqualTo(1);
        }
    }

    @Test
    void repliesComeAsTheyAreWithoutFieldsOfTheConnection() throws Exception {
        try (UnixPeer peer = peer((number, wire) -> {
            wire.head();
            wire.write("HTTP/1.1 103 Early Hints\r\nx: y\r\n\r\n");
            wire.write("HTTP/1.1 504 Late\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nFn-Http-Status: 7\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n");
            wire.tell(String.valueOf(wire.head()));
        })) {
            InstanceReply reply = client().call(new InstanceRequest(Fields.empty(), Body.empty()))
                    .block(PATIENCE);
            assertThat(reply.status()).isEqualTo(504);
            assertThat(reply.fields()).isEqualTo(Fields.of("Fn-Http-Status", "7"));
            assertThat(reply.body().asString(9).block(PATIENCE)).isEqualTo("no");
        }
    }

    @Test
    void aConnectionThatWasClosedWhileItLayIdleIsReplacedOnce() throws Exception {
        try (UnixPeer peer = peer((number, wire) -> {
            wire.head();
            wire.read(5);
            if (number != 3) {
                wire.write(UnixPeer.OK);
                wire.head(); // closes before a byte of a second reply
            }
        })) {
            FunctionClient client = client();
            assertThat(answer(client, Body.utf8("first"))).isEqualTo("ok");
            assertThat(answer(client, Body.utf8("again"))).isEqualTo("ok");
            assertThat(peer.connections()).isEqualTo(2);
            assertFails(call(client, Body.utf8("third")), Reason.DISCONNECTED); // a fresh one failed as well
            assertThat(peer.connections()).isEqualTo(3);
        }
    }

    @Test
    void aBodyThatComesInPiecesIsSentAgainFromItsStart() throws Exception {
        CompletableFuture<Void> half = new CompletableFuture<>();
        try (UnixPeer peer = peer((number, wire) -> {
            String head = wire.head();
            if (number == 1) {
                wire.write(UnixPeer.OK);
                wire.head();
                wire.read("4\r\nhalf\r\n".length());
            } else {
                half.complete(null);
                wire.tell(head.contains("chunked") ? wire.chunks() : head);
                wire.write(UnixPeer.OK);
            }
        })) {
            FunctionClient client = client();
            assertThat(answer(client, Body.empty())).isEqualTo("ok");
            Sinks.Many<ByteBuf> pieces = Sinks.many().unicast().onBackpressureBuffer();
            pieces.tryEmitNext(utf8("half"));
            CompletableFuture<String> answer =
                    call(client, Body.of(pieces.asFlux())).toFuture();
            half.get(10, TimeUnit.SECONDS);
            pieces.tryEmitNext(utf8(" and half"));
            pieces.tryEmitComplete();
            assertThat(answer).succeedsWithin(PATIENCE).isEqualTo("ok");
            assertThat(peer.next()).isEqualTo("half and half");
        }
    }

    @Test
    void aReplyThatBreaksOffFailsItsBodyAndIsNotAskedForAgain() throws Exception {
        try (UnixPeer peer = peer((number, wire) -> {
            wire.head();
            wire.write(UnixPeer.OK);
            wire.head();
            wire.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        })) {
            FunctionClient client = client();
            assertThat(answer(client, Body.empty())).isEqualTo("ok");
            assertFails(call(client, Body.empty()), Reason.DISCONNECTED);
            assertThat(peer.connections()).isEqualTo(1);
        }
    }

    @Test
    void whatIsNoReplyAndWhatIsTooLargeIsToldApart() throws Exception {
        String ok = "HTTP/1.1 200 OK\r\n";
        String[] replies = {
            "SSH-2.0-OpenSSH\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
            ok + "x: " + "y".repeat(5000) + "\r\n\r\n",
            ok + "Content-Length: 1048577\r\n\r\n",
            ok + "Transfer-Encoding: chunked\r\n\r\n100001\r\n" + "z".repeat(0x100001) + "\r\n0\r\n\r\n",
            ok + "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        };
        Reason[] reasons = {
            Reason.NOT_A_REPLY,
            Reason.NOT_A_REPLY,
            Reason.REPLY_HEAD_TOO_LARGE,
            Reason.REPLY_BODY_TOO_LARGE,
            Reason.REPLY_BODY_TOO_LARGE,
            Reason.NOT_A_REPLY
        };
        try (UnixPeer peer = peer((number, wire) -> {
            wire.head();
            wire.write(replies[number - 1]);
            wire.head();
        })) {
            for (Reason reason : reasons) {
                assertFails(call(client(), Body.empty()), reason);
            }
            assertThat(peer.connections()).isEqualTo(reasons.length);
        }
    }

    @Test
    void whereNobodyListensTheRequestIsHandedBackUntouched() {
        Body body = Body.utf8("x");
        assertFails(call(client(), body), Reason.UNREACHABLE);
        assertThat(body.asString(9).block(PATIENCE)).isEqualTo("x");
        AtomicLong subscriptions = new AtomicLong();
        Body streamed = Body.of(Flux.defer(() -> {
            subscriptions.incrementAndGet();
            return Flux.just(utf8("y"));
        }));
        assertFails(call(client(), streamed), Reason.UNREACHABLE);
        assertThat(subscriptions).hasValue(0);
        assertThat(streamed.asString(9).block(PATIENCE)).isEqualTo("y");
    }

    @Test
    void aRequestThatWasSentOnceIsNotHandedBackWhenNobodyListensAnyMore() throws Exception {
        CompletableFuture<UnixPeer> self = new CompletableFuture<>();
        try (UnixPeer peer = peer((number, wire) -> {
            wire.head();
            wire.write(UnixPeer.OK);
            wire.head();
            wire.read(5);
            self.join().close(); // the second request is here, and may have been worked on
        })) {
            self.complete(peer);
            FunctionClient client = client();
            assertThat(answer(client, Body.empty())).isEqualTo("ok");
            assertFails(call(client, Body.utf8("again")), Reason.DISCONNECTED);
        }
    }

    @Test
    void aReaderThatDoesNotAskBringsTheFunctionToRest() throws Exception {
        AtomicLong written = new AtomicLong();
        int chunk = 64 * 1024;
        try (UnixPeer peer = peer((number, wire) -> {
            wire.head();
            wire.write("HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n");
            for (int i = 0; i < 16; i++) {
                wire.write("a".repeat(chunk));
                written.addAndGet(chunk);
            }
            wire.tell("all");
            wire.head();
        })) {
            FunctionClient client = client();
            InstanceReply reply = client.call(new InstanceRequest(Fields.empty(), Body.empty()))
                    .block(PATIENCE);
            assertThat(reply.body().length()).isEqualTo(1024 * 1024);
            StepVerifier.create(
                            reply.body().map(buffer -> {
                                int bytes = buffer.readableBytes();
                                buffer.release();
                                return bytes;
                            }),
                            1)
                    .expectNextCount(1)
                    .then(() -> assertThat(written.get()).isLessThan(1024 * 1024))
                    .thenRequest(Long.MAX_VALUE)
                    .thenConsumeWhile(bytes -> true)
                    .expectComplete()
                    .verify(PATIENCE);
            assertThat(peer.next()).isEqualTo("all");
        }
    }

    @Test
    void aFunctionThatDoesNotReadBringsTheBodyToRest() throws Exception {
        CompletableFuture<Void> go = new CompletableFuture<>();
        AtomicLong asked = new AtomicLong();
        int pieces = 256;
        try (UnixPeer peer = peer((number, wire) -> {
            wire.head();
            wire.tell("there");
            go.get(10, TimeUnit.SECONDS);
            wire.tell(wire.chunks().length());
            wire.write(UnixPeer.OK);
        })) {
            Flux<ByteBuf> body = Flux.range(0, pieces)
                    .doOnRequest(asked::addAndGet)
                    .map(i -> Unpooled.wrappedBuffer(new byte[64 * 1024]));
            CompletableFuture<String> answer = call(client(), Body.of(body)).toFuture();
            assertThat(peer.next()).isEqualTo("there");
            assertThat(asked.get()).isLessThan(pieces);
            go.complete(null);
            assertThat(peer.next()).isEqualTo(pieces * 64 * 1024);
            assertThat(answer).succeedsWithin(PATIENCE).isEqualTo("ok");
        }
    }

    @Test
    void aCancelClosesTheConnectionAndFreesTheBody() throws Exception {
        LeakTrackingAllocator buffers = LeakTrackingAllocator.create();
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        try (UnixPeer peer = peer((number, wire) -> {
            wire.head();
            wire.tell("there");
            wire.tell(String.valueOf(wire.head()));
        })) {
            Sinks.Many<ByteBuf> body = Sinks.many().unicast().onBackpressureBuffer();
            body.tryEmitNext(buffers.buffer().writeBytes(new byte[100]));
            var call = call(client(), Body.of(body.asFlux().doOnCancel(() -> cancelled.complete(null))))
                    .subscribe();
            assertThat(peer.next()).isEqualTo("there");
            call.dispose();
            assertThat(cancelled).succeedsWithin(PATIENCE);
            assertThat(peer.next()).isEqualTo("null");
        }
        Body unsent = Body.of(buffers.buffer().writeByte(1));
        StepVerifier.create(client().call(new InstanceRequest(Fields.empty(), unsent)), 0)
                .thenCancel()
                .verify(PATIENCE);
        buffers.assertNoLeaks();
    }

    @Test
    void aReplyThatNobodyReadsClosesTheConnection() throws Exception {
        try (UnixPeer peer = peer((number, wire) -> {
            wire.head();
            wire.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
            wire.tell(String.valueOf(wire.head()));
        })) {
            client().call(new InstanceRequest(Fields.empty(), Body.empty()))
                    .block(PATIENCE)
                    .body()
                    .discard();
            assertThat(peer.next()).isEqualTo("null");
        }
    }

    @Test
    void anAnswerBeforeTheRequestIsWholeEndsTheRequest() throws Exception {
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        try (UnixPeer peer = peer((number, wire) -> {
            wire.head();
            wire.write(UnixPeer.OK);
            wire.tell(String.valueOf(wire.head()));
        })) {
            Flux<ByteBuf> endless = Flux.<ByteBuf>never().doOnCancel(() -> cancelled.complete(null));
            assertThat(answer(client(), Body.of(endless))).isEqualTo("ok");
            assertThat(cancelled).succeedsWithin(PATIENCE);
            assertThat(peer.next()).isEqualTo("null");
        }
    }

    @Test
    void aBodyThatFailsFailsTheCallAsItIs() throws Exception {
        try (UnixPeer peer = peer((number, wire) -> {
            wire.head();
            wire.tell(String.valueOf(wire.head()));
        })) {
            IllegalStateException broken = new IllegalStateException("broken");
            Flux<ByteBuf> body = Flux.just(Unpooled.wrappedBuffer(new byte[1]))
                    .cast(ByteBuf.class)
                    .concatWith(Mono.error(broken));
            assertThatThrownBy(() -> answer(client(), Body.of(body))).isSameAs(broken);
            assertThat(peer.next()).isEqualTo("null");
        }
    }

    @Test
    void aCallFromAnEventLoopStaysThereOnWhateverTransport() throws Exception {
        try (UnixPeer peer = peer((number, wire) -> {
            while (wire.head() != null) {
                wire.write(UnixPeer.OK);
            }
        })) {
            FunctionClient client = client();
            for (IoHandlerFactory transport :
                    new IoHandlerFactory[] {NioIoHandler.newFactory(), EpollIoHandler.newFactory()}) {
                MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, transport);
                EventLoop loop = group.next();
                CompletableFuture<Boolean> there = new CompletableFuture<>();
                loop.execute(() -> client.call(new InstanceRequest(Fields.empty(), Body.empty()))
                        .subscribe(reply -> {
                            reply.body().discard();
                            there.complete(loop.inEventLoop());
                        }));
                assertThat(there).succeedsWithin(PATIENCE).isEqualTo(true);
                client.close();
                group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
            }
            assertThat(peer.connections()).isEqualTo(2);
        }
    }
}
