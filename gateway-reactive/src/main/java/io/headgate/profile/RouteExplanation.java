package io.headgate.profile;

import java.util.List;

/**
 * Which route a request takes, and why.
 *
 * @param chosen the place of the route in its profile, from 0, or {@link #DEFAULT_ROUTE}
 * @param labels of the chosen route
 * @param steps why, for people: a line for each route that was looked at, in order, the chosen one last
 */
public record RouteExplanation(int chosen, RouteLabels labels, List<String> steps) {

    /** No route of the profile is about the request. */
    public static final int DEFAULT_ROUTE = -1;

    /** Copies the list. */
    public RouteExplanation {
        steps = List.copyOf(steps);
    }

    /**
     * All of it as text.
     *
     * @return a line for each step
     */
    @Override
    public String toString() {
        return String.join("\n", steps);
    }
}
