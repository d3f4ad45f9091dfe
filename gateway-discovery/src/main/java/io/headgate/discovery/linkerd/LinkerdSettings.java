package io.headgate.discovery.linkerd;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * How a control plane is asked. Immutable.
 *
 * @param contextToken says to the control plane who asks; opaque, empty for nothing
 * @param scheme the scheme of the names: empty for today's control planes, {@code k8s} for those of 2018
 * @param suffixes of the names whose endpoints are asked for, for example {@code svc.cluster.local}; {@code .} stands for every name. A
 *     name that has none of them is absent
 * @param profileSuffixes of the names whose profiles are asked for. A name that has none of them has the empty profile
 * @param limits of each stream
 * @param firstBackoff the wait before the first attempt after a loss, above zero
 * @param longestBackoff the longest wait between two attempts, and between two dials while the control plane is away
 * @param maxStreams how many names are looked up at a time, apart for endpoints and profiles; more have to wait for others to be left
 * @param maxMessageBytes the longest message that is accepted: a whole set is one, at 17 bytes to some hundreds for each endpoint
 */
public record LinkerdSettings(
        String contextToken,
        String scheme,
        List<String> suffixes,
        List<String> profileSuffixes,
        ReceiveLimits limits,
        Duration firstBackoff,
        Duration longestBackoff,
        int maxStreams,
        int maxMessageBytes) {

    /**
     * No token, every name, no limits of time, 100 streams, messages of at most 64 MiB, waits of 100 to 800 ms: the longest wait is below
     * one second so that what a control plane says after an outage is in force within that.
     */
    public static final LinkerdSettings DEFAULTS = new LinkerdSettings(
            "",
            "",
            List.of("."),
            List.of("."),
            ReceiveLimits.NONE,
            Duration.ofMillis(100),
            Duration.ofMillis(800),
            100,
            64 * 1024 * 1024);

    /** Copies the lists and checks the numbers. */
    public LinkerdSettings {
        Objects.requireNonNull(contextToken, "contextToken");
        Objects.requireNonNull(scheme, "scheme");
        suffixes = List.copyOf(suffixes);
        profileSuffixes = List.copyOf(profileSuffixes);
        Objects.requireNonNull(limits, "limits");
        if (firstBackoff.isNegative() || firstBackoff.isZero() || longestBackoff.compareTo(firstBackoff) < 0) {
            throw new IllegalArgumentException(
                    "backoff: " + firstBackoff + " to " + longestBackoff + " (expected: above zero, not falling)");
        }
        atLeastOne("maxStreams", maxStreams);
        atLeastOne("maxMessageBytes", maxMessageBytes);
    }

    private static void atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: at least 1)");
        }
    }

    /**
     * A copy with another token.
     *
     * @param changed the token
     * @return the copy
     */
    public LinkerdSettings withContextToken(String changed) {
        return new LinkerdSettings(
                changed,
                scheme,
                suffixes,
                profileSuffixes,
                limits,
                firstBackoff,
                longestBackoff,
                maxStreams,
                maxMessageBytes);
    }

    /**
     * A copy with another scheme.
     *
     * @param changed the scheme
     * @return the copy
     */
    public LinkerdSettings withScheme(String changed) {
        return new LinkerdSettings(
                contextToken,
                changed,
                suffixes,
                profileSuffixes,
                limits,
                firstBackoff,
                longestBackoff,
                maxStreams,
                maxMessageBytes);
    }

    /**
     * A copy that asks for the endpoints of other names.
     *
     * @param changed their suffixes
     * @return the copy
     */
    public LinkerdSettings withSuffixes(String... changed) {
        return new LinkerdSettings(
                contextToken,
                scheme,
                List.of(changed),
                profileSuffixes,
                limits,
                firstBackoff,
                longestBackoff,
                maxStreams,
                maxMessageBytes);
    }

    /**
     * A copy that asks for the profiles of other names.
     *
     * @param changed their suffixes
     * @return the copy
     */
    public LinkerdSettings withProfileSuffixes(String... changed) {
        return new LinkerdSettings(
                contextToken,
                scheme,
                suffixes,
                List.of(changed),
                limits,
                firstBackoff,
                longestBackoff,
                maxStreams,
                maxMessageBytes);
    }

    /**
     * A copy with other limits of time.
     *
     * @param changed the limits
     * @return the copy
     */
    public LinkerdSettings withLimits(ReceiveLimits changed) {
        return new LinkerdSettings(
                contextToken,
                scheme,
                suffixes,
                profileSuffixes,
                changed,
                firstBackoff,
                longestBackoff,
                maxStreams,
                maxMessageBytes);
    }

    /**
     * A copy that waits otherwise. With a longest wait above one second a new set may take that long after an outage.
     *
     * @param first before the first attempt after a loss
     * @param longest between two attempts
     * @return the copy
     */
    public LinkerdSettings withBackoff(Duration first, Duration longest) {
        return new LinkerdSettings(
                contextToken, scheme, suffixes, profileSuffixes, limits, first, longest, maxStreams, maxMessageBytes);
    }

    /**
     * A copy that looks up more names at a time, or fewer.
     *
     * @param changed at least 1
     * @return the copy
     */
    public LinkerdSettings withMaxStreams(int changed) {
        return new LinkerdSettings(
                contextToken,
                scheme,
                suffixes,
                profileSuffixes,
                limits,
                firstBackoff,
                longestBackoff,
                changed,
                maxMessageBytes);
    }

    /**
     * A copy that accepts longer messages, or shorter ones.
     *
     * @param changed at least 1
     * @return the copy
     */
    public LinkerdSettings withMaxMessageBytes(int changed) {
        return new LinkerdSettings(
                contextToken,
                scheme,
                suffixes,
                profileSuffixes,
                limits,
                firstBackoff,
                longestBackoff,
                maxStreams,
                changed);
    }
}
