package io.headgate.samples.bench;

import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;

/**
 * Bare Netty, as fast as it goes: a download is bytes without frames, written while the channel is writable; a call is a length and a
 * payload. What protocols on Netty are measured against.
 */
final class NettyContender implements Contender {

    private final String name;
    private final Set<Link> links;
    private final Function<Link, Sockets> channels;
    private final boolean fitted;

    private NettyContender(String name, Set<Link> links, Function<Link, Sockets> channels, boolean fitted) {
        this.name = name;
        this.links = links;
        this.channels = channels;
        this.fitted = fitted;
    }

    NettyContender(String name, Set<Link> links, Function<Link, Sockets> channels) {
        this(name, links, channels, false);
    }

    /** The same on sockets with the buffers that Headgate asks for on one machine. */
    static NettyContender fitted(String name, Function<Link, Sockets> channels) {
        return new NettyContender(name, EnumSet.of(Link.TCP, Link.UNIX), channels, true);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<Link> links() {
        return links;
    }

    @Override
    public Host serve(Link link, SocketAddress where) {
        Sockets sockets = channels.apply(link);
        Channel listening = sockets.listen(
                where, channel -> channel.pipeline().addLast(NettyPeer.frames(), new NettyPeer.Answering(fitted)));
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
        Channel channel = sockets.connect(where, made -> made.pipeline().addLast(new NettyPeer.Asking()));
        return new NettyCaller(channel);
    }
}
