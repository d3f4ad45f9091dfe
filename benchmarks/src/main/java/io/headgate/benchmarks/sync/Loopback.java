package io.headgate.benchmarks.sync;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import reactor.netty.resources.LoopResources;

/** What the machine moves over loopback to clients that throw it away: the bound of all that a server can do. */
final class Loopback {

    private static final int BLOCK = 64 * 1024;

    private Loopback() {}

    /** Bytes per second over so many connections. */
    static double measure(Fleet fleet, int connections, long bytes) throws IOException {
        LoopResources loops = LoopResources.create("loopback", 2, true);
        EventLoopGroup group = loops.onServer(true);
        ByteBuf block = Unpooled.directBuffer(BLOCK).writeZero(BLOCK);
        Queue<Channel> accepted = new ConcurrentLinkedQueue<>();
        Channel listener = new ServerBootstrap()
                .group(group)
                .channel(loops.onChannelClass(ServerSocketChannel.class, group))
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childHandler(new Source(block, bytes / connections, accepted))
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
        try {
            int port = ((InetSocketAddress) listener.localAddress()).getPort();
            fleet.ask("sink " + port + " " + connections);
            while (accepted.size() < connections) {
                Thread.onSpinWait();
            }
            long begun = System.nanoTime();
            accepted.forEach(channel -> channel.pipeline().fireUserEventTriggered(Source.GO));
            Fleet.Answer answer = fleet.ask("drained");
            return answer.value("bytes") * 1e9 / (answer.value("at") - begun);
        } finally {
            listener.close().syncUninterruptibly();
            loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block();
            block.release();
        }
    }

    /** Writes its share of blocks while the connection takes them, then closes it. */
    @ChannelHandler.Sharable
    private static final class Source extends ChannelInboundHandlerAdapter {

        static final Object GO = new Object();

        private static final AttributeKey<Long> LEFT = AttributeKey.valueOf(Loopback.class, "left");

        private final ByteBuf block;
        private final long share;
        private final Queue<Channel> accepted;

        Source(ByteBuf block, long share, Queue<Channel> accepted) {
            this.block = block;
            this.share = share;
            this.accepted = accepted;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.channel().attr(LEFT).set(0L);
            context.channel().config().setWriteBufferHighWaterMark(4 * BLOCK);
            accepted.add(context.channel());
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == GO) {
                context.executor().execute(() -> {
                    context.channel().attr(LEFT).set(share);
                    write(context);
                });
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            write(context);
        }

        private void write(ChannelHandlerContext context) {
            Long left = context.channel().attr(LEFT).get();
            if (left == null || left <= 0) {
                return;
            }
            long rest = left;
            while (rest > 0 && context.channel().isWritable()) {
                int count = (int) Math.min(BLOCK, rest);
                rest -= count;
                context.channel().attr(LEFT).set(rest);
                ByteBuf slice = block.retainedSlice(0, count);
                if (rest > 0) {
                    context.write(slice, context.voidPromise());
                } else {
                    context.write(slice).addListener(ChannelFutureListener.CLOSE);
                }
            }
            context.flush();
        }
    }
}
