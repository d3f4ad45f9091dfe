package io.headgate.sync.client;

import io.headgate.retry.Backoff;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Times and limits of a {@link SyncClient}. Immutable; each {@code with} method returns a copy.
 *
 * @param connectTimeout for the connection and its TLS handshake, together
 * @param readTimeout from one message of a server to the next; its pings are messages
 * @param writeTimeout for what the client sends, which is little
 * @param backoff between attempts. It starts over once a connection has lasted for a second: a server that lets clients come and go must not be
 *     dialled without a pause
 * @param longestRetryAfter a server that wants a client to stay away for longer is taken to have said this
 * @param maxStaleness how long ago the server may have heard of the source of all before the client tries another server, or null for any
 *     time. By the clock of the server; a server that does not say is never too stale. When no server is better, the client stays
 * @param maxMessageBytes the longest message that is taken
 * @param features what the client says that it can do. With none it says hello as a client of Typha v3.2.5, which names no syncer type
 *     and no prefixes
 */
public record SyncClientSettings(
        Duration connectTimeout,
        Duration readTimeout,
        Duration writeTimeout,
        Backoff backoff,
        Duration longestRetryAfter,
        @Nullable Duration maxStaleness,
        int maxMessageBytes,
        Set<SyncFeature> features) {

    // before the constant below, whose making looks at them
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final int LEAST_MESSAGE = 1024;

    /**
     * Times of Calico Typha: 10 seconds to connect and to write, 30 to read, which are three of a server's pings. Waits from 100 ms up to 10
     * seconds, each up to a half shorter by chance: what a server that comes back has to bear. Five minutes to stay away at most. Messages
     * of 64 MiB at most: a server of Typha sends a thousand entries in one. All features.
     */
    public static final SyncClientSettings DEFAULTS = new SyncClientSettings(
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Backoff.exponential(Duration.ofMillis(100), Duration.ofSeconds(10)),
            Duration.ofMinutes(5),
            null,
            64 * 1024 * 1024,
            EnumSet.allOf(SyncFeature.class));

    /** Copies the features and checks the ranges. */
    public SyncClientSettings {
        time("connectTimeout", connectTimeout);
        time("readTimeout", readTimeout);
        time("writeTimeout", writeTimeout);
        Objects.requireNonNull(backoff, "backoff");
        time("longestRetryAfter", longestRetryAfter);
        if (maxStaleness != null) {
            time("maxStaleness", maxStaleness);
        }
        if (maxMessageBytes < LEAST_MESSAGE) {
            throw new IllegalArgumentException(
                    "maxMessageBytes: " + maxMessageBytes + " (expected: at least " + LEAST_MESSAGE + ")");
        }
        features = features.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(features));
    }

    private static void time(String name, Duration value) {
        if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 millisecond to 1 day)");
        }
    }

    /**
     * Whether the client says that it can do something.
     *
     * @param feature what
     * @return true when it does
     */
    public boolean has(SyncFeature feature) {
        return features.contains(feature);
    }

    /**
     * A copy with another time to connect.
     *
     * @param changed for the connection and its TLS handshake; 1 millisecond to 1 day
     * @return the copy
     */
    public SyncClientSettings withConnectTimeout(Duration changed) {
        return new SyncClientSettings(
                changed,
                readTimeout,
                writeTimeout,
                backoff,
                longestRetryAfter,
                maxStaleness,
                maxMessageBytes,
                features);
    }

    /**
     * A copy that waits longer for messages, or not as long.
     *
     * @param changed from one message to the next; 1 millisecond to 1 day
     * @return the copy
     */
    public SyncClientSettings withReadTimeout(Duration changed) {
        return new SyncClientSettings(
                connectTimeout,
                changed,
                writeTimeout,
                backoff,
                longestRetryAfter,
                maxStaleness,
                maxMessageBytes,
                features);
    }

    /**
     * A copy with another time to write.
     *
     * @param changed for each message; 1 millisecond to 1 day
     * @return the copy
     */
    public SyncClientSettings withWriteTimeout(Duration changed) {
        return new SyncClientSettings(
                connectTimeout,
                readTimeout,
                changed,
                backoff,
                longestRetryAfter,
                maxStaleness,
                maxMessageBytes,
                features);
    }

    /**
     * A copy with other waits between attempts.
     *
     * @param changed the waits
     * @return the copy
     */
    public SyncClientSettings withBackoff(Backoff changed) {
        return new SyncClientSettings(
                connectTimeout,
                readTimeout,
                writeTimeout,
                changed,
                longestRetryAfter,
                maxStaleness,
                maxMessageBytes,
                features);
    }

    /**
     * A copy that stays away for longer when it is told to, or not as long.
     *
     * @param changed the longest; 1 millisecond to 1 day
     * @return the copy
     */
    public SyncClientSettings withLongestRetryAfter(Duration changed) {
        return new SyncClientSettings(
                connectTimeout, readTimeout, writeTimeout, backoff, changed, maxStaleness, maxMessageBytes, features);
    }

    /**
     * A copy that leaves servers that lost the source of all.
     *
     * @param changed after how long, 1 millisecond to 1 day; null for never
     * @return the copy
     */
    public SyncClientSettings withMaxStaleness(@Nullable Duration changed) {
        return new SyncClientSettings(
                connectTimeout,
                readTimeout,
                writeTimeout,
                backoff,
                longestRetryAfter,
                changed,
                maxMessageBytes,
                features);
    }

    /**
     * A copy that takes longer messages, or only shorter ones.
     *
     * @param changed the most bytes; at least 1024
     * @return the copy
     */
    public SyncClientSettings withMaxMessageBytes(int changed) {
        return new SyncClientSettings(
                connectTimeout, readTimeout, writeTimeout, backoff, longestRetryAfter, maxStaleness, changed, features);
    }

    /**
     * A copy that can do other things.
     *
     * @param changed what it says that it can do
     * @return the copy
     */
    public SyncClientSettings withFeatures(Set<SyncFeature> changed) {
        return new SyncClientSettings(
                connectTimeout,
                readTimeout,
                writeTimeout,
                backoff,
                longestRetryAfter,
                maxStaleness,
                maxMessageBytes,
                changed);
    }
}
