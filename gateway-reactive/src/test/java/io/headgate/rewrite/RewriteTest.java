package io.headgate.rewrite;

import static io.headgate.forward.From.below;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.GatewayException;
import io.headgate.Stage;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.test.TestExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RewriteTest {

    @ParameterizedTest
    @CsvSource({
        "/api/x?q=/api, /x?q=/api",
        "/api, /",
        "/api/, /",
        "/api?q, /?q",
        "/apix, /apix",
        "/x/api, /x/api",
        "/API/x, /API/x"
    })
    void stripsAPrefix(String target, String rewritten) {
        assertThat(rewritten(PathEdit.stripPrefix("/api"), target)).isEqualTo(rewritten);
    }

    @ParameterizedTest
    @CsvSource({"/x?q, /v1/x?q", "/, /v1", "/?q, /v1?q", "/v1, /v1/v1"})
    void addsAPrefix(String target, String rewritten) {
        assertThat(rewritten(PathEdit.addPrefix("/v1"), target)).isEqualTo(rewritten);
    }

    @ParameterizedTest
    @CsvSource({"/old/x, /new/x", "/old, /new", "/older, /older"})
    void replacesAPrefix(String target, String rewritten) {
        assertThat(rewritten(PathEdit.replacePrefix("/old", "/new"), target)).isEqualTo(rewritten);
    }

    @ParameterizedTest
    @CsvSource({
        "/users/7/orders?a=1, /orders/of/7?a=1",
        "/users/7/orders/8, /users/7/orders/8",
        "/v2/users/7/orders, /v2/users/7/orders"
    })
    void replacesWhatMatchesAsAWhole(String target, String rewritten) {
        PathEdit edit = PathEdit.replace("/users/(?P<id>[^/]+)/orders", "/orders/of/${id}");

        assertThat(rewritten(edit, target)).isEqualTo(rewritten);
    }

    @Test
    void knowsNumbersDollarsAndGroupsThatTookNoPart() {
        assertThat(rewritten(PathEdit.replace("/(a)?(b)?", "/$2$1x$$"), "/b")).isEqualTo("/bx$");
        assertThat(rewritten(PathEdit.to("/maintenance"), "/a/b?c")).isEqualTo("/maintenance?c");
    }

    @Test
    void aPatternRunsInLinearTimeWhateverTheClientSends() {
        PathEdit evil = PathEdit.replace("/(a|aa)+$x?!", "/b");

        assertThat(rewritten(evil, "/" + "a".repeat(100_000) + "b")).endsWith("b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "api", "/api/", "/", "/a b", "/a?b", "/a#b", "/a%"})
    void refusesWhatIsNoPrefix(String prefix) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PathEdit.stripPrefix(prefix))
                .withMessageStartingWith("prefix: " + prefix + " (expected: ");
        assertThatIllegalArgumentException().isThrownBy(() -> PathEdit.addPrefix(prefix));
    }

    @ParameterizedTest
    @CsvSource({"(, /a", "/(a), /$2", "/(a), /${b}", "/(a), /$", "/(a), /$x", "/(a), /${1", "/a, /b?c"})
    void refusesPatternsAndReplacementsThatCannotWork(String pattern, String replacement) {
        assertThatIllegalArgumentException().isThrownBy(() -> PathEdit.replace(pattern, replacement));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "/a b", "/a\r\nX: y", "/a#b", "/a?b", "/%z", "/\u20ac"})
    void refusesWhatAnEditMakesWhenItIsNoPath(String made) {
        assertThatThrownBy(() -> below(Rewrite.path(path -> made), TestExchange.get("/")))
                .isInstanceOfSatisfying(
                        GatewayException.class, e -> assertThat(e.status()).isEqualTo(400));
    }

    @Test
    void requestsThatAnEditIsNotAboutPassAsTheyAre() {
        HttpExchange other = TestExchange.get("/x?q");
        HttpExchange server = HttpExchange.of(RequestHead.of("OPTIONS", "a", "*"), Body.empty());

        assertThat(below(Rewrite.path(PathEdit.stripPrefix("/api")), other)).isSameAs(other);
        assertThat(below(Rewrite.path(PathEdit.addPrefix("/api")), server)).isSameAs(server);
    }

    @Test
    void asksForAnotherHost() {
        assertThat(host(Rewrite.host("orders.internal:8080"), "shop.example")).isEqualTo("orders.internal:8080");
        Stage<HttpExchange, HttpReply> tenants = Rewrite.host("([a-z]+)\\.shop\\.example(:\\d+)?", "$1.internal");
        assertThat(host(tenants, "acme.shop.example:8443")).isEqualTo("acme.internal");
        assertThat(host(tenants, "evil.example")).isEqualTo("evil.example");
        assertThatIllegalArgumentException().isThrownBy(() -> Rewrite.host("a b"));
    }

    @Test
    void refusesWhatAPatternMakesWhenItIsNoHost() {
        assertThatThrownBy(() -> host(Rewrite.host("(.*)", "user@$1"), "shop.example"))
                .isInstanceOf(GatewayException.class)
                .hasMessageContaining("user@shop.example");
    }

    private static String rewritten(PathEdit edit, String target) {
        return below(Rewrite.path(edit), TestExchange.get(target)).head().target();
    }

    private static String host(Stage<HttpExchange, HttpReply> stage, String authority) {
        return below(stage, HttpExchange.of(RequestHead.of("GET", authority, "/"), Body.empty()))
                .head()
                .authority();
    }
}
