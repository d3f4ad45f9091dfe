package io.headgate.sync.server;

import java.time.Duration;

/**
 * Times and limits of a {@link SyncServer}. Immutable; {@link #DEFAULTS} are those of Calico Typha. Timers are coarse:
 * looked at
 * at least ten times in the shortest of these times, and at most once in a millisecond.
 *
 * @param handshakeTimeout from accept to the hello of a client, its TLS handshake included
 * @param pingInterval time between pings to a client that has its snapshot; up to a tenth is added at random
 * @param pongTimeout how long a client may leave a ping, or the end of a decoder, unanswered; six intervals when it is
 *     no more than two of them
 * @param writeTimeout how long bytes may wait for a client that takes none of them; one that takes some has that long
 *     again
 * @param maxFallBehind how old what a client is to be told next may be against the newest
 * @param grace from the end of the snapshot, how long a client may be further behind than that
 * @param snapshotTimeout how long a client may take for its snapshot, which keeps in memory what has changed since
 * @param maxConnections how many clients there may be before some are asked to leave; none is refused
 * @param dropInterval while there are more, one client chosen at random leaves in each such time; up to a tenth is
 *     added at random
 * @param shutdownTimeout how long a shaped shutdown may take
 * @param maxShutdownInterval the longest time between two clients that leave in a shutdown
 * @param maxInbound the longest message of a client, in bytes
 * @param maxPrefixes the most key prefixes that a client may name; 0 when none may
 * @param maxViews the most different sets of prefixes that a topic is cut by at one time
 * @param resumeBytes how much of what has changed is kept of each topic for clients that come back
 * @param resumeTime how long it is kept for them
 * @param policyKeysRequired whether a client that does not say that it knows the policy keys of today is refused
 * @param compression whether clients that can read snappy get it
 */
