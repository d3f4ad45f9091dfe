package io.headgate.mux.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutputBufferTest {

    private static final int READ = 64 * 1024;

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    private final OutputBuffer output = output();

    private OutputBuffer output() {
        channel.config().setAllocator(allocator);
        ChannelHandlerContext ctx = channel.pipeline().firstContext();
        return new OutputBuffer(ctx);
    }

    @AfterEach
    void nothingIsHeld() {
        output.release();
        channel.finishAndReleaseAll();
        allocator.assertNoLeaks();
    }

    private ByteBuf bytes(int length) {
        return allocator.directBuffer(length).writeZero(length);
    }

    private int sent() {
        int bytes = 0;
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            bytes += part.readableBytes();
            part.release();
        }
        return bytes;
    }

    @Test
    void whatIsShortWaitsForTheEndOfTheTurn() {
        output.tail(10).writeZero(10);
        output.write(bytes(4096));
        output.write(bytes(20_000));
        assertThat(output.isLong()).isFalse();
        assertThat(sent()).isZero();
        output.flush();
        assertThat(sent()).isEqualTo(24_106);
    }

    @Test
    void whatIsLongMayGoAheadWithAllThatIsBeforeIt() {
        output.tail(10).writeZero(10);
        output.write(bytes(READ));
        output.tail(2).writeZero(2);
        assertThat(output.isLong()).isTrue();
        output.flushAhead();
        assertThat(sent()).isEqualTo(10 + READ + 2);
        assertThat(output.isLong()).isFalse();
    }

    @Test
    void aBodyWithoutEndLeavesOthersTheirTurn() {
        int ahead = 0;
        for (output.write(bytes(READ)); output.isLong(); output.write(bytes(READ))) {
            output.flushAhead();
            ahead += sent();
            assertThat(ahead).isLessThanOrEqualTo(1 << 20);
        }
        assertThat(ahead).isEqualTo(1 << 20);
        output.flush(); // the end of the turn
        assertThat(sent()).isEqualTo(READ);
        output.write(bytes(READ));
        assertThat(output.isLong()).isTrue();
        output.flush();
        assertThat(sent()).isEqualTo(READ);
    }
}
