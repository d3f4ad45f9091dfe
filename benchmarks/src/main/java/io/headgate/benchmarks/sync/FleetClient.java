package io.headgate.benchmarks.sync;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A client that throws away what it gets and counts it. */
final class FleetClient extends ChannelInboundHandlerAdapter implements FrameScan.Finder {

    /** Sees how all clients are getting on; called on event loops. */
    interface Watcher {
        void inSync(FleetClient client);

        void ended(FleetClient client);

        void closed(FleetClient client);

        void latency(long nanos);
    }

    private final Hello hello;
    private final Watcher watcher;
    private final FrameScan scan;
    private final boolean sampled;
    private final long target;
    private volatile @Nullable ChannelHandlerContext context;
    private volatile boolean knowsAll;
    private volatile long bytes;
    private volatile long frames;

    /**
     * A client.
     *
     * @param hello what it says
     * @param sampled whether it looks into everything
     * @param target so many bytes of chunks are the whole set; 0 when the status is to be looked for
     * @param watcher sees how it gets on
     */
    FleetClient(Hello hello, boolean sampled, long target, Watcher watcher) {
        this.hello = hello;
        this.sampled = sampled;
        this.target = target;
        this.watcher = watcher;
        this.scan = new FrameScan(this, sampled);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        this.context = context;
        context.writeAndFlush(Unpooled.wrappedBuffer(hello.hello()));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf read = (ByteBuf) message;
        try {
            bytes += read.readableBytes();
            scan.take(read);
            if (target > 0 && !knowsAll && scan.chunkBytes() >= target) {
                status();
            }
        } finally {
            read.release();
        }
    }

    @Override
    public void restarts(boolean compressed) {
        known().writeAndFlush(Unpooled.wrappedBuffer(hello.ack()));
    }

    @Override
    public void status() {
        if (!knowsAll) {
            knowsAll = true;
            watcher.inSync(this);
        }
    }

    @Override
    public void other(byte[] content, int length) {
        frames++;
        if (!knowsAll) {
            return;
        }
        int from = Math.max(0, length - Workload.END_WITHIN);
        if (FrameScan.indexOf(content, from, length, Workload.END) >= 0) {
            watcher.ended(this);
        }
        if (sampled) {
            int at = FrameScan.indexOf(content, 0, length, Workload.STAMP);
            if (at >= 0) {
                watcher.latency(System.nanoTime()
                        - ByteBuffer.wrap(content, at + Workload.STAMP.length, 8)
                                .getLong());
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        watcher.closed(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }

    long bytes() {
        return bytes;
    }

    long frames() {
        return frames;
    }

    long chunkBytes() {
        return scan.chunkBytes();
    }

    void reads(boolean on) {
        known().channel().config().setAutoRead(on);
        if (on) {
            known().read();
        }
    }

    void close() {
        ChannelHandlerContext opened = context;
        if (opened != null) {
            opened.close();
        }
    }

    private ChannelHandlerContext known() {
        return Objects.requireNonNull(context);
    }
}
