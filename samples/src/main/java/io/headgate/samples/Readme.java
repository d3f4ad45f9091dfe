package io.headgate.samples;

import io.headgate.Service;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.Listener;
import io.headgate.gateway.Upstream;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import reactor.core.publisher.Mono;

/** The gateway of the README: routes by path to an HTTP/1.1 and an HTTP/2 upstream. */
public final class Readme {

    private Readme() {}

    /**
     * Runs the gateway until the process is ended.
     *
     * @param args not used
     */
    public static void main(String[] args) {
        // tag::readme
        Gateway gateway = Gateway.create();
        Upstream orders = gateway.upstream("http://127.0.0.1:9001");
        Upstream users = gateway.upstream("h2c://127.0.0.1:9002");
        Service<HttpExchange, HttpReply> routes = exchange -> {
            String path = exchange.head().path();
            if (path.startsWith("/orders")) {
                return orders.call(exchange);
            }
            if (path.startsWith("/users")) {
                return users.call(exchange);
            }
            return Mono.just(HttpReply.text(404, "no such path\n"));
        };
        Listener listener = gateway.listen("127.0.0.1", 8080, routes).block();
        System.out.println(listener);
        // end::readme
    }
}
