package io.headgate.rpc.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is asserted within {@link #inLoop} is so at that moment, without what the event loop has still to do. */
class PipeChannelTest {

    private static final int UNREAD = 128 * 1024;
    private static final int MANY = 50; // pieces, more than one end waits with
    private static final int PIECE = 16 * 1024;

    private final LeakTrackingAllocator alloc = LeakTrackingAllocator.create();
    private final EventLoop loop = new DefaultEventLoop();
    private final PipeChannel.Ends ends = PipeChannel.create();
    private final Channel near = ends.near();
    private final Channel far = ends.far();
    private final Heard atNear = new Heard();
    private final Heard atFar = new Heard();

    @BeforeEach
    void open() throws Exception {
        near.config().setAutoRead(false);
        far.config().setAutoRead(false);
        near.pipeline().addLast(atNear);
        far.pipeline().addLast(atFar);
        inLoop(() -> {
            ends.open(loop);
            return null;
        });
    }

    @AfterEach
    void close() throws Exception {
        inLoop(() -> List.of(near.close(), far.close()));
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        alloc.assertNoLeaks();
    }

    @Test
    void bothEndsAreActive() {
        assertThat(near.isActive()).isTrue();
        assertThat(far.isActive()).isTrue();
        assertThat(atNear.said).containsExactly("active");
        assertThat(atFar.said).containsExactly("active");
    }

    @Test
    void whatIsNotReadHoldsTheWriterUp() throws Exception {
        List<ChannelFuture> written = write(near, MANY);
        assertThat(inLoop(() -> written.stream().filter(ChannelFuture::isDone).count()))
                .isEqualTo(UNREAD / PIECE);
        assertThat(near.isWritable()).isFalse();
        assertThat(atFar.bytes).isZero();
    }

    @Test
    void eachReadMakesRoomForMore() throws Exception {
        List<ChannelFuture> written = write(near, MANY);
        for (int reads = 1; atFar.bytes < MANY * PIECE; reads++) {
            assertThat(reads).isLessThanOrEqualTo(1 + MANY * PIECE / UNREAD);
            far.read();
            settle();
        }
        assertThat(written).allMatch(ChannelFuture::isSuccess);
        assertThat(near.isWritable()).isTrue();
    }

    /** A writer that never waits for its own event loop would keep all others from it. */
    @Test
    void aStreamThatNeverEndsLeavesTurnsToOthers() throws Exception {
        far.config().setAutoRead(true);
        AtomicInteger others = new AtomicInteger();
        near.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelWritabilityChanged(ChannelHandlerContext ctx) {
                pump(ctx.channel(), others);
            }
        });
        loop.execute(() -> pump(near, others));
        for (int i = 0; i < 10; i++) {
            inLoop(others::incrementAndGet);
        }
        settle();
        assertThat(atFar.bytes).isGreaterThan(1 << 20);
    }

    private void pump(Channel channel, AtomicInteger until) {
        while (until.get() < 10 && channel.isWritable()) {
            channel.writeAndFlush(alloc.buffer(PIECE).writeZero(PIECE));
        }
    }

    @Test
    void anAnswerIsReadAfterTheFlushOfWhatItAnswers() throws Exception {
        far.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelReadComplete(ChannelHandlerContext ctx) {
                ctx.writeAndFlush(alloc.buffer(1).writeByte(1));
            }
        });
        near.read();
        far.read();
        long before = inLoop(() -> {
            near.writeAndFlush(alloc.buffer(1).writeByte(1));
            return atNear.bytes;
        });
        assertThat(before).isZero();
        assertThat(atFar.bytes).isOne();
        settle();
        assertThat(atNear.bytes).isOne();
    }

    @Test
    void oneWayEndsBehindWhatWasSentAndTheOtherGoesOn() throws Exception {
        write(near, 1);
        ends.near().shutdownOutput().syncUninterruptibly();
        assertThat(ends.far().isInputShutdown()).isFalse();
        far.read();
        settle();
        assertThat(atFar.said).containsExactly("active", "end");
        assertThat(atFar.bytes).isEqualTo(PIECE);
        near.read();
        far.writeAndFlush(alloc.buffer(1).writeByte(1)).syncUninterruptibly();
        settle();
        assertThat(atNear.bytes).isOne();
        assertThat(near.isActive()).isTrue();
    }

    @Test
    void whatWasSentBeforeTheCloseIsRead() throws Exception {
        write(near, 2);
        near.close().syncUninterruptibly();
        far.read();
        settle();
        assertThat(atFar.bytes).isEqualTo(2 * PIECE);
        assertThat(atFar.said).containsExactly("active", "end");
        assertThat(far.isOpen()).isTrue();
    }

    @Test
    void whoWaitsForNothingHearsOfTheClose() throws Exception {
        near.close().syncUninterruptibly();
        settle();
        assertThat(atFar.said).containsExactly("active", "end");
    }

    @Test
    void whatWaitsFailsWhenTheOtherEndCloses() throws Exception {
        List<ChannelFuture> written = write(near, MANY);
        far.close().syncUninterruptibly();
        settle();
        assertThat(written.get(MANY - 1).cause()).isInstanceOf(ClosedChannelException.class);
        assertThat(near.writeAndFlush(alloc.buffer(1).writeByte(1))
                        .awaitUninterruptibly()
                        .cause())
                .isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void whatIsNotWantedAnyMoreIsDropped() throws Exception {
        write(near, MANY);
        ends.far().shutdownInput().syncUninterruptibly();
        settle();
        assertThat(atFar.bytes).isZero();
        assertThat(near.isWritable()).isTrue();
    }

    @Test
    void onlyBytesPass() {
        assertThatThrownBy(() -> near.writeAndFlush("text").syncUninterruptibly())
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("String (expected: ByteBuf)");
    }

    private List<ChannelFuture> write(Channel channel, int pieces) throws Exception {
        return inLoop(() -> {
            List<ChannelFuture> written = new ArrayList<>();
            for (int i = 0; i < pieces; i++) {
                written.add(channel.write(alloc.buffer(PIECE).writeZero(PIECE)));
            }
            channel.flush();
            return written;
        });
    }

    /** Until the event loop has done what is to be done, and what that has led to. */
    private void settle() throws Exception {
        for (int i = 0; i < 5; i++) {
            inLoop(() -> null);
        }
    }

    private <T> T inLoop(Callable<T> work) throws Exception {
        return loop.submit(work).get(10, TimeUnit.SECONDS);
    }

    /** What one end hears; looked at when the event loop has settled. */
    private static final class Heard extends ChannelInboundHandlerAdapter {

        private final List<String> said = new ArrayList<>();
        private long bytes;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            said.add("active");
            ctx.fireChannelActive();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf read = (ByteBuf) message;
            bytes += read.readableBytes();
            read.release();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                said.add("end");
            }
            ctx.fireUserEventTriggered(event);
        }
    }
}
