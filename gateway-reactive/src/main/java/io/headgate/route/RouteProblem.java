package io.headgate.route;

import java.util.Objects;

/**
 * What is wrong with a route.
 *
 * @param route its name
 * @param position where it was declared, from 0
 * @param message what is wrong and what was expected, or which route it is in conflict with
 */
public record RouteProblem(String route, int position, String message) {

    /** Checks the parts. */
    public RouteProblem {
        Objects.requireNonNull(route, "route");
        Objects.requireNonNull(message, "message");
    }

    @Override
    public String toString() {
        return "route " + route + " (number " + (position + 1) + "): " + message;
    }
}
