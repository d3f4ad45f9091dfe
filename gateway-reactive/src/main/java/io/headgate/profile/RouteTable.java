package io.headgate.profile;

import io.headgate.http.RequestHead;
import io.headgate.retry.RetryBudget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The routes of a profile in use, first match first. Immutable; a choice allocates at most the path of the request. */
final class RouteTable {

    private final RouteEntry[] entries;
    private final RouteEntry defaultRoute;
    private final String emptiness; // why there are no entries, when there are none
    final @Nullable RetryBudget budget;

    private RouteTable(
            List<RouteEntry> entries, RouteEntry defaultRoute, String emptiness, @Nullable RetryBudget budget) {
        this.entries = entries.toArray(RouteEntry[]::new);
        this.defaultRoute = defaultRoute;
        this.emptiness = emptiness;
        this.budget = budget;
    }

    /** Before there is a profile. */
    static RouteTable create(RouteEntry.Builder builder) {
        return new RouteTable(List.of(), RouteEntry.create(null, null, builder), "there is no profile yet", null);
    }

    /** The table of the next profile; what is the same in both is kept. */
    RouteTable with(Profile profile, RouteEntry.Builder builder) {
        RetryBudget next = profile.retryBudget() == null
                ? null
                : budget == null ? RetryBudget.of(profile.retryBudget()) : budget.with(profile.retryBudget());
        if (profile.isOpaque()) {
            return new RouteTable(List.of(), defaultRoute, "the protocol is opaque, so routes do not apply", next);
        }
        Map<ProfileRoute, RouteEntry> known = new HashMap<>();
        for (RouteEntry entry : entries) {
            known.put(entry.route, entry);
        }
        List<RouteEntry> changed = new ArrayList<>(profile.routes().size());
        for (ProfileRoute route : profile.routes()) {
            changed.add(known.compute(
                    route,
                    (same, entry) ->
                            entry == null ? RouteEntry.create(route, next, builder) : entry.with(next, builder)));
        }
        return new RouteTable(changed, defaultRoute, "the profile has no routes", next);
    }

    RouteEntry choose(RequestHead head) {
        if (entries.length == 0) {
            return defaultRoute;
        }
        String method = head.method();
        String path = head.path();
        for (RouteEntry entry : entries) {
            if (entry.route != null && RequestMatching.test(entry.route.condition(), method, path)) {
                return entry;
            }
        }
        return defaultRoute;
    }

    RouteExplanation explain(RequestHead head) {
        List<String> steps = new ArrayList<>();
        for (int i = 0; i < entries.length; i++) {
            ProfileRoute route = entries[i].route;
            String name = "route " + i + " " + entries[i].labels + ": ";
            String reason = route == null ? "" : RequestMatching.whyNot(route.condition(), head.method(), head.path());
            if (reason == null) {
                steps.add(name + "taken");
                return new RouteExplanation(i, entries[i].labels, steps);
            }
            steps.add(name + reason);
        }
        steps.add("default route: taken, " + (entries.length == 0 ? emptiness : "no other matches"));
        return new RouteExplanation(RouteExplanation.DEFAULT_ROUTE, RouteLabels.NONE, steps);
    }

    List<RouteStats> stats() {
        return List.of(entries).stream().map(RouteEntry::stats).toList();
    }

    RouteStats defaultStats() {
        return defaultRoute.stats();
    }
}
