package io.headgate.rpc.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.internal.StringUtil;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One end of a byte stream within this process. Both ends are on one event loop, of any kind, and buffers pass by reference. Unlike
 * Netty's local channels it behaves as a socket does: what is not read yet is bounded, so that who writes faster than the other end
 * reads is held up; each way ends by itself; and an end that writes does not read what that is answered with before it has written.
 */
final class PipeChannel extends AbstractChannel implements DuplexChannel {

    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    /** Bytes that wait to be read, beyond which no more come: few, so that the processor still has them in its caches. */
    private static final int MOST_UNREAD = 128 * 1024;

    /** For the same reason, and room for some buffers, so that not each of them has to be waited for. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(256 * 1024, 512 * 1024);

    /** After this many bytes others on the event loop get their turn. */
    private static final int TURN = 1 << 20;

    private final ChannelConfig config = new DefaultChannelConfig(this);
    private final Runnable nextTurn = this::beginTurn;
    private @Nullable PipeChannel peer; // set before anybody has either
    private volatile boolean open = true;
    private volatile boolean inputShutdown;
    private volatile boolean outputShutdown;

    // From here on for the event loop alone.
    private final ArrayDeque<ByteBuf> unread = new ArrayDeque<>();
    private int unreadBytes;
    private int turn;
    private boolean inputEnds; // behind what is not read yet
    private boolean readPending;
    private boolean reading;
    private boolean writing;
    private boolean scheduled;

    private PipeChannel() {
        super(null);
        config.setWriteBufferWaterMark(WATER_MARK);
    }

    /** The two ends of one. */
    record Ends(PipeChannel near, PipeChannel far) {

        /** Opens both. Called on the event loop, when there is somebody at both. */
        void open(EventLoop loop) {
            loop.register(near);
            loop.register(far);
        }
    }

    static Ends create() {
        PipeChannel near = new PipeChannel();
        PipeChannel far = new PipeChannel();
        near.peer = far;
        far.peer = near;
        return new Ends(near, far);
    }

    private PipeChannel peer() {
        PipeChannel other = peer;
        if (other == null) {
            throw new IllegalStateException("an end without another");
        }
        return other;
    }

    // ---- bytes go

    @Override
    protected Object filterOutboundMessage(Object message) {
        if (message instanceof ByteBuf) {
            return message;
        }
        throw new UnsupportedOperationException(
                "message: " + StringUtil.simpleClassName(message) + " (expected: ByteBuf)");
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer waiting) {
        PipeChannel to = peer();
        writing = true;
        try {
            do {
                hand(waiting, to);
                to.readOnce();
            } while (!waiting.isEmpty() && to.hasRoom());
        } finally {
            writing = false;
        }
    }

    /** Hands over what the other end has room for. */
    private static void hand(ChannelOutboundBuffer waiting, PipeChannel to) {
        ByteBuf bytes = (ByteBuf) waiting.current();
        while (bytes != null && to.hasRoom()) {
            if (to.inputShutdown) {
                waiting.remove(new ClosedChannelException());
            } else {
                to.unread.add(bytes.retain());
                to.unreadBytes += bytes.readableBytes();
                waiting.remove();
            }
            bytes = (ByteBuf) waiting.current();
        }
    }

    private boolean hasRoom() {
        return unreadBytes < MOST_UNREAD;
    }

    /** The other end has room again, or is gone. */
    private void goOn() {
        if (!writing && isRegistered()) {
            ((PipeUnsafe) unsafe()).flushAgain();
        }
    }

    // ---- bytes come

    /** As with a socket, what is read comes later, and not within the asking. */
    @Override
    protected void doBeginRead() {
        readPending = true;
        if (!reading && hasInput()) {
            schedule();
        }
    }

    private boolean hasInput() {
        return !unread.isEmpty() || endIsDue();
    }

    private void schedule() {
        if (!scheduled && isRegistered()) {
            scheduled = true;
            eventLoop().execute(nextTurn);
        }
    }

    private void beginTurn() {
        scheduled = false;
        turn = 0;
        readOnce();
    }

    /** Reads once, if this end wants to; later, if it is amid something. */
    private void readOnce() {
        if (reading || !readPending || !hasInput()) {
            return;
        }
        if (writing || turn >= TURN) {
            schedule();
            return;
        }
        reading = true;
        readPending = false;
        passOn();
        reading = false;
        peer().goOn();
        if (readPending && hasInput()) {
            schedule();
        }
    }

    private void passOn() {
        int bytes = 0;
        while (!unread.isEmpty() && bytes < MOST_UNREAD) {
            ByteBuf next = unread.remove();
            int length = next.readableBytes();
            bytes += length;
            unreadBytes -= length;
            pipeline().fireChannelRead(next);
        }
        turn += bytes;
        if (bytes > 0) {
            pipeline().fireChannelReadComplete();
        }
        endInput();
    }

    // ---- the ends

    private boolean endIsDue() {
        return inputEnds && !inputShutdown && unread.isEmpty();
    }

    private void endInput() {
        if (endIsDue()) {
            inputShutdown = true;
            pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    @Override
    protected void doShutdownOutput() {
        outputShutdown = true;
        PipeChannel to = peer();
        to.inputEnds = true;
        if (to.readPending) {
            to.schedule();
        }
    }

    @Override
    protected void doClose() {
        open = false;
        dropUnread();
        peer().otherCloses();
    }

    /** Nothing can be sent any more, and who waits for nothing but the end hears of it. */
    private void otherCloses() {
        inputEnds = true;
        if (open && isRegistered()) {
            eventLoop().execute(() -> {
                goOn();
                if (readPending) {
                    readOnce();
                } else {
                    endInput();
                }
            });
        }
    }

    private void dropUnread() {
        inputShutdown = true;
        unreadBytes = 0;
        for (ByteBuf bytes = unread.poll(); bytes != null; bytes = unread.poll()) {
            bytes.release();
        }
    }

    @Override
    public boolean isInputShutdown() {
        return inputShutdown;
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown;
    }

    @Override
    public boolean isShutdown() {
        return inputShutdown && outputShutdown;
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        onLoop(() -> {
            dropUnread();
            peer().goOn();
            promise.trySuccess();
        });
        return promise;
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        onLoop(() -> ((PipeUnsafe) unsafe()).shutdownOutput(promise));
        return promise;
    }

    @Override
    public ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        shutdownInput();
        return shutdownOutput(promise);
    }

    private void onLoop(Runnable task) {
        if (eventLoop().inEventLoop()) {
            task.run();
        } else {
            eventLoop().execute(task);
        }
    }

    // ---- what Netty wants to know

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open && isRegistered();
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return null;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("bind of an end that has another");
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new PipeUnsafe();
    }

    private final class PipeUnsafe extends AbstractUnsafe {

        @Override
        public void connect(SocketAddress remote, @Nullable SocketAddress local, ChannelPromise promise) {
            safeSetFailure(promise, new UnsupportedOperationException("connect of an end that has another"));
        }

        void flushAgain() {
            flush0();
        }
    }
}
