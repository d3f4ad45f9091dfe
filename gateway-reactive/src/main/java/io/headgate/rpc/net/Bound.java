package io.headgate.rpc.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.tcp.TcpServer;

/** An address that is listened on. */
final class Bound {

    private final RpcAddress address;
    private final Channel channel;
    private final @Nullable UnixPath path;

    Bound(RpcAddress address, Channel channel, @Nullable UnixPath path) {
        this.address = address;
        this.channel = channel;
        this.path = path;
    }

    static Mono<Bound> listen(RpcServerSpec spec, Guests guests) {
        RpcAddress address = spec.address();
        return switch (address.scheme()) {
            case TCP, TLS ->
                sockets(spec, guests, new InetSocketAddress(address.host(), address.port()))
                        .map(channel -> new Bound(
                                address.withPort(((InetSocketAddress) channel.localAddress()).getPort()),
                                channel,
                                null));
            case UNIX ->
                UnixPath.claim(address.host())
                        .flatMap(path -> sockets(spec, guests, new DomainSocketAddress(address.host()))
                                .flatMap(channel -> path.taken().thenReturn(new Bound(address, channel, path))));
            case LOCAL -> LocalChannels.listen(spec, guests).map(channel -> new Bound(address, channel, null));
        };
    }

    private static Mono<Channel> sockets(RpcServerSpec spec, Guests guests, SocketAddress at) {
        TcpServer server = TcpServer.create()
                .bindAddress(() -> at)
                .doOnChannelInit((observer, channel, remote) -> guests.arrived(channel))
                .doOnConnection(Bridge::remove);
        for (Map.Entry<ChannelOption<?>, Object> option : Options.of(at).entrySet()) {
            server = withOption(server, option.getKey(), option.getValue());
        }
        if (at instanceof InetSocketAddress) {
            server = server.option(ChannelOption.SO_REUSEADDR, true);
        }
        TcpServer configured = spec.loops() == null ? server : server.runOn(spec.loops());
        return configured
                .bind()
                .<Channel>map(bound -> bound.channel())
                .onErrorMap(failure -> notBound(spec.address(), failure));
    }

    @SuppressWarnings("unchecked") // the map has values of its keys
    private static <T> TcpServer withOption(TcpServer server, ChannelOption<?> key, T value) {
        return server.childOption((ChannelOption<T>) key, value);
    }

    static Throwable notBound(RpcAddress address, Throwable failure) {
        Throwable cause = failure.getCause() instanceof IOException deeper ? deeper : failure;
        return new IOException("cannot listen on " + address + ": " + cause.getMessage(), cause);
    }

    RpcAddress address() {
        return address;
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    /** Completes when the address is free. */
    Mono<Void> close() {
        Mono<Void> closed = Mono.create(sink -> channel.close().addListener(done -> sink.success()));
        return path == null ? closed : closed.then(path.release());
    }
}
