package io.headgate.profile;

import java.util.List;

/**
 * What a {@link ProfileRouter} has seen. The figures are read one after the other while work goes on.
 *
 * @param profiles how many profiles have come that said something new; while it is 0, all calls take the default route
 * @param callsWithoutProfile calls that took the default route because no profile had come yet
 * @param routes those of the profile in force, in order
 * @param defaultRoute the route of all calls that no other route is about, those without a profile included
 */
public record ProfileStats(long profiles, long callsWithoutProfile, List<RouteStats> routes, RouteStats defaultRoute) {

    /** Copies the list. */
    public ProfileStats {
        routes = List.copyOf(routes);
    }
}
