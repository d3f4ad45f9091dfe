package io.headgate.function.log;

import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.util.concurrent.Queues;

/** Lines that wait, bounded by their memory; those that find no room are counted. Any thread adds, one polls. */
final class SyslogQueue {

    private final int maxBytes;
    private final Queue<SyslogLine> lines =
            Queues.<SyslogLine>unboundedMultiproducer().get();
    private final AtomicLong held = new AtomicLong();
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private volatile boolean closed;
    private long reported; // by who polls

    SyslogQueue(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Returns false when there is no room, or it is closed. */
    boolean offer(SyslogLine line) {
        int charge = line.charge();
        if (held.addAndGet(charge) > maxBytes || closed) {
            held.addAndGet(-charge);
            dropped.incrementAndGet();
            return false;
        }
        count.incrementAndGet();
        lines.add(line);
        return true;
    }

    @Nullable SyslogLine poll() {
        SyslogLine line = lines.poll();
        if (line != null) {
            held.addAndGet(-line.charge());
            count.decrementAndGet();
        }
        return line;
    }

    boolean isEmpty() {
        return lines.isEmpty();
    }

    /** A line that was polled could not be shipped. */
    void lost(int more) {
        dropped.addAndGet(more);
    }

    /** How many were dropped that nobody has been told of. */
    long unreported() {
        return dropped.get() - reported;
    }

    /** Somebody has been told. */
    void reported(long more) {
        reported += more;
    }

    long size() {
        return count.get();
    }

    long dropped() {
        return dropped.get();
    }

    /** Takes no more. */
    void close() {
        closed = true;
    }

    /** Nothing will be shipped any more. */
    void dropAll() {
        while (poll() != null) {
            dropped.incrementAndGet();
        }
    }
}
