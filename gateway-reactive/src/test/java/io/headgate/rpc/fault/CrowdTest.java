package io.headgate.rpc.fault;

import static io.headgate.rpc.Steps.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Arrivals;
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
import io.headgate.rpc.local.InProcess;
import io.headgate.rpc.wire.HeadgateWire;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** Ten thousand calls at one time on one connection, over TCP and in process. */
class CrowdTest {

    private static final int CALLS = 10_000;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Of a connection: one read, and the small frames that it is gathering. */
    private static final int IN_TRANSIT = 256 * 1024;

    /** What may wait for the socket: its high water mark, and the turn that crosses it, which may be longer by a half. */
    private static final int MOST_UNSENT = 256 * 1024 + 192 * 1024;

    private static final RpcSettings SETTINGS = RpcSettings.builder()
            .maxStreams(CALLS)
            .streamWindow(64 * 1024)
            .connectionWindow(1 << 20)
            .maxElement(64 * 1024)
            .maxFrame(16 * 1024)
            .build();

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();

    /** All that the caller's connection keeps of what it reads; what is sent comes from the other one. */
    private final UnpooledByteBufAllocator reading = new UnpooledByteBufAllocator(false, true, true);

    private final AtomicLong mostUsed = new AtomicLong();
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final Arrivals<RpcConnection> made = new Arrivals<>();
    private final AtomicLong mostHeld = new AtomicLong();
    private final AtomicLong mostUnsent = new AtomicLong();
    private volatile Channel callerChannel; // null in process
    private RpcConnection caller;
    private RpcConnection callee;

    private void connectWithin() {
        InProcess pair = InProcess.connect(
                RpcSpec.DEFAULTS.withSettings(SETTINGS),
                RpcSpec.DEFAULTS.withSettings(SETTINGS).withHandler(this::handle));
        caller = pair.initiator();
        callee = pair.acceptor();
    }

    private void connectOverTcp() throws Exception {
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
        Arrivals<RpcConnection> opened = new Arrivals<>();
        new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.ALLOCATOR, reading)
                .handler(initializer(channel -> {
                    callerChannel = channel;
                    opened.add(HeadgateWire.DIALECT.connect(
                            channel, Side.INITIATOR, RpcSpec.DEFAULTS.withSettings(SETTINGS)));
                }))
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
        assertThat(mostUnsent.get()).isLessThanOrEqualTo(MOST_UNSENT);
        assertThat(mostUsed.get()).isLessThanOrEqualTo(2 * SETTINGS.connectionWindow() + IN_TRANSIT);
        assertThat(used()).isZero();
        allocator.assertNoLeaks();
    }

    private long used() {
        return reading.metric().usedHeapMemory() + reading.metric().usedDirectMemory();
    }

    /** What the socket has not taken is in the same allocator, and has a bound of its own. */
    private long unsent() {
        ChannelOutboundBuffer waiting = callerChannel.unsafe().outboundBuffer();
        return waiting == null ? 0 : waiting.totalPendingWriteBytes();
    }

    private void look() {
        if (callerChannel != null) {
            long before = unsent();
            long used = used();
            long unsent = Math.max(before, unsent()); // another thread may be sending
            mostUsed.accumulateAndGet(used - unsent, Math::max);
            mostUnsent.accumulateAndGet(unsent, Math::max);
        }
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
            if (waiting.incrementAndGet() == STREAMS) {
                allAreThere.tryEmitEmpty();
            }
            RpcReply reply = RpcReply.of(Content.OCTETS, Body.of(bulk(), -1, Mono.<Fields>empty()));
            return allAreThere.asMono().thenReturn(reply); // who comes before the others is rightly done before them
        }
        if (request.endpoint().equals("unread")) {
            request.body().discard();
            Flux<ByteBuf> pieces =
                    Flux.range(0, 2).map(i -> allocator.buffer(500).writeZero(500));
            return Mono.just(RpcReply.of(Content.JSON, Body.of(pieces, -1, Mono.<Fields>empty())));
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

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyCallGetsItsOwnBytesAndNothingIsHeldBeyondTheWindow(boolean inProcess) throws Exception {
        if (inProcess) {
            connectWithin();
        } else {
            connectOverTcp();
        }
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

    // ---- who does not read

    @Test
    void whatNobodyReadsIsBoundedByTheWindowHoweverManyStreamsThereAre() throws Exception {
        connectOverTcp();
        Sinks.Empty<Void> readsNow = Sinks.empty();
        Mono<Long> come = Flux.range(0, CALLS)
                .flatMap(
                        number -> caller.call(RpcRequest.of("unread", Content.NONE, Content.JSON, Body.empty()))
                                .flatMapMany(reply -> readsNow.asMono().thenMany(reply.body()))
                                .map(piece -> {
                                    look();
                                    int bytes = piece.readableBytes();
                                    piece.release();
                                    return (long) bytes;
                                }),
                        CALLS)
                .reduce(0L, Long::sum);
        var all = come.toFuture();
        await().until(() -> callee.stats().incoming() > 0
                && caller.stats().heldIn() > SETTINGS.connectionWindow() - 2 * SETTINGS.maxFrame());
        look();
        assertThat(caller.stats().outgoing()).isEqualTo(CALLS);
        readsNow.tryEmitEmpty();
        assertThat(Mono.fromFuture(all).block(LIMIT)).isEqualTo(CALLS * 1000L);
    }

    // ---- fairness

    private static final int STREAMS = 200;
    private static final int PIECES = 32;
    private static final int PIECE = 8 * 1024;

    private Flux<ByteBuf> bulk() {
        return Flux.range(0, PIECES).map(i -> allocator.buffer(PIECE).writeZero(PIECE));
    }

    @Test
    void streamsOfEqualDemandMoveSideBySide() throws Exception {
        connectOverTcp();
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
        // The first piece needs no credit. After it, who ends here has had two turns, as one is 128 KiB at most.
        // All wait for their first piece before anybody has a second, and none is behind who was ready later. So
        // between those two each of the others had a turn, which nothing but the end of its own window ended: the
        // window is what it had at least.
        assertThat(behind).isLessThanOrEqualTo((long) PIECES * PIECE - SETTINGS.streamWindow());
    }
}
