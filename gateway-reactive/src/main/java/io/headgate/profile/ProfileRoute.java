package io.headgate.profile;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One route of a profile: which requests it is about, and how they are treated. Two routes are equal when they say the same, which
 * decides whether a new profile keeps what a route has counted so far.
 *
 * @param condition which requests it is about
 * @param classes what is a failure, the first that matches counts; empty for the standard rules
 * @param labels what metrics and taps call it; sorted by key
 * @param isRetryable whether a failed request may be made again, within the budget of the profile
 * @param timeout from the start of a request to the head of its reply, retries and all; null for no limit
 */
public record ProfileRoute(
        RequestMatch condition,
        List<ResponseClass> classes,
        Map<String, String> labels,
        boolean isRetryable,
        @Nullable Duration timeout) {

    /** Copies the collections and checks the timeout. */
    public ProfileRoute {
        Objects.requireNonNull(condition, "condition");
        classes = List.copyOf(classes);
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
        if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: more than zero, or null for none)");
        }
    }

    /**
     * A route with the standard rules, without labels, retries and timeout.
     *
     * @param condition which requests it is about
     * @return the route
     */
    public static ProfileRoute of(RequestMatch condition) {
        return new ProfileRoute(condition, List.of(), Map.of(), false, null);
    }

    /**
     * A copy with one more label.
     *
     * @param key the key
     * @param value the value
     * @return the copy
     */
    public ProfileRoute withLabel(String key, String value) {
        Map<String, String> changed = new TreeMap<>(labels);
        changed.put(key, value);
        return new ProfileRoute(condition, classes, changed, isRetryable, timeout);
    }

    /**
     * A copy whose replies are judged otherwise.
     *
     * @param changed the classes, the first that matches counts
     * @return the copy
     */
    public ProfileRoute withClasses(ResponseClass... changed) {
        return new ProfileRoute(condition, List.of(changed), labels, isRetryable, timeout);
    }

    /**
     * A copy whose failed requests may be made again, or not.
     *
     * @param changed whether they may
     * @return the copy
     */
    public ProfileRoute withRetryable(boolean changed) {
        return new ProfileRoute(condition, classes, labels, changed, timeout);
    }

    /**
     * A copy with another timeout.
     *
     * @param changed more than zero, or null for none
     * @return the copy
     */
    public ProfileRoute withTimeout(@Nullable Duration changed) {
        return new ProfileRoute(condition, classes, labels, isRetryable, changed);
    }
}
