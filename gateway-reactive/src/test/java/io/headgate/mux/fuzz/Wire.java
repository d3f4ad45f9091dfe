package io.headgate.mux.fuzz;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Ticker;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;

/** A connection without a network: hands in bytes when the handlers want to read, and keeps what they wrote. */
final class Wire extends EmbeddedChannel implements DuplexChannel {

    private final CountingAllocator allocator;
    private final ArrayDeque<byte[]> unread = new ArrayDeque<>();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream(256);
    private final ByteArrayOutputStream delivered = new ByteArrayOutputStream(0);
    private boolean outputShutdown;
    private int drained;

    Wire(CountingAllocator allocator, Ticker ticker) {
        super(builder().ticker(ticker));
        this.allocator = allocator;
        config().setAllocator(allocator);
    }

    /** Bytes arrive; they wait while nobody reads. */
    void arrive(byte[] segment) {
        if (segment.length > 0) {
            unread.add(segment);
        }
        deliver();
    }

    /** Runs what is due, hands in what is wanted. */
    void turn() {
        runPendingTasks();
        deliver();
        collect();
        checkException();
    }

    private void deliver() {
        while (isOpen() && config().isAutoRead() && !unread.isEmpty()) {
            byte[] segment = unread.remove();
            delivered.writeBytes(segment);
            writeInbound(allocator.heapBuffer(segment.length).writeBytes(segment));
        }
    }

    private void collect() {
        for (Object message = readOutbound(); message != null; message = readOutbound()) {
            ByteBuf bytes = (ByteBuf) message;
            byte[] copy = new byte[bytes.readableBytes()];
            bytes.readBytes(copy);
            bytes.release();
            written.writeBytes(copy);
        }
        if (!inboundMessages().isEmpty()) {
            throw new AssertionError("nobody took " + inboundMessages());
        }
    }

    /** Whether something was written since this was asked last. */
    boolean hasNews() {
        boolean news = written.size() > drained;
        drained = written.size();
        return news;
    }

    byte[] written() {
        collect();
        return written.toByteArray();
    }

    /** What the handlers have read. */
    byte[] delivered() {
        return delivered.toByteArray();
    }

    /** Makes the peer look slow, or fast again. */
    void writable(boolean value) {
        if (isOpen()) {
            unsafe().outboundBuffer().setUserDefinedWritability(1, value);
        }
    }

    /** The peer is gone, or will be. */
    void end() {
        close();
        turn();
        collect();
        releaseInbound();
        checkException();
    }

    // ---- the two halves

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        outputShutdown = true;
        return promise.setSuccess();
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown;
    }

    @Override
    public boolean isInputShutdown() {
        return !isOpen();
    }

    @Override
    public ChannelFuture shutdownInput() {
        return newSucceededFuture();
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        return promise.setSuccess();
    }

    @Override
    public boolean isShutdown() {
        return outputShutdown && !isOpen();
    }

    @Override
    public ChannelFuture shutdown() {
        return close();
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        return close(promise);
    }
}
