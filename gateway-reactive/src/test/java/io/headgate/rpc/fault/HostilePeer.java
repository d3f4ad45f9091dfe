package io.headgate.rpc.fault;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.Dialect;
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
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The bytes of a hostile peer into a whole connection. It ends or lives; when its channel is gone, it has told how it ended,
 * no call is left, nothing is held, nothing leaked, nothing was thrown and no fault of our own was logged.
 */
final class HostilePeer {

    private static final RpcSettings SETTINGS = RpcSettings.builder()
            .maxFrame(1024)
            .maxHeader(512)
            .maxElement(2048)
            .maxStreams(8)
            .streamWindow(2048)
            .connectionWindow(4096)
            .maxLeftover(4096)
            .handshake(Duration.ofSeconds(5))
            .heartbeat(Duration.ofSeconds(2))
            .silence(Duration.ofSeconds(6))
            .progress(Duration.ofSeconds(8))
            .close(Duration.ofSeconds(3))
            .tick(Duration.ofSeconds(1))
            .build();

    private static final LoggedFaults LOGGED = new LoggedFaults();

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true, true);
    private final MockTicker clock = Ticker.newMockTicker();
    private final EmbeddedChannel channel =
            EmbeddedChannel.builder().ticker(clock).build();
    private final RpcConnection connection;
    private final List<Ending> endings = new ArrayList<>();
    private int callsOpen;
    private long mostHeld;
    private long mostUsed;
    private boolean readWanted;
    private int sent;

    HostilePeer(Dialect dialect, Side side) {
        LOGGED.forget();
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(new ChannelOutboundHandlerAdapter() {
            @Override
            public void read(ChannelHandlerContext ctx) {
                readWanted = true;
                ctx.read();
            }
        });
        connection = dialect.connect(
                channel, side, RpcSpec.DEFAULTS.withSettings(SETTINGS).withHandler(this::handle));
        connection.closed().subscribe(endings::add);
        channel.runPendingTasks();
    }

    /** What an endpoint does, by its first letter. */
    private Mono<RpcReply> handle(RpcRequest request) {
        return switch (request.endpoint().charAt(0) % 6) {
            case 0 -> Mono.just(RpcReply.of(request.accept(), request.body()));
            case 1 -> Mono.never();
            case 2 -> {
                request.body().discard();
                yield Mono.error(RpcException.of(RpcStatus.NOT_FOUND, "no " + request.endpoint()));
            }
            case 3 ->
                Mono.just(RpcReply.of(
                        request.accept(), Body.of(request.body().take(1), -1, Mono.just(Fields.of("a", "b")))));
            case 4 ->
                request.body()
                        .doOnNext(ByteBuf::release)
                        .then(Mono.fromSupplier(() -> RpcReply.of(request.accept(), Body.of(bytes(3000)))));
            default ->
                Mono.just(new RpcReply(
                        Fields.of("h", "1"), request.accept(), Body.of(Flux.never(), -1, Mono.<Fields>empty())));
        };
    }

    private ByteBuf bytes(int length) {
        return allocator.heapBuffer(length).writeZero(length);
    }

    /** Calls the hostile peer in some manner. */
    void call(int manner) {
        Content content = (manner & 1) == 0 ? Content.JSON : Content.OCTETS;
        Flux<ByteBuf> body = Flux.range(0, manner >> 1 & 3).map(i -> bytes(1 + i * 900));
        callsOpen++;
        connection
                .call(RpcRequest.of("e", content, content, Body.of(body, -1, Mono.<Fields>empty())))
                .flatMapMany(RpcReply::body)
                .take((manner & 8) == 0 ? Long.MAX_VALUE : 1)
                .doOnNext(ByteBuf::release)
                .doFinally(how -> callsOpen--)
                .subscribe(each -> {}, error -> {});
        turn();
    }

    void send(byte[] input, int from, int piece) {
        sent += input.length - from;
        for (int at = from; at < input.length && channel.isActive() && isReading(); ) {
            int length = Math.min(piece, input.length - at);
            ByteBuf read = allocator.heapBuffer(Math.max(512, length)).writeBytes(input, at, length);
            readWanted = false;
            channel.pipeline().fireChannelRead(read).fireChannelReadComplete();
            at += length;
            turn();
            mostHeld = Math.max(mostHeld, connection.stats().heldIn());
            mostUsed = Math.max(mostUsed, allocator.metric().usedHeapMemory());
        }
    }

    private boolean isReading() {
        return channel.config().isAutoRead() || readWanted;
    }

    private void turn() {
        channel.runPendingTasks();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            out.release();
        }
    }

    void end() {
        for (int i = 0; i < 30; i++) {
            clock.advance(1, TimeUnit.SECONDS);
            channel.runScheduledPendingTasks();
            turn();
        }
        channel.close();
        turn();
        channel.finishAndReleaseAll();
        turn();
        channel.checkException();
        RpcStats stats = connection.stats();
        ensure(endings.size() == 1, "endings: " + endings + " (expected: one)");
        ensure(callsOpen == 0, "calls that have not ended: " + callsOpen);
        ensure(stats.outgoing() + stats.incoming() + stats.heldIn() == 0, "left over: " + stats);
        ensure(mostHeld <= SETTINGS.connectionWindow() + SETTINGS.maxElement() + 65536, "held: " + mostHeld);
        ensure(mostUsed <= 128 * 1024 + sent, "memory: " + mostUsed + " bytes for " + sent);
        long left = allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
        ensure(left == 0, "bytes not released: " + left);
        ensure(LOGGED.first() == null, "logged: " + LOGGED.first());
    }

    private static void ensure(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
