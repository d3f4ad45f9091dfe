package io.headgate.profile;

import io.headgate.ServiceFactory;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.retry.RetryListener;
import io.headgate.retry.RetryPolicy;
import io.headgate.timeout.CoarseTimer;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Makes the {@link ProfileRouter} of a destination: what all destinations of a gateway have in common.
 *
 * <pre>{@code
 * ProfileRouting routing = ProfileRouting.of(profiles, balancers).withWatch(metrics);
 * ProfileRouter orders = routing.create("orders.example:8080");
 * }</pre>
 *
 * <p>Immutable; each {@code with} method returns a copy.
 */
public final class ProfileRouting implements ServiceFactory<String, HttpExchange, HttpReply> {

    /** Every method, because the owner of the service has said of the route that it can be retried. */
    public static final RetryPolicy DEFAULT_RETRIES = RetryPolicy.DEFAULTS.withAnyMethod();

    final ProfileSource source;
    final ServiceFactory<String, HttpExchange, HttpReply> destinations;
    final Parts parts;

    /** What has a default. */
    record Parts(
            @Nullable ServiceFactory<Endpoint, HttpExchange, HttpReply> endpoints,
            RouteWatch watch,
            RetryPolicy retries,
            RetryListener retryListener,
            Duration patience,
            Duration grace,
            Scheduler scheduler,
            CoarseTimer timer,
            LongUnaryOperator dice) {}

    private ProfileRouting(
            ProfileSource source, ServiceFactory<String, HttpExchange, HttpReply> destinations, Parts parts) {
        this.source = Objects.requireNonNull(source, "source");
        this.destinations = Objects.requireNonNull(destinations, "destinations");
        this.parts = parts;
    }

    /**
     * Routing by profiles.
     *
     * @param source where the profiles come from
     * @param destinations makes the service, usually a balancer, that resolves a name: that of the destination, or of a target of its
     *     traffic split. Each one made is closed once
     * @return the routing
     */
    public static ProfileRouting of(
            ProfileSource source, ServiceFactory<String, HttpExchange, HttpReply> destinations) {
        Scheduler scheduler = Schedulers.parallel();
        return new ProfileRouting(
                source,
                destinations,
                new Parts(
                        null,
                        RouteWatch.NONE,
                        DEFAULT_RETRIES,
                        RetryListener.NONE,
                        Duration.ZERO,
                        TrafficSplit.DEFAULT_GRACE,
                        scheduler,
                        CoarseTimer.on(scheduler),
                        TrafficSplit.DICE));
    }

    private ProfileRouting with(Parts changed) {
        return new ProfileRouting(source, destinations, changed);
    }

    /**
     * A copy that can send to the one endpoint that a profile may name instead of a service.
     *
     * @param factory makes the service of an endpoint; each one made is closed once. Without it such a profile is treated like
     *     others, and its endpoint found by resolving the name
     * @return the copy
     */
    public ProfileRouting withEndpoints(ServiceFactory<Endpoint, HttpExchange, HttpReply> factory) {
        Objects.requireNonNull(factory, "endpoints");
        return with(new Parts(
                factory,
                parts.watch,
                parts.retries,
                parts.retryListener,
                parts.patience,
                parts.grace,
                parts.scheduler,
                parts.timer,
                parts.dice));
    }

    /**
     * A copy whose routes are watched.
     *
     * @param watch wants to know of their calls
     * @return the copy
     */
    public ProfileRouting withWatch(RouteWatch watch) {
        Objects.requireNonNull(watch, "watch");
        return with(new Parts(
                parts.endpoints,
                watch,
                parts.retries,
                parts.retryListener,
                parts.patience,
                parts.grace,
                parts.scheduler,
                parts.timer,
                parts.dice));
    }

    /**
     * A copy that retries otherwise, as far as routes are retryable and there is a budget.
     *
     * @param policy what is tried again, {@link #DEFAULT_RETRIES} unless set
     * @param listener is told of retries
     * @return the copy
     */
    public ProfileRouting withRetries(RetryPolicy policy, RetryListener listener) {
        Objects.requireNonNull(policy, "policy");
        Objects.requireNonNull(listener, "listener");
        return with(new Parts(
                parts.endpoints,
                parts.watch,
                policy,
                listener,
                parts.patience,
                parts.grace,
                parts.scheduler,
                parts.timer,
                parts.dice));
    }

    /**
     * A copy whose calls wait for the first profile.
     *
     * @param patience how long at most; then, and with zero, the default, at once, a call takes the default route
     * @return the copy
     */
    public ProfileRouting withPatience(Duration patience) {
        return with(new Parts(
                parts.endpoints,
                parts.watch,
                parts.retries,
                parts.retryListener,
                notNegative("patience", patience),
                parts.grace,
                parts.scheduler,
                parts.timer,
                parts.dice));
    }

    /**
     * A copy that closes otherwise what a profile names no more.
     *
     * @param grace how long calls in flight there may take; 30 seconds unless set
     * @return the copy
     */
    public ProfileRouting withGrace(Duration grace) {
        return with(new Parts(
                parts.endpoints,
                parts.watch,
                parts.retries,
                parts.retryListener,
                parts.patience,
                notNegative("grace", grace),
                parts.scheduler,
                parts.timer,
                parts.dice));
    }

    /**
     * A copy with another clock, for timeouts and waits.
     *
     * @param scheduler runs what is due; stays the caller's to dispose of
     * @return the copy
     */
    public ProfileRouting withScheduler(Scheduler scheduler) {
        return with(new Parts(
                parts.endpoints,
                parts.watch,
                parts.retries,
                parts.retryListener,
                parts.patience,
                parts.grace,
                scheduler,
                CoarseTimer.on(scheduler),
                parts.dice));
    }

    /**
     * A copy with other chances for traffic splits, for tests that want the same ones each time.
     *
     * @param dice returns a number from zero to below its argument; any thread may ask
     * @return the copy
     */
    public ProfileRouting withDice(LongUnaryOperator dice) {
        Objects.requireNonNull(dice, "dice");
        return with(new Parts(
                parts.endpoints,
                parts.watch,
                parts.retries,
                parts.retryListener,
                parts.patience,
                parts.grace,
                parts.scheduler,
                parts.timer,
                dice));
    }

    private static Duration notNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 0 or more)");
        }
        return value;
    }

    /**
     * The router of a destination. It looks its profile up at once.
     *
     * @param name of the destination, host and port
     * @return a new router; close it to end the lookup
     */
    @Override
    public ProfileRouter create(String name) {
        return new ProfileRouter(this, name);
    }
}
