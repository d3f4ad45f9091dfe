package io.headgate.rpc.wire;

import static io.headgate.rpc.wire.WireCallTest.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.rpc.Arrivals;
import io.headgate.rpc.Content;
import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The same on byte streams with threads of their own: a socket, and a local channel, which cannot close one half. */
class WireSocketTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    enum Transport {
        TCP,
        LOCAL
    }

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final Arrivals<RpcConnection> accepted = new Arrivals<>();
    private MultiThreadIoEventLoopGroup group;
    private Channel listener;

    private RpcConnection connect(Transport transport, Service<RpcRequest, RpcReply> handler) throws Exception {
        boolean tcp = transport == Transport.TCP;
        group = tcp
                ? new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory())
                : new MultiThreadIoEventLoopGroup(2, (ThreadFactory) Thread::new, LocalIoHandler.newFactory());
        SocketAddress bind = tcp
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
                : new LocalAddress(WireSocketTest.class);
        listener = new ServerBootstrap()
                .group(group)
                .channel(tcp ? NioServerSocketChannel.class : LocalServerChannel.class)
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childHandler(initializer(channel -> accepted.add(
                        HeadgateWire.DIALECT.connect(channel, Side.ACCEPTOR, RpcSpec.DEFAULTS.withHandler(handler)))))
                .bind(bind)
                .sync()
                .channel();
        Arrivals<RpcConnection> opened = new Arrivals<>();
        new Bootstrap()
                .group(group)
                .channel(tcp ? NioSocketChannel.class : LocalChannel.class)
                .option(ChannelOption.ALLOCATOR, allocator)
                .handler(initializer(channel -> opened.add(HeadgateWire.DIALECT.connect(
                        channel, Side.INITIATOR, RpcSpec.DEFAULTS.withHandler(WireCallTest::echo)))))
                .connect(listener.localAddress())
                .sync();
        RpcConnection connection = opened.take();
        assertThat(connection).isNotNull();
        connection.opened().block(LIMIT);
        return connection;
    }

    private static ChannelHandler initializer(Consumer<Channel> action) {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                action.accept(channel);
            }
        };
    }

    @AfterEach
    void stop() throws Exception {
        listener.close().sync();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        allocator.assertNoLeaks();
    }

    private void assertBothClean(RpcConnection one) throws Exception {
        RpcConnection other = accepted.take();
        assertThat(other).isNotNull();
        assertThat(one.closed().block(LIMIT)).isEqualTo(Ending.of(Ending.Kind.CLEAN, "both sides said goodbye"));
        assertThat(other.closed().block(LIMIT)).isEqualTo(Ending.of(Ending.Kind.CLEAN, "both sides said goodbye"));
    }

    @ParameterizedTest
    @EnumSource
    void manyThreadsCallAtOnceAndTheEndIsClean(Transport transport) throws Exception {
        RpcConnection connection = connect(transport, WireCallTest::echo);
        List<Integer> lengths = Flux.range(0, 2000)
                .flatMap(
                        i -> connection
                                .call(call("e", Body.of(allocator.utf8("call " + i))))
                                .flatMap(reply -> reply.body().asString(100))
                                .subscribeOn(Schedulers.parallel()),
                        64)
                .map(String::length)
                .collectList()
                .block(LIMIT);
        assertThat(lengths).hasSize(2000).allMatch(length -> length >= 6 && length <= 9);
        connection.closeAsync(Duration.ofSeconds(5)).block(LIMIT);
        assertBothClean(connection);
    }

    @ParameterizedTest
    @EnumSource
    void aLongStreamFlowsFromAnotherThreadThroughAConsumerOnAnother(Transport transport) throws Exception {
        RpcConnection connection = connect(
                transport,
                request -> Mono.just(RpcReply.of(
                        Content.OCTETS,
                        Body.of(Flux.range(0, 300)
                                .map(i -> allocator.directBuffer(100_000).writeZero(100_000))
                                .publishOn(Schedulers.parallel(), 4)))));
        AtomicLong bytes = new AtomicLong();
        connection
                .call(RpcRequest.of("download", Content.NONE, Content.OCTETS, Body.empty()))
                .flatMapMany(RpcReply::body)
                .publishOn(Schedulers.parallel(), 8)
                .doOnNext(buffer -> {
                    bytes.addAndGet(buffer.readableBytes());
                    buffer.release();
                })
                .then()
                .block(LIMIT);
        assertThat(bytes).hasValue(30_000_000);
        accepted.peek().closeAsync(Duration.ofSeconds(5)).block(LIMIT);
        assertBothClean(connection);
    }

    @ParameterizedTest
    @EnumSource
    void callsInFlightAreCutWithoutGraceAndTheEndIsClean(Transport transport) throws Exception {
        AtomicInteger cancelled = new AtomicInteger();
        RpcConnection connection =
                connect(transport, request -> Mono.<RpcReply>never().doOnCancel(cancelled::incrementAndGet));
        Mono<RpcReply> call =
                connection.call(call("e", Body.of(allocator.utf8("x")))).cache();
        call.subscribe(reply -> {}, error -> {});
        connection.closeAsync(Duration.ZERO).block(LIMIT);
        assertThat(call.materialize().block(LIMIT).getThrowable()).hasMessageContaining("connection");
        assertBothClean(connection);
    }

    @ParameterizedTest
    @EnumSource
    void anAbortIsToldToAPeerThatIsStillSending(Transport transport) throws Exception {
        RpcConnection connection = connect(
                transport, request -> request.body().doOnNext(ByteBuf::release).then(Mono.never()));
        connection
                .call(RpcRequest.of(
                        "upload",
                        Content.OCTETS,
                        Content.NONE,
                        Body.of(Flux.range(0, Integer.MAX_VALUE)
                                .map(i -> allocator.directBuffer(50_000).writeZero(50_000)))))
                .subscribe(reply -> {}, error -> {});
        RpcConnection other = accepted.take();
        assertThat(other).isNotNull();
        while (other.stats().bytesIn() < 1_000_000) {
            Thread.onSpinWait();
        }
        other.abort("enough");
        assertThat(connection.closed().block(LIMIT)).isEqualTo(Ending.of(Ending.Kind.ABORTED_BY_PEER, "enough"));
        assertThat(other.closed().block(LIMIT)).isEqualTo(Ending.of(Ending.Kind.ABORTED, "enough"));
    }
}
