package io.headgate.function.dispatch;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a dispatcher works. Immutable; each {@code with} method returns a copy.
 *
 * @param budget what all instances together may take
 * @param hotPoll how often a queue with calls that wait looks whether it needs one more instance
 * @param freezeAfter how long an instance is idle before it is frozen; null when none is
 * @param freezeTimeout how long freezing and unfreezing may take; after it the instance is stopped
 * @param startTimeout how long an instance may take to be ready; kept by the {@link Crew}
 * @param patience how long a queue without any instance waits for tokens before others make room: smaller launches behind it get none until
 *     it has its own, and busy instances of other queues that are as old are stopped after their call instead of taking the next one
 * @param queueKeep how long a queue without calls and instances is remembered, if that is longer than twice the idle timeout
 */
public record DispatchSettings(
        MachineBudget budget,
        Duration hotPoll,
        @Nullable Duration freezeAfter,
        Duration freezeTimeout,
        Duration startTimeout,
        Duration patience,
        Duration queueKeep) {

    private static final Duration LONGEST = Duration.ofDays(365);

    /** Checks the values. */
    public DispatchSettings {
        check("hotPoll", hotPoll, isBetween(hotPoll, Duration.ofMillis(1)), "1 ms to 365 days");
        check(
                "freezeAfter",
                String.valueOf(freezeAfter),
                freezeAfter == null || isBetween(freezeAfter, Duration.ZERO),
                "0 to 365 days, or null for never");
        check("freezeTimeout", freezeTimeout, isBetween(freezeTimeout, Duration.ofMillis(1)), "1 ms to 365 days");
        check("startTimeout", startTimeout, isBetween(startTimeout, Duration.ofMillis(1)), "1 ms to 365 days");
        check("patience", patience, isBetween(patience, Duration.ZERO), "0 to 365 days");
        check("queueKeep", queueKeep, isBetween(queueKeep, Duration.ZERO), "0 to 365 days");
    }

    static boolean isBetween(Duration value, Duration least) {
        return value.compareTo(least) >= 0 && value.compareTo(LONGEST) <= 0;
    }

    static void check(String name, Object value, boolean valid, String expected) {
        if (!valid) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }

    /**
     * Settings with the defaults of the Fn server: looks each 200 ms, freezes after 50 ms, which may take 5 s, starts within 5 s, and
     * remembers queues for an hour. Patience, which that server has not, is 500 ms.
     *
     * @param budget what all instances together may take
     * @return the settings
     */
    public static DispatchSettings of(MachineBudget budget) {
        return new DispatchSettings(
                budget,
                Duration.ofMillis(200),
                Duration.ofMillis(50),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofMillis(500),
                Duration.ofMinutes(60));
    }

    /**
     * A copy with another budget.
     *
     * @param changed what all instances together may take
     * @return the copy
     */
    public DispatchSettings withBudget(MachineBudget changed) {
        return new DispatchSettings(changed, hotPoll, freezeAfter, freezeTimeout, startTimeout, patience, queueKeep);
    }

    /**
     * A copy that looks at queues more or less often.
     *
     * @param changed how often; 1 ms or more
     * @return the copy
     */
    public DispatchSettings withHotPoll(Duration changed) {
        return new DispatchSettings(budget, changed, freezeAfter, freezeTimeout, startTimeout, patience, queueKeep);
    }

    /**
     * A copy that freezes sooner, later or never.
     *
     * @param changed how long an instance is idle before; null for never
     * @return the copy
     */
    public DispatchSettings withFreezeAfter(@Nullable Duration changed) {
        return new DispatchSettings(budget, hotPoll, changed, freezeTimeout, startTimeout, patience, queueKeep);
    }

    /**
     * A copy with another limit for freezing and unfreezing.
     *
     * @param changed how long each may take; 1 ms or more
     * @return the copy
     */
    public DispatchSettings withFreezeTimeout(Duration changed) {
        return new DispatchSettings(budget, hotPoll, freezeAfter, changed, startTimeout, patience, queueKeep);
    }

    /**
     * A copy with another limit for starting.
     *
     * @param changed how long it may take; 1 ms or more
     * @return the copy
     */
    public DispatchSettings withStartTimeout(Duration changed) {
        return new DispatchSettings(budget, hotPoll, freezeAfter, freezeTimeout, changed, patience, queueKeep);
    }

    /**
     * A copy with more or less patience.
     *
     * @param changed how long a queue without any instance waits for tokens before others make room
     * @return the copy
     */
    public DispatchSettings withPatience(Duration changed) {
        return new DispatchSettings(budget, hotPoll, freezeAfter, freezeTimeout, startTimeout, changed, queueKeep);
    }

    /**
     * A copy that remembers queues longer or shorter.
     *
     * @param changed how long a queue without calls and instances is remembered at least
     * @return the copy
     */
    public DispatchSettings withQueueKeep(Duration changed) {
        return new DispatchSettings(budget, hotPoll, freezeAfter, freezeTimeout, startTimeout, patience, changed);
    }
}
