package io.headgate.balance.internal;

import org.jspecify.annotations.Nullable;

/** A way to choose among the endpoints of a tier. Called on many threads; neither locks nor allocates. */
public interface Picker {

    /** How often a picker tries its luck before it leaves the tier to be scanned. */
    int DRAWS = 8;

    /**
     * Chooses a ready endpoint.
     *
     * @return null when none was met, although there may be one
     */
    @Nullable Node draw(Tier tier, long now);

    /** Whether tiers must know the weights. */
    default boolean isWeighted() {
        return false;
    }
}
