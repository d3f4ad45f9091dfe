package io.headgate.function.store;

import org.jspecify.annotations.Nullable;

/**
 * Which part of a list is wanted. Lists are sorted by name.
 *
 * @param after the {@link io.headgate.function.model.Page#next} of the part before, or null for the first
 * @param size items at most, 1 to 100
 */
public record PageRequest(@Nullable String after, int size) {

    /** The first thirty. */
    public static final PageRequest FIRST = new PageRequest(null, 30);
}
