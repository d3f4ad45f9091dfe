package io.headgate.samples.bench;

import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.Dialect;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.net.RpcClient;
import io.headgate.rpc.net.RpcClientSpec;
import io.headgate.rpc.net.RpcServer;
import io.headgate.rpc.net.RpcServerSpec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.local.LocalAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/** Headgate's RPC with one of its wires; in process our own hands over objects, and that of 2017 speaks its bytes. */
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
        RpcServer server = Objects.requireNonNull(RpcServer.bind(RpcServerSpec.of(text(where), dialect)
                        .withHandler(HeadgateContender::answer)
                        .withLoops(loop(link)))
                .block());
        return new Host() {
            @Override
            public SocketAddress address() {
                return where instanceof InetSocketAddress asked
                        ? new InetSocketAddress(asked.getAddress(), server.port())
                        : where;
            }

            @Override
            public void close() {
                server.closeAsync(Duration.ZERO).block();
            }
        };
    }

    @Override
    public Caller connect(Link link, SocketAddress where) {
        RpcConnection connection = Objects.requireNonNull(
                RpcClient.connect(RpcClientSpec.of(text(where), dialect).withLoops(loop(link)))
                        .block());
        return new HeadgateCaller(connection, () -> connection.abort("done"));
    }

    /** The loop that all others have; Reactor Netty would choose io_uring where it can. */
    private LoopResources loop(Link link) {
        return isNative -> channels.apply(link).loop();
    }

    private static String text(SocketAddress where) {
        if (where instanceof InetSocketAddress tcp) {
            return "tcp://" + tcp.getAddress().getHostAddress() + ":" + tcp.getPort();
        }
        return where instanceof UnixDomainSocketAddress unix
                ? "unix:" + unix.getPath()
                : "local:" + ((LocalAddress) where).id();
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
