package io.headgate.function.model;

import java.time.Duration;

/**
 * What one function may take of the machine, and how many calls may wait for it. Read from annotations of the function whose keys
 * begin with {@code headgate.io/}.
 *
 * @param cpuMillis what one instance takes of the CPU budget, in thousandths of a core; 0 by default
 * @param minInstances instances that are kept warm; 0 by default
 * @param maxInstances instances at most; as many as there are tokens for by default
 * @param maxWaiting calls that may wait; one more is refused with 429; any number by default
 * @param maxWait how long a call may wait, after it 503; as long as its caller by default
 * @param concurrency calls that one instance may have at once; 1 by default
 */
public record FnLimits(
        int cpuMillis, int minInstances, int maxInstances, int maxWaiting, Duration maxWait, int concurrency) {

    /** The annotation of {@link #cpuMillis}. */
    public static final String CPU_MILLIS = "headgate.io/cpu-millis";

    /** The annotation of {@link #minInstances}. */
    public static final String MIN_INSTANCES = "headgate.io/min-instances";

    /** The annotation of {@link #maxInstances}. */
    public static final String MAX_INSTANCES = "headgate.io/max-instances";

    /** The annotation of {@link #maxWaiting}. */
    public static final String MAX_WAITING = "headgate.io/max-waiting";

    /** The annotation of {@link #maxWait}, in milliseconds. */
    public static final String MAX_WAIT_MS = "headgate.io/max-wait-ms";

    /** The annotation of {@link #concurrency}. */
    public static final String CONCURRENCY = "headgate.io/concurrency";

    /** The defaults. */
    public static final FnLimits DEFAULTS =
            new FnLimits(0, 0, Integer.MAX_VALUE, Integer.MAX_VALUE, Duration.ofDays(365), 1);

    private static final int MAX_CPU_MILLIS = 1_000_000;
    private static final int MAX_CONCURRENCY = 1000;

    /**
     * What a function may take, by its annotations.
     *
     * @param fn the function
     * @return its limits, with defaults where it says nothing
     * @throws FunctionException which annotation is not what it must be; not for functions that came out of a store
     */
    public static FnLimits of(Fn fn) {
        Annotations said = fn.annotations();
        int min = Validation.number(said, MIN_INSTANCES, 0, 0, Integer.MAX_VALUE);
        int max = Validation.number(said, MAX_INSTANCES, DEFAULTS.maxInstances, 1, Integer.MAX_VALUE);
        if (min > max) {
            throw Validation.invalid(
                    "annotations." + MIN_INSTANCES, min, "at most " + max + ", the value of " + MAX_INSTANCES);
        }
        int waitMillis = Validation.number(said, MAX_WAIT_MS, -1, 0, Integer.MAX_VALUE);
        FnLimits limits = new FnLimits(
                Validation.number(said, CPU_MILLIS, DEFAULTS.cpuMillis, 0, MAX_CPU_MILLIS),
                min,
                max,
                Validation.number(said, MAX_WAITING, DEFAULTS.maxWaiting, 0, Integer.MAX_VALUE),
                waitMillis < 0 ? DEFAULTS.maxWait : Duration.ofMillis(waitMillis),
                Validation.number(said, CONCURRENCY, DEFAULTS.concurrency, 1, MAX_CONCURRENCY));
        return limits.equals(DEFAULTS) ? DEFAULTS : limits;
    }
}
