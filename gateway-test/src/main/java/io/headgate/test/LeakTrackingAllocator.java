package io.headgate.test;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.lang.StackWalker.StackFrame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Remembers every buffer that it hands out, and where. Unlike Netty's leak detector it needs no garbage collection: a
 * buffer that is not released is found by {@link #assertNoLeaks} at once.
 *
 * <p><b>Threading.</b> Any thread may allocate and ask.
 *
 * <p><b>Ownership.</b> Buffers belong to who allocates them, as with every allocator; slices and duplicates count as the
 * buffer that they are part of.
 */
public final class LeakTrackingAllocator extends AbstractByteBufAllocator {

    private static final int SITE_DEPTH = 8;
    private static final int LEAST_TRACKED = 1024;

    private record Tracked(ByteBuf buffer, List<String> site) {}

    private final List<Tracked> handedOut = new ArrayList<>(); // guarded by itself
    private int forgetAt = LEAST_TRACKED; // guarded by the list

    private LeakTrackingAllocator() {
        super(false);
    }

    /**
     * An allocator of unpooled buffers, on the heap unless asked otherwise.
     *
     * @return the allocator
     */
    public static LeakTrackingAllocator create() {
        return new LeakTrackingAllocator();
    }

    /**
     * A buffer of text in UTF-8.
     *
     * @param text the text
     * @return the buffer; passes ownership
     */
    public ByteBuf utf8(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return heapBuffer(Math.max(bytes.length, 1)).writeBytes(bytes);
    }

    /**
     * How many buffers were handed out and not yet released.
     *
     * @return zero or more
     */
    public int liveBuffers() {
        return live().size();
    }

    /**
     * Checks that every buffer was released.
     *
     * @throws AssertionError when one was not; the message names the size, the reference count and the allocation site of
     *     each
     */
    public void assertNoLeaks() {
        List<Tracked> leaks = live();
        if (!leaks.isEmpty()) {
            throw new AssertionError("buffers not released: " + leaks.size() + " (expected: 0)\n"
                    + leaks.stream().map(LeakTrackingAllocator::report).collect(Collectors.joining("\n")));
        }
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }

    @Override
    public CompositeByteBuf compositeHeapBuffer(int maxNumComponents) {
        return track(new CompositeByteBuf(this, false, maxNumComponents));
    }

    @Override
    public CompositeByteBuf compositeDirectBuffer(int maxNumComponents) {
        return track(new CompositeByteBuf(this, true, maxNumComponents));
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return track(new UnpooledHeapByteBuf(this, initialCapacity, maxCapacity));
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        return track(new UnpooledDirectByteBuf(this, initialCapacity, maxCapacity));
    }

    private <B extends ByteBuf> B track(B buffer) {
        Tracked tracked = new Tracked(buffer, site());
        synchronized (handedOut) {
            if (handedOut.size() >= forgetAt) { // or a test of many buffers keeps the sites of all that it released
                forgetReleased();
                forgetAt = Math.max(LEAST_TRACKED, 2 * handedOut.size());
            }
            handedOut.add(tracked);
        }
        return buffer;
    }

    private List<Tracked> live() {
        synchronized (handedOut) {
            forgetReleased();
            return List.copyOf(handedOut);
        }
    }

    private void forgetReleased() {
        handedOut.removeIf(tracked -> tracked.buffer.refCnt() == 0);
    }

    private static List<String> site() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(LeakTrackingAllocator::isOfTheCaller)
                        .limit(SITE_DEPTH)
                        .map(StackFrame::toString)
                        .toList());
    }

    private static boolean isOfTheCaller(StackFrame frame) {
        String type = frame.getClassName();
        return !type.startsWith("io.netty.") && !type.equals(LeakTrackingAllocator.class.getName());
    }

    private static String report(Tracked leak) {
        return leak.buffer.readableBytes() + " bytes, refCnt " + leak.buffer.refCnt() + ", allocated at\n    "
                + String.join("\n    ", leak.site);
    }
}
