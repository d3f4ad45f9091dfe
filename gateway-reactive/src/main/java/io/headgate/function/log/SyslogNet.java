package io.headgate.function.log;

import io.headgate.tls.internal.ClientContext;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.DomainDatagramChannel;
import io.netty.channel.unix.DomainSocketChannel;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpResources;

/** What all shippers share: event loops, the resolver of names, what is known of TLS, the name of this machine. */
final class SyslogNet {

    final SyslogSettings settings;
    final ClientContext.Shared tls;
    final SyslogFormat format;
    final DnsAddressResolverGroup resolver;
    private final LoopResources loops;
    private final EventLoopGroup group;
    private final boolean hasUnixDatagrams;
    private @Nullable EventLoopGroup own; // guarded by this

    private SyslogNet(SyslogSettings settings) {
        this.settings = settings;
        loops = settings.loops() == null ? TcpResources.get() : settings.loops();
        group = loops.onClient(true);
        hasUnixDatagrams = knowsUnixDatagrams();
        resolver = new DnsAddressResolverGroup(new DnsNameResolverBuilder()
                .datagramChannelFactory(() -> loops.onChannel(DatagramChannel.class, group)));
        tls = new ClientContext.Shared(settings.tls(), "");
        format = new SyslogFormat(settings.hostName() == null ? hostName() : settings.hostName());
    }

    /** Blocks a little. */
    static SyslogNet of(SyslogSettings settings) {
        return new SyslogNet(settings);
    }

    private static String hostName() {
        try {
            String name = InetAddress.getLocalHost().getHostName();
            return name.matches("[!-~]{1,255}") ? name : "-";
        } catch (UnknownHostException e) {
            return "-";
        }
    }

    /** An event loop for one server. */
    EventLoop loop(SyslogUrl.Scheme scheme) {
        return (scheme == SyslogUrl.Scheme.UNIXGRAM && !hasUnixDatagrams ? epoll() : group).next();
    }

    /** Unix datagrams are known to epoll alone, and not to io_uring or NIO: where the loops are such, they have one of their own. */
    private synchronized EventLoopGroup epoll() {
        if (own == null) {
            own = UnixDatagrams.isAvailable() ? UnixDatagrams.loop() : group;
        }
        return own;
    }

    /** Fails where the transport has no such channels. */
    Channel channel(SyslogUrl.Scheme scheme) {
        return switch (scheme) {
            case TCP, TLS -> loops.onChannel(SocketChannel.class, group);
            case UDP -> loops.onChannel(DatagramChannel.class, group);
            case UNIX -> loops.onChannel(DomainSocketChannel.class, group);
            case UNIXGRAM ->
                hasUnixDatagrams ? loops.onChannel(DomainDatagramChannel.class, group) : UnixDatagrams.channel();
        };
    }

    synchronized void close() {
        resolver.close();
        if (own != null && own != group) {
            own.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private boolean knowsUnixDatagrams() {
        try {
            loops.onChannelClass(DomainDatagramChannel.class, group);
            return true;
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** Epoll, touched only when it is needed. */
    private static final class UnixDatagrams {

        static boolean isAvailable() {
            try {
                return Epoll.isAvailable();
            } catch (LinkageError e) {
                return false;
            }
        }

        static EventLoopGroup loop() {
            return new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("headgate-syslog", true), EpollIoHandler.newFactory());
        }

        static Channel channel() {
            if (!isAvailable()) {
                throw new IllegalStateException(
                        "syslog_url: unixgram (expected: another, or Linux with netty-transport-native-epoll on the"
                                + " class path)");
            }
            return new EpollDomainDatagramChannel();
        }
    }
}
