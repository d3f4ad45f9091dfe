package io.headgate.samples;

import io.headgate.Stack;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.route.Condition;
import io.headgate.route.Route;
import io.headgate.route.RouteTable;
import io.headgate.route.Router;
import io.headgate.route.ServiceCache;
import io.headgate.route.ValueMatch;
import reactor.core.publisher.Flux;

/** The example of the page {@code docs/stages/router.md}. */
final class RouterExample {

    private RouterExample() {}

    // tag::router
    static RouteTable<String> table() {
        return RouteTable.<String>builder()
                .add(Route.of("order", "orders").withHost("api.example.org").withPath("/orders/{id}"))
                .add(Route.of("orders of beta testers", "orders-beta")
                        .withHost("api.example.org")
                        .withPathPrefix("/orders")
                        .withCondition(Condition.cookie("beta", ValueMatch.equalTo("yes"))))
                .add(Route.of("old shop", "shop-1").withHost("*.example.org").withShare("shop", 90))
                .add(Route.of("new shop", "shop-2").withHost("*.example.org").withShare("shop", 10))
                .build();
    }

    static Router<String> router(Flux<RouteTable<String>> tables, Stack<String, HttpExchange, HttpReply> stack) {
        return Router.follow(tables, ServiceCache.of(stack::make));
    }
    // end::router
}
