package io.headgate.gateway;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The channel types of each transport. Each native one is touched only in a class of its own, so that it may be absent. */
final class TransportChannels {

    /** What one transport needs. */
    record Channels(
            String name,
            IoHandlerFactory loops,
            ChannelFactory<? extends ServerChannel> servers,
            ChannelFactory<? extends SocketChannel> sockets,
            ChannelFactory<? extends DatagramChannel> datagrams,
            Map<ChannelOption<Long>, Long> tuning) {}

    /**
     * Bytes that the kernel holds back per socket: more would only hide from the mux that a peer is slow, and whether it is
     * slow or has stopped.
     */
    private static final Long MOST_NOT_SENT = 512L * 1024;

    private TransportChannels() {}

    static Channels of(Transport transport) {
        return switch (transport) {
            case NIO -> nio();
            case EPOLL ->
                required(transport, isPresent("io.netty.channel.epoll.Epoll") ? EpollHolder.channels() : null);
            case IO_URING ->
                required(transport, isPresent("io.netty.channel.uring.IoUring") ? IoUringHolder.channels() : null);
            case AUTO -> {
                Channels epoll = isPresent("io.netty.channel.epoll.Epoll") ? EpollHolder.channels() : null;
                yield epoll == null ? nio() : epoll;
            }
        };
    }

    private static boolean isPresent(String className) {
        try {
            Class.forName(className, false, TransportChannels.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static Channels required(Transport transport, @Nullable Channels channels) {
        if (channels == null) {
            throw new IllegalStateException("transport: " + transport
                    + " (expected: one that this system has; is its native library on the class path?)");
        }
        return channels;
    }

    private static Channels nio() {
        return new Channels(
                "nio",
                NioIoHandler.newFactory(),
                NioServerSocketChannel::new,
                NioSocketChannel::new,
                NioDatagramChannel::new,
                Map.of());
    }

    private static final class EpollHolder {

        static @Nullable Channels channels() {
            return Epoll.isAvailable()
                    ? new Channels(
                            "epoll",
                            EpollIoHandler.newFactory(),
                            EpollServerSocketChannel::new,
                            EpollSocketChannel::new,
                            EpollDatagramChannel::new,
                            Map.of(EpollChannelOption.TCP_NOTSENT_LOWAT, MOST_NOT_SENT))
                    : null;
        }
    }

    private static final class IoUringHolder {

        static @Nullable Channels channels() {
            return IoUring.isAvailable()
                    ? new Channels(
                            "io-uring",
                            IoUringIoHandler.newFactory(),
                            IoUringServerSocketChannel::new,
                            IoUringSocketChannel::new,
                            IoUringDatagramChannel::new,
                            Map.of(IoUringChannelOption.TCP_NOTSENT_LOWAT, MOST_NOT_SENT))
                    : null;
        }
    }
}
