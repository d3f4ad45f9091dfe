package io.headgate.rpc.fault;

import io.headgate.rpc.Dialect;
import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcSpec;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Two connections and the bytes between them, in one thread and with a clock that is moved by hand. At an exact byte of one
 * direction something happens to the line, once.
 */
final class Line {

    /** What protects the line. */
    record TlsEnds(SslContext initiator, SslContext acceptor) {}

    /** What happens to the line. */
    enum Fault {
        /** Nothing. */
        NONE,
        /** The sender dies: what it has sent up to here arrives, then both see the end. */
        CUT,
        /** The sender ends its half: what it has sent up to here arrives, then the receiver sees the end and may still send. */
        HALF_CLOSE,
        /** What the sender says from here on is lost, and nobody is told. */
        SILENCE,
        /** One byte is another one. */
        GARBLE
    }

    final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final MockTicker clock = Ticker.newMockTicker();
    private final EmbeddedChannel near = channel();
    private final EmbeddedChannel far = channel();
    final RpcConnection initiator;
    final RpcConnection acceptor;
    final List<Ending> initiatorEndings = new ArrayList<>();
    final List<Ending> acceptorEndings = new ArrayList<>();
    private final Way there = new Way(near, far);
    private final Way back = new Way(far, near);
    private final boolean protectedByTls;
    boolean trickles;

    /** One direction. */
    private static final class Way {

        final EmbeddedChannel from;
        final EmbeddedChannel to;
        final ByteArrayOutputStream said = new ByteArrayOutputStream();
        long carried;
        Fault fault = Fault.NONE;
        long at = Long.MAX_VALUE;
        boolean ended;

        Way(EmbeddedChannel from, EmbeddedChannel to) {
            this.from = from;
            this.to = to;
        }
    }

    Line(Dialect dialect, RpcSpec initiator, RpcSpec acceptor) {
        this(dialect, initiator, acceptor, null);
    }

    /** With TLS: the line carries its records, and the handshake is the first that goes over it. */
    Line(Dialect dialect, RpcSpec initiator, RpcSpec acceptor, @Nullable TlsEnds tls) {
        this.protectedByTls = tls != null;
        if (tls != null) {
            far.pipeline().addLast(tls.acceptor().newHandler(allocator));
            near.pipeline().addLast(tls.initiator().newHandler(allocator));
        }
        this.initiator = dialect.connect(near, Side.INITIATOR, initiator);
        this.acceptor = dialect.connect(far, Side.ACCEPTOR, acceptor);
        this.initiator.closed().subscribe(initiatorEndings::add);
        this.acceptor.closed().subscribe(acceptorEndings::add);
    }

    private EmbeddedChannel channel() {
        EmbeddedChannel channel = EmbeddedChannel.builder().ticker(clock).build();
        channel.config().setAllocator(allocator);
        return channel;
    }

    Line with(Fault fault, boolean ofInitiator, long at) {
        Way way = ofInitiator ? there : back;
        way.fault = fault;
        way.at = at;
        return this;
    }

    /** Bytes that have gone one way. */
    long carried(boolean ofInitiator) {
        return (ofInitiator ? there : back).carried;
    }

    /** What went one way. */
    byte[] said(boolean ofInitiator) {
        return (ofInitiator ? there : back).said.toByteArray();
    }

    /** Lets both sides do what they can, until nothing moves. */
    void run() {
        boolean moved = true;
        while (moved) {
            near.runPendingTasks();
            far.runPendingTasks();
            moved = carry(there) | carry(back);
        }
    }

    /** Lets time pass. */
    void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            clock.advance(1, TimeUnit.SECONDS);
            near.runScheduledPendingTasks();
            far.runScheduledPendingTasks();
            run();
        }
    }

    private boolean carry(Way way) {
        boolean moved = false;
        for (ByteBuf bytes = way.from.readOutbound(); bytes != null; bytes = way.from.readOutbound()) {
            moved = true;
            way.said.writeBytes(ByteBufUtil.getBytes(bytes));
            carry(way, bytes);
        }
        if (moved && way.to.isActive()) {
            way.to.pipeline().fireChannelReadComplete();
        }
        boolean ends = !way.from.isActive() && way.to.isActive() && way.fault != Fault.SILENCE;
        if (ends) {
            way.to.close();
        }
        return moved | ends;
    }

    private void carry(Way way, ByteBuf bytes) {
        int length = bytes.readableBytes();
        if (way.carried + length <= way.at) {
            way.carried += length;
            deliver(way, bytes);
            return;
        }
        int good = (int) Math.max(0, way.at - way.carried);
        way.carried += length;
        switch (way.fault) {
            case GARBLE -> {
                way.at = Long.MAX_VALUE;
                int index = bytes.readerIndex() + good;
                bytes.setByte(index, ~bytes.getByte(index));
                deliver(way, bytes);
            }
            case HALF_CLOSE -> {
                way.at = 0;
                deliver(way, bytes.readRetainedSlice(good));
                bytes.release();
                halfClose(way);
            }
            case SILENCE -> {
                way.at = 0;
                deliver(way, bytes.readRetainedSlice(good));
                bytes.release();
            }
            default -> {
                deliver(way, bytes.readRetainedSlice(good));
                bytes.release();
                near.close();
                far.close();
            }
        }
    }

    private static void halfClose(Way way) {
        if (!way.ended && way.to.isActive()) {
            way.ended = true;
            way.to.pipeline().fireChannelReadComplete();
            way.to.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            way.to.pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
        }
    }

    private void deliver(Way way, ByteBuf bytes) {
        if (!way.to.isActive() || !bytes.isReadable()) {
            bytes.release();
        } else if (!trickles) {
            way.to.pipeline().fireChannelRead(bytes);
        } else {
            while (bytes.isReadable() && way.to.isActive()) {
                way.to.pipeline().fireChannelRead(bytes.readRetainedSlice(1)).fireChannelReadComplete();
            }
            bytes.release();
        }
    }

    boolean isOver() {
        return !initiatorEndings.isEmpty() && !acceptorEndings.isEmpty();
    }

    /** Nothing that was allocated is left. */
    void end() {
        run();
        finish(near);
        finish(far);
        allocator.assertNoLeaks();
    }

    private void finish(EmbeddedChannel channel) {
        try {
            channel.finishAndReleaseAll();
        } catch (DecoderException late) {
            if (!protectedByTls) {
                throw late;
            }
            // TLS closes the channel and then throws; an embedded channel has let its handlers go in between
        }
    }
}
