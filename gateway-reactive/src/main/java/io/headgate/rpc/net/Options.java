package io.headgate.rpc.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
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

    /** Bytes that the kernel holds for a peer on the same machine; Linux doubles it, and gives no more than net.core.wmem_max. */
    private static final int SAME_MACHINE_SEND_BUFFER = 256 * 1024;

    /** Bytes that wait for such a socket beyond which it is full: long writes cost the kernel far less for each byte. */
    private static final WriteBufferWaterMark SAME_MACHINE_WATER_MARK =
            new WriteBufferWaterMark(512 * 1024, 1024 * 1024);

    private Options() {}

    static Map<ChannelOption<?>, Object> of(SocketAddress address) {
        return address instanceof InetSocketAddress
                ? Map.of(ChannelOption.TCP_NODELAY, true, ChannelOption.SO_KEEPALIVE, true)
                : Map.of();
    }

    /**
     * Fits a connected channel to where its peer is. On the same machine nothing is under way for long, and what counts is that
     * bytes stay in the caches of the processors: the send buffer of TCP would grow to megabytes, and that of a unix socket is so
     * small that both ends wait for each other. Elsewhere the kernel knows better.
     */
    static void fit(Channel channel, RpcAddress.Scheme scheme) {
        boolean near = scheme == RpcAddress.Scheme.UNIX
                || channel.remoteAddress() instanceof InetSocketAddress remote && isThisMachine(channel, remote);
        if (near && channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_SNDBUF, SAME_MACHINE_SEND_BUFFER);
            channel.config().setWriteBufferWaterMark(SAME_MACHINE_WATER_MARK);
        }
    }

    private static boolean isThisMachine(Channel channel, InetSocketAddress remote) {
        return remote.getAddress().isLoopbackAddress()
                || channel.localAddress() instanceof InetSocketAddress local
                        && remote.getAddress().equals(local.getAddress());
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
