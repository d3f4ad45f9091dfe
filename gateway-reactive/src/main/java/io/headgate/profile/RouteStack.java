package io.headgate.profile;

import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.CallWatch;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.retry.Retry;
import io.headgate.retry.RetryBudget;
import io.headgate.retry.RetryListener;
import io.headgate.timeout.Timeout;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Builds the services of routes. From the client to the target: the watch of calls, the timeout, retries, the watch of attempts,
 * the split. Retries are below the timeout, which spans them all, and above the split, so that another attempt may go elsewhere.
 */
final class RouteStack implements RouteEntry.Builder {

    private final String destination;
    private final ProfileRouting.Parts parts;
    private final TargetSet<HttpExchange, HttpReply> targets;

    RouteStack(String destination, ProfileRouting.Parts parts, TargetSet<HttpExchange, HttpReply> targets) {
        this.destination = destination;
        this.parts = parts;
        this.targets = targets;
    }

    @Override
    public Service<HttpExchange, HttpReply> build(
            @Nullable ProfileRoute route, LongAdder attempts, @Nullable RetryBudget budget) {
        RouteLabels labels = route == null ? RouteLabels.NONE : RouteLabels.of(route.labels());
        Duration timeout = route == null ? null : route.timeout();
        Service<HttpExchange, HttpReply> service = new Attempts(targets, attempts);
        service = watched(parts.watch().attempts(destination, labels)).wrap(service);
        service = retried(budget, labels).wrap(service);
        service = timeout == null
                ? service
                : Timeout.of(timeout).withTimer(parts.timer()).wrap(service);
        return watched(parts.watch().calls(destination, labels)).wrap(service);
    }

    private static Stage<HttpExchange, HttpReply> watched(
            @Nullable Function<HttpExchange, ? extends @Nullable CallWatch> factory) {
        return factory == null ? Stage.identity() : CallWatch.stage(factory);
    }

    private Stage<HttpExchange, HttpReply> retried(@Nullable RetryBudget budget, RouteLabels labels) {
        if (budget == null) {
            return Stage.identity();
        }
        RetryListener listener = parts.retryListener().and(parts.watch().retries(destination, labels));
        return Retry.of(parts.retries(), budget).withTimer(parts.timer()).withListener(listener);
    }

    /** The lowest: what is sent on. */
    private record Attempts(TargetSet<HttpExchange, HttpReply> targets, LongAdder count)
            implements Service<HttpExchange, HttpReply> {

        @Override
        public Mono<HttpReply> call(HttpExchange exchange) {
            return targets.call(exchange, count);
        }

        @Override
        public Status status() {
            return targets.status();
        }

        @Override
        public String toString() {
            return "split to [" + targets.describe() + "]";
        }
    }
}
