package io.headgate.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Key;
import io.headgate.forward.Client;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.RequestHead;
import io.headgate.test.TestExchange;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;

class RateKeyTest {

    private static HttpExchange from(String address) {
        try {
            return TestExchange.get("/").withAttribute(Client.KEY, new Client(InetAddress.getByName(address), "http"));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static HttpExchange with(String name, String value) {
        RequestHead head = RequestHead.of("GET", "a", "/").withFields(Fields.of(name, value));
        return HttpExchange.of(head, Body.empty());
    }

    @Test
    void clientsOfIpv6AreCountedByTheirNetwork() {
        RateKey key = RateKey.client();

        assertThat(key.of(from("2001:db8:1:2::1")))
                .isEqualTo(key.of(from("2001:db8:1:2:ffff::2")))
                .isNotEqualTo(key.of(from("2001:db8:1:3::1")))
                .hasToString("2001:db8:1:2:0:0:0:0/64");
        assertThat(key.of(from("192.0.2.1")))
                .isEqualTo(key.of(from("192.0.2.1")))
                .isNotEqualTo(key.of(from("192.0.2.2")));
        assertThat(key.of(TestExchange.get("/"))).isEqualTo("local");
    }

    @Test
    void clientsWithoutACertificateAreCountedByTheirAddress() {
        assertThat(RateKey.identity().of(from("192.0.2.1")))
                .isEqualTo(RateKey.client().of(from("192.0.2.1")));
    }

    @Test
    void longValuesAreKeptShortAndApart() {
        RateKey key = RateKey.header("x-api-key");
        String same = "a".repeat(5000);

        assertThat(key.of(with("X-Api-Key", "k1"))).isEqualTo("k1");
        assertThat(key.of(TestExchange.get("/"))).isEqualTo("");
        assertThat(key.of(with("x-api-key", same + "1")))
                .isNotEqualTo(key.of(with("x-api-key", same + "2")))
                .asString()
                .hasSize(64);
    }

    @Test
    void attributesOfEarlierStagesCount() {
        Key<String> route = Key.of("route");

        assertThat(RateKey.attribute(route).of(TestExchange.get("/"))).isNull();
        assertThat(RateKey.attribute(route).of(TestExchange.get("/").withAttribute(route, "orders")))
                .isEqualTo("orders");
    }

    @Test
    void storesKnowKeysByTheirText() {
        List<RateRule> rules = List.of(
                new RateRule(RateLimit.perSecond(1), RateKey.client()),
                new RateRule(RateLimit.perSecond(2), RateKey.attribute(Key.of("none"))),
                new RateRule(RateLimit.perSecond(3), RateKey.all()));

        assertThat(RateClaims.of(rules, from("192.0.2.1"), 2))
                .containsExactly(
                        new RateClaim(RateLimit.perSecond(1), "192.0.2.1", 2),
                        new RateClaim(RateLimit.perSecond(3), "all", 2));
        assertThat(RateClaims.of(rules, from("192.0.2.1"), 0)).isEmpty();
    }
}
