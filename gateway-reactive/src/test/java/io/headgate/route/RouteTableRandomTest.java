package io.headgate.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.HttpExchange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index finds what a search of all routes, written without it, finds. */
class RouteTableRandomTest {

    private static final int TABLES = 60;
    private static final int LOOKUPS = 150;

    private static final String[] LABELS = {"a", "b", "org"};
    private static final String[] SEGMENTS = {"x", "y", ""};
    private static final String[] METHODS = {"GET", "PUT", "POST"};

    private final List<Route<Integer>> routes = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void findsWhatASearchFinds(long seed) {
        Random random = new Random(seed);
        int found = 0;
        for (int i = 0; i < TABLES; i++) {
            RouteOrder order = RouteOrder.values()[i % 2];
            fill(random, 1 + random.nextInt(80));
            RouteTable<Integer> table = RouteTable.<Integer>builder()
                    .addAll(routes)
                    .order(order)
                    .buildValid()
                    .table();
            List<Route<Integer>> kept =
                    routes.stream().filter(table.routes()::contains).toList();
            for (int j = 0; j < LOOKUPS; j++) {
                HttpExchange exchange = exchange(random);
                Route<Integer> expected = search(kept, exchange, order);
                assertThat(table.find(exchange))
                        .as(() -> exchange + ", seed " + seed + ", among " + kept)
                        .isSameAs(expected);
                if (j < 10) {
                    checkExplanation(table.explain(exchange), exchange, expected);
                }
                found += expected == null ? 0 : 1;
            }
            checkShadows(table, kept, random, order);
        }

        assertThat(found).as("lookups that found a route").isGreaterThan(TABLES * LOOKUPS / 4);
    }

    private static void checkExplanation(
            Explanation<Integer> explanation, HttpExchange exchange, @Nullable Route<Integer> expected) {
        assertThat(explanation.chosen()).isSameAs(expected);
        assertThat(explanation.verdicts())
                .allSatisfy(verdict -> assertThat(verdict.matches()).isEqualTo(matches(verdict.route(), exchange)));
    }

    private static void checkShadows(
            RouteTable<Integer> table, List<Route<Integer>> kept, Random random, RouteOrder order) {
        List<String> shadowed = table.shadowed().stream().map(Shadowed::route).toList();
        for (int j = 0; j < LOOKUPS; j++) {
            Route<Integer> found = search(kept, exchange(random), order);
            assertThat(shadowed).doesNotContain(found == null ? "" : found.name());
        }
    }

    private void fill(Random random, int count) {
        routes.clear();
        for (int i = 0; i < count; i++) {
            Route<Integer> route = Route.of("r" + i, i).withHost(host(random)).withPath(path(random));
            if (random.nextInt(3) == 0) {
                route = random.nextBoolean()
                        ? route.withMethods(METHODS[random.nextInt(3)])
                        : route.withMethods("GET", METHODS[1 + random.nextInt(2)]);
            }
            for (int j = random.nextInt(4) / 2; j > 0; j--) {
                String name = "h" + random.nextInt(2);
                route = route.withCondition(
                        Condition.header(name, random.nextBoolean() ? ValueMatch.present() : ValueMatch.equalTo("1")));
            }
            routes.add(route);
        }
    }

    private static String name(Random random, int most) {
        StringBuilder name = new StringBuilder(LABELS[random.nextInt(3)]);
        for (int i = random.nextInt(most); i > 0; i--) {
            name.append('.').append(LABELS[random.nextInt(3)]);
        }
        return name.toString();
    }

    private static String host(Random random) {
        String port = random.nextInt(4) == 0 ? ":81" : "";
        return switch (random.nextInt(3)) {
            case 0 -> name(random, 2) + port;
            case 1 -> "*." + name(random, 2) + port;
            default -> "*" + port;
        };
    }

