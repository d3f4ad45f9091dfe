package io.headgate.profile;

import io.headgate.Key;
import io.headgate.http.HttpExchange;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the route of an exchange is called, for metrics, logs and taps. Immutable; both views are made once for each route, so
 * asking costs nothing.
 */
public final class RouteLabels {

    /** The labels of the route that an exchange has taken; not set for routes without labels, such as the default route. */
    public static final Key<RouteLabels> KEY = Key.of("route-labels");

    /** Of the default route, and of those that have no labels. */
    public static final RouteLabels NONE = new RouteLabels(Map.of());

    /** What tells labels of routes from others in metrics. */
    public static final String PREFIX = "rt_";

    private final Map<String, String> raw;
    private final Map<String, String> prefixed;

    private RouteLabels(Map<String, String> labels) {
        Map<String, String> sorted = new TreeMap<>(labels);
        Map<String, String> changed = new TreeMap<>();
        sorted.forEach((key, value) -> changed.put(PREFIX + key, value));
        raw = Collections.unmodifiableMap(sorted);
        prefixed = Collections.unmodifiableMap(changed);
    }

    /**
     * Labels.
     *
     * @param labels as the profile says them
     * @return the labels
     */
    public static RouteLabels of(Map<String, String> labels) {
        return labels.isEmpty() ? NONE : new RouteLabels(labels);
    }

    /**
     * The labels of the route that an exchange has taken.
     *
     * @param exchange the exchange, as stages and watches below the route see it
     * @return the labels, {@link #NONE} when its route has none or it has taken none
     */
    public static RouteLabels of(HttpExchange exchange) {
        RouteLabels set = exchange.attributes().get(KEY);
        return set == null ? NONE : set;
    }

    /**
     * The labels as the profile says them.
     *
     * @return sorted by key
     */
    public Map<String, String> raw() {
        return raw;
    }

    /**
     * The labels as metrics carry them.
     *
     * @return sorted, each key after {@link #PREFIX}
     */
    public Map<String, String> prefixed() {
        return prefixed;
    }

    /**
     * Tells whether there are none.
     *
     * @return true for {@link #NONE}
     */
    public boolean isEmpty() {
        return raw.isEmpty();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RouteLabels that && raw.equals(that.raw);
    }

    @Override
    public int hashCode() {
        return raw.hashCode();
    }

    @Override
    public String toString() {
        return raw.toString();
    }
}
