package io.headgate.function.log;

import io.headgate.tls.internal.ClientContext;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.DomainDatagramChannel;
import io.netty.channel.unix.DomainSocketChannel;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import java.net.InetAddress;
import java.net.UnknownHostException;
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

    private SyslogNet(SyslogSettings settings) {
        this.settings = settings;
        loops = settings.loops() == null ? TcpResources.get() : settings.loops();
        group = loops.onClient(true);
        resolver = new DnsAddressResolverGroup(
                new DnsNameResolverBuilder().datagramChannelFactory(() -> loops.onChannel(DatagramChannel.class, group)));
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

    EventLoop loop() {
        return group.next();
    }

    EventLoopGroup group() {
        return group;
    }

    /** Fails where the transport has no such channels. */
    Channel channel(SyslogUrl.Scheme scheme) {
        return switch (scheme) {
            case TCP, TLS -> loops.onChannel(SocketChannel.class, group);
            case UDP -> loops.onChannel(DatagramChannel.class, group);
            case UNIX -> loops.onChannel(DomainSocketChannel.class, group);
            case UNIXGRAM -> loops.onChannel(DomainDatagramChannel.class, group);
        };
    }

    void close() {
        resolver.close();
    }
}
