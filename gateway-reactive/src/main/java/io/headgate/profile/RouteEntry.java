package io.headgate.profile;

import io.headgate.Attributes;
import io.headgate.Service;
import io.headgate.classify.Classifier;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.retry.RetryBudget;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** A route in use: what its profile says, the service built from that, and what it has counted. */
final class RouteEntry {

    /** Builds the service of a route: gives it what attempts are counted by, and the budget when it may retry. */
    interface Builder {
        Service<HttpExchange, HttpReply> build(
                @Nullable ProfileRoute route, LongAdder attempts, @Nullable RetryBudget budget);
    }

    final @Nullable ProfileRoute route; // null for the default route
    final RouteLabels labels;
    final LongAdder calls;
    final LongAdder attempts;
    final Service<HttpExchange, HttpReply> service;
    private final @Nullable Classifier classifier;
    private final @Nullable RetryBudget budget;

    private RouteEntry(
            @Nullable ProfileRoute route,
            @Nullable RetryBudget budget,
            LongAdder calls,
            LongAdder attempts,
            Service<HttpExchange, HttpReply> service) {
        this.route = route;
        this.budget = budget;
        this.calls = calls;
        this.attempts = attempts;
        this.service = service;
        labels = route == null ? RouteLabels.NONE : RouteLabels.of(route.labels());
        classifier = route == null || route.classes().isEmpty() ? null : ProfileClassifier.of(route.classes());
    }

    /**
     * A route that nobody has taken yet.
     *
     * @param budget of the profile; only for routes that may retry
     */
    static RouteEntry create(@Nullable ProfileRoute route, @Nullable RetryBudget budget, Builder builder) {
        return create(route, usable(route, budget), new LongAdder(), new LongAdder(), builder);
    }

    private static RouteEntry create(
            @Nullable ProfileRoute route,
            @Nullable RetryBudget budget,
            LongAdder calls,
            LongAdder attempts,
            Builder builder) {
        return new RouteEntry(route, budget, calls, attempts, builder.build(route, attempts, budget));
    }

    private static @Nullable RetryBudget usable(@Nullable ProfileRoute route, @Nullable RetryBudget budget) {
        return route != null && route.isRetryable() ? budget : null;
    }

    /** The same route in another profile: the very same as long as its budget is, and with the same counters anyway. */
    RouteEntry with(@Nullable RetryBudget changed, Builder builder) {
        RetryBudget wanted = usable(route, changed);
        return wanted == budget ? this : create(route, wanted, calls, attempts, builder);
    }

    /** The exchange with what the route says about it; the very same when that is nothing. */
    HttpExchange mark(HttpExchange exchange) {
        if (classifier == null && labels.isEmpty()) {
            return exchange;
        }
        if (classifier != null) {
            ExchangeNotes.note(exchange, Classifier.KEY, classifier);
        }
        if (!labels.isEmpty()) {
            ExchangeNotes.note(exchange, RouteLabels.KEY, labels);
        }
        Attributes marked = exchange.attributes();
        marked = classifier == null ? marked : marked.with(Classifier.KEY, classifier);
        marked = labels.isEmpty() ? marked : marked.with(RouteLabels.KEY, labels);
        return new HttpExchange(
                exchange.head(),
                exchange.body(),
                exchange.connection(),
                exchange.deadline(),
                marked,
                exchange.interim());
    }

    RouteStats stats() {
        return new RouteStats(route, calls.sum(), attempts.sum());
    }
}