public record SyncServerSettings(
        Duration handshakeTimeout,
        Duration pingInterval,
        Duration pongTimeout,
        Duration writeTimeout,
        Duration maxFallBehind,
        Duration grace,
        Duration snapshotTimeout,
        int maxConnections,
        Duration dropInterval,
        Duration shutdownTimeout,
        Duration maxShutdownInterval,
        int maxInbound,
        int maxPrefixes,
        int maxViews,
        int resumeBytes,
        Duration resumeTime,
        boolean policyKeysRequired,
        boolean compression) {

    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofDays(24);

    /** The defaults; see {@link Builder} for each. */
    public static final SyncServerSettings DEFAULTS = new Builder().build();

    /** Checks the ranges. */
    public SyncServerSettings {
        timeSpan("handshakeTimeout", handshakeTimeout);
        timeSpan("pingInterval", pingInterval);
        timeSpan("pongTimeout", pongTimeout);
        timeSpan("writeTimeout", writeTimeout);
        timeSpan("maxFallBehind", maxFallBehind);
        timeSpan("grace", grace);
        timeSpan("snapshotTimeout", snapshotTimeout);
        timeSpan("dropInterval", dropInterval);
        timeSpan("shutdownTimeout", shutdownTimeout);
        timeSpan("maxShutdownInterval", maxShutdownInterval);
        timeSpan("resumeTime", resumeTime);
        between("maxConnections", maxConnections, 1, 1 << 24);
        between("maxInbound", maxInbound, 1024, 1 << 30);
        between("maxPrefixes", maxPrefixes, 0, 1 << 16);
        between("maxViews", maxViews, 1, 1 << 16);
        between("resumeBytes", resumeBytes, 0, Integer.MAX_VALUE);
        if (pongTimeout.compareTo(pingInterval.multipliedBy(2)) <= 0) {
            pongTimeout = pingInterval.multipliedBy(6);
        }
    }

    private static void timeSpan(String name, Duration value) {
        boolean none = value.isZero() && (name.equals("grace") || name.equals("resumeTime"));
        if (!none && value.compareTo(SHORTEST) < 0 || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 millisecond to 24 days)");
        }
    }

    private static void between(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
        }
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

    /** Collects settings. Not for several threads. */
    public static final class Builder {

        private Duration handshakeTimeout = Duration.ofSeconds(10);
        private Duration pingInterval = Duration.ofSeconds(10);
        private Duration pongTimeout = Duration.ofSeconds(60);
        private Duration writeTimeout = Duration.ofSeconds(120);
        private Duration maxFallBehind = Duration.ofSeconds(300);
        private Duration grace = Duration.ofSeconds(300);
        private Duration snapshotTimeout = Duration.ofMinutes(30);
        private int maxConnections = 10_000;
        private Duration dropInterval = Duration.ofSeconds(1);
        private Duration shutdownTimeout = Duration.ofSeconds(300);
        private Duration maxShutdownInterval = Duration.ofSeconds(1);
        private int maxInbound = 1 << 20;
        private int maxPrefixes = 64;
        private int maxViews = 100;
        private int resumeBytes = 16 << 20;
        private Duration resumeTime = Duration.ofMinutes(1);
        private boolean policyKeysRequired = true;
        private boolean compression = true;

        private Builder() {}

        private Builder(SyncServerSettings from) {
            this.handshakeTimeout = from.handshakeTimeout;
            this.pingInterval = from.pingInterval;
            this.pongTimeout = from.pongTimeout;
            this.writeTimeout = from.writeTimeout;
            this.maxFallBehind = from.maxFallBehind;
            this.grace = from.grace;
            this.snapshotTimeout = from.snapshotTimeout;
            this.maxConnections = from.maxConnections;
            this.dropInterval = from.dropInterval;
            this.shutdownTimeout = from.shutdownTimeout;
            this.maxShutdownInterval = from.maxShutdownInterval;
            this.maxInbound = from.maxInbound;
            this.maxPrefixes = from.maxPrefixes;
            this.maxViews = from.maxViews;
            this.resumeBytes = from.resumeBytes;
            this.resumeTime = from.resumeTime;
            this.policyKeysRequired = from.policyKeysRequired;
            this.compression = from.compression;
        }

        /**
         * From accept to the hello of a client, its TLS handshake included.
         *
         * @param value without: 10 seconds: enough for a slow TLS handshake
         * @return this
         */
        public Builder handshakeTimeout(Duration value) {
            this.handshakeTimeout = value;
            return this;
        }

        /**
         * Time between pings to a client that has its snapshot; up to a tenth is added at random.
         *
         * @param value without: 10 seconds
         * @return this
         */
        public Builder pingInterval(Duration value) {
            this.pingInterval = value;
            return this;
        }

        /**
         * How long a client may leave a ping, or the end of a decoder, unanswered; six intervals when it is no more
         * than two of them.
         *
         * @param value without: 60 seconds
         * @return this
         */
        public Builder pongTimeout(Duration value) {
            this.pongTimeout = value;
            return this;
        }

        /**
         * How long bytes may wait for a client that takes none of them; one that takes some has that long again.
         *
         * @param value without: 120 seconds
         * @return this
         */
        public Builder writeTimeout(Duration value) {
            this.writeTimeout = value;
            return this;
        }

        /**
         * How old what a client is to be told next may be against the newest.
         *
         * @param value without: 300 seconds
         * @return this
         */
        public Builder maxFallBehind(Duration value) {
            this.maxFallBehind = value;
            return this;
        }

        /**
         * From the end of the snapshot, how long a client may be further behind than that.
         *
         * @param value without: 300 seconds: a client that needed long for the snapshot needs long to catch up
         * @return this
         */
        public Builder grace(Duration value) {
            this.grace = value;
            return this;
        }

        /**
         * How long a client may take for its snapshot, which keeps in memory what has changed since.
         *
         * @param value without: 30 minutes: 20 MB at 90 kbit/s
         * @return this
         */
        public Builder snapshotTimeout(Duration value) {
            this.snapshotTimeout = value;
            return this;
        }

        /**
         * How many clients there may be before some are asked to leave; none is refused.
         *
         * @param value without: 10,000
         * @return this
         */
        public Builder maxConnections(int value) {
            this.maxConnections = value;
            return this;
        }

        /**
         * While there are more, one client chosen at random leaves in each such time; up to a tenth is added at random.
         *
         * @param value without: 1 second
         * @return this
         */
        public Builder dropInterval(Duration value) {
            this.dropInterval = value;
            return this;
        }

        /**
         * How long a shaped shutdown may take.
         *
         * @param value without: 300 seconds
         * @return this
         */
        public Builder shutdownTimeout(Duration value) {
            this.shutdownTimeout = value;
            return this;
        }

        /**
         * The longest time between two clients that leave in a shutdown.
         *
         * @param value without: 1 second
         * @return this
         */
        public Builder maxShutdownInterval(Duration value) {
            this.maxShutdownInterval = value;
            return this;
        }

        /**
         * The longest message of a client, in bytes.
         *
         * @param value without: 1 MiB: a hello is a few hundred bytes
         * @return this
         */
        public Builder maxInbound(int value) {
            this.maxInbound = value;
            return this;
        }

        /**
         * The most key prefixes that a client may name; 0 when none may.
         *
         * @param value without: 64
         * @return this
         */
        public Builder maxPrefixes(int value) {
            this.maxPrefixes = value;
            return this;
        }

        /**
         * The most different sets of prefixes that a topic is cut by at one time.
         *
         * @param value without: 100: each keeps the keys and the recent past of what it selects
         * @return this
         */
        public Builder maxViews(int value) {
            this.maxViews = value;
            return this;
        }

        /**
         * How much of what has changed is kept of each topic for clients that come back.
         *
         * @param value without: 16 MiB
         * @return this
         */
        public Builder resumeBytes(int value) {
            this.resumeBytes = value;
            return this;
        }

        /**
         * How long it is kept for them.
         *
         * @param value without: 1 minute: a client that reconnects is back by then
         * @return this
         */
        public Builder resumeTime(Duration value) {
            this.resumeTime = value;
            return this;
        }

        /**
         * Whether a client that does not say that it knows the policy keys of today is refused.
         *
         * @param value without: true, as in today's Typha; false lets in clients of its release 3.2.5, which cannot
         *     say so
         * @return this
         */
        public Builder policyKeysRequired(boolean value) {
            this.policyKeysRequired = value;
            return this;
        }

        /**
         * Whether clients that can read snappy get it.
         *
         * @param value without: true
         * @return this
         */
        public Builder compression(boolean value) {
            this.compression = value;
            return this;
        }

        /**
         * The settings.
         *
         * @return checked
         * @throws IllegalArgumentException when one is out of range; the message names it
         */
        public SyncServerSettings build() {
            return new SyncServerSettings(
                    handshakeTimeout,
                    pingInterval,
                    pongTimeout,
                    writeTimeout,
                    maxFallBehind,
                    grace,
                    snapshotTimeout,
                    maxConnections,
                    dropInterval,
                    shutdownTimeout,
                    maxShutdownInterval,
                    maxInbound,
                    maxPrefixes,
                    maxViews,
                    resumeBytes,
                    resumeTime,
                    policyKeysRequired,
                    compression);
        }
    }
}
