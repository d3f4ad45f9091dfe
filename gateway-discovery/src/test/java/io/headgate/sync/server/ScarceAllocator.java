package io.headgate.sync.server;

import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import java.util.function.IntPredicate;

/** Watches for leaks, and has no direct memory left for what a test says. */
final class ScarceAllocator extends AbstractByteBufAllocator {

    private final LeakTrackingAllocator memory = LeakTrackingAllocator.create();
    private volatile IntPredicate growing = capacity -> false;
    private volatile IntPredicate fixed = capacity -> false;

    /** Buffers that may grow, by their first capacity. */
    ScarceAllocator refuseGrowing(IntPredicate capacity) {
        growing = capacity;
        return this;
    }

    /** Buffers that may not. */
    ScarceAllocator refuseFixed(IntPredicate capacity) {
        fixed = capacity;
        return this;
    }

    void assertNoLeaks() {
        memory.assertNoLeaks();
    }

    @Override
    protected ByteBuf newHeapBuffer(int initial, int most) {
        return memory.heapBuffer(initial, most);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initial, int most) {
        if ((initial == most ? fixed : growing).test(initial)) {
            throw new OutOfMemoryError("a test has used it up: " + initial + " bytes");
        }
        return memory.directBuffer(initial, most);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }
}
