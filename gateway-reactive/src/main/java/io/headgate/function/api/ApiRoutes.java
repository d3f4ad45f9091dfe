package io.headgate.function.api;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The paths of the API, each with what answers which method. Immutable. */
final class ApiRoutes {

    /** Any one segment that is not empty, in the shape of a path. */
    private static final String ANY = "{}";

    /** One method of one path. */
    record Route(String method, String template, List<String> segments, ApiEndpoint endpoint) {

        List<String> parameterNames() {
            return segments.stream()
                    .filter(ApiRoutes::isParameter)
                    .map(ApiRoutes::nameOf)
                    .toList();
        }

        Map<String, String> parameters(List<String> path) {
            Map<String, String> parameters = new HashMap<>();
            for (int i = 0; i < segments.size(); i++) {
                if (isParameter(segments.get(i))) {
                    parameters.put(nameOf(segments.get(i)), path.get(i));
                }
            }
            return parameters;
        }
    }

    /** All methods of one path. */
    record PathRoutes(List<String> shape, Map<String, Route> methods) {

        /** What answers GET answers HEAD; the connection leaves the body out. */
        @Nullable Route of(String method) {
            Route route = methods.get(method);
            return route == null && method.equals("HEAD") ? methods.get("GET") : route;
        }

        List<String> allowed() {
            List<String> allowed = new ArrayList<>(methods.keySet());
            if (allowed.contains("GET") && !allowed.contains("HEAD")) {
                allowed.add(allowed.indexOf("GET") + 1, "HEAD");
            }
            return allowed;
        }

        /** One name for all methods, for figures. */
        String template() {
            return methods.values().iterator().next().template();
        }

        boolean matches(List<String> path) {
            if (path.size() != shape.size()) {
                return false;
            }
            for (int i = 0; i < shape.size(); i++) {
                String segment = shape.get(i);
                if (segment.equals(ANY) ? path.get(i).isEmpty() : !segment.equals(path.get(i))) {
                    return false;
                }
            }
            return true;
        }
    }

    private final List<PathRoutes> paths;

    private ApiRoutes(List<PathRoutes> paths) {
        this.paths = paths;
    }

    @Nullable PathRoutes find(List<String> path) {
        for (PathRoutes routes : paths) { // a dozen, the most literal first
            if (routes.matches(path)) {
                return routes;
            }
        }
        return null;
    }

    void forEach(Consumer<Route> each) {
        paths.forEach(path -> path.methods().values().forEach(each));
    }

    /** Methods by template, as a description has them. */
    Map<String, Set<String>> described() {
        Map<String, Set<String>> described = new TreeMap<>();
        forEach(route -> described
                .computeIfAbsent(route.template(), template -> new TreeSet<>())
                .add(route.method()));
        return described;
    }

    /** Decoded; empty for what is no path. The root has one empty segment. */
    static List<String> segments(String path) {
        if (!path.startsWith("/")) {
            return List.of();
        }
        List<String> segments = new ArrayList<>();
        for (String segment : path.substring(1).split("/", -1)) {
            segments.add(PercentText.decoded(segment, false, "path"));
        }
        return segments;
    }

    private static boolean isParameter(String segment) {
        return segment.startsWith("{") && segment.endsWith("}") && segment.length() > 2;
    }

    private static String nameOf(String segment) {
        return segment.substring(1, segment.length() - 1);
    }

    /** Collects routes. */
    static final class Builder {

        private final Map<List<String>, Map<String, Route>> paths = new LinkedHashMap<>();

        Builder copy() {
            Builder copy = new Builder();
            paths.forEach((shape, methods) -> copy.paths.put(shape, new LinkedHashMap<>(methods)));
            return copy;
        }

        Builder add(String method, String template, ApiEndpoint endpoint) {
            List<String> segments = check(template);
            List<String> shape = segments.stream()
                    .map(segment -> isParameter(segment) ? ANY : segment)
                    .toList();
            Route before = paths.computeIfAbsent(shape, path -> new LinkedHashMap<>())
                    .putIfAbsent(method, new Route(method, template, segments, endpoint));
            if (before != null) {
                throw new IllegalArgumentException(
                        "path: " + method + " " + template + " (expected: another than " + before.template() + ")");
            }
            return this;
        }

        private static List<String> check(String template) {
            List<String> segments =
                    template.startsWith("/") ? List.of(template.substring(1).split("/", -1)) : List.of();
            Set<String> names = segments.stream().filter(ApiRoutes::isParameter).collect(Collectors.toSet());
            boolean valid = !segments.isEmpty()
                    && names.size()
                            == segments.stream().filter(ApiRoutes::isParameter).count()
                    && segments.stream()
                            .allMatch(segment -> isParameter(segment)
                                    || segment.matches("[A-Za-z0-9._~-]+")
                                    || segment.isEmpty() && segments.size() == 1);
            if (!valid) {
                throw new IllegalArgumentException("path: " + template
                        + " (expected: segments of letters, digits, . _ ~ and -, or {name}, each name once)");
            }
            return segments;
        }

        ApiRoutes build() {
            List<PathRoutes> sorted = new ArrayList<>();
            paths.forEach((shape, methods) -> sorted.add(new PathRoutes(shape, methods)));
            sorted.sort(Comparator.comparing(Builder::literals).reversed());
            return new ApiRoutes(List.copyOf(sorted));
        }

        /** A digit for each segment, the first weighs most: which of two paths for the same request names more. */
        private static String literals(PathRoutes path) {
            return path.shape().stream()
                    .map(segment -> segment.equals(ANY) ? "0" : "1")
                    .collect(Collectors.joining());
        }
    }
}
