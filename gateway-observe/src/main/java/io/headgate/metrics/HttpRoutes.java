package io.headgate.metrics;

import io.headgate.profile.RouteLabels;
import io.headgate.route.PathMatch;
import io.headgate.route.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The series of routes, by the very object of the route: a table is asked for the same ones again and again. It holds them weakly, so
 * that series of a table that is replaced go with it. A look-up compares references and takes no lock.
 */
final class HttpRoutes {

    /** For as many tables as may be in use at the same time; what is beyond is looked up by name. */
    private static final int TABLES = 4;

    private final HttpTargets targets;
    private volatile HttpTargets.@Nullable Hold[] table =
            new HttpTargets.@Nullable Hold[16]; // open addressing, at most half full

    HttpRoutes(HttpTargets targets) {
        this.targets = targets;
    }

    /** The path of a route, or what else it is called. */
    static String nameOf(Object route) {
        if (route instanceof Route<?> known) {
            PathMatch path = known.path();
            if (path instanceof PathMatch.Template template) {
                return template.template();
            }
            if (path instanceof PathMatch.Exact exact) {
                return exact.path();
            }
            return path instanceof PathMatch.Prefix prefix ? below(prefix.template()) : known.name();
        }
        RouteLabels labels = (RouteLabels) route;
        String name = labels.raw().get("route");
        return name == null ? labels.toString() : name;
    }

    private static String below(String prefix) {
        return prefix.endsWith("/") ? prefix + "*" : prefix + "/*";
    }

    /** The series of a {@link Route} or of {@link RouteLabels}. */
    HttpTargetSeries of(Object route) {
        HttpTargets.@Nullable Hold[] seen = table;
        int mask = seen.length - 1;
        for (int at = System.identityHashCode(route) & mask; ; at = at + 1 & mask) {
            HttpTargets.Hold hold = seen[at];
            if (hold == null) {
                return add(route);
            }
            if (hold.refersTo(route)) {
                return hold.series();
            }
        }
    }

    private HttpTargetSeries add(Object route) {
        synchronized (targets.lock()) {
            HttpTarget target = new HttpTarget.Server(Map.of(), nameOf(route));
            List<HttpTargets.Hold> live = new ArrayList<>();
            for (HttpTargets.Hold hold : table) {
                if (hold != null && !hold.refersTo(null)) {
                    if (hold.refersTo(route)) {
                        return hold.series(); // others were quicker
                    }
                    live.add(hold);
                }
            }
            if (live.size() >= TABLES * targets.settings().targets()) {
                return targets.find(target);
            }
            HttpTargets.Hold added = targets.hold(route, target);
            live.add(added);
            table = tableOf(live);
            return added.series();
        }
    }

    private static HttpTargets.@Nullable Hold[] tableOf(List<HttpTargets.Hold> holds) {
        int size = Math.max(16, Integer.highestOneBit(holds.size()) * 4);
        HttpTargets.@Nullable Hold[] made = new HttpTargets.@Nullable Hold[size];
        for (HttpTargets.Hold hold : holds) {
            int at = hold.hash() & size - 1;
            while (made[at] != null) {
                at = at + 1 & size - 1;
            }
            made[at] = hold;
        }
        return made;
    }
}
