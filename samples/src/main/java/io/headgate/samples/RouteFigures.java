package io.headgate.samples;

import io.headgate.http.CallWatch;
import io.headgate.http.HttpExchange;
import io.headgate.profile.ProfileRoute;
import io.headgate.profile.ProfileStats;
import io.headgate.profile.RouteLabels;
import io.headgate.profile.RouteStats;
import io.headgate.profile.RouteWatch;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What clients see of each route, by its label. */
final class RouteFigures implements RouteWatch {

    private static final String LAYOUT = "%-12s %9s %9s %8s %9s";
    private static final String DEFAULT_ROUTE = "(default)";

    private final Map<String, CallFigures> routes = new ConcurrentHashMap<>();

    @Override
    public Function<HttpExchange, CallWatch> calls(String destination, RouteLabels labels) {
        return figures(label(labels.raw()))::watch;
    }

    private CallFigures figures(String label) {
        return Objects.requireNonNull(routes.computeIfAbsent(label, key -> new CallFigures()));
    }

    private static String label(Map<String, String> labels) {
        return labels.getOrDefault(BooksProfile.LABEL, DEFAULT_ROUTE);
    }

    List<String> table(ProfileStats stats) {
        Stream<String> heading = Stream.of(String.format(LAYOUT, "route", "requests", "success", "retries", "p50"));
        Stream<RouteStats> all = Stream.concat(stats.routes().stream(), Stream.of(stats.defaultRoute()));
        return Stream.concat(heading, all.map(this::line)).toList();
    }

    private String line(RouteStats stats) {
        @Nullable ProfileRoute route = stats.route();
        String label = route == null ? DEFAULT_ROUTE : label(route.labels());
        CallFigures figures = figures(label);
        long calls = figures.calls();
        String success = calls == 0 ? "-" : Math.round(100.0 * (calls - figures.failures()) / calls) + " %";
        long retries = Math.max(0, stats.attempts() - stats.calls());
        return String.format(
                LAYOUT, label, calls, success, retries, figures.latencies().percentile(50));
    }
}
