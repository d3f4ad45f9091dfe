package io.headgate.function.async;

import io.headgate.function.log.CallLog;
import io.headgate.retry.Backoff;
import java.time.Duration;
import java.util.Objects;

/**
 * How asynchronous calls are taken and run. Immutable; {@link Builder} has the defaults and their reasons.
 *
 * @param concurrency how many calls this process runs at once; 0 when it only accepts them
 * @param lease how long a call is leased, and so how long after the end of a process its calls are taken over; renewed at each third
 * @param storeTimeout how long the store may take to answer; a sixth of {@code lease} at most
 * @param poll how often the store is asked for calls that other processes have accepted, when there is room
 * @param slotWait how long a call may wait for an instance before its place here is given to another one
 * @param maxAttempts how often a call is tried at most, 1 to 101, unless the function says how often it is retried
 * @param maxAge how long after it was accepted a call is tried
 * @param retryBackoff how long a call waits after a failure
 * @param busyBackoff how long a function is left alone that had no room
 * @param storeBackoff how long a store is left alone that failed
 * @param retries which failures are tried again
 * @param maxOpen how many calls of one function may be in the store that have not ended, beyond it 429; with several processes, about
 *     that many
 * @param maxPayloadBytes the largest input, beyond it 413
 * @param maxResultBytes the largest output; a call with more has failed for good
 * @param maxLogBytes what is kept of what a function prints during an attempt; more is cut
 * @param retention how long calls are kept that have ended, dead letters among them
 * @param closeGrace how long running calls may go on when the process ends
 */
