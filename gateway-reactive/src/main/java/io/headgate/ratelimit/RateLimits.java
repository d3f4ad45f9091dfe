package io.headgate.ratelimit;

import io.headgate.GatewayException;
import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * Refuses requests that come faster than they may, with 429. There may be several limits, each for keys of its own; a
 * request passes when all of them admit it, and when one refuses it, none is charged.
 *
 * <pre>{@code
 * RateLimits.create()
 *         .with(RateLimit.perSecond(10).withBurst(20), RateKey.client())
 *         .with(RateLimit.perSecond(1000), RateKey.all())
 * }</pre>
 *
 * Limits are asked in the order in which they were given, and one that has admitted a request is paid back when a
 * later one refuses it; for that moment it has less for others. So the narrow ones come first.
 *
 * <p>A limit keeps up to {@link #DEFAULT_KEYS} keys, or as many as {@link #withKeys} says. A key whose capacity is
 * whole again is forgotten when room is needed. Keys for which there is no room share the capacity of one: whoever
 * makes up keys in masses can use that one up, but neither the memory nor what known keys have.
 *
 * <p>The limits belong to the stage object: wherever it is wrapped, requests are counted together. Copies count anew.
 *
 * <p><b>Threading.</b> Limits that are kept here take no lock and change no thread. With a {@link #withStore store} a
 * call goes on where the store answers.
 *
 * <p><b>Errors.</b> {@link RateLimitedException}; {@link StoreUnavailableException}.
 *
 * <p>Immutable but for the counts; each {@code with} method returns a copy. Without a limit the stage is not there at
 * all.
 */
public final class RateLimits implements Stage<HttpExchange, HttpReply> {

    /** How many keys each limit keeps: two to four megabytes of them. */
    public static final int DEFAULT_KEYS = 16 * 1024;

    /** How long a store may take to decide: less than most requests take, so that a slow one is not the main cost. */
    public static final Duration DEFAULT_STORE_TIMEOUT = Duration.ofMillis(100);

    private static final ToLongFunction<HttpExchange> ONE = exchange -> 1;

    private final Plan plan;
    private final LocalLimits local;
    private final LongAdder refused = new LongAdder();
    private final LongAdder undecided = new LongAdder();

    /** What is limited, and how. */
    private record Plan(
            List<RateRule> rules,
            int keys,
            ToLongFunction<HttpExchange> cost,
            @Nullable StorePlan store,
            LongSupplier clock) {}

    private RateLimits(Plan plan) {
        this.plan = plan;
        this.local = new LocalLimits(plan.rules, plan.keys, plan.clock);
    }

    /**
     * No limit yet.
     *
     * @return the stage, which does nothing
     */
    public static RateLimits create() {
        return new RateLimits(new Plan(List.of(), DEFAULT_KEYS, ONE, null, System::nanoTime));
    }

    /**
     * A copy with one more limit.
     *
     * @param limit the limit
     * @param key whom it counts together
     * @return the copy
     */
    public RateLimits with(RateLimit limit, RateKey key) {
        RateRule rule = new RateRule(Objects.requireNonNull(limit, "limit"), Objects.requireNonNull(key, "key"));
        List<RateRule> rules =
                Stream.concat(plan.rules.stream(), Stream.of(rule)).toList();
        return new RateLimits(new Plan(rules, plan.keys, plan.cost, plan.store, plan.clock));
    }

    /**
     * A copy that keeps another number of keys.
     *
     * @param most how many keys each limit keeps in this process
     * @return the copy
     */
    public RateLimits withKeys(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("keys: " + most + " (expected: at least 1)");
        }
        return new RateLimits(new Plan(plan.rules, most, plan.cost, plan.store, plan.clock));
    }

    /**
     * A copy for which requests count differently.
     *
     * @param changed what a request takes of each limit; zero or less takes nothing and passes, and more than the
     *     burst of a limit is always refused
     * @return the copy
     */
    public RateLimits withCost(ToLongFunction<HttpExchange> changed) {
        Objects.requireNonNull(changed, "cost");
        return new RateLimits(new Plan(plan.rules, plan.keys, changed, plan.store, plan.clock));
    }

    /**
     * A copy whose limits are kept elsewhere. A decision may take {@link #DEFAULT_STORE_TIMEOUT}.
     *
     * @param store keeps them
     * @param failure what to do when it has not decided
     * @return the copy
     */
    public RateLimits withStore(RateLimitStore store, StoreFailure failure) {
        return withStore(store, failure, DEFAULT_STORE_TIMEOUT);
    }

    /**
     * A copy whose limits are kept elsewhere.
     *
     * @param store keeps them
     * @param failure what to do when it has not decided
     * @param timeout how long it may take; no longer than the deadline of the exchange in any case
     * @return the copy
     */
    public RateLimits withStore(RateLimitStore store, StoreFailure failure, Duration timeout) {
        StorePlan changed = new StorePlan(store, failure, timeout);
        return new RateLimits(new Plan(plan.rules, plan.keys, plan.cost, changed, plan.clock));
    }

    /** For tests: time as they like it, in nanoseconds. */
    RateLimits withClock(LongSupplier changed) {
        return new RateLimits(new Plan(plan.rules, plan.keys, plan.cost, plan.store, changed));
    }

    /**
     * What this stage has seen.
     *
     * @return a snapshot
     */
    public RateLimitStats stats() {
        return new RateLimitStats(refused.sum(), undecided.sum(), local.keys(), local.strangers());
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        if (plan.rules.isEmpty()) {
            return next;
        }
        StorePlan store = plan.store;
        return new Layer<>("rate-limits", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                return store == null ? new Counted(exchange, next) : decided(store, exchange, next);
            }
        };
    }

    private Mono<HttpReply> decided(StorePlan store, HttpExchange exchange, Service<HttpExchange, HttpReply> next) {
        return Mono.defer(() -> {
            List<RateClaim> claims = RateClaims.of(plan.rules, exchange, plan.cost.applyAsLong(exchange));
            return claims.isEmpty()
                    ? next.call(exchange)
                    : store.decide(claims, exchange.deadline(), undecided)
                            .flatMap(decision -> decision instanceof RateDecision.Refused no
                                    ? refuse(new RateLimitedException(no.limit(), no.retryAfter()))
                                    : next.call(exchange));
        });
    }

    private Mono<HttpReply> refuse(GatewayException refusal) {
        refused.increment();
        return Mono.error(refusal);
    }

    /** Each subscription is a request of its own. */
    private final class Counted extends Mono<HttpReply> {

        private final HttpExchange exchange;
        private final Service<HttpExchange, HttpReply> next;

        Counted(HttpExchange exchange, Service<HttpExchange, HttpReply> next) {
            this.exchange = exchange;
            this.next = next;
        }

        @Override
        public void subscribe(CoreSubscriber<? super HttpReply> actual) {
            RateLimitedException refusal;
            try {
                refusal = local.take(exchange, plan.cost.applyAsLong(exchange));
            } catch (RuntimeException e) { // of a key or a cost
                Operators.error(actual, e);
                return;
            }
            if (refusal == null) {
                next.call(exchange).subscribe(actual);
            } else {
                refused.increment();
                Operators.error(actual, refusal);
            }
        }
    }
}
