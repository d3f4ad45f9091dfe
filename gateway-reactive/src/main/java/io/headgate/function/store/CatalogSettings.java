package io.headgate.function.store;

import java.time.Duration;

/**
 * Bounds of a {@link Catalog}. Immutable; each {@code with} method returns a copy.
 *
 * @param age how old what is looked up may be, from when it began to be read
 * @param capacity how many applications, how many names of applications, how many functions, and how many triggers are kept
 */
public record CatalogSettings(Duration age, int capacity) {

    /** How old things may be: 5 s, after which changes made by other processes are seen. */
    public static final Duration DEFAULT_AGE = Duration.ofSeconds(5);

    /** How many of each kind are kept: enough for large installations, and a bound for ids that clients make up. */
    public static final int DEFAULT_CAPACITY = 10_000;

    private static final Duration LONGEST = Duration.ofDays(365);

    /** What is used unless set otherwise. */
    public static final CatalogSettings DEFAULTS = new CatalogSettings(DEFAULT_AGE, DEFAULT_CAPACITY);

    /** Checks the bounds. */
    public CatalogSettings {
        if (age.compareTo(Duration.ofMillis(1)) < 0 || age.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("age: " + age + " (expected: 1 ms to 365 days)");
        }
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity: " + capacity + " (expected: at least 1)");
        }
    }

    /**
     * A copy with another age.
     *
     * @param changed how old what is looked up may be
     * @return the copy
     */
    public CatalogSettings withAge(Duration changed) {
        return new CatalogSettings(changed, capacity);
    }

    /**
     * A copy with another bound.
     *
     * @param changed how many of each kind are kept
     * @return the copy
     */
    public CatalogSettings withCapacity(int changed) {
        return new CatalogSettings(age, changed);
    }
}
