package io.headgate.rpc.wire;

import static io.headgate.rpc.wire.WireCallTest.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.rpc.Arrivals;
import io.headgate.rpc.Content;
import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.Ending;
import io.headgate.rpc.LoopEnd;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStats;
import io.headgate.rpc.RpcStatus;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** An event loop that is shut down under a connection that is in use: what comes later finds no thread, and is done all the same. */
class WireLoopEndTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final MultiThreadIoEventLoopGroup near = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final MultiThreadIoEventLoopGroup far = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Arrivals<RpcConnection> accepted = new Arrivals<>();
    private Channel listener;
    private RpcConnection caller;
    private RpcConnection callee;

    private void connect(Service<RpcRequest, RpcReply> handler) throws Exception {
        listener = new ServerBootstrap()
                .group(far)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childHandler(with(channel -> accepted.add(
                        HeadgateWire.DIALECT.connect(channel, Side.ACCEPTOR, RpcSpec.DEFAULTS.withHandler(handler)))))
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        Arrivals<RpcConnection> opened = new Arrivals<>();
        new Bootstrap()
                .group(near)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.ALLOCATOR, allocator)
                .handler(with(
                        channel -> opened.add(HeadgateWire.DIALECT.connect(channel, Side.INITIATOR, RpcSpec.DEFAULTS))))
                .connect(listener.localAddress())
                .sync();
        caller = opened.take();
        callee = accepted.take();
        caller.opened().block(LIMIT);
        callee.opened().block(LIMIT);
    }

    private static ChannelInitializer<Channel> with(Consumer<Channel> action) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                action.accept(channel);
            }
        };
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        LoopEnd.amidWork(near);
        LoopEnd.amidWork(far);
        for (RpcConnection side : List.of(caller, callee)) {
            RpcStats stats = side.stats();
            assertThat(stats.outgoing() + stats.incoming() + stats.heldIn())
                    .as("%s", stats)
                    .isZero();
        }
        allocator.assertNoLeaks();
    }

    private Body body(String text) {
        return Body.of(allocator.utf8(text));
    }

    private static RpcRequest request(Body body) {
        return RpcRequest.of("an/endpoint", Content.JSON, Content.JSON, body);
    }

    /** Reads what it is told to. */
    private static final class Reader extends BaseSubscriber<ByteBuf> {

        final List<String> got = new ArrayList<>();
        final AtomicReference<Throwable> failure = new AtomicReference<>();

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            // asks later
        }

        @Override
        protected void hookOnNext(ByteBuf element) {
            got.add(element.toString(StandardCharsets.UTF_8));
            element.release();
        }

        @Override
        protected void hookOnError(Throwable thrown) {
            failure.set(thrown);
        }
    }

    private static void assertGone(Throwable failure) {
        assertThat(failure).isInstanceOf(RpcException.class);
        assertThat(((RpcException) failure).rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
        assertThat(failure).hasMessageContaining("byte stream: ended in phase OPEN");
    }

    @Test
    void aCallThatIsMadeLaterFailsWithTheReason() throws Exception {
        connect(call -> Mono.just(RpcReply.of(Content.JSON, call.body())));
        LoopEnd.amidWork(near);
        assertThat(caller.closed().block(LIMIT).kind()).isEqualTo(Ending.Kind.LOST);

        for (int i = 0; i < 3; i++) {
            Mono<RpcReply> late = caller.call(request(body("[1]")));
            assertThatThrownBy(() -> late.block(LIMIT))
                    .isInstanceOf(RpcException.class)
                    .hasMessageContaining("an/endpoint: connection closed: byte stream: ended in phase OPEN");
        }
        caller.closeAsync(Duration.ZERO).block(LIMIT);
        caller.abort("late"); // changes nothing
        assertThat(caller.closed().block(LIMIT).kind()).isEqualTo(Ending.Kind.LOST);
    }

    @Test
    void whatIsMadeOnManyThreadsWhileTheEventLoopEndsHasAnEndEach() throws Exception {
        connect(call -> Mono.just(RpcReply.of(Content.JSON, call.body())));
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
                    caller.call(request(body("[1]")))
                            .flatMap(reply ->
                                    reply.body().doOnNext(ByteBuf::release).then())
                            .doFinally(how -> open.decrementAndGet())
                            .subscribe(none -> {}, error -> failed.incrementAndGet());
                    begun.countDown();
                }
            }));
        }
        begun.await();
        LoopEnd.amidWork(near);
        stop.set(true);
        all.forEach(CompletableFuture::join);
        Awaitility.await().atMost(LIMIT).untilAsserted(() -> assertThat(open).hasValue(0));
        assertThat(failed).hasPositiveValue();
    }

    @Test
    void aReplyThatIsHalfReadFailsWhenItsConsumerAsksForMore() throws Exception {
        connect(call -> Mono.just(RpcReply.of(
                Content.JSON,
                Body.of(Flux.just("[1]", "[2]").concatWith(Flux.never()).map(allocator::utf8)))));
        Reader consumer = new Reader();
        caller.call(request(Body.empty())).block(LIMIT).body().subscribe(consumer);
        consumer.request(1);
        Awaitility.await().atMost(LIMIT).until(() -> consumer.got.size() == 1);
        LoopEnd.amidWork(near);
        consumer.request(5);
        Awaitility.await().atMost(LIMIT).until(() -> consumer.failure.get() != null);
        assertGone(consumer.failure.get());
        assertThat(consumer.got).containsExactly("[1]");
    }

    @Test
    void anElementThatWaitsForItsConsumerIsReleasedWhenHeLeaves() throws Exception {
        connect(call -> Mono.just(RpcReply.of(
                Content.JSON, Body.of(Flux.just("[1]").concatWith(Flux.never()).map(allocator::utf8)))));
        Reader consumer = new Reader();
        Body reply = caller.call(request(Body.empty())).block(LIMIT).body();
        Body untouched = caller.call(request(Body.empty())).block(LIMIT).body();
        reply.subscribe(consumer);
        assertThat(caller.stats().heldIn()).isPositive();
        LoopEnd.amidWork(near);
        consumer.cancel();
        untouched.discard();
        assertThat(caller.stats().heldIn()).isZero();
        assertThat(consumer.got).isEmpty();
    }

    @Test
    void trailersOfALostReplyFail() throws Exception {
        connect(call -> Mono.just(RpcReply.of(
                Content.JSON, Body.of(Flux.just("[1]").concatWith(Flux.never()).map(allocator::utf8)))));
        Body reply = caller.call(request(Body.empty())).block(LIMIT).body();
        LoopEnd.amidWork(near);
        Mono<?> trailers = reply.trailers();
        assertThatThrownBy(() -> trailers.block(LIMIT)).satisfies(WireLoopEndTest::assertGone);
        reply.discard();
    }

    @Test
    void whatASourceStillEmitsIsReleasedAndItIsCancelled() throws Exception {
        connect(call -> Mono.never());
        AtomicReference<Subscription> asked = new AtomicReference<>();
        AtomicReference<Subscriber<? super ByteBuf>> sink = new AtomicReference<>();
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        Flux<ByteBuf> source = Flux.from(subscriber -> {
            sink.set(subscriber);
            subscriber.onSubscribe(new Subscription() {
                @Override
                public void request(long n) {
                    asked.set(this);
                }

                @Override
                public void cancel() {
                    cancelled.complete(null);
                }
            });
        });
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        caller.call(RpcRequest.of("an/endpoint", Content.JSON, Content.JSON, Body.of(source)))
                .subscribe(reply -> {}, failure::complete);
        Awaitility.await().atMost(LIMIT).until(() -> asked.get() != null);
        LoopEnd.amidWork(near);
        assertGone(failure.get(20, TimeUnit.SECONDS));
        cancelled.get(20, TimeUnit.SECONDS);
        sink.get().onNext(allocator.utf8("[1]")); // it was about to
        sink.get().onComplete();
    }

    @Test
    void aReplyThatAHandlerGivesTooLateIsDiscarded() throws Exception {
        CompletableFuture<Subscriber<? super RpcReply>> asked = new CompletableFuture<>();
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        connect(call -> Mono.fromDirect(subscriber -> {
            subscriber.onSubscribe(new Subscription() {
                @Override
                public void request(long n) {
                    asked.complete(subscriber);
                }

                @Override
                public void cancel() {
                    cancelled.complete(null);
                }
            });
        }));
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        caller.call(request(body("[1]"))).subscribe(reply -> {}, failure::complete);
        Subscriber<? super RpcReply> answer = asked.get(20, TimeUnit.SECONDS);
        LoopEnd.amidWork(far);
        assertGone(failure.get(20, TimeUnit.SECONDS));
        cancelled.get(20, TimeUnit.SECONDS);
        answer.onNext(RpcReply.of(Content.JSON, body("[late]"))); // it was about to
        answer.onComplete();
    }
}
