package io.headgate.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.headgate.GatewayException;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class AllowedOriginsTest {

    private final AllowedOrigins stage = AllowedOrigins.same().with("https://App.example", "http://localhost:3000");

    private static HttpExchange handshake(String... fields) {
        RequestHead head = RequestHead.of("GET", "chat.example", "/")
                .withFields(Fields.of(fields))
                .withUpgrade("websocket");
        return HttpExchange.of(head, Body.empty());
    }

    private Mono<Integer> call(HttpExchange exchange) {
        return stage.wrap(given -> Mono.just(HttpReply.of(204))).call(exchange).map(HttpReply::status);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://app.example",
                "HTTPS://APP.example",
                "http://localhost:3000",
                "https://chat.example",
                "http://chat.example"
            })
    void pagesOfAllowedOriginsMayConnect(String origin) {
        StepVerifier.create(call(handshake("origin", origin))).expectNext(204).verifyComplete();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example",
                "http://app.example",
                "https://app.example.evil.example",
                "null",
                "",
                "http://localhost",
                "https://chat.example:8443",
                "https://chat.example/"
            })
    void otherPagesMayNot(String origin) {
        StepVerifier.create(call(handshake("origin", origin)))
                .verifyErrorSatisfies(
                        e -> assertThat(((GatewayException) e).status()).isEqualTo(403));
    }

    @Test
    void twoOriginsAreNone() {
        StepVerifier.create(call(handshake("origin", "https://app.example", "origin", "https://app.example")))
                .verifyErrorMessage(
                        "origin: [https://app.example, https://app.example] (expected: an allowed one, once)");
    }

    @Test
    void whatIsNoPageOrNoWebSocketPasses() {
        StepVerifier.create(call(handshake())).expectNext(204).verifyComplete();
        HttpExchange plain = HttpExchange.of(
                RequestHead.of("GET", "chat.example", "/").withFields(Fields.of("origin", "https://evil.example")),
                Body.empty());
        StepVerifier.create(call(plain)).expectNext(204).verifyComplete();
    }

    @ParameterizedTest
    @ValueSource(strings = {"app.example", "https://app.example/", "https://u@app.example", "ws://app.example", ""})
    void whatIsNoOriginCannotBeAllowed(String origin) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AllowedOrigins.same().with(origin))
                .withMessageStartingWith("origin: " + origin);
    }
}