public record AsyncSettings(
        int concurrency,
        Duration lease,
        Duration storeTimeout,
        Duration poll,
        Duration slotWait,
        int maxAttempts,
        Duration maxAge,
        Backoff retryBackoff,
        Backoff busyBackoff,
        Backoff storeBackoff,
        AsyncRetries retries,
        int maxOpen,
        int maxPayloadBytes,
        int maxResultBytes,
        int maxLogBytes,
        Duration retention,
        Duration closeGrace) {

    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofDays(3650);

    /** The defaults. */
    public static final AsyncSettings DEFAULTS = builder().build(); // below the constants that it is checked with

    /** Checks the ranges. */
    public AsyncSettings {
        between("concurrency", concurrency, 0, 100_000);
        between("lease", lease, Duration.ofSeconds(1), Duration.ofHours(1));
        between("storeTimeout", storeTimeout, SHORTEST, lease.dividedBy(6));
        between("poll", poll, Duration.ofMillis(10), Duration.ofHours(1));
        between("slotWait", slotWait, SHORTEST, Duration.ofHours(1));
        between("maxAttempts", maxAttempts, 1, AsyncRetries.MOST + 1);
        between("maxAge", maxAge, SHORTEST, LONGEST);
        between("maxOpen", maxOpen, 1, Integer.MAX_VALUE);
        between("maxPayloadBytes", maxPayloadBytes, 0, 1 << 30);
        between("maxResultBytes", maxResultBytes, 0, 1 << 30);
        between("maxLogBytes", maxLogBytes, 0, 1 << 30);
        between("retention", retention, Duration.ZERO, LONGEST);
        between("closeGrace", closeGrace, Duration.ZERO, Duration.ofHours(1));
        Objects.requireNonNull(retryBackoff, "retryBackoff");
        Objects.requireNonNull(busyBackoff, "busyBackoff");
        Objects.requireNonNull(storeBackoff, "storeBackoff");
        Objects.requireNonNull(retries, "retries");
    }

    /**
     * A builder that starts with the defaults.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A builder that starts with these settings.
     *
     * @return the builder
     */
    public Builder toBuilder() {
        return new Builder(this);
    }

    private static <T extends Comparable<T>> void between(String name, T value, T least, T most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }

    /** Makes settings. */
    public static final class Builder {

        private int concurrency = 16; // calls wait for most of their time, and others have the machine as well
        private Duration lease = Duration.ofSeconds(30); // a crash costs that long
        private Duration storeTimeout = Duration.ofSeconds(5); // a database that takes longer is as good as down
        private Duration poll = Duration.ofSeconds(2); // one cheap query
        private Duration slotWait = Duration.ofSeconds(10); // a cold start fits in
        private int maxAttempts = 5; // with the waits below about a minute
        private Duration maxAge = Duration.ofHours(6); // a night shift may be asleep
        private Backoff retryBackoff = new Backoff(
                Duration.ofSeconds(1),
                Duration.ofMinutes(5),
                1); // full jitter: calls that failed together are not tried together
        private Backoff busyBackoff =
                Backoff.exponential(Duration.ofMillis(200), Duration.ofSeconds(10)); // as slotWait
        private Backoff storeBackoff = Backoff.exponential(
                Duration.ofMillis(100), Duration.ofSeconds(5)); // a restart of a database is seen at once
        private AsyncRetries retries = AsyncRetries.STANDARD;
        private int maxOpen = 10_000; // hours of work for most, and some gigabytes at worst
        private int maxPayloadBytes = 1 << 20; // it lives in a row of a table
        private int maxResultBytes = 1 << 20; // as the payload
        private int maxLogBytes = CallLog.DEFAULT_MAX_BYTES;
        private Duration retention = Duration.ofDays(7); // a week-end and some
        private Duration closeGrace = Duration.ofSeconds(30); // the default timeout of a function

        private Builder() {}

        private Builder(AsyncSettings from) {
            concurrency = from.concurrency;
            lease = from.lease;
            storeTimeout = from.storeTimeout;
            poll = from.poll;
            slotWait = from.slotWait;
            maxAttempts = from.maxAttempts;
            maxAge = from.maxAge;
            retryBackoff = from.retryBackoff;
            busyBackoff = from.busyBackoff;
            storeBackoff = from.storeBackoff;
            retries = from.retries;
            maxOpen = from.maxOpen;
            maxPayloadBytes = from.maxPayloadBytes;
            maxResultBytes = from.maxResultBytes;
            maxLogBytes = from.maxLogBytes;
            retention = from.retention;
            closeGrace = from.closeGrace;
        }

        /**
         * See {@link AsyncSettings#concurrency}; by default 16.
         *
         * @param value the value
         * @return this
         */
        public Builder concurrency(int value) {
            concurrency = value;
            return this;
        }

        /**
         * See {@link AsyncSettings#lease}; by default 30 seconds.
         *
         * @param value the value
         * @return this
         */
        public Builder lease(Duration value) {
            lease = value;
            return this;
        }

        /**
         * See {@link AsyncSettings#storeTimeout}; by default 5 seconds.
         *
         * @param value the value
         * @return this
         */
        public Builder storeTimeout(Duration value) {
            storeTimeout = value;
            return this;
        }

        /**
         * See {@link AsyncSettings#poll}; by default 2 seconds.
         *
         * @param value the value
         * @return this
         */
        public Builder poll(Duration value) {
            poll = value;
            return this;
        }

        /**
         * See {@link AsyncSettings#slotWait}; by default 10 seconds.
         *
         * @param value the value
         * @return this
         */
        public Builder slotWait(Duration value) {
            slotWait = value;
            return this;
        }

        /**
         * See {@link AsyncSettings#maxAttempts}; by default 5.
         *
         * @param value the value
         * @return this
         */
        public Builder maxAttempts(int value) {
            maxAttempts = value;
            return this;
        }

        /**
         * See {@link AsyncSettings#maxAge}; by default 6 hours.
         *
         * @param value the value
         * @return this
         */
        public Builder maxAge(Duration value) {
            maxAge = value;
            return this;
        }

        /**
         * See {@link AsyncSettings#retryBackoff}; by default 1 second to 5 minutes with full jitter.
         *
         * @param value the value
         * @return this
         */
        public Builder retryBackoff(Backoff value) {
            retryBackoff = value;
            return this;
        }

        /**
         * See {@link AsyncSettings#busyBackoff}; by default 200 ms to 10 seconds.
         *
         * @param value the value
         * @return this
         */
        public Builder busyBackoff(Backoff value) {
            busyBackoff = value;
            return this;
        }

        /**
         * See {@link AsyncSettings#storeBackoff}; by default 100 ms to 5 seconds.
         *
         * @param value the value
         * @return this
         */
        public Builder storeBackoff(Backoff value) {
            storeBackoff = value;
            return this;
        }

        /**
         * See {@link AsyncSettings#retries}; by default {@link AsyncRetries#STANDARD}.
         *
         * @param value the value
         * @return this
         */
        public Builder retries(AsyncRetries value) {
            retries = value;
            return this;
        }

        /**
         * See {@link AsyncSettings#maxOpen}; by default 10,000.
         *
         * @param value the value
         * @return this
         */
        public Builder maxOpen(int value) {
            maxOpen = value;
            return this;
        }

        /**
         * See {@link AsyncSettings#maxPayloadBytes}; by default 1 MiB.
         *
         * @param value the value
         * @return this
         */
        public Builder maxPayloadBytes(int value) {
            maxPayloadBytes = value;
            return this;
        }

        /**
         * See {@link AsyncSettings#maxResultBytes}; by default 1 MiB.
         *
         * @param value the value
         * @return this
         */
        public Builder maxResultBytes(int value) {
            maxResultBytes = value;
            return this;
        }

        /**
         * See {@link AsyncSettings#maxLogBytes}; by default 1 MiB.
         *
         * @param value the value
         * @return this
         */
        public Builder maxLogBytes(int value) {
            maxLogBytes = value;
            return this;
        }

        /**
         * See {@link AsyncSettings#retention}; by default 7 days.
         *
         * @param value the value
         * @return this
         */
        public Builder retention(Duration value) {
            retention = value;
            return this;
        }

        /**
         * See {@link AsyncSettings#closeGrace}; by default 30 seconds.
         *
         * @param value the value
         * @return this
         */
        public Builder closeGrace(Duration value) {
            closeGrace = value;
            return this;
        }

        /**
         * The settings.
         *
         * @return the settings
         * @throws IllegalArgumentException when a value is out of its range; the message names it
         */
        public AsyncSettings build() {
            return new AsyncSettings(
                    concurrency,
                    lease,
                    storeTimeout,
                    poll,
                    slotWait,
                    maxAttempts,
                    maxAge,
                    retryBackoff,
                    busyBackoff,
                    storeBackoff,
                    retries,
                    maxOpen,
                    maxPayloadBytes,
                    maxResultBytes,
                    maxLogBytes,
                    retention,
                    closeGrace);
        }
    }
}
