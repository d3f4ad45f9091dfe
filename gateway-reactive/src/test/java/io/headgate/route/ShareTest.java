package io.headgate.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.http.HttpExchange;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ShareTest {

    private static final HttpExchange EXCHANGE = Requests.get("h", "/");

    private static Route<String> share(String name, int weight) {
        return Route.of(name, name).withShare("split", weight);
    }

    private static RouteTable.Builder<String> split(int first, int second) {
        return RouteTable.<String>builder().add(share("first", first)).add(share("second", second));
    }

    private static @Nullable String found(RouteTable<String> table, HttpExchange exchange) {
        Route<String> route = table.find(exchange);
        return route == null ? null : route.name();
    }

    @Test
    void oneDrawDecidesByTheWeights() {
        for (int i = 0; i < 100; i++) {
            double draw = i / 100.0;
            RouteTable<String> table =
                    split(90, 10).draw((exchange, group) -> draw).build();

            assertThat(found(table, EXCHANGE)).isEqualTo(i < 90 ? "first" : "second");
        }
    }

    @Test
    void thoseThatDoNotMatchLeaveTheirShareToTheOthers() {
        RouteTable<String> table = RouteTable.<String>builder()
                .add(share("put", 98).withMethods("PUT"))
                .add(share("canary", 1).withCondition(Condition.header("x", ValueMatch.present())))
                .add(share("rest", 1))
                .draw((exchange, group) -> 0.4)
                .build();

        assertThat(found(table, EXCHANGE)).isEqualTo("rest");
        assertThat(found(table, Requests.of("GET", "h", "/", "x", "1"))).isEqualTo("canary");
        assertThat(found(table, Requests.of("PUT", "h", "/"))).isEqualTo("put");
    }

    @Test
    void aWeightOfNothingGetsNothing() {
        assertThat(found(split(0, 1).build(), EXCHANGE)).isEqualTo("second");
        assertThat(found(split(0, 0).build(), EXCHANGE)).isNull();
        assertThat(found(
                        split(0, 0)
                                .add(Route.of("rest", "rest").withPathPrefix("/"))
                                .build(),
                        EXCHANGE))
                .isEqualTo("rest");
        assertThat(split(0, 0).build().explain(EXCHANGE).toString()).contains("- first: weight: 0 (expected: more)");
    }

    @Test
    void groupsOfOtherPathsAreOthers() {
        RouteTable<String> table = RouteTable.<String>builder()
                .add(share("a", 1).withPath("/a"))
                .add(share("b", 1).withPath("/b"))
                .build();

        for (int i = 0; i < 100; i++) {
            assertThat(found(table, Requests.get("h", "/a"))).isEqualTo("a");
        }
    }

    @Test
    void stickyDrawsAreStableAndMoveFewWhenWeightsChange() {
        Draw draw = Draw.sticky(exchange -> exchange.head().fields().get("user"));
        RouteTable<String> before = split(90, 10).draw(draw).build();
        RouteTable<String> after = split(80, 20).draw(draw).build();
        int second = 0;
        int moved = 0;
        for (int i = 0; i < 10_000; i++) {
            HttpExchange exchange = Requests.of("GET", "h", "/", "user", "user-" + i);
            String way = Objects.requireNonNull(found(before, exchange));
            assertThat(found(before, exchange)).isEqualTo(way);
            second += way.equals("second") ? 1 : 0;
            moved += way.equals(found(after, exchange)) ? 0 : 1;
        }

        assertThat(second).isBetween(800, 1200);
        assertThat(moved).isBetween(800, 1200);
    }

    @Test
    void chanceKeepsToTheWeights() {
        Random random = new Random(7);
        RouteTable<String> table =
                split(3, 1).draw((exchange, group) -> random.nextDouble()).build();
        int first = 0;
        for (int i = 0; i < 10_000; i++) {
            first += "first".equals(found(table, EXCHANGE)) ? 1 : 0;
        }

        assertThat(first).isBetween(7_300, 7_700);
    }

    @Test
    void theWinnerOfADrawIsExplained() {
        RouteTable<String> table = split(1, 1).draw((exchange, group) -> 0.6).build();

        assertThat(table.explain(EXCHANGE).toString()).isEqualTo("""
                        + first: matches, but the draw fell on second
                        + second: chosen, drawn by weight 1 of split""");
    }

    @Test
    void sharesAndWholesOfTheSameMatchAreInConflict() {
        assertThatThrownBy(() -> split(1, 1).add(Route.of("whole", "whole")).build())
                .hasMessageContaining("route whole (number 3): matches the very same as route first");
        assertThatThrownBy(() -> share("negative", -1)).hasMessage("weight: -1 (expected: 0..1000000)");
    }
}
