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

    /** The defaults. */
    public static final FnLimits DEFAULTS =
            new FnLimits(0, 0, Integer.MAX_VALUE, Integer.MAX_VALUE, Duration.ofDays(365), 1);
}