    private static PathMatch path(Random random) {
        StringBuilder path = new StringBuilder();
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            path.append('/').append(random.nextInt(3) == 0 ? "{p" + i + "}" : SEGMENTS[random.nextInt(3)]);
        }
        return switch (random.nextInt(4)) {
            case 0 -> PathMatch.template(path + "/{rest...}");
            case 1 ->
                path.isEmpty() || path.toString().endsWith("/")
                        ? PathMatch.prefix("/")
                        : PathMatch.prefix(path.toString());
            case 2 -> random.nextInt(4) == 0 ? PathMatch.ANY : PathMatch.template(path + "/x");
            default -> PathMatch.template(path.isEmpty() ? "/" : path.toString());
        };
    }

    private static HttpExchange exchange(Random random) {
        String host = name(random, 3) + (random.nextInt(3) == 0 ? ":81" : "");
        StringBuilder path = new StringBuilder();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            path.append('/').append(SEGMENTS[random.nextInt(3)]);
        }
        String query = random.nextInt(4) == 0 ? "?a=/b" : "";
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            if (random.nextBoolean()) {
                fields.add("h" + i);
                fields.add(random.nextBoolean() ? "1" : "2");
            }
        }
        return Requests.of(
                METHODS[random.nextInt(3)],
                random.nextBoolean() ? host : host.toUpperCase(Locale.ROOT),
                path + query,
                fields.toArray(new String[0]));
    }

    // the same once more, by text alone

    private static @Nullable Route<Integer> search(
            List<Route<Integer>> routes, HttpExchange exchange, RouteOrder order) {
        Route<Integer> best = null;
        for (Route<Integer> route : routes) {
            if (matches(route, exchange)
                    && (best == null
                            || order == RouteOrder.MOST_SPECIFIC && rank(route).compareTo(rank(best)) < 0)) {
                best = route;
            }
        }
        return best;
    }

    private static boolean matches(Route<Integer> route, HttpExchange exchange) {
        String authority = exchange.head().authority().toLowerCase(Locale.ROOT);
        String port = authority.contains(":") ? authority.substring(authority.indexOf(':')) : ":80";
        String host = authority.replaceFirst(":.*", "");
        String wanted = route.host().replaceFirst(":.*", "");
        boolean hosts = wanted.equals("*")
                || wanted.equals(host)
                || wanted.startsWith("*.") && host.endsWith(wanted.substring(1));
        boolean ports = !route.host().contains(":") || route.host().endsWith(port);
        return hosts
                && ports
                && exchange.head().path().matches(regex(route.path()))
                && (route.methods().isEmpty()
                        || route.methods().contains(exchange.head().method()))
                && route.conditions().stream().allMatch(condition -> holds((Condition.Header) condition, exchange));
    }

    private static boolean holds(Condition.Header condition, HttpExchange exchange) {
        String value = exchange.head().fields().get(condition.name());
        return value != null && (condition.value() instanceof ValueMatch.Present || value.equals("1"));
    }

    private static String regex(PathMatch match) {
        if (match instanceof PathMatch.Any) {
            return ".*";
        }
        String text = text(match).replaceAll("\\{rest\\.\\.\\.}", ".*").replaceAll("\\{p.}", "[^/]+");
        return match instanceof PathMatch.Prefix ? text.equals("/") ? "/.*" : text + "(/.*)?" : text;
    }

    private static String text(PathMatch match) {
        return match instanceof PathMatch.Prefix prefix ? prefix.template() : ((PathMatch.Template) match).template();
    }

    /** What is more specific sorts first. */
    private static String rank(Route<Integer> route) {
        String name = route.host().replaceFirst(":.*", "");
        int labels = name.split("\\.").length;
        String host = name.equals("*") ? "2" : name.startsWith("*") ? "1" + (9 - labels) : "0";
        String path = "Y";
        if (!(route.path() instanceof PathMatch.Any)) {
            String text = text(route.path());
            path = text.replaceAll("/\\{rest\\.\\.\\.}", "R")
                    .replaceAll("/\\{p.}", "P")
                    .replaceAll("/[^/RP]*", "L");
            path = route.path() instanceof PathMatch.Prefix ? text.equals("/") ? "X" : path + "X" : path + "A";
        }
        int methods = route.methods().isEmpty() ? 9 : route.methods().size();
        return String.format(
                "%s|%s|%s|%d|%d",
                host,
                route.host().contains(":") ? 0 : 1,
                path,
                methods,
                9 - route.conditions().size());
    }
}
