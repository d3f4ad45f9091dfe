package io.headgate.function.dispatch;

import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnLimits;
import java.time.Duration;

/**
 * What calls of a function are to the dispatcher. Made once for a function and kept, because the key takes a few microseconds.
 *
 * @param key which instances may take the call
 * @param app the application
 * @param fn the function
 * @param limits what the function may take
 */
public record Workload(SlotKey key, App app, Fn fn, FnLimits limits) {

    private static final long MEGABYTE = 1024 * 1024;

    /**
     * The workload of a function with the limits that its annotations set.
     *
     * @param app the application
     * @param fn the function
     * @return the workload
     */
    public static Workload of(App app, Fn fn) {
        return of(app, fn, FnLimits.of(fn));
    }

    /**
     * The workload of a function with given limits.
     *
     * @param app the application
     * @param fn the function
     * @param limits what it may take
     * @return the workload
     */
    public static Workload of(App app, Fn fn, FnLimits limits) {
        return new Workload(SlotKey.of(app, fn), app, fn, limits);
    }

    /**
     * What an instance takes of the memory budget.
     *
     * @return bytes
     */
    public long memoryBytes() {
        return fn.memoryMb() * MEGABYTE;
    }

    /**
     * What an instance takes of the CPU budget.
     *
     * @return thousandths of a core
     */
    public int cpuMillis() {
        return limits.cpuMillis();
    }

    /**
     * How long an instance without calls is kept.
     *
     * @return the idle timeout of the function
     */
    public Duration idleTimeout() {
        return Duration.ofSeconds(fn.idleTimeoutSeconds());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Workload that && key.equals(that.key);
    }

    @Override
    public int hashCode() {
        return key.hashCode();
    }

    @Override
    public String toString() {
        return app.name() + "/" + fn.name();
    }
}
