package io.headgate.samples.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** Netty's channels for a link, all on one event loop, which lives as long as the process. */
final class Sockets {

    private final Link link;
    private final boolean epoll;
    private final EventLoopGroup loop;

    private Sockets(Link link, boolean epoll) {
        this.link = link;
        this.epoll = epoll;
        this.loop = new MultiThreadIoEventLoopGroup(1, handler());
    }

    /** Epoll where there is epoll. */
    static Function<Link, Sockets> best() {
        return made(Epoll.isAvailable());
    }

    static Function<Link, Sockets> nio() {
        return made(false);
    }

    private static Function<Link, Sockets> made(boolean epoll) {
        Map<Link, Sockets> made = new EnumMap<>(Link.class);
        return link -> made.computeIfAbsent(link, key -> new Sockets(key, epoll));
    }

    private IoHandlerFactory handler() {
        if (link == Link.LOCAL) {
            return LocalIoHandler.newFactory();
        }
        return epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }

    EventLoopGroup loop() {
        return loop;
    }

    Class<? extends ServerChannel> serverType() {
        return switch (link) {
            case TCP -> epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
            case UNIX -> epoll ? EpollServerDomainSocketChannel.class : NioServerDomainSocketChannel.class;
            case LOCAL -> LocalServerChannel.class;
        };
    }

    Class<? extends Channel> type() {
        return switch (link) {
            case TCP -> epoll ? EpollSocketChannel.class : NioSocketChannel.class;
            case UNIX -> epoll ? EpollDomainSocketChannel.class : NioDomainSocketChannel.class;
            case LOCAL -> LocalChannel.class;
        };
    }

    /** The address as these channels want it. */
    SocketAddress address(SocketAddress where) {
        return epoll ? domain(where) : where;
    }

    /** The address as native channels, and Reactor Netty, want it. */
    static SocketAddress domain(SocketAddress where) {
        return where instanceof UnixDomainSocketAddress unix
                ? new DomainSocketAddress(unix.getPath().toFile())
                : where;
    }

    Channel listen(SocketAddress where, Consumer<Channel> accepted) {
        return new ServerBootstrap()
                .group(loop)
                .channel(serverType())
                .childHandler(initializer(accepted))
                .bind(address(where))
                .syncUninterruptibly()
                .channel();
    }

    Channel connect(SocketAddress where, Consumer<Channel> made) {
        Bootstrap bootstrap = new Bootstrap().group(loop).channel(type()).handler(initializer(made));
        if (link == Link.TCP) {
            bootstrap.option(ChannelOption.TCP_NODELAY, true);
        }
        return bootstrap.connect(address(where)).syncUninterruptibly().channel();
    }

    private static ChannelInitializer<Channel> initializer(Consumer<Channel> made) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                made.accept(channel);
            }
        };
    }

    /** What others can connect to. */
    static SocketAddress bound(SocketAddress asked, Channel channel) {
        return asked instanceof InetSocketAddress || asked instanceof LocalAddress ? channel.localAddress() : asked;
    }
}
