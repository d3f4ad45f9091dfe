package io.headgate.route;

import java.util.Objects;

/**
 * A route that never gets an exchange, because another one takes all that it matches.
 *
 * @param route the name of the route
 * @param by the name of the other one
 */
public record Shadowed(String route, String by) {

    /** Checks the parts. */
    public Shadowed {
        Objects.requireNonNull(route, "route");
        Objects.requireNonNull(by, "by");
    }

    @Override
    public String toString() {
        return "route " + route + " never matches: route " + by + " takes all that it matches";
    }
}
