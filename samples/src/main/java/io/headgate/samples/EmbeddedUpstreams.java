package io.headgate.samples;

import io.headgate.Service;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.Listener;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.util.Objects;

/** Two small services to put a gateway in front of; replies name the protocol in which their request came. */
final class EmbeddedUpstreams implements AutoCloseable {

    /** The reply field that names the protocol. */
    static final String SERVED_OVER = "served-over";

    private static final int MAX_BODY = 64 * 1024;

    private final Gateway gateway;
    private final Listener orders;
    private final Listener users;

    private EmbeddedUpstreams(Gateway gateway) {
        this.gateway = gateway;
        this.orders = listen("orders");
        this.users = listen("users");
    }

    static EmbeddedUpstreams start() {
        return new EmbeddedUpstreams(Gateway.create());
    }

    /** Reached over HTTP/1.1. */
    String ordersUrl() {
        return "http://127.0.0.1:" + orders.port();
    }

    /** Reached over HTTP/2. */
    String usersUrl() {
        return "h2c://127.0.0.1:" + users.port();
    }

    private Listener listen(String name) {
        Service<HttpExchange, HttpReply> service = exchange ->
                exchange.body().asString(MAX_BODY).defaultIfEmpty("").map(body -> answer(name, exchange, body));
        return Objects.requireNonNull(gateway.listen("127.0.0.1", 0, service).block());
    }

    private static HttpReply answer(String name, HttpExchange exchange, String body) {
        String text = name + " answers " + exchange.head().method() + " "
                + exchange.head().target() + (body.isEmpty() ? "" : " with " + body) + "\n";
        Fields fields = Fields.of(
                "content-type",
                "text/plain; charset=utf-8",
                SERVED_OVER,
                exchange.connection().version().toString());
        return HttpReply.of(200, fields, Body.utf8(text));
    }

    @Override
    public void close() {
        gateway.closeAsync().block();
    }
}
