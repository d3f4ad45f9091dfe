package io.headgate.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.forward.Client;
import io.headgate.http.HttpExchange;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionTest {

    private static final ZoneId PLUS_TWO = ZoneOffset.ofHours(2);

    private static boolean holds(Condition condition, HttpExchange exchange) {
        return holds(condition, exchange, Clock.systemUTC());
    }

    private static boolean holds(Condition condition, HttpExchange exchange, Clock clock) {
        return RouteTable.<String>builder()
                        .add(Route.of("it", "it").withCondition(condition))
                        .clock(clock)
                        .build()
                        .find(exchange)
                != null;
    }

    private static ValueMatch value(String kind, String text) {
        return switch (kind) {
            case "is" -> ValueMatch.equalTo(text);
            case "matches" -> ValueMatch.matching(text);
            default -> ValueMatch.present();
        };
    }

    @ParameterizedTest(name = "{0} {1} {2}: {3}")
    @CsvSource({
        "X-A, present, '', true",
        "x-c, present, '', false",
        "x-a, is, two, true",
        "x-a, is, one, true",
        "x-a, is, One, false",
        "x-a, is, on, false",
        "x-a, matches, o.e, true",
        "x-a, matches, o, false",
        "x-a, matches, one|tw, true",
        "x-b, is, '', true",
    })
    void headerFields(String name, String kind, String text, boolean holds) {
        HttpExchange exchange = Requests.of("GET", "h", "/", "x-a", "one", "x-a", "two", "x-b", "");

        assertThat(holds(Condition.header(name, value(kind, text)), exchange)).isEqualTo(holds);
        assertThat(holds(Condition.not(Condition.header(name, value(kind, text))), exchange))
                .isEqualTo(!holds);
    }

    @ParameterizedTest(name = "{0}: {1} {2} {3}: {4}")
    @CsvSource({
        "/, a, present, '', false",
        "/?, a, present, '', false",
        "/?a, a, present, '', true",
        "/?a, a, is, '', true",
        "/?a=, a, is, '', true",
        "/?a=1, a, is, 1, true",
        "/?b=1&a=2, a, is, 2, true",
        "/?a=1&a=2, a, is, 2, true",
        "/?ab=1, a, present, '', false",
        "/?b=a, a, present, '', false",
        "/?a=x+y%20z, a, is, x y z, true",
        "/?%61=1, a, is, 1, true",
        "/?a=1=2, a, is, 1=2, true",
        "/?&&a=1&&, a, is, 1, true",
        "/?a=12, a, matches, [0-9]+, true",
        "/?a=12x, a, matches, [0-9]+, false",
        "/?a=%C3%A4, a, is, ä, true",
        "/?a=1?a=2, a, is, 1?a=2, true",
    })
    void queryParameters(String target, String name, String kind, String text, boolean holds) {
        assertThat(holds(Condition.query(name, value(kind, text)), Requests.get("h", target)))
                .isEqualTo(holds);
    }

    @ParameterizedTest(name = "{0} {1} {2}: {3}")
    @CsvSource({
        "a, is, 1, true",
        "b, is, 2, true",
        "c, is, 3, true",
        "d, is, '', true",
        "e, is, x=y, true",
        "f, is, 6, true",
        "A, present, '', false",
        "g, present, '', false",
        "c, matches, '[0-9]', true",
    })
    void cookies(String name, String kind, String text, boolean holds) {
        HttpExchange exchange =
                Requests.of("GET", "h", "/", "cookie", "a=1; b=2;c=\"3\"; d=; e=x=y; g", "cookie", "f=6");

        assertThat(holds(Condition.cookie(name, value(kind, text)), exchange)).isEqualTo(holds);
    }

    @Test
    void clients() throws Exception {
        Condition condition = Condition.clientIn("10.0.0.0/8", "2001:db8::/32");
        HttpExchange exchange = Requests.get("h", "/");
        HttpExchange inside = exchange.withAttribute(
                Client.KEY, new Client(InetAddress.getByAddress(new byte[] {10, 1, 2, 3}), "http"));
        HttpExchange outside = exchange.withAttribute(
                Client.KEY, new Client(InetAddress.getByAddress(new byte[] {11, 1, 2, 3}), "http"));

        assertThat(holds(condition, inside)).isTrue();
        assertThat(holds(condition, outside)).isFalse();
        assertThat(holds(condition, exchange)).as("no address").isFalse();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "2026-01-01T09:59:59Z, false",
        "2026-01-01T10:00:00Z, true",
        "2026-01-01T10:59:59Z, true",
        "2026-01-01T11:00:00Z, false"
    })
    void spansOfTime(Instant now, boolean holds) {
        Condition condition =
                Condition.during(Instant.parse("2026-01-01T10:00:00Z"), Instant.parse("2026-01-01T11:00:00Z"));

        assertThat(holds(condition, Requests.get("h", "/"), Clock.fixed(now, ZoneOffset.UTC)))
                .isEqualTo(holds);
    }

    @ParameterizedTest(name = "{0}: by day {1}, by night {2}")
    @CsvSource({
        "2026-01-01T05:59:00Z, false, true",
        "2026-01-01T06:00:00Z, true, false",
        "2026-01-01T17:59:00Z, true, false",
        "2026-01-01T18:00:00Z, false, true",
        "2026-01-01T23:00:00Z, false, true",
    })
    void timesOfDay(Instant now, boolean byDay, boolean byNight) {
        Clock clock = Clock.fixed(now, ZoneOffset.UTC);
        LocalTime eight = LocalTime.of(8, 0);
        LocalTime twenty = LocalTime.of(20, 0);

        assertThat(holds(Condition.daily(eight, twenty, PLUS_TWO), Requests.get("h", "/"), clock))
                .isEqualTo(byDay);
        assertThat(holds(Condition.daily(twenty, eight, PLUS_TWO), Requests.get("h", "/"), clock))
                .isEqualTo(byNight);
    }

    @Test
    void whateverCodeSays() {
        Condition condition =
                Condition.test("long path", exchange -> exchange.head().path().length() > 5);

        assertThat(holds(condition, Requests.get("h", "/123456"))).isTrue();
        assertThat(holds(condition, Requests.get("h", "/"))).isFalse();
    }

    @Test
    void conditionsThatCannotHoldAreRefused() {
        Instant now = Instant.EPOCH;
        HttpExchange exchange = Requests.get("h", "/");

        assertThatThrownBy(() -> holds(Condition.header("a b", ValueMatch.present()), exchange))
                .hasMessageContaining("condition: header a b is there (expected: a token as name)");
        assertThatThrownBy(() -> holds(Condition.header("Host", ValueMatch.present()), exchange))
                .hasMessageContaining("(expected: the host of the route; host is no field)");
        assertThatThrownBy(() -> holds(Condition.query("a", ValueMatch.matching("(?=a)")), exchange))
                .hasMessageContaining("a pattern of RE2/J");
        assertThatThrownBy(() -> holds(Condition.clientIn("10.0.0.0/33"), exchange))
                .hasMessageContaining("network: 10.0.0.0/33");
        assertThatThrownBy(() -> holds(Condition.clientIn(), exchange)).hasMessageContaining("a network");
        assertThatThrownBy(() -> holds(Condition.during(now, now), exchange))
                .hasMessageContaining("an end after the beginning");
        assertThatThrownBy(
                        () -> holds(Condition.not(Condition.daily(LocalTime.NOON, LocalTime.NOON, PLUS_TWO)), exchange))
                .hasMessageContaining("an end other than the beginning");
    }
}
