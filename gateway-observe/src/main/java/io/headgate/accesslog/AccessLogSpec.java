package io.headgate.accesslog;

import io.headgate.http.ExchangeRecord;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What an access log writes, and where to. Immutable.
 *
 * @param format makes the lines
 * @param sink takes them
 * @param filter which exchanges have a line; asked on event loops, so it must not block
 * @param capacity how many exchanges may wait for their line; rounded up to a power of two
 * @param executor where lines are made and written, or null for a daemon thread of the log's own. It must not be one of event loops.
 *     One task at a time runs there, and returns when nothing is left to write
 * @param grace how long closing waits for the sink
 */
public record AccessLogSpec(
        AccessFormat format,
        AccessSink sink,
        Predicate<? super ExchangeRecord> filter,
        int capacity,
        @Nullable Executor executor,
        Duration grace) {

    private static final int MOST_CAPACITY = 1 << 24;

    /**
     * JSON to the logger {@value AccessSink#LOGGER}, all exchanges, a thread of its own, at most 8,192 waiting (a tenth of a second of
     * 80,000 exchanges per second, and a few megabytes), a grace of 5 s.
     */
    public static final AccessLogSpec DEFAULTS = new AccessLogSpec(
            AccessFormat.json(), AccessSink.logger(), exchange -> true, 8192, null, Duration.ofSeconds(5));

    /** Checks the parts. */
    public AccessLogSpec {
        Objects.requireNonNull(format, "format");
        Objects.requireNonNull(sink, "sink");
        Objects.requireNonNull(filter, "filter");
        if (capacity < 1 || capacity > MOST_CAPACITY) {
            throw new IllegalArgumentException("capacity: " + capacity + " (expected: 1.." + MOST_CAPACITY + ")");
        }
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace: " + grace + " (expected: zero or more)");
        }
    }

    /**
     * A copy with another format.
     *
     * @param changed makes the lines
     * @return the copy
     */
    public AccessLogSpec withFormat(AccessFormat changed) {
        return new AccessLogSpec(changed, sink, filter, capacity, executor, grace);
    }

    /**
     * A copy that writes elsewhere.
     *
     * @param changed takes the lines
     * @return the copy
     */
    public AccessLogSpec withSink(AccessSink changed) {
        return new AccessLogSpec(format, changed, filter, capacity, executor, grace);
    }

    /**
     * A copy that logs some exchanges only.
     *
     * @param changed which ones, for example {@link AccessLog#failures}
     * @return the copy
     */
    public AccessLogSpec withFilter(Predicate<? super ExchangeRecord> changed) {
        return new AccessLogSpec(format, sink, changed, capacity, executor, grace);
    }

    /**
     * A copy with another bound of what waits.
     *
     * @param changed 1 to 16,777,216 exchanges
     * @return the copy
     */
    public AccessLogSpec withCapacity(int changed) {
        return new AccessLogSpec(format, sink, filter, changed, executor, grace);
    }

    /**
     * A copy that works elsewhere.
     *
     * @param changed runs what may block, for example {@code Schedulers.boundedElastic()::schedule}; the log does not close it
     * @return the copy
     */
    public AccessLogSpec withExecutor(Executor changed) {
        return new AccessLogSpec(format, sink, filter, capacity, Objects.requireNonNull(changed, "executor"), grace);
    }

    /**
     * A copy with another grace.
     *
     * @param changed zero or more
     * @return the copy
     */
    public AccessLogSpec withGrace(Duration changed) {
        return new AccessLogSpec(format, sink, filter, capacity, executor, changed);
    }
}
