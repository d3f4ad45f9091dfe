package io.headgate.rpc.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStats;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.wire.HeadgateWire;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** Ten thousand calls at one time on one connection over TCP. */
class CrowdTest {

    private static final int CALLS = 10_000;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final RpcSettings SETTINGS = RpcSettings.builder()
            .maxStreams(CALLS)
            .streamWindow(64 * 1024)
            .connectionWindow(1 << 20)
            .maxElement(64 * 1024)
            .maxFrame(16 * 1024)
            .build();

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final BlockingQueue<RpcConnection> made = new LinkedBlockingQueue<>();
    private final AtomicLong mostHeld = new AtomicLong();
    private RpcConnection caller;
    private RpcConnection callee;

    @BeforeEach
    void connect() throws Exception {
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childHandler(initializer(channel -> made.add(HeadgateWire.DIALECT.connect(
                        channel,
                        Side.ACCEPTOR,
                        RpcSpec.DEFAULTS.withSettings(SETTINGS).withHandler(this::handle)))))
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        BlockingQueue<RpcConnection> opened = new LinkedBlockingQueue<>();
        new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.ALLOCATOR, allocator)
                .handler(initializer(channel -> opened.add(HeadgateWire.DIALECT.connect(
                        channel, Side.INITIATOR, RpcSpec.DEFAULTS.withSettings(SETTINGS)))))
                .connect(listener.localAddress())
                .sync();
        caller = opened.take();
        callee = made.take();
        caller.opened().block(LIMIT);
        callee.opened().block(LIMIT);
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
    void everythingIsOver() throws Exception {
        assertThat(mostHeld.get()).isLessThanOrEqualTo(SETTINGS.connectionWindow());
        caller.closeAsync(Duration.ofSeconds(20)).block(LIMIT);
        for (RpcConnection side : new RpcConnection[] {caller, callee}) {
            Ending how = side.closed().block(LIMIT);
            assertThat(how).isNotNull();
            assertThat(how.isClean()).as(how.toString()).isTrue();
            RpcStats stats = side.stats();
            assertThat(stats.outgoing() + stats.incoming() + stats.heldIn())
                    .as(stats.toString())
                    .isZero();
        }
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        allocator.assertNoLeaks();
    }

    private void look() {
        mostHeld.accumulateAndGet(
                Math.max(caller.stats().heldIn(), callee.stats().heldIn()), Math::max);
    }

    // ---- who is called

    private final AtomicInteger waiting = new AtomicInteger();
    private final Sinks.Empty<Void> allAreThere = Sinks.empty();
    private volatile int mostIncoming;

    private Mono<RpcReply> handle(RpcRequest request) {
        if (request.endpoint().equals("bulk")) {
            request.body().discard();
            return Mono.just(RpcReply.of(Content.OCTETS, Body.of(bulk(), -1, Mono.<Fields>empty())));
        }
        if (waiting.incrementAndGet() == CALLS) {
            mostIncoming = callee.stats().incoming();
            allAreThere.tryEmitEmpty();
        }
        boolean fails = request.endpoint().equals("fails");
        Flux<ByteBuf> echo = request.body().doOnNext(element -> look());
        if (fails) {
            echo = echo.take(2).concatWith(Mono.error(() -> RpcException.of(RpcStatus.ABORTED, "after two elements")));
        }
        RpcReply reply = RpcReply.of(Content.JSON, Body.of(echo, -1, Mono.<Fields>empty()));
        return allAreThere.asMono().thenReturn(reply);
    }

    // ---- who calls

    /** What a call sends; each is asked for in one of four manners. */
    private final class Call {

        final int number;
        final int elements;
        final long seed;
        final CRC32 sent = new CRC32();
        final CRC32 come = new CRC32();

        Call(int number) {
            this.number = number;
            this.seed = number * 31L;
            this.elements = 3 + number % 5;
        }

        private ByteBuf element(Random random) {
            int length = random.nextInt(50) == 0 ? 20_000 + random.nextInt(20_000) : random.nextInt(1500);
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            sent.update(bytes);
            return allocator.buffer(Math.max(1, length)).writeBytes(bytes);
        }

        private void take(ByteBuf element) {
            look();
            come.update(element.nioBuffer());
            element.release();
        }

        Mono<String> make() {
            Random random = new Random(seed);
            Flux<ByteBuf> body = Flux.range(0, elements).map(i -> element(random));
            int manner = number % 10;
            Flux<ByteBuf> reply = caller.call(RpcRequest.of(
                            manner == 1 ? "fails" : "echo",
                            Content.JSON,
                            Content.JSON,
                            Body.of(body, -1, Mono.<Fields>empty())))
                    .flatMapMany(RpcReply::body);
            if (manner == 0) {
                reply = reply.take(1 + number / 10 % 2);
            } else if (manner == 2) {
                reply = reply.publishOn(Schedulers.parallel(), 1)
                        .concatMap(element -> Mono.just(element).delayElement(Duration.ofMillis(number / 10 % 20)), 1);
            }
            return reply.doOnNext(this::take)
                    .then(Mono.fromSupplier(() -> {
                        boolean whole = sent.getValue() == come.getValue();
                        return manner == 0 ? "given up" : whole ? "whole" : "not what was sent";
                    }))
                    .onErrorResume(
                            RpcException.class,
                            error -> Mono.just(error.rpcStatus().name()));
        }
    }

    @Test
    void everyCallGetsItsOwnBytesAndNothingIsHeldBeyondTheWindow() {
        var outcomes = Flux.range(0, CALLS)
                .flatMap(number -> new Call(number).make(), CALLS)
                .collect(Collectors.groupingBy(each -> each, Collectors.counting()))
                .block(LIMIT);
        assertThat(mostIncoming).isEqualTo(CALLS);
        assertThat(outcomes)
                .containsOnly(
                        Map.entry("given up", CALLS / 10L),
                        Map.entry("ABORTED", CALLS / 10L),
                        Map.entry("whole", CALLS * 8L / 10));
    }

    // ---- fairness

    private static final int STREAMS = 200;
    private static final int PIECES = 32;
    private static final int PIECE = 8 * 1024;

    private Flux<ByteBuf> bulk() {
        return Flux.range(0, PIECES).map(i -> allocator.buffer(PIECE).writeZero(PIECE));
    }

    @Test
    void streamsOfEqualDemandMoveSideBySide() {
        long[] come = new long[STREAMS];
        long[] least = {-1};
        long behind = Flux.range(0, STREAMS)
                .flatMap(
                        number -> caller.call(RpcRequest.of("bulk", Content.NONE, Content.OCTETS, Body.empty()))
                                .flatMapMany(RpcReply::body)
                                .doOnNext(piece -> {
                                    look();
                                    come[number] += piece.readableBytes();
                                    piece.release();
                                })
                                .doOnComplete(() -> {
                                    if (least[0] < 0) {
                                        least[0] = Arrays.stream(come).min().orElse(0);
                                    }
                                })
                                .then(),
                        STREAMS)
                .then(Mono.fromSupplier(() -> (long) PIECES * PIECE - least[0]))
                .block(LIMIT);
        assertThat(come).containsOnly((long) PIECES * PIECE);
        // A turn of its own and a window that the others have not had yet.
        assertThat(behind).isLessThanOrEqualTo(128 * 1024 + SETTINGS.streamWindow());
    }
}
