package io.headgate.samples;

import io.headgate.Role;
import io.headgate.ServiceFactory;
import io.headgate.Stack;
import io.headgate.balance.Balancer;
import io.headgate.balance.BalancerSettings;
import io.headgate.breaker.CircuitBreaker;
import io.headgate.breaker.Ejection;
import io.headgate.hedge.Hedge;
import io.headgate.hedge.HedgePolicy;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.retry.BudgetSettings;
import io.headgate.retry.Retry;
import io.headgate.retry.RetryBudget;
import io.headgate.retry.RetryPolicy;
import io.headgate.route.RouteTable;
import io.headgate.route.Router;
import io.headgate.route.ServiceCache;
import io.headgate.timeout.Timeout;
import java.time.Duration;
import reactor.core.publisher.Flux;

/** The example of the order of resilience in {@code docs/stages/README.md}. */
final class ResilienceExamples {

    private ResilienceExamples() {}

    // tag::order
    static Router<String> resilient(
            Flux<RouteTable<String>> tables,
            Resolver resolver,
            ServiceFactory<Endpoint, HttpExchange, HttpReply> endpoints) {
        return Router.follow(
                tables, ServiceCache.of(name -> service(resolver, endpoints).make(name)));
    }

    static Stack<String, HttpExchange, HttpReply> service(
            Resolver resolver, ServiceFactory<Endpoint, HttpExchange, HttpReply> endpoints) {
        RetryBudget budget = RetryBudget.of(BudgetSettings.DEFAULTS);
        return Stack.<String, HttpExchange, HttpReply>of(name -> balancer(resolver, name, endpoints))
                .push(Role.of("hedge"), "above the balancer: the second attempt goes elsewhere", hedge(budget))
                .push(Role.of("retry"), "above hedges: tried again when all of them have failed", retry(budget))
                .push(Role.of("timeout"), "above retries: no attempt outlives it", Timeout.of(Duration.ofSeconds(10)));
    }

    static Balancer balancer(
            Resolver resolver, String name, ServiceFactory<Endpoint, HttpExchange, HttpReply> endpoints) {
        return Balancer.create(
                resolver.resolve(name), each(endpoints, Ejection.create())::make, BalancerSettings.DEFAULTS);
    }

    static Stack<Endpoint, HttpExchange, HttpReply> each(
            ServiceFactory<Endpoint, HttpExchange, HttpReply> endpoints, Ejection ejection) {
        return Stack.of(endpoints)
                .pushFor(Role.of("breaker"), "above the endpoint alone", endpoint -> CircuitBreaker.create())
                .pushFor(Role.of("ejection"), "above the breaker, whose refusals say nothing", ejection::stageFor);
    }
    // end::order

    private static Hedge hedge(RetryBudget budget) {
        return Hedge.of(HedgePolicy.DEFAULTS, budget);
    }

    private static Retry retry(RetryBudget budget) {
        return Retry.of(RetryPolicy.DEFAULTS, budget);
    }
}
