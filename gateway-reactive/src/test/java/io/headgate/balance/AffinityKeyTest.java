package io.headgate.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.headgate.forward.Client;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.RequestHead;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AffinityKeyTest {

    private static HttpExchange with(CharSequence... fields) {
        RequestHead head = RequestHead.of("GET", "test.example", "/").withFields(Fields.of(fields));
        return HttpExchange.of(head, Body.empty());
    }

    @Test
    void headerIsKeyByItsValueWhateverItsClass() {
        AffinityKey key = AffinityKey.header("X-User");
        long hash = key.hash(with("x-user", "alice"));
        assertThat(hash).isNotZero();
        assertThat(key.hash(with("X-USER", AsciiString.of("alice")))).isEqualTo(hash);
        assertThat(key.hash(with("x-user", "bob"))).isNotEqualTo(hash);
        assertThat(key.hash(with("x-other", "alice"))).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"sid=abc", "a=b; sid=abc", "sid=abc; a=b", "xsid=1; sid=abc;", "a=;  sid=abc", "sid; sid=abc"})
    void cookieIsFoundAmongOthers(String cookies) {
        AffinityKey key = AffinityKey.cookie("sid");
        assertThat(key.hash(with("cookie", cookies))).isEqualTo(key.hash(with("cookie", "sid=abc")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sid", "sid=", "sid=; x=y", "SID=abc", "xsid=abc", "s=abc", "si", "=abc"})
    void cookieThatIsNotThereIsNoKey(String cookies) {
        assertThat(AffinityKey.cookie("sid").hash(with("cookie", cookies))).isZero();
    }

    @Test
    void cookieMayBeInALaterField() {
        AffinityKey key = AffinityKey.cookie("sid");
        assertThat(key.hash(with("cookie", "a=b", "cookie", "sid=abc")))
                .isEqualTo(key.hash(with("cookie", "sid=abc")))
                .isNotZero();
    }

    @Test
    void clientIsKnownByItsAddress() throws Exception {
        AffinityKey key = AffinityKey.clientAddress();
        HttpExchange one = with().withAttribute(Client.KEY, new Client(InetAddress.getByName("192.0.2.1"), "http"));
        HttpExchange other = with().withAttribute(Client.KEY, new Client(InetAddress.getByName("2001:db8::1"), "http"));
        assertThat(key.hash(one)).isNotZero().isNotEqualTo(key.hash(other));
        assertThat(key.hash(with())).isZero();
    }

    @Test
    void anythingElseCanBeTheKey() {
        AffinityKey key =
                new AffinityKey.Custom(exchange -> exchange.head().fields().get("x-tenant"));
        assertThat(key.hash(with("x-tenant", "a"))).isNotZero();
        assertThat(key.hash(with())).isZero();
    }

    @Test
    void settingsOutOfRangeAreRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AffinityKey.header(" "))
                .withMessageStartingWith("header:");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Strategy.RingHash(AffinityKey.cookie("a"), 0, 1.25, Strategy.peakEwma()))
                .withMessage("points: 0 (expected: 1..10000)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Strategy.RingHash(AffinityKey.cookie("a"), 10, 1, Strategy.peakEwma()))
                .withMessageStartingWith("bound: 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ZonePreference("a", 0))
                .withMessageStartingWith("enough: 0.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BalancerSettings.DEFAULTS.withQueue(-1))
                .withMessage("queue: -1 (expected: 0 or more)");
    }
}
