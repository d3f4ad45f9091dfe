package io.headgate.samples.bench;

import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.Dialect;
import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Headgate's RPC with one of its wires; in process over a pair of Netty's local channels. */
final class HeadgateContender implements Contender {

    static final String DOWNLOAD = "bench/download";
    static final String CALL = "bench/call";

    private final String name;
    private final Dialect dialect;
    private final Function<Link, Sockets> channels = Sockets.best();

    HeadgateContender(String name, Dialect dialect) {
        this.name = name;
        this.dialect = dialect;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<Link> links() {
        return EnumSet.allOf(Link.class);
    }

    @Override
    public Host serve(Link link, SocketAddress where) {
        Sockets sockets = channels.apply(link);
        RpcSpec spec = RpcSpec.DEFAULTS.withHandler(HeadgateContender::answer);
        Channel listening = sockets.listen(where, channel -> dialect.connect(channel, Side.ACCEPTOR, spec));
        return new Host() {
            @Override
            public SocketAddress address() {
                return Sockets.bound(where, listening);
            }

            @Override
            public void close() {
                listening.close().syncUninterruptibly();
            }
        };
    }

    @Override
    public Caller connect(Link link, SocketAddress where) {
        Sockets sockets = channels.apply(link);
        AtomicReference<RpcConnection> made = new AtomicReference<>();
        sockets.connect(where, channel -> made.set(dialect.connect(channel, Side.INITIATOR, RpcSpec.DEFAULTS)));
        RpcConnection connection = Objects.requireNonNull(made.get(), "connection");
        Waiting.until(connection.opened().toFuture(), "handshake");
        return new HeadgateCaller(connection, () -> connection.abort("done"));
    }

    static Mono<RpcReply> answer(RpcRequest request) {
        return switch (request.endpoint()) {
            case CALL -> Mono.just(RpcReply.of(Content.JSON, request.body()));
            case DOWNLOAD ->
                request.body()
                        .aggregate(Download.ENCODED)
                        .map(order -> RpcReply.of(Content.OCTETS, Body.of(frames(order))));
            default ->
                Mono.error(RpcException.of(
                        RpcStatus.UNIMPLEMENTED,
                        "endpoint: " + request.endpoint() + " (expected: " + CALL + " or " + DOWNLOAD + ")"));
        };
    }

    private static Flux<ByteBuf> frames(ByteBuf order) {
        Download what = Download.decode(order.nioBuffer());
        order.release();
        return Flux.generate(
                () -> new Frames(what, ByteBufAllocator.DEFAULT),
                (frames, sink) -> {
                    if (frames.hasNext()) {
                        sink.next(frames.next());
                    } else {
                        sink.complete();
                    }
                    return frames;
                },
                Frames::close);
    }
}
