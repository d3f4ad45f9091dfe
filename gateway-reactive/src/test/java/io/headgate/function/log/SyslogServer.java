package io.headgate.function.log;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A syslog server of a test: takes messages as the RFCs have them, and nothing else. */
final class SyslogServer implements AutoCloseable {

    private static final int RECEIVE_BUFFER = 4096;

    final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    final BlockingQueue<Channel> opened = new LinkedBlockingQueue<>();
    final BlockingQueue<Channel> closed = new LinkedBlockingQueue<>();
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ChannelGroup clients = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final String scheme;
    private final @Nullable SslContext tls;
    private final Channel bound;
    private volatile boolean reading = true;

    private SyslogServer(String scheme, SocketAddress address, @Nullable SslContext tls) {
        this.scheme = scheme;
        this.tls = tls;
        this.bound = switch (scheme) {
            case "udp" -> datagrams(new EpollDatagramChannel(), address);
            case "unixgram" -> datagrams(new EpollDomainDatagramChannel(), address);
            default -> streams(address);
        };
    }

    static SyslogServer tcp() {
        return new SyslogServer("tcp", new InetSocketAddress("127.0.0.1", 0), null);
    }

    static SyslogServer tls(SslContext tls) {
        return new SyslogServer("tcp+tls", new InetSocketAddress("127.0.0.1", 0), tls);
    }

    static SyslogServer udp() {
        return new SyslogServer("udp", new InetSocketAddress("127.0.0.1", 0), null);
    }

    static SyslogServer unix(Path path) {
        return new SyslogServer("unix", new DomainSocketAddress(path.toString()), null);
    }

    static SyslogServer unixgram(Path path) {
        return new SyslogServer("unixgram", new DomainSocketAddress(path.toString()), null);
    }

    private Channel datagrams(Channel channel, SocketAddress address) {
        return new Bootstrap()
                .group(loops)
                .channelFactory(() -> channel)
                .handler(new Datagrams())
                .bind(address)
                .syncUninterruptibly()
                .channel();
    }

    private Channel streams(SocketAddress address) {
        ServerBootstrap server = new ServerBootstrap()
                .group(loops)
                .channel(
                        address instanceof DomainSocketAddress
                                ? EpollServerDomainSocketChannel.class
                                : EpollServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.config().setAutoRead(reading);
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                        }
                        channel.pipeline().addLast(new Frames());
                    }
                });
        if (address instanceof InetSocketAddress) {
            server.option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER);
        }
        return server.bind(address).syncUninterruptibly().channel();
    }

    String url() {
        SocketAddress address = bound.localAddress();
        return address instanceof InetSocketAddress host
                ? scheme + "://127.0.0.1:" + host.getPort()
                : scheme + "://" + ((DomainSocketAddress) address).path();
    }

    int port() {
        return ((InetSocketAddress) bound.localAddress()).getPort();
    }

    /** The next message. */
    String next() throws InterruptedException {
        String message = messages.poll(20, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("no message has come");
        }
        return message;
    }

    /** The next connection that is opened, or has been. */
    Channel connection() throws InterruptedException {
        Channel channel = opened.poll(20, TimeUnit.SECONDS);
        if (channel == null) {
            throw new AssertionError("nobody has connected");
        }
        return channel;
    }

    Channel ending() throws InterruptedException {
        Channel channel = closed.poll(20, TimeUnit.SECONDS);
        if (channel == null) {
            throw new AssertionError("nobody has gone");
        }
        return channel;
    }

    /** Takes nothing, from all who come and who are there. */
    void pause() {
        reading = false;
        clients.forEach(client -> client.config().setAutoRead(false));
    }

    void resume() {
        reading = true;
        clients.forEach(client -> client.config().setAutoRead(true));
    }

    @Override
    public void close() {
        bound.close().syncUninterruptibly();
        clients.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Frames extends ByteToMessageDecoder {

        @Override
        public void channelActive(ChannelHandlerContext ctx) throws Exception {
            clients.add(ctx.channel());
            opened.add(ctx.channel());
            super.channelActive(ctx);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) throws Exception {
            super.channelInactive(ctx);
            closed.add(ctx.channel());
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            int blank = in.bytesBefore((byte) ' ');
            if (blank < 0) {
                return;
            }
            String digits = in.toString(in.readerIndex(), blank, StandardCharsets.US_ASCII);
            if (!digits.matches("[1-9][0-9]*")) {
                messages.add("bad frame: " + in.toString(StandardCharsets.UTF_8));
                ctx.close();
                return;
            }
            int length = Integer.parseInt(digits);
            if (in.readableBytes() >= blank + 1 + length) {
                in.skipBytes(blank + 1);
                messages.add(in.readCharSequence(length, StandardCharsets.UTF_8).toString());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    private final class Datagrams extends SimpleChannelInboundHandler<Object> {

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, Object message) {
            ByteBuf content = message instanceof DatagramPacket packet
                    ? packet.content()
                    : ((DomainDatagramPacket) message).content();
            messages.add(content.toString(StandardCharsets.UTF_8));
        }
    }
}
