package io.headgate.rpc.stream;

import io.headgate.FlowOperator;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Slows streams down to so many bytes a second, by asking for less: nothing is held back here. All streams that one pace is laid
 * around share its rate; give each stream a pace of its own to limit each.
 *
 * <pre>{@code
 * Pace pace = Pace.of(50 << 20); // 50 MiB a second for all that this process sends
 * return RpcReply.of(Content.OCTETS, Body.of(files.read(path, 0).transform(pace)));
 * }</pre>
 *
 * <p>A buffer passes whole, and the next one is asked for when it has been paid for. So the rate holds over time whatever the
 * size of the buffers, and for a moment as many bytes pass as {@link #withBurst} says, and a buffer for each stream.
 *
 * <p><b>Threading.</b> Any. After a wait more is asked for on the timer's thread.
 */
public final class Pace implements FlowOperator<ByteBuf, ByteBuf> {

    private static final long NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MOST = 1L << 40; // a second of it and its product with a buffer fit a long
    private static final long SHORTEST = TimeUnit.MILLISECONDS.toNanos(1);

    private final long rate;
    private final long burst;
    private final Scheduler timer;
    private final LongSupplier clock;
    private final AtomicLong paid; // the time up to which what has passed is paid for

    private Pace(long rate, long burst, Scheduler timer, LongSupplier clock) {
        this.rate = rate;
        this.burst = burst;
        this.timer = Objects.requireNonNull(timer, "timer");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.paid = new AtomicLong(clock.getAsLong() - nanos(burst));
    }

    /**
     * A pace with a burst of a tenth of a second.
     *
     * @param bytesPerSecond 1 to 1 TiB
     * @return the pace
     */
    public static Pace of(long bytesPerSecond) {
        if (bytesPerSecond < 1 || bytesPerSecond > MOST) {
            throw new IllegalArgumentException("bytesPerSecond: " + bytesPerSecond + " (expected: 1.." + MOST + ")");
        }
        return new Pace(bytesPerSecond, bytesPerSecond / 10, Schedulers.parallel(), System::nanoTime);
    }

    /**
     * A copy with another burst; it shares nothing with this one.
     *
     * @param bytes how many may pass at once after a pause, 0 to 1 TiB
     * @return the copy
     */
    public Pace withBurst(long bytes) {
        if (bytes < 0 || bytes > MOST) {
            throw new IllegalArgumentException("bytes: " + bytes + " (expected: 0.." + MOST + ")");
        }
        return new Pace(rate, bytes, timer, clock);
    }

    /**
     * A copy with another time; it shares nothing with this one.
     *
     * @param changedTimer for waits
     * @param changedClock nanoseconds, as of {@link System#nanoTime}
     * @return the copy
     */
    public Pace withTimer(Scheduler changedTimer, LongSupplier changedClock) {
        return new Pace(rate, burst, changedTimer, changedClock);
    }

    /**
     * The stream at this pace.
     *
     * @param stream any number of streams at the same time
     * @return the same buffers; passes their ownership. One is asked for at a time
     */
    @Override
    public Flux<ByteBuf> apply(Flux<ByteBuf> stream) {
        return new PaceFlux(stream, this);
    }

    Scheduler timer() {
        return timer;
    }

    /** Pays for bytes that have passed; answers how many nanoseconds to wait before the next ones, zero for a wait not worth it. */
    long pay(int bytes) {
        long now = clock.getAsLong();
        long price = nanos(bytes);
        long earliest = now - nanos(burst);
        while (true) {
            long before = paid.get();
            long after = (before - earliest < 0 ? earliest : before) + price;
            if (paid.compareAndSet(before, after)) {
                long wait = after - now;
                return wait < SHORTEST ? 0 : wait;
            }
        }
    }

    private long nanos(long bytes) {
        return bytes / rate * NANOS + bytes % rate * NANOS / rate;
    }
}
