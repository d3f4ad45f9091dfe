package io.headgate.sync.server;

import io.headgate.sync.internal.gob.GobLimits;
import io.headgate.sync.internal.wire.SyncInbound;
import io.headgate.tls.internal.ServerContexts;
import io.headgate.tls.internal.ServerHandshake;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;
import reactor.netty.tcp.TcpServer;

/** The port, and what is put into the pipelines of those who come. */
final class Listener {

    /** Little waits in a channel, since what is to be sent is kept elsewhere once for all. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(32 * 1024, 64 * 1024);

    private static final int BACKLOG = 4096; // thousands come at once when another server has gone

    private final Channel channel;

    private Listener(Channel channel) {
        this.channel = channel;
    }

    static Mono<Listener> open(SyncServerSpec spec, Guests guests, @Nullable ServerContexts tls) {
        InetSocketAddress asked = spec.address();
        TcpServer server = TcpServer.create()
                .bindAddress(() ->
                        asked.isUnresolved() ? new InetSocketAddress(asked.getHostString(), asked.getPort()) : asked)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .doOnChannelInit((observer, accepted, remote) -> install(accepted, spec, guests, tls))
                .doOnConnection(Listener::withoutBridge);
        TcpServer configured = spec.loops() == null ? server : server.runOn(spec.loops());
        return configured
                .bind()
                .map(bound -> new Listener(bound.channel()))
                .onErrorMap(failure -> notBound(asked, failure));
    }

    private static void install(Channel channel, SyncServerSpec spec, Guests guests, @Nullable ServerContexts tls) {
        ChannelPipeline pipeline = channel.pipeline()
                .addFirst(
                        SyncInbound.server(
                                GobLimits.SERVER.withMaxMessage(spec.settings().maxInbound())),
                        new GuestHandler(guests));
        if (tls != null) {
            pipeline.addFirst(new ServerHandshake(tls));
        }
    }

    /** The operations of Reactor Netty have done their work when they have said that the channel is there: bytes are ours. */
    private static void withoutBridge(Connection connection) {
        ChannelPipeline pipeline = connection.channel().pipeline();
        if (pipeline.get(NettyPipeline.ReactiveBridge) != null) {
            pipeline.remove(NettyPipeline.ReactiveBridge);
        }
    }

    private static Throwable notBound(InetSocketAddress address, Throwable failure) {
        Throwable cause = failure.getCause() instanceof IOException deeper ? deeper : failure;
        return new IOException("cannot listen on " + address + ": " + cause.getMessage(), cause);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    /** Completes when the address is free. */
    Mono<Void> close() {
        return Mono.create(sink -> channel.close().addListener(done -> sink.success()));
    }
}
