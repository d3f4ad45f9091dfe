package io.headgate.samples;

import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Listener;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.util.Objects;
import reactor.core.publisher.Mono;

/** An upstream that streams bodies back, and answers requests without a body with their target. */
final class Echo implements AutoCloseable {

    private final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    private final Listener listener =
            Objects.requireNonNull(gateway.listen("127.0.0.1", 0, Echo::answer).block());

    /** {@code http} or {@code h2c}: the port speaks both. */
    String url(String scheme) {
        return scheme + "://127.0.0.1:" + listener.port();
    }

    private static Mono<HttpReply> answer(HttpExchange exchange) {
        Fields fields = Fields.of(
                EmbeddedUpstreams.SERVED_OVER, exchange.connection().version().toString());
        Body body = exchange.body();
        return Mono.just(HttpReply.of(
                200, fields, body.isEmpty() ? Body.utf8(exchange.head().target()) : body));
    }

    @Override
    public void close() {
        gateway.closeAsync().block();
    }
}
