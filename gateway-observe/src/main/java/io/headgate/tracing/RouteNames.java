package io.headgate.tracing;

import io.headgate.http.ExchangeNotes;
import io.headgate.http.HttpExchange;
import io.headgate.profile.RouteLabels;
import io.headgate.route.PathMatch;
import io.headgate.route.Route;
import org.jspecify.annotations.Nullable;

/** What routes are called: as many names as somebody has written routes, whatever clients send. */
final class RouteNames {

    /** The label that names a route of a profile. */
    private static final String LABEL = "route";

    private RouteNames() {}

    /** The form of the paths of the route that was taken, or the label of that of the profile; null where neither says anything. */
    static @Nullable String template(HttpExchange exchange) {
        Route<?> route = ExchangeNotes.of(exchange, Route.KEY);
        String template = route == null ? null : template(route.path());
        return template == null ? ofProfile(exchange) : template;
    }

    private static @Nullable String template(PathMatch path) {
        if (path instanceof PathMatch.Template template) {
            return template.template();
        }
        if (path instanceof PathMatch.Exact exact) {
            return exact.path();
        }
        if (path instanceof PathMatch.Prefix prefix) {
            return prefix.template().equals("/") ? "/*" : prefix.template() + "/*";
        }
        return null;
    }

    /** Profiles often call a route {@code GET /orders}, and the method is in the name of the span already. */
    private static @Nullable String ofProfile(HttpExchange exchange) {
        RouteLabels labels = ExchangeNotes.of(exchange, RouteLabels.KEY);
        String name = labels == null ? null : labels.raw().get(LABEL);
        String prefix = exchange.head().method() + " ";
        return name != null && name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    }

    /** The name of the route that was taken, or null. */
    static @Nullable String name(HttpExchange exchange) {
        Route<?> route = ExchangeNotes.of(exchange, Route.KEY);
        return route == null ? null : route.name();
    }
}
