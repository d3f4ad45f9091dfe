package io.headgate.rpc.zrepl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** An event loop that is shut down under a connection that is in use: what comes later finds no thread, and is done all the same. */
class ZreplLoopEndTest {

    private final Loopback loopback = new Loopback();
    private Loopback.Pair pair;

    private void connect(Service<RpcRequest, RpcReply> handler) {
        pair = loopback.pair(RpcSpec.DEFAULTS, RpcSpec.DEFAULTS.withHandler(handler));
        pair.initiator().opened().block(Loopback.SOON);
    }

    @AfterEach
    void nothingIsLeft() {
        loopback.close();
        assertThat(pair.initiator().stats().outgoing()).isZero();
        assertThat(pair.acceptor().stats().incoming()).isZero();
    }

    private RpcRequest document(String text) {
        return RpcRequest.of("an/endpoint", Content.JSON, Content.JSON, Body.of(loopback.alloc.utf8(text)));
    }

    private static RpcRequest octets(Body body) {
        return RpcRequest.of("an/endpoint", Content.OCTETS, Content.OCTETS, body);
    }

    private Mono<RpcReply> endless(RpcRequest request) {
        return Mono.just(RpcReply.of(
                Content.OCTETS, Body.of(Flux.just("a").concatWith(Flux.never()).map(loopback.alloc::utf8))));
    }

    private Body replyTo(RpcRequest request) {
        RpcReply reply = pair.initiator().call(request).block(Loopback.SOON);
        assertThat(reply).isNotNull();
        return reply.body();
    }

    private static void assertStatus(Throwable failure, RpcStatus status) {
        assertThat(failure).isInstanceOf(RpcException.class);
        assertThat(((RpcException) failure).rpcStatus()).isEqualTo(status);
        assertThat(failure)
                .message()
                .containsAnyOf("the channel was closed", "the byte stream ended without a goodbye");
    }

    /** A publisher in the hands of the test. */
    private static final class Held<T> implements Publisher<T>, Subscription {

        final CompletableFuture<Subscriber<? super T>> asked = new CompletableFuture<>();
        final CompletableFuture<Void> cancelled = new CompletableFuture<>();
        private final AtomicReference<Subscriber<? super T>> subscriber = new AtomicReference<>();

        @Override
        public void subscribe(Subscriber<? super T> to) {
            subscriber.set(to);
            to.onSubscribe(this);
        }

        @Override
        public void request(long n) {
            asked.complete(subscriber.get());
        }

        @Override
        public void cancel() {
            cancelled.complete(null);
        }

        Subscriber<? super T> taker() throws Exception {
            return asked.get(Loopback.SOON.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void aCallThatIsMadeLaterFailsWithTheReason() {
        connect(request -> Mono.just(RpcReply.of(Content.JSON, request.body())));
        loopback.endThreadOfInitiator();
        assertThat(pair.endOfInitiator().kind()).isEqualTo(Ending.Kind.LOST);
        for (int i = 0; i < 3; i++) {
            Mono<RpcReply> late = pair.initiator().call(document("[1]"));
            assertThatThrownBy(() -> late.block(Loopback.SOON))
                    .satisfies(failure -> assertStatus(failure, RpcStatus.UNAVAILABLE));
        }
        pair.initiator().closeAsync(Duration.ZERO).block(Loopback.SOON);
        pair.initiator().abort("late"); // changes nothing
        assertThat(pair.endOfInitiator().kind()).isEqualTo(Ending.Kind.LOST);
    }

    @Test
    void whatIsMadeOnManyThreadsWhileTheEventLoopEndsHasAnEndEach() throws Exception {
        connect(request -> Mono.just(RpcReply.of(Content.JSON, request.body())));
        int threads = 4;
        CountDownLatch begun = new CountDownLatch(threads);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger open = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            all.add(CompletableFuture.runAsync(() -> {
                while (!stop.get() || failed.get() == 0) {
                    open.incrementAndGet();
                    pair.initiator()
                            .call(document("[1]"))
                            .flatMap(reply ->
                                    reply.body().doOnNext(ByteBuf::release).then())
                            .doFinally(how -> open.decrementAndGet())
                            .subscribe(none -> {}, error -> failed.incrementAndGet());
                    begun.countDown();
                }
            }));
        }
        begun.await();
        loopback.endThreadOfInitiator();
        stop.set(true);
        all.forEach(CompletableFuture::join);
        Awaitility.await()
                .atMost(Loopback.SOON)
                .untilAsserted(() -> assertThat(open).hasValue(0));
        assertThat(failed).hasPositiveValue();
    }

    @Test
    void aReplyThatWasCutFailsWithTheReasonWhoeverReadsItLater() {
        connect(this::endless);
        Body reply = replyTo(octets(Body.of(loopback.alloc.utf8("x"))));
        loopback.endThreadOfInitiator();
        assertThatThrownBy(() -> reply.doOnNext(ByteBuf::release).blockLast(Loopback.SOON))
                .satisfies(failure -> assertStatus(failure, RpcStatus.DATA_LOSS));
    }

    @Test
    void aDocumentThatHasComeIsReadLater() {
        connect(request -> Mono.just(RpcReply.of(Content.JSON, request.body())));
        Body reply = replyTo(document("[1]"));
        untilItHasCome();
        loopback.endThreadOfInitiator();
        assertThat(reply.asString(10).block(Loopback.SOON)).isEqualTo("[1]");
    }

    @Test
    void aDocumentThatHasComeIsReleasedWhenNobodyWantsIt() {
        connect(request -> Mono.just(RpcReply.of(Content.JSON, request.body())));
        Body reply = replyTo(document("[1]"));
        untilItHasCome();
        loopback.endThreadOfInitiator();
        reply.discard(); // what is left is found by the allocator
        assertThat(pair.initiator().stats().heldIn()).isZero();
    }

    private void untilItHasCome() {
        Awaitility.await()
                .atMost(Loopback.SOON)
                .until(() -> pair.initiator().stats().outgoing() == 0);
    }

    @Test
    void whatASourceStillEmitsIsReleasedAndItIsCancelled() throws Exception {
        connect(request -> Mono.never());
        Held<ByteBuf> source = new Held<>();
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        pair.initiator().call(octets(Body.of(Flux.from(source)))).subscribe(reply -> {}, failure::complete);
        Subscriber<? super ByteBuf> body = source.taker();
        loopback.endThreadOfInitiator();
        assertStatus(failure.get(10, TimeUnit.SECONDS), RpcStatus.UNAVAILABLE);
        source.cancelled.get(10, TimeUnit.SECONDS);
        body.onNext(loopback.alloc.utf8("late")); // it was about to
        body.onComplete();
    }

    @Test
    void aReplyThatAHandlerGivesTooLateIsDiscarded() throws Exception {
        Held<RpcReply> handler = new Held<>();
        connect(request -> Mono.<RpcReply>fromDirect(handler).doFirst(request.body()::discard));
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        pair.initiator().call(document("[1]")).subscribe(reply -> {}, failure::complete);
        Subscriber<? super RpcReply> answer = handler.taker();
        loopback.endThreadOfAcceptor();
        assertStatus(failure.get(10, TimeUnit.SECONDS), RpcStatus.UNAVAILABLE);
        handler.cancelled.get(10, TimeUnit.SECONDS);
        answer.onNext(RpcReply.of(Content.JSON, Body.of(loopback.alloc.utf8("[late]")))); // it was about to
        answer.onComplete();
    }
}
