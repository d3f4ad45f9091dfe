package io.headgate.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.GatewayException;
import io.headgate.forward.Client;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class RedirectTest {

    private static final HttpReply PASSED = HttpReply.of(204);

    @ParameterizedTest
    @CsvSource({
        "http, shop.example, /a?b=c, https://shop.example/a?b=c",
        "http, shop.example:8080, /, https://shop.example/",
        "http, [2001:db8::1]:8080, //x, https://[2001:db8::1]//x",
        "http, [2001:db8::1], /, https://[2001:db8::1]/",
        "http, shop.example:, /, https://shop.example/"
    })
    void sendsClientsToTls(String scheme, String authority, String target, String location) {
        HttpReply reply = reply(Redirect.toHttps(), scheme, authority, target);

        assertThat(reply.status()).isEqualTo(308);
        assertThat(reply.fields()).isEqualTo(Fields.of("location", location));
        assertThat(reply.body().isEmpty()).isTrue();
    }

    @Test
    void whatCameOverTlsPasses() {
        assertThat(reply(Redirect.toHttps(), "https", "shop.example", "/")).isSameAs(PASSED);
        assertThat(reply(Redirect.toHttps(), "https", "shop.example:443", "/")).isSameAs(PASSED);
        HttpExchange viaProxy =
                exchange("http", "shop.example", "/").withAttribute(Client.KEY, new Client(null, "https"));
        assertThat(reply(Redirect.toHttps(), viaProxy)).isSameAs(PASSED);
    }

    @Test
    void changesOnlyWhatItIsToldTo() {
        assertThat(location(Redirect.of(301).withHost("www.example"), "http", "example:8080", "/a?b"))
                .isEqualTo("http://www.example/a?b");
        assertThat(location(Redirect.of(302).withPort(8443), "https", "example", "/"))
                .isEqualTo("https://example:8443/");
        assertThat(location(Redirect.of(307).withPort(80), "http", "example:8080", "/"))
                .isEqualTo("http://example/");
        assertThat(location(
                        Redirect.of(308).withPath(PathEdit.replacePrefix("/old", "/new")),
                        "http",
                        "example:8080",
                        "/old/x?q"))
                .isEqualTo("http://example:8080/new/x?q");
    }

    @Test
    void aRequestThatIsInTheRightPlacePasses() {
        assertThat(reply(Redirect.of(308).withHost("www.example"), "http", "WWW.example", "/"))
                .isSameAs(PASSED);
        assertThat(reply(Redirect.of(308).withPath(PathEdit.stripPrefix("/old")), "http", "a", "/x"))
                .isSameAs(PASSED);
        assertThat(reply(Redirect.of(308), "http", "a:80", "/x")).isSameAs(PASSED);
    }

    @Test
    void optionsOfTheServerPass() {
        HttpExchange server = HttpExchange.of(RequestHead.of("OPTIONS", "a", "*"), Body.empty());

        assertThat(reply(Redirect.toHttps(), server)).isSameAs(PASSED);
    }

    @Test
    void aPathThatIsNoneIsRefused() {
        StepVerifier.create(Redirect.of(308)
                        .withPath(path -> "/a\r\nSet-Cookie: b")
                        .wrap(exchange -> Mono.just(PASSED))
                        .call(exchange("http", "a", "/")))
                .verifyError(GatewayException.class);
    }

    @Test
    void anAuthorityThatIsNoneIsRefused() {
        assertThatThrownBy(() -> reply(Redirect.toHttps(), "http", "user@evil.example", "/"))
                .as("by the stage, or by the head itself")
                .isInstanceOfAny(GatewayException.class, IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 300, 303, 304, 305, 309})
    void otherStatusesAreRefused(int status) {
        assertThatIllegalArgumentException().isThrownBy(() -> Redirect.of(status));
    }

    @Test
    void refusesPartsThatAreNone() {
        Redirect redirect = Redirect.of(308);

        assertThatIllegalArgumentException().isThrownBy(() -> redirect.withScheme("ftp"));
        assertThatIllegalArgumentException().isThrownBy(() -> redirect.withHost("a:1"));
        assertThatIllegalArgumentException().isThrownBy(() -> redirect.withHost("a b"));
        assertThatIllegalArgumentException().isThrownBy(() -> redirect.withPort(0));
    }

    private static String location(Redirect redirect, String scheme, String authority, String target) {
        return reply(redirect, scheme, authority, target).fields().get("location");
    }

    private static HttpReply reply(Redirect redirect, String scheme, String authority, String target) {
        return reply(redirect, exchange(scheme, authority, target));
    }

    private static HttpReply reply(Redirect redirect, HttpExchange exchange) {
        return redirect.wrap(given -> Mono.just(PASSED)).call(exchange).block();
    }

    private static HttpExchange exchange(String scheme, String authority, String target) {
        return HttpExchange.of(new RequestHead("GET", scheme, authority, target, Fields.empty()), Body.empty());
    }
}
