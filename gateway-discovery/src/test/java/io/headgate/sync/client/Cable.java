package io.headgate.sync.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** What lies between a client and its server, and may be cut, or swallow what is sent through it. */
final class Cable implements AutoCloseable {

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<Channel> ends = new CopyOnWriteArrayList<>();
    private final Channel listener;
    private volatile boolean swallows;

    Cable(int server) {
        listener = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.SO_LINGER, 0) // a close is a reset
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel near) {
                        lay(near, server);
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    private void lay(Channel near, int server) {
        Channel far = new Bootstrap()
                .group(near.eventLoop())
                .channel(NioSocketChannel.class)
                .option(ChannelOption.SO_LINGER, 0)
                .handler(new Relay(near))
                .connect(InetAddress.getLoopbackAddress(), server)
                .addListener(connected -> near.config().setAutoRead(true))
                .channel();
        near.pipeline().addLast(new Relay(far));
        ends.add(near);
        ends.add(far);
    }

    String address() {
        return "127.0.0.1:" + ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Resets all connections; new ones can be made. */
    void cut() {
        for (Channel end : ends) {
            end.close().syncUninterruptibly();
        }
        ends.clear();
        swallows = false;
    }

    /** Keeps all connections open and lets nothing through. */
    void swallow() {
        swallows = true;
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Relay extends ChannelInboundHandlerAdapter {

        private final Channel other;

        Relay(Channel other) {
            this.other = other;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            if (swallows) {
                ReferenceCountUtil.release(bytes);
            } else {
                other.writeAndFlush(bytes);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (!swallows) {
                other.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
