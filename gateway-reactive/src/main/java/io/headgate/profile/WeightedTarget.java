package io.headgate.profile;

import java.util.Objects;

/**
 * One part of a traffic split.
 *
 * @param authority the name to resolve, host and port
 * @param weight its share compared with the others, 1 to 4,294,967,295
 */
public record WeightedTarget(String authority, long weight) {

    /** Checks the weight. */
    public WeightedTarget {
        Objects.requireNonNull(authority, "authority");
        if (weight < 1 || weight > 0xffff_ffffL) {
            throw new IllegalArgumentException("weight: " + weight + " of " + authority + " (expected: 1..4294967295)");
        }
    }
}
