package io.headgate.mux.fuzz;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Counts the buffers that are not released; cheap enough for millions of runs. With {@code -Dfuzz.sites=true} it also keeps
 * where each was allocated.
 */
final class CountingAllocator extends AbstractByteBufAllocator {

    private static final boolean SITES = Boolean.getBoolean("fuzz.sites");

    private int live;
    private final Map<ByteBuf, Throwable> sites = new IdentityHashMap<>(0);

    CountingAllocator() {
        super(false);
    }

    private final class Counted extends UnpooledHeapByteBuf {

        Counted(int initialCapacity, int maxCapacity) {
            super(CountingAllocator.this, initialCapacity, maxCapacity);
            live++;
        }

        @Override
        protected void deallocate() {
            super.deallocate();
            live--;
        }
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        ByteBuf buffer = new Counted(initialCapacity, maxCapacity);
        if (SITES) {
            sites.put(buffer, new Throwable(initialCapacity + " bytes"));
        }
        return buffer;
    }

    /** On the heap as well: memory outside of it is slow to get and is not what is tested. */
    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        return newHeapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public CompositeByteBuf compositeDirectBuffer(int maxNumComponents) {
        return compositeHeapBuffer(maxNumComponents);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }

    void assertNoneLeft() {
        if (live != 0) {
            AssertionError error = new AssertionError("buffers not released: " + live + " (expected: 0)");
            sites.forEach((buffer, site) -> {
                if (buffer.refCnt() > 0) {
                    error.addSuppressed(site);
                }
            });
            throw error;
        }
    }
}
