package io.headgate.route;

import java.util.Objects;

/**
 * A share of traffic. Routes of the same host and path whose shares are of one group divide between them what they match.
 *
 * @param group the name of the group
 * @param weight the share relative to the others of the group, 0 for nothing
 */
public record Share(String group, int weight) {

    /** The largest weight. */
    public static final int MAX_WEIGHT = 1_000_000;

    /** Checks the weight. */
    public Share {
        Objects.requireNonNull(group, "group");
        if (weight < 0 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: 0.." + MAX_WEIGHT + ")");
        }
    }

    @Override
    public String toString() {
        return "weight " + weight + " of " + group;
    }
}
