package io.headgate.samples.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The two ends of {@link NettyContender}. */
final class NettyPeer {

    static final byte DOWNLOAD = 1;
    static final byte CALL = 2;
    static final String FRAMES = "frames";

    private static final int MOST = 1 << 20;

    private NettyPeer() {}

    /** Four bytes of length, then the payload, which is passed on without the length. */
    static ChannelHandler frames() {
        return new LengthFieldBasedFrameDecoder(MOST, 0, 4, 0, 4);
    }

    /** Writes a download as the channel takes it, and answers calls with what they said. */
    static final class Answering extends ChannelInboundHandlerAdapter {

        private static final int SEND_BUFFER = 256 * 1024;
        private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(512 * 1024, 1024 * 1024);

        private final boolean fitted;
        private @Nullable Frames sending;
        private boolean pumping;

        /** With a small send buffer and long writes, or with the buffer that the system chooses. */
        Answering(boolean fitted) {
            this.fitted = fitted;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            if (fitted) {
                context.channel().config().setOption(ChannelOption.SO_SNDBUF, SEND_BUFFER);
            }
            context.fireChannelActive();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf request = (ByteBuf) message;
            if (request.readByte() == CALL) {
                ByteBuf length = context.alloc().directBuffer(4).writeInt(request.readableBytes());
                context.write(length);
                context.write(request);
                return;
            }
            Download what = Download.decode(request.nioBuffer());
            request.release();
            int most = Math.max(64 * 1024, what.frame());
            context.channel()
                    .config()
                    .setWriteBufferWaterMark(fitted ? WATER_MARK : new WriteBufferWaterMark(most, 2 * most));
            sending = new Frames(what, context.alloc());
            pump(context);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            pump(context);
        }

        private void pump(ChannelHandlerContext context) {
            if (pumping || sending == null) {
                return;
            }
            pumping = true;
            Channel channel = context.channel();
            while (channel.isWritable() && sending.hasNext() && channel.isActive()) {
                while (channel.isWritable() && sending.hasNext()) {
                    context.write(sending.next());
                }
                context.flush();
            }
            pumping = false;
            if (!sending.hasNext()) {
                end();
            }
        }

        private void end() {
            if (sending != null) {
                sending.close();
                sending = null;
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            end();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close(); // the other end went
        }
    }

    /** Counts the bytes of a download, or takes answers. Event loop only. */
    static final class Asking extends ChannelDuplexHandler {

        private final ArrayDeque<Long> began = new ArrayDeque<>();
        private @Nullable Calls calls;
        private @Nullable Runnable onBytes;
        private @Nullable Runnable onDownloaded;
        private long received;
        private long expected;
        private boolean reading;

        void download(long bytes, Runnable done) {
            received = 0;
            expected = bytes;
            onDownloaded = done;
        }

        void calls(@Nullable Calls next) {
            calls = next;
        }

        void onBytes(Runnable first) {
            onBytes = first;
        }

        void call(ChannelHandlerContext context) {
            byte[] payload = Objects.requireNonNull(calls).payload();
            began.add(System.nanoTime());
            context.write(context.alloc()
                    .directBuffer(5 + payload.length)
                    .writeInt(1 + payload.length)
                    .writeByte(CALL)
                    .writeBytes(payload));
            if (!reading) {
                context.flush();
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            reading = true;
            ByteBuf bytes = (ByteBuf) message;
            int length = bytes.readableBytes();
            bytes.release();
            if (calls != null) {
                answer(context, calls, length);
                return;
            }
            received += length;
            if (onBytes != null) {
                onBytes.run();
            }
            if (received >= expected && onDownloaded != null) {
                onDownloaded.run();
                onDownloaded = null;
            }
        }

        private void answer(ChannelHandlerContext context, Calls current, int length) {
            current.answered(began.remove(), length);
            current.start(() -> call(context));
        }

        long received() {
            return received;
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            reading = false;
            context.flush();
        }
    }
}
