package io.headgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.mux.UpstreamException;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class GatewayCloseTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void closedGatewayRefusesCallsAndListeners() {
        Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
        Upstream upstream = gateway.upstream("http://127.0.0.1:9");
        gateway.closeAsync().block(LONG);

        assertThat(gateway.isDisposed()).isTrue();
        StepVerifier.create(upstream.call(HttpExchange.of(RequestHead.of("GET", "a", "/"), Body.empty())))
                .expectError(UpstreamException.class)
                .verify(LONG);
        StepVerifier.create(gateway.listen("127.0.0.1", 0, exchange -> Mono.just(HttpReply.of(204))))
                .expectErrorMessage("gateway: closed (expected: open)")
                .verify(LONG);
    }

    @Test
    void portIsFreeWhenItsListenerHasClosed() throws IOException {
        Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
        try (HeldPort held = new HeldPort()) {
            int port = held.number();
            Listener first = gateway.listen("127.0.0.1", port, exchange -> Mono.just(HttpReply.of(204)))
                    .block(LONG);
            StepVerifier.create(gateway.listen("127.0.0.1", port, exchange -> Mono.just(HttpReply.of(204))))
                    .expectError(IOException.class)
                    .verify(LONG);
            first.closeAsync().block(LONG);
            Listener second = gateway.listen("127.0.0.1", port, exchange -> Mono.just(HttpReply.of(204)))
                    .block(LONG);
            assertThat(second.port()).isEqualTo(port);
        } finally {
            gateway.closeAsync().block(LONG);
        }
    }
}
