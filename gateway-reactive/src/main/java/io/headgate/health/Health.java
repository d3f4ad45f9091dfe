package io.headgate.health;

import java.util.Objects;

/**
 * What a check has found.
 *
 * @param isHealthy whether the endpoint is well
 * @param detail for people: what was found, and what was expected
 */
public record Health(boolean isHealthy, String detail) {

    /** The endpoint is well. */
    public static final Health HEALTHY = new Health(true, "healthy");

    /** Checks that the detail is there. */
    public Health {
        Objects.requireNonNull(detail, "detail");
    }

    /**
     * The endpoint is not well.
     *
     * @param detail what was found, and what was expected
     * @return the finding
     */
    public static Health unhealthy(String detail) {
        return new Health(false, detail);
    }
}
