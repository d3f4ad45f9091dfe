package io.headgate.sync.server;

import io.headgate.sync.internal.wire.SnappyWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The clients of one event loop and the only timer that they have, which runs while there are any. For the event loop. */
final class Desk implements Runnable {

    /** Somebody who has deadlines. */
    abstract static class Guarded extends Seats.Seated {

        /** Looks at its deadlines; may leave. */
        abstract void look();
    }

    private final EventLoop loop;
    private final long tickNanos;
    private final Seats<Guarded> present = new Seats<>();
    private final SnappyWriter snappy = new SnappyWriter();
    private @Nullable ScheduledFuture<?> timer;

    Desk(EventLoop loop, long tickNanos) {
        this.loop = loop;
        this.tickNanos = tickNanos;
    }

    void enter(Guarded guest) {
        present.enter(guest);
        if (timer == null) {
            timer = loop.scheduleWithFixedDelay(this, tickNanos, tickNanos, TimeUnit.NANOSECONDS);
        }
    }

    void leave(Guarded guest) {
        present.leave(guest);
        if (present.isEmpty() && timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /** Takes and passes ownership. */
    ByteBuf compressed(ByteBuf plain, ByteBufAllocator allocator) {
        try {
            ByteBuf out = allocator.buffer(plain.readableBytes() + 16);
            try {
                snappy.write(plain, out);
                return out;
            } catch (RuntimeException | OutOfMemoryError e) {
                out.release();
                throw e;
            }
        } finally {
            plain.release();
        }
    }

    @Override
    public void run() {
        present.forEach(Guarded::look);
    }
}
