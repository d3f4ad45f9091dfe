package io.headgate.rpc.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import jdk.net.ExtendedSocketOptions;

/**
 * The options of sockets. A dialect gathers what it writes, so that Nagle's algorithm would only delay it; and that of 2017 has
 * no heartbeat, so that the kernel must find peers that are gone.
 */
final class Options {

    private static final int IDLE_SECONDS = 30;
    private static final int INTERVAL_SECONDS = 10;
    private static final int PROBES = 3;

    private Options() {}

    static Map<ChannelOption<?>, Object> of(SocketAddress address) {
        return address instanceof InetSocketAddress
                ? Map.of(ChannelOption.TCP_NODELAY, true, ChannelOption.SO_KEEPALIVE, true)
                : Map.of();
    }

    /** Makes the kernel look after a minute, and not after two hours. Where a system has no such option, it stays as it is. */
    static void keepAlive(Channel channel) {
        if (channel instanceof NioSocketChannel) {
            channel.config().setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), IDLE_SECONDS);
            channel.config().setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), INTERVAL_SECONDS);
            channel.config().setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), PROBES);
        } else if (channel instanceof SocketChannel
                && channel.getClass().getName().startsWith("io.netty.channel.epoll.")) {
            EpollHolder.keepAlive(channel);
        }
    }

    /** Touched only when a channel is one of epoll. */
    private static final class EpollHolder {

        static void keepAlive(Channel channel) {
            channel.config().setOption(EpollChannelOption.TCP_KEEPIDLE, IDLE_SECONDS);
            channel.config().setOption(EpollChannelOption.TCP_KEEPINTVL, INTERVAL_SECONDS);
            channel.config().setOption(EpollChannelOption.TCP_KEEPCNT, PROBES);
        }
    }
}
