package io.headgate.forward;

import static io.headgate.forward.From.below;
import static io.headgate.forward.From.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.GatewayException;
import io.headgate.forward.Forwarded.Form;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpVersion;
import io.headgate.http.RequestHead;
import io.headgate.test.TestExchange;
import java.net.UnixDomainSocketAddress;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardedTest {

    private static final Networks PROXIES = Networks.of("10.0.0.0/8", "fd00::/8");

    private final Forwarded fresh = Forwarded.create();
    private final Forwarded trusting = fresh.withTrusted(PROXIES);
    private final Forwarded reading7239 = trusting.withRead(Form.RFC_7239);

    // ---- nobody to trust

    @Test
    void tellsWhereARequestCameFrom() {
        Fields fields = fields(below(fresh, peer("203.0.113.9")));

        assertThat(fields)
                .isEqualTo(Fields.of(
                        "forwarded", "for=203.0.113.9;host=shop.example;proto=http",
                        "x-forwarded-for", "203.0.113.9",
                        "x-forwarded-proto", "http",
                        "x-forwarded-host", "shop.example",
                        "x-forwarded-port", "80",
                        "via", "1.1 headgate"));
    }

    @Test
    void quotesIpv6AndPorts() {
        RequestHead head = new RequestHead("GET", "https", "[2001:db8::2]:8443", "/", Fields.empty());
        Fields fields = fields(below(fresh, peer("2001:db8::1", head)));

        assertThat(fields.get("forwarded")).isEqualTo("for=\"[2001:db8::1]\";host=\"[2001:db8::2]:8443\";proto=https");
        assertThat(fields.get("x-forwarded-for")).isEqualTo("2001:db8::1");
        assertThat(fields.get("x-forwarded-port")).isEqualTo("8443");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Forwarded",
                "X-Forwarded-For",
                "X-Forwarded-Proto",
                "X-Forwarded-Host",
                "X-Forwarded-Port",
                "X-Forwarded-Prefix",
                "X-Forwarded-Ssl",
                "X-Real-IP",
                "X_Forwarded_For",
                "x_real_ip",
                "X-Forwarded_Host",
                "True-Client-IP",
                "CF-Connecting-IP",
                "X-Client-IP",
                "Front-End-Https",
                "Client_IP"
            })
    void dropsWhatAStrangerClaims(String name) {
        HttpExchange given = peer("203.0.113.9", name, "192.0.2.66", "Accept", "*/*", name, "192.0.2.67");
        Fields fields = fields(below(fresh.withRealIp(true), given));

        assertThat(fields.toString()).doesNotContain("192.0.2.6");
        assertThat(fields.get("accept")).isEqualTo("*/*");
        assertThat(fields.all("x-real-ip")).containsExactly("203.0.113.9");
        assertThat(fields.all("x-forwarded-for")).containsExactly("203.0.113.9");
    }

    @Test
    void strangersAreNotBelievedWhenOthersAre() {
        HttpExchange seen =
                below(trusting, peer("203.0.113.9", "x-forwarded-for", "192.0.2.1", "x-forwarded-proto", "https"));

        assertThat(fields(seen).get("x-forwarded-for")).isEqualTo("203.0.113.9");
        assertThat(Client.of(seen)).isEqualTo(new Client(Networks.parse("203.0.113.9"), "http"));
    }

    @Test
    void aRequestWithoutAnAddressIsOfUnknownOrigin() {
        RequestHead head = RequestHead.of("GET", "shop.example", "/");
        HttpExchange seen = below(
                fresh.withRealIp(true),
                From.at(UnixDomainSocketAddress.of("/run/proxy.sock"), head, HttpVersion.HTTP_2));

        assertThat(fields(seen).get("forwarded")).isEqualTo("for=unknown;host=shop.example;proto=http");
        assertThat(fields(seen).get("x-forwarded-for")).isEqualTo("unknown");
        assertThat(fields(seen).contains("x-real-ip")).isFalse();
        assertThat(fields(seen).get("via")).isEqualTo("2.0 headgate");
        assertThat(Client.of(seen).address()).isNull();
        assertThat(fields(below(fresh, TestExchange.get("/"))).get("x-forwarded-for"))
                .isEqualTo("unknown");
    }

    @Test
    void writesOnlyTheFormsThatAreWanted() {
        Fields one = fields(below(fresh.withWritten(EnumSet.of(Form.RFC_7239)), peer("203.0.113.9")));
        Fields none = fields(
                below(fresh.withWritten(Set.of()).withoutVia(), peer("203.0.113.9", "x-forwarded-for", "1.2.3.4")));

        assertThat(one.contains("x-forwarded-for")).isFalse();
        assertThat(one.contains("forwarded")).isTrue();
        assertThat(none).isEqualTo(Fields.empty());
    }

    // ---- X-Forwarded-For of trusted peers

    @Test
    void addsToWhatATrustedPeerSays() {
        HttpExchange seen = below(
                trusting,
                peer(
                        "10.0.0.1",
                        "X-Forwarded-For",
                        "192.0.2.66, 203.0.113.9",
                        "X-Forwarded-For",
                        "10.0.0.2",
                        "X-Forwarded-Proto",
                        "https",
                        "X-Forwarded-Host",
                        "www.example",
                        "X-Forwarded-Port",
                        "8443",
                        "X-Forwarded-Prefix",
                        "/shop",
                        "Forwarded",
                        "for=192.0.2.99"));
        Fields fields = fields(seen);

        assertThat(fields.all("x-forwarded-for")).containsExactly("192.0.2.66, 203.0.113.9, 10.0.0.2, 10.0.0.1");
        assertThat(fields.all("x-forwarded-proto")).containsExactly("https");
        assertThat(fields.all("x-forwarded-host")).containsExactly("www.example");
        assertThat(fields.all("x-forwarded-port")).containsExactly("8443");
        assertThat(fields.all("x-forwarded-prefix")).containsExactly("/shop");
        assertThat(fields.all("forwarded"))
                .as("made of what was read, not of what a client wrote")
                .containsExactly(
                        "for=192.0.2.66, for=203.0.113.9, for=10.0.0.2, for=10.0.0.1;host=shop.example;proto=http");
        assertThat(Client.of(seen)).isEqualTo(new Client(Networks.parse("203.0.113.9"), "https"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            203.0.113.9                      | 203.0.113.9
            203.0.113.9:4711                 | 203.0.113.9
            [2001:db8::1]:4711               | 2001:db8::1
            2001:db8::1                      | 2001:db8::1
            192.0.2.66, 203.0.113.9          | 203.0.113.9
            203.0.113.9, 10.1.1.1, fd00::1   | 203.0.113.9
            ::ffff:203.0.113.9               | 203.0.113.9
            10.0.0.3, 10.0.0.2               | 10.0.0.3
            203.0.113.9, unknown             | 10.0.0.1
            203.0.113.9, unknown, 10.0.0.2   | 10.0.0.2
            203.0.113.9, _hidden, 10.0.0.2   | 10.0.0.2
            nonsense, 203.0.113.9            | 203.0.113.9
            203.0.113.9, nonsense            | 10.0.0.1
            203.0.113.9, , 10.0.0.2,         | 203.0.113.9
            999.1.1.1                        | 10.0.0.1
            """)
    void walksTheChainFromItsRightEnd(String chain, String client) {
        HttpExchange seen = below(trusting, peer("10.0.0.1", "x-forwarded-for", chain));

        assertThat(Client.of(seen).address()).isEqualTo(Networks.parse(client));
    }

    @Test
    void dropsWhatStandsLeftOfAMemberThatIsNoNode() {
        HttpExchange seen =
                below(trusting, peer("10.0.0.1", "x-forwarded-for", "192.0.2.1, <script>, unknown, 10.0.0.2"));

        assertThat(fields(seen).get("x-forwarded-for")).isEqualTo("unknown, 10.0.0.2, 10.0.0.1");
        assertThat(fields(seen).get("forwarded")).startsWith("for=unknown, for=10.0.0.2, for=10.0.0.1;");
    }

    @Test
    void cutsEndlessChains() {
        HttpExchange seen = below(trusting, peer("10.0.0.1", "x-forwarded-for", "10.0.0.7,".repeat(1000)));

        assertThat(fields(seen).get("x-forwarded-for").split(",")).hasSize(65);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            203.0.113.9            | https       | https
            203.0.113.9            | HTTPS       | https
            203.0.113.9            | gopher      | http
            203.0.113.9, 10.0.0.2  | https, http | https
            1.1.1.1, 203.0.113.9   | https, http | http
            203.0.113.9            | https, http | http
            """)
    void theSchemeIsThatOfTheClient(String chain, String schemes, String scheme) {
        HttpExchange seen = below(trusting, peer("10.0.0.1", "x-forwarded-for", chain, "x-forwarded-proto", schemes));

        assertThat(Client.of(seen).scheme()).isEqualTo(scheme);
        assertThat(fields(seen).get("x-forwarded-proto")).isEqualTo(scheme);
    }

    @Test
    void invalidHostsAndPortsOfTrustedPeersAreReplaced() {
        Fields fields = fields(below(
                trusting,
                peer("10.0.0.1", "x-forwarded-host", "a b", "x-forwarded-port", "70000", "x-real-ip", "1.1.1.1")));

        assertThat(fields.get("x-forwarded-host")).isEqualTo("shop.example");
        assertThat(fields.get("x-forwarded-port")).isEqualTo("80");
        assertThat(fields.contains("x-real-ip")).isFalse();
    }

    // ---- Forwarded of trusted peers

    @Test
    void addsToForwarded() {
        String given = "for=\"[2001:db8::1]:4711\";proto=https;host=\"www.example:8443\";by=_edge;secret=\"a,\\\"b\"";
        HttpExchange seen = below(
                reading7239,
                peer("10.0.0.1", "Forwarded", given, "Forwarded", "for=10.0.0.2", "X-Forwarded-For", "192.0.2.99"));
        Fields fields = fields(seen);

        assertThat(fields.all("forwarded"))
                .containsExactly(given + ", for=10.0.0.2, for=10.0.0.1;host=shop.example;proto=http");
        assertThat(fields.get("x-forwarded-for")).isEqualTo("2001:db8::1, 10.0.0.2, 10.0.0.1");
        assertThat(fields.get("x-forwarded-proto")).isEqualTo("https");
        assertThat(fields.get("x-forwarded-host")).isEqualTo("www.example:8443");
        assertThat(fields.get("x-forwarded-port")).isEqualTo("8443");
        assertThat(Client.of(seen)).isEqualTo(new Client(Networks.parse("2001:db8::1"), "https"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            for=203.0.113.9                        | 203.0.113.9
            FOR="203.0.113.9:_port"                | 203.0.113.9
            for=1.1.1.1, for=203.0.113.9;by=x      | 203.0.113.9
            for=203.0.113.9, for=10.0.0.2          | 203.0.113.9
            for=203.0.113.9, for=unknown           | 10.0.0.1
            for=203.0.113.9, for=_x, for=10.0.0.2  | 10.0.0.2
            for=203.0.113.9, proto=https           | 10.0.0.1
            for=host.example                       | 10.0.0.1
            for=203.0.113.9 ; proto=https , ,      | 203.0.113.9
            """)
    void walksForwardedFromItsRightEnd(String chain, String client) {
        HttpExchange seen = below(reading7239, peer("10.0.0.1", "forwarded", chain));

        assertThat(Client.of(seen).address()).isEqualTo(Networks.parse(client));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "for=\"1.1.1.1",
                "for=",
                "for",
                "=1.1.1.1",
                "for=1.1.1.1;for=2.2.2.2",
                "for=1.1.1.1 x",
                "for=[::1]",
                "a=\"\\"
            })
    void refusesMalformedForwarded(String value) {
        assertThatThrownBy(() -> below(reading7239, peer("10.0.0.1", "forwarded", value)))
                .isInstanceOfSatisfying(
                        GatewayException.class, e -> assertThat(e.status()).isEqualTo(400))
                .hasMessageStartingWith("forwarded: malformed at character ");
        assertThat(below(reading7239, peer("203.0.113.9", "forwarded", value)))
                .as("of a stranger it is dropped unread")
                .isNotNull();
    }

    // ---- Via

    @Test
    void addsToViaWhoeverSentIt() {
        Fields fields = fields(below(fresh.withVia("edge:8080"), peer("203.0.113.9", "via", "1.0 fred")));

        assertThat(fields.all("via")).containsExactly("1.0 fred", "1.1 edge:8080");
    }

    @Test
    void refusesAPseudonymThatIsNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fresh.withVia("a b"))
                .withMessage("via: a b (expected: a token, with an optional port)");
    }

    private static Fields fields(HttpExchange exchange) {
        return exchange.head().fields();
    }
}
