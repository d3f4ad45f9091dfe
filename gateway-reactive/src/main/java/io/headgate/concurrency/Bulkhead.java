package io.headgate.concurrency;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.limit.internal.KeyTable;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A {@link ConcurrencyLimit} for each key, so that what goes wrong with one tenant, route or client does not take the
 * room of the others.
 *
 * <p>There is room for {@link #DEFAULT_KEYS} keys, or as many as {@link #withKeys} says. A key without calls is
 * forgotten when room is needed. Keys for which there is none share one compartment of the same size. A total limit
 * is a {@code ConcurrencyLimit} below.
 *
 * <p>Threading, cancellation and errors are those of {@link ConcurrencyLimit}. {@link Service#status} is that of the
 * next service: what is full for one key is not for another. Immutable but for the counts; each {@code with} method
 * returns a copy.
 */
public final class Bulkhead implements Stage<HttpExchange, HttpReply> {

    /** How many keys have a compartment of their own. */
    public static final int DEFAULT_KEYS = 16 * 1024;

    private final Plan plan;
    private final KeyTable<Permits> compartments;
    private final PermitSource source = new Compartments();
    private final Refusals refusals = new Refusals();

    /** What is limited, and how. */
    private record Plan(
            Function<? super HttpExchange, ? extends @Nullable Object> key, int limit, WaitPlan queue, int keys) {}

    private Bulkhead(Plan plan) {
        this.plan = plan;
        this.compartments = new KeyTable<>(plan.keys, now -> new Permits(plan.limit, plan.queue.places()), 0);
    }

    /**
     * Compartments without queues.
     *
     * @param limit most calls of a key that are under way
     * @param key whose calls count together, compared by {@code equals}; a call whose key is null passes
     * @return the stage
     */
    public static Bulkhead of(int limit, Function<? super HttpExchange, ? extends @Nullable Object> key) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: at least 1)");
        }
        return new Bulkhead(new Plan(Objects.requireNonNull(key, "key"), limit, WaitPlan.NONE, DEFAULT_KEYS));
    }

    /**
     * A copy whose compartments have queues.
     *
     * @param places how many calls of a key may wait; 0 for none
     * @param patience how long each may wait, and no longer than its deadline
     * @return the copy
     */
    public Bulkhead withQueue(int places, Duration patience) {
        return new Bulkhead(new Plan(plan.key, plan.limit, WaitPlan.of(places, patience), plan.keys));
    }

    /**
     * A copy with room for another number of keys.
     *
     * @param most how many keys have a compartment of their own
     * @return the copy
     */
    public Bulkhead withKeys(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("keys: " + most + " (expected: at least 1)");
        }
        return new Bulkhead(new Plan(plan.key, plan.limit, plan.queue, most));
    }

    /**
     * How things stand.
     *
     * @return a snapshot
     */
    public BulkheadStats stats() {
        return new BulkheadStats(
                compartments.size(), compartments.shared(), refusals.whenFull(), refusals.afterWaiting());
    }

    /** For tests: how many calls of a key are under way. */
    int taken(Object key) {
        return source.find(key).taken();
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("bulkhead", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                Object key = plan.key.apply(exchange);
                return key == null
                        ? next.call(exchange)
                        : new LimitedCall(exchange, next, source, key, plan.queue, refusals);
            }
        };
    }

    /** Compartments have no sense of time: one that is empty is as good as new. */
    private final class Compartments implements PermitSource {

        @Override
        public Permits find(Object key) {
            return compartments.get(key, 0);
        }

        @Override
        public void forget(Object key, Permits retired) {
            compartments.forget(key, retired);
        }
    }
}
