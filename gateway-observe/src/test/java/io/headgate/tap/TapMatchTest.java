package io.headgate.tap;

import static io.headgate.tap.TapMatch.all;
import static io.headgate.tap.TapMatch.any;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.forward.Networks;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.RequestHead;
import io.headgate.profile.RouteLabels;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.TlsName;
import io.headgate.tap.TapMatch.Authority;
import io.headgate.tap.TapMatch.DestinationLabel;
import io.headgate.tap.TapMatch.DestinationNetwork;
import io.headgate.tap.TapMatch.DestinationPorts;
import io.headgate.tap.TapMatch.Method;
import io.headgate.tap.TapMatch.Path;
import io.headgate.tap.TapMatch.RouteLabel;
import io.headgate.tap.TapMatch.Scheme;
import io.headgate.tap.TapMatch.SourceNetwork;
import io.headgate.tap.TapMatch.SourcePorts;
import io.headgate.tap.TapMatch.Text;
import io.headgate.test.AllocationAssert;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TapMatchTest {

    private static final TapSite SITE = TapSite.of(TapPoint.to(
            Endpoint.of("10.1.2.3", 8080).withLabels(Map.of("zone", "a")).withTls(TlsName.dns("orders.example.org"))));
    private static final TapSite BY_NAME = TapSite.of(TapPoint.to(Endpoint.of("orders.example.org", 8080)));
    private static final TapSite UNKNOWN = TapSite.of(TapPoint.INBOUND);

    private static final HttpExchange EXCHANGE = Taps.exchange(
                    new RequestHead("GET", "https", "shop.example.org:8443", "/orders/7?a=/x", Fields.empty()),
                    Body.empty(),
                    new InetSocketAddress("192.0.2.7", 40_000),
                    null)
            .withAttribute(RouteLabels.KEY, RouteLabels.of(Map.of("route", "get-order")));
    private static final HttpExchange FROM_NOWHERE = HttpExchange.of(RequestHead.of("GET", "a", "/"), Body.empty());

    private static final TapMatch YES = all();
    private static final TapMatch NO = any();

    static Stream<Arguments> matches() {
        return Stream.of(
                Arguments.of(new SourceNetwork(Networks.of("192.0.2.0/24")), true),
                Arguments.of(new SourceNetwork(Networks.of("10.0.0.0/8", "192.0.2.7")), true),
                Arguments.of(new SourceNetwork(Networks.of("10.0.0.0/8")), false),
                Arguments.of(new SourceNetwork(Networks.of("2001:db8::/32")), false),
                Arguments.of(new SourcePorts(40_000, 40_000), true),
                Arguments.of(new SourcePorts(1, 39_999), false),
                Arguments.of(new SourcePorts(40_001, 65_535), false),
                Arguments.of(new DestinationNetwork(Networks.of("10.0.0.0/8")), true),
                Arguments.of(new DestinationNetwork(Networks.of("192.0.2.0/24")), false),
                Arguments.of(new DestinationPorts(8000, 8999), true),
                Arguments.of(new DestinationPorts(80, 80), false),
                Arguments.of(new Scheme("https"), true),
                Arguments.of(new Scheme("http"), false),
                Arguments.of(new Method("GET"), true),
                Arguments.of(new Method("get"), false),
                Arguments.of(new Authority(Text.exact("shop.example.org:8443")), true),
                Arguments.of(new Authority(Text.exact("shop.example.org")), false),
                Arguments.of(new Authority(Text.prefix("shop.")), true),
                Arguments.of(new Authority(Text.prefix("hop.")), false),
                Arguments.of(new Path(Text.exact("/orders/7")), true),
                Arguments.of(new Path(Text.exact("/orders/7?a=/x")), false),
                Arguments.of(new Path(Text.exact("/orders")), false),
                Arguments.of(new Path(Text.prefix("/orders/7")), true),
                Arguments.of(new Path(Text.prefix("")), true),
                Arguments.of(new Path(Text.prefix("/orders/7?")), false),
                Arguments.of(new DestinationLabel("zone", "a"), true),
                Arguments.of(new DestinationLabel("zone", "b"), false),
                Arguments.of(new DestinationLabel("tls", "true"), true),
                Arguments.of(new DestinationLabel("server_id", "orders.example.org"), true),
                Arguments.of(new RouteLabel("route", "get-order"), true),
                Arguments.of(new RouteLabel("rt_route", "get-order"), false),
                Arguments.of(YES, true),
                Arguments.of(NO, false),
                Arguments.of(all(YES, NO), false),
                Arguments.of(all(YES, all(YES, any(NO, YES))), true),
                Arguments.of(any(NO, all(YES, NO), any(NO)), false),
                Arguments.of(any(NO, all(YES, NO), any(NO, YES)), true),
                Arguments.of(all(any(NO, YES).negate(), YES).negate(), true),
                Arguments.of(all(new Method("POST").negate(), new Path(Text.prefix("/orders"))), true),
                Arguments.of(any(new Method("POST"), new Path(Text.prefix("/carts"))), false),
                Arguments.of(
                        all(
                                new Method("GET"),
                                any(new Scheme("http"), new Scheme("https")).negate()),
                        false));
    }

    @ParameterizedTest
    @MethodSource("matches")
    void aMatchAndItsContraryDisagree(TapMatch match, boolean expected) {
        assertThat(MatchProgram.of(match).matches(SITE, EXCHANGE)).isEqualTo(expected);
        assertThat(MatchProgram.of(match.negate()).matches(SITE, EXCHANGE)).isEqualTo(!expected);
        assertThat(MatchProgram.of(match.negate().negate()).matches(SITE, EXCHANGE))
                .isEqualTo(expected);
    }

    static Stream<TapMatch> ofWhatIsNotKnown() {
        Networks everywhere = Networks.of("0.0.0.0/0", "::/0");
        return Stream.of(
                new SourceNetwork(everywhere),
                new SourcePorts(0, 65_535),
                new DestinationNetwork(everywhere),
                new DestinationPorts(0, 65_535),
                new DestinationLabel("zone", "a"),
                new RouteLabel("route", "get-order"));
    }

    @ParameterizedTest
    @MethodSource("ofWhatIsNotKnown")
    void whatIsNotKnownDoesNotMatch(TapMatch match) {
        assertThat(MatchProgram.of(match).matches(UNKNOWN, FROM_NOWHERE)).isFalse();
    }

    @Test
    void aHostNameHasAPortButNoNetwork() {
        TapMatch network = new DestinationNetwork(Networks.of("0.0.0.0/0", "::/0"));
        TapMatch ports = new DestinationPorts(8080, 8080);

        assertThat(MatchProgram.of(network).matches(BY_NAME, EXCHANGE)).isFalse();
        assertThat(MatchProgram.of(ports).matches(BY_NAME, EXCHANGE)).isTrue();
    }

    @Test
    void askingAllocatesNothing() {
        TapMatch match = all(
                new Method("GET"),
                any(new Path(Text.prefix("/carts")), new Path(Text.prefix("/orders"))),
                new DestinationLabel("zone", "a"),
                new RouteLabel("route", "get-order"),
                new SourcePorts(1, 2).negate(),
                new Authority(Text.exact("elsewhere")));
        MatchProgram program = MatchProgram.of(match);
        boolean[] found = new boolean[1];
        double bytes = AllocationAssert.bytesPerCall(() -> found[0] |= program.matches(SITE, EXCHANGE));

        assertThat(bytes).isLessThan(1);
        assertThat(found[0]).isFalse();
    }

    @Test
    void mistakesAreNamed() {
        assertThatThrownBy(() -> new SourcePorts(2, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ports: 2..1 (expected: 0..65535, the lower one first)");
        assertThatThrownBy(() -> new RouteLabel("", "a")).hasMessage("key: empty (expected: a text)");
        assertThatThrownBy(() -> TapRequest.of(0, YES)).hasMessage("limit: 0 (expected: 1..4294967295)");
    }
}
