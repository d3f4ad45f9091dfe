package io.headgate.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.http.HttpExchange;
import io.headgate.test.AllocationAssert;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteTableTest {

    private static Route<String> route(String name) {
        return Route.of(name, name);
    }

    @SafeVarargs
    private static RouteTable<String> table(Route<String>... routes) {
        return RouteTable.<String>builder().addAll(List.of(routes)).build();
    }

    private static @Nullable String found(RouteTable<String> table, HttpExchange exchange) {
        Route<String> route = table.find(exchange);
        return route == null ? null : route.name();
    }

    @ParameterizedTest(name = "{0} of {1}: {2}")
    @CsvSource({
        "example.org, example.org, true",
        "example.org, EXAMPLE.org, true",
        "Example.ORG, example.org, true",
        "example.org, example.org:8080, true",
        "example.org, example.org., true",
        "example.org, example.org.:8080, true",
        "example.org, a.example.org, false",
        "example.org, example.or, false",
        "example.org, xample.org, false",
        "example.org:8080, example.org:8080, true",
        "example.org:8080, example.org, false",
        "example.org:80, example.org, true",
        "example.org:443, example.org, false",
        "*.example.org, a.example.org, true",
        "*.example.org, A.Example.Org:1, true",
        "*.example.org, a.b.example.org, true",
        "*.example.org, example.org, false",
        "*.example.org, .example.org, false",
        "*.example.org, aexample.org, false",
        "*.example.org:81, a.example.org:81, true",
        "*.example.org:81, a.example.org:82, false",
        "*.org, .example.org, true",
        "*, anything, true",
        "*, [::1]:80, true",
        "*:81, anything:81, true",
        "*:81, anything, false",
        "[::1], [::1]:8080, true",
        "[::1]:8080, [::1]:8080, true",
        "[::1]:8080, [::1], false",
        "[::1], [::2], false",
        "192.0.2.1, 192.0.2.1, true",
        "*.0.2.1, 192.0.2.1, true",
    })
    void hostsMatchWithoutRegardToCaseAndPort(String host, String authority, boolean matches) {
        RouteTable<String> table = table(route("it").withHost(host));

        assertThat(found(table, Requests.get(authority, "/"))).isEqualTo(matches ? "it" : null);
        assertThat(HostPattern.of(host).matches(Requests.get(authority, "/").head()))
                .as("for reports")
                .isEqualTo(matches);
    }

    @ParameterizedTest(name = "{0} {1} of {2}: {3}")
    @CsvSource({
        "template, /, /, true",
        "template, /, /a, false",
        "template, /a, /a, true",
        "template, /a, /a?b=/c, true",
        "template, /a, /A, false",
        "template, /a, /a/, false",
        "template, /a/, /a/, true",
        "template, /a/, /a, false",
        "template, /a, /ab, false",
        "template, /a//b, /a//b, true",
        "template, /a//b, /a/b, false",
        "template, /{x}, /a, true",
        "template, /{x}, /, false",
        "template, /{x}, /a/, false",
        "template, /{x}/b, /a/b, true",
        "template, /{x}/b, //b, false",
        "template, /a/{x}/c/{y}, /a/1/c/2, true",
        "template, /a/{x}/c/{y}, /a/1/d/2, false",
        "template, /a/{x...}, /a/, true",
        "template, /a/{x...}, /a/b/c, true",
        "template, /a/{x...}, /a, false",
        "template, /{x...}, /, true",
        "template, /a/%2Fb, /a/%2Fb, true",
        "prefix, /, /, true",
        "prefix, /, /a/b, true",
        "prefix, /, *, false",
        "prefix, /a, /a, true",
        "prefix, /a, /a/, true",
        "prefix, /a, /a/b, true",
        "prefix, /a, /a?b, true",
        "prefix, /a, /ab, false",
        "prefix, /a, /, false",
        "prefix, /a/{x}/b, /a/1/b/c, true",
        "prefix, /a/{x}/b, /a/1/c, false",
        "exact, /{x}, /{x}, true",
        "exact, /{x}, /a, false",
        "any, /, *, true",
        "any, /, /a/b, true",
    })
    void pathsMatchSegmentBySegment(String kind, String pattern, String target, boolean matches) {
        PathMatch match = switch (kind) {
            case "template" -> PathMatch.template(pattern);
            case "prefix" -> PathMatch.prefix(pattern);
            case "exact" -> PathMatch.exact(pattern);
            default -> PathMatch.ANY;
        };
        RouteTable<String> table = table(route("it").withPath(match));

        assertThat(found(table, Requests.get("h", target))).isEqualTo(matches ? "it" : null);
        assertThat(PathPattern.of(match).matches(target)).as("for reports").isEqualTo(matches);
    }

    @ParameterizedTest(name = "{1} before {0}")
    @CsvSource({
        "a, *.example.org, /{x...}, '', 0, b, example.org, any, '', 0",
        "a, *, /a/b, GET, 2, b, *.example.org, any, '', 0",
        "a, *.org, /a/b, GET, 2, b, *.example.org, any, '', 0",
        "a, www.example.org, /a/b, GET, 2, b, www.example.org:80, any, '', 0",
        "a, *.example.org, /a/b, GET, 2, b, *.example.org:80, any, '', 0",
        "a, *, /{x}/b, GET, 2, b, *, /a/b, '', 0",
        "a, *, /{x}/b, GET, 2, b, *, /a/{x}, '', 0",
        "a, *, /{x}/b, GET, 2, b, *, /a+, '', 0",
        "a, *, /a/{x...}, GET, 2, b, *, /a/{x}, '', 0",
        "a, *, /a+, GET, 2, b, *, /a/{x...}, '', 0",
        "a, *, /+, GET, 2, b, *, /a+, '', 0",
        "a, *, any, GET, 2, b, *, /+, '', 0",
        "a, *, /a/b, '', 2, b, *, /a/b, GET, 0",
        "a, *, /a/b, GET|PUT, 2, b, *, /a/b, GET, 0",
        "a, *, /a/b, GET, 1, b, *, /a/b, GET, 2",
        "b, *, /{x}/b, GET, 0, a, *, /a/b, GET, 0",
    })
    void theMoreSpecificRouteIsFoundWhateverTheOrder(
            String general,
            String host,
            String path,
            String methods,
            int conditions,
            String specific,
            String otherHost,
            String otherPath,
            String otherMethods,
            int otherConditions) {
        Route<String> one = route(general, host, path, methods, conditions);
        Route<String> other = route(
                specific,
                otherHost.equals("example.org") ? "www.example.org" : otherHost,
                otherPath,
                otherMethods,
                otherConditions);
        HttpExchange exchange = Requests.get("www.example.org", "/a/b");

        assertThat(found(table(one), exchange)).isEqualTo(general);
        assertThat(found(table(one, other), exchange)).isEqualTo(specific);
        assertThat(found(table(other, one), exchange)).isEqualTo(specific);
    }

    private static Route<String> route(String name, String host, String path, String methods, int conditions) {
        PathMatch match = path.equals("any")
                ? PathMatch.ANY
                : path.endsWith("+")
                        ? PathMatch.prefix(path.equals("/+") ? "/" : path.substring(0, path.length() - 1))
                        : PathMatch.template(path);
        Route<String> route = route(name).withHost(host).withPath(match);
        route = methods.isEmpty() ? route : route.withMethods(methods.split("\\|"));
        for (int i = 0; i < conditions; i++) {
            route = route.withCondition(Condition.test("yes " + i, exchange -> true));
        }
        return route;
    }

    @Test
    void tiesGoToTheOneThatWasDeclaredFirst() {
        Route<String> first = route("first").withCondition(Condition.header("x", ValueMatch.present()));
        Route<String> second = route("second").withCondition(Condition.header("y", ValueMatch.present()));
        HttpExchange both = Requests.of("GET", "h", "/", "x", "1", "y", "1");

        assertThat(found(table(first, second), both)).isEqualTo("first");
        assertThat(found(table(second, first), both)).isEqualTo("second");
    }

    @Test
    void theFirstDeclaredRouteIsFoundInThatOrder() {
        RouteTable<String> table = RouteTable.<String>builder()
                .order(RouteOrder.DECLARED)
                .add(route("put").withMethods("PUT"))
                .add(route("prefix").withPathPrefix("/a"))
                .add(route("exact").withHost("h").withPath("/a/b"))
                .add(route("rest"))
                .build();

        assertThat(found(table, Requests.get("h", "/a/b"))).isEqualTo("prefix");
        assertThat(found(table, Requests.of("PUT", "h", "/a/b"))).isEqualTo("put");
        assertThat(found(table, Requests.get("h", "/b"))).isEqualTo("rest");
        assertThat(table.shadowed()).containsExactly(new Shadowed("exact", "prefix"));
    }

    @Test
    void aRouteThatDoesNotFitLeavesThePathToALessSpecificOne() {
        RouteTable<String> table = table(
                route("text").withHost("h").withPath("/a/b/c").withMethods("PUT"),
                route("parameter").withHost("h").withPath("/a/{x}/c").withMethods("POST"),
                route("prefix").withHost("h").withPathPrefix("/a"),
                route("host").withPath("/{x}/y"));

        assertThat(found(table, Requests.of("PUT", "h", "/a/b/c"))).isEqualTo("text");
        assertThat(found(table, Requests.of("POST", "h", "/a/b/c"))).isEqualTo("parameter");
        assertThat(found(table, Requests.get("h", "/a/b/c"))).isEqualTo("prefix");
        assertThat(found(table, Requests.get("h", "/b/y"))).isEqualTo("host");
        assertThat(found(table, Requests.get("h", "/b/z"))).isNull();
    }

    @Test
    void parametersAreThereForLaterStages() {
        RouteTable<String> table = table(
                route("file").withPath("/users/{id}/files/{path...}"),
                route("plain").withPath("/users"));
        Recognized<String> file =
                Objects.requireNonNull(table.recognize(Requests.get("h", "/users/7%20a/files/b/c%C3%A4?q=/d")));
        PathParameters parameters =
                Objects.requireNonNull(file.exchange().attributes().get(PathParameters.KEY));

        assertThat(file.key()).isEqualTo("file");
        assertThat(parameters.names()).containsExactly("id", "path");
        assertThat(parameters.get("id")).isEqualTo("7%20a");
        assertThat(parameters.decoded("id")).isEqualTo("7 a");
        assertThat(parameters.decoded("path")).isEqualTo("b/cä");
        assertThat(parameters.get("other")).isNull();

        HttpExchange plain = Requests.get("h", "/users");
        assertThat(Objects.requireNonNull(table.recognize(plain)).exchange()).isSameAs(plain);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "a..b", ".a", "a.", "*a", "a*", "a.*", "*.", "*.*.a", "a b", "a:", "a:0", "a:99999", "u@a", "a/b",
                "[::1"
            })
    void aHostThatIsNoneIsRefused(String host) {
        assertThatThrownBy(() -> table(route("bad").withHost(host)))
                .isInstanceOf(InvalidRoutesException.class)
                .hasMessageStartingWith("route bad (number 1): host: " + host + " (expected: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "/a b",
                "/a?b",
                "/%41",
                "/a/../b",
                "/%zz",
                "/a#b",
                "/{",
                "/}",
                "/{}",
                "/a{b}",
                "/{a}b",
                "/{a}/{a}",
                "/{a...}/b",
                "/{a b}",
                "/{...}",
                "/ä",
                "/%00",
                "/a\\b"
            })
    void aPathThatIsNoneIsRefused(String path) {
        assertThatThrownBy(() -> table(route("bad").withPath(path)))
                .isInstanceOf(InvalidRoutesException.class)
                .hasMessageStartingWith("route bad (number 1): path: ")
                .hasMessageContaining("(expected: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a/", "a", "/{x...}"})
    void aPrefixThatIsNoneIsRefused(String prefix) {
        assertThatThrownBy(() -> table(route("bad").withPathPrefix(prefix)))
                .isInstanceOf(InvalidRoutesException.class)
                .hasMessageContaining("path: " + prefix);
    }

    @Test
    void aPathTooDeepIsRefused() {
        assertThatThrownBy(() -> table(route("deep").withPath("/a".repeat(65))))
                .hasMessageContaining("route deep")
                .hasMessageContaining("at most 64 segments");
    }

    @Test
    void oneBadRouteDoesNotSpoilTheOthers() {
        RouteTable.Checked<String> checked = RouteTable.<String>builder()
                .add(route("good").withPath("/good"))
                .add(route("method").withMethods("G E T"))
                .add(route("good").withPath("/other"))
                .add(route("pattern").withCondition(Condition.header("x", ValueMatch.matching("("))))
                .add(route("twin").withPath(PathMatch.exact("/good")))
                .add(route("fine").withPath("/fine"))
                .buildValid();

        assertThat(checked.table().routes()).extracting(Route::name).containsExactly("good", "fine");
        assertThat(found(checked.table(), Requests.get("h", "/fine"))).isEqualTo("fine");
        assertThat(checked.problems())
                .extracting(RouteProblem::route)
                .containsExactly("method", "good", "pattern", "twin");
        assertThat(checked.problems().get(0).message()).isEqualTo("method: G E T (expected: a token)");
        assertThat(checked.problems().get(1).message()).isEqualTo("name: good (expected: not that of route number 1)");
        assertThat(checked.problems().get(3).message()).startsWith("matches the very same as route good");
    }

    @Test
    void anExceptionNamesAllThatIsWrong() {
        assertThatThrownBy(() -> table(route("a").withHost("?"), route("b").withPath("x"), route(" ")))
                .isInstanceOfSatisfying(
                        InvalidRoutesException.class,
                        e -> assertThat(e.problems()).hasSize(3))
                .hasMessageContaining("route a")
                .hasMessageContaining("route b");
    }

    @Test
    void routesOfTheSamePathAreInConflictWhateverTheirParametersAreCalled() {
        assertThatThrownBy(() -> table(route("a").withPath("/{x}"), route("b").withPath("/{y}")))
                .hasMessageContaining("route b (number 2): matches the very same as route a");
    }

    @Test
    void aRouteWhoseConditionsImplyThoseOfAnEarlierOneIsShadowed() {
        RouteTable<String> table = table(
                route("any value").withCondition(Condition.cookie("s", ValueMatch.present())),
                route("one value").withCondition(Condition.cookie("s", ValueMatch.equalTo("1"))));

        assertThat(table.shadowed()).containsExactly(new Shadowed("one value", "any value"));
    }

    @Test
    void routesThatMakeLookupsBranchWithoutEndAreRefused() {
        RouteTable.Builder<String> builder = RouteTable.builder();
        for (int i = 0; i < 1 << 11; i++) {
            StringBuilder path = new StringBuilder();
            for (int bit = 0; bit < 11; bit++) {
                path.append((i & 1 << bit) == 0 ? "/a" : "/{p" + bit + "}");
            }
            builder.add(route("r" + i).withPath(path.toString()));
        }
        RouteTable.Checked<String> checked = builder.buildValid();

        assertThat(checked.problems()).isNotEmpty();
        assertThat(checked.problems().get(0).message()).contains("(expected: at most 1024");
        assertThat(found(checked.table(), Requests.get("h", "/a".repeat(11)))).isEqualTo("r0");
    }

    @Test
    void explainsEachRoute() {
        RouteTable<String> table = table(
                route("host").withHost("other.org"),
                route("path").withPath("/b/{x}"),
                route("method").withMethods("PUT", "POST"),
                route("condition").withCondition(Condition.header("x", ValueMatch.equalTo("1"))),
                route("broken").withPath("/c").withCondition(Condition.test("breaks", exchange -> {
                    throw new IllegalStateException("broken");
                })),
                route("it").withPath("/a"),
                route("all"));
        Explanation<String> explanation = table.explain(Requests.get("h.org", "/a?secret=1"));

        assertThat(Objects.requireNonNull(explanation.chosen()).name()).isEqualTo("it");
        assertThat(explanation.toString()).isEqualTo("""
                        - host: host: h.org (expected: other.org)
                        - broken: path: /a (expected: /c)
                        + it: chosen
                        - path: path: /a (expected: /b/{x})
                        - method: method: GET (expected: POST or PUT)
                        - condition: condition does not hold: header x is 1
                        + all: matches, but it comes first""");
        assertThat(table.explain(Requests.get("h.org", "/c")).toString())
                .contains("- broken: condition failed: breaks: java.lang.IllegalStateException: broken");
    }

    @Test
    void aLookupAllocatesNothing() {
        RouteTable<String> table = RouteTable.<String>builder()
                .addAll(IntStream.range(0, 500)
                        .mapToObj(i -> route("r" + i)
                                .withHost(i % 2 == 0 ? "h" + i + ".org" : "*.h" + i + ".org:80")
                                .withPath("/a/{x}/b" + i)
                                .withMethods("GET"))
                        .toList())
                .build();
        HttpExchange first = Requests.get("H4.org", "/a/1/b4?c");
        HttpExchange second = Requests.get("a.h5.org", "/a/1/b5");
        assertThat(found(table, first)).isEqualTo("r4");
        assertThat(found(table, second)).isEqualTo("r5");

        AllocationAssert.assertNothingBeyond(() -> {}, () -> {
            table.find(first);
            table.find(second);
        });
    }
}
