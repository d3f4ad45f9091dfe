package io.headgate.profile;

import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The service of one destination, as its profile describes it: an exchange takes the first route that is about it, which says what a
 * failure is, what it is called, how long it may take and whether it is retried; the traffic split says where it goes. What no route
 * is about takes the default route: no labels, classes, retries or timeout.
 *
 * <p><b>Profiles.</b> The profile is followed from the making of the router to its close, whether or not there are calls, and the
 * latest one counts. Until the first one calls take the default route, or wait for it as long as they have
 * {@linkplain ProfileRouting#withPatience patience}. When the source fails or ends, the last profile stays; {@link #failure} says why.
 * What is equal in two profiles is kept: routes with what they have counted, the retry budget with what is left of it, the services
 * of targets. A call in flight stays on the route that it has taken.
 *
 * <p><b>Threading.</b> Any. A call takes no lock. One that has waited for the profile goes on where
 * the profile came, and an {@link io.headgate.gateway.Upstream} brings it back to its event loop.
 *
 * <p><b>Cancellation.</b> {@link #closeAsync} leaves the stream of profiles and closes the services of the targets.
 *
 * <p><b>Ownership.</b> Passes the bodies on; a retry keeps a bounded part of a request body, see {@link io.headgate.retry.Retry}.
 *
 * <p><b>Errors.</b> Those of the targets; {@link NoTargetException} when a split has no target that is ready;
 * {@link io.headgate.timeout.TimedOutException}, 504, when the timeout of a route passes before the head of the reply.
 */
public final class ProfileRouter implements Service<HttpExchange, HttpReply> {

    private static final Logger LOG = LoggerFactory.getLogger(ProfileRouter.class);

    private final String name;
    private final ProfileRouting.Parts parts;
    private final TargetSet<HttpExchange, HttpReply> targets;
    private final RouteStack stack;
    private final Sinks.Empty<Void> settled = Sinks.empty(); // by the first profile, or because none comes
    private final LongAdder profiles = new LongAdder();
    private final LongAdder callsWithoutProfile = new LongAdder();
    private final Disposable subscription;
    private volatile RouteTable table;
    private volatile @Nullable Profile profile;
    private volatile boolean waiting;
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;
    private boolean warnedOfBudget; // from here on by the source of profiles alone
    private boolean warnedOfEndpoint;

    ProfileRouter(ProfileRouting routing, String name) {
        this.name = Objects.requireNonNull(name, "name");
        this.parts = routing.parts;
        this.waiting = !parts.patience().isZero();
        this.targets = new TargetSet<>(key -> Destinations.create(routing, key), parts.dice(), parts.grace());
        targets.update(TargetSet.Mode.ONLY, List.of(new TargetSet.Share(name, 1)));
        this.stack = new RouteStack(name, parts, targets);
        this.table = RouteTable.create(stack);
        this.subscription = follow(routing.source);
    }

    private Disposable follow(ProfileSource source) {
        Flux<Profile> stream;
        try {
            stream = source.profiles(name);
        } catch (RuntimeException e) {
            stream = Flux.error(e);
        }
        return stream.subscribe(this::applyOrKeep, this::ended, () -> ended(null));
    }

    private void applyOrKeep(Profile next) {
        if (next.equals(profile)) {
            return;
        }
        try {
            apply(next);
            profiles.increment();
            profile = next;
        } catch (RuntimeException e) {
            LOG.warn("{}: profile cannot be used, the last one stays", name, e);
        }
        settle();
    }

    private void apply(Profile next) {
        RouteTable changed = table.with(next, stack);
        if (next.endpoint() != null && parts.endpoints() != null) {
            targets.update(TargetSet.Mode.ONLY, List.of(new TargetSet.Share(next.endpoint(), 1)));
        } else if (next.targets().isEmpty()) {
            targets.update(TargetSet.Mode.ONLY, List.of(new TargetSet.Share(name, 1)));
        } else {
            targets.update(TargetSet.Mode.WEIGHTED, TrafficSplit.shares(next.targets()));
        }
        table = changed;
        warn(next);
    }

    private void warn(Profile next) {
        boolean wantsBudget =
                next.retryBudget() == null && next.routes().stream().anyMatch(ProfileRoute::isRetryable);
        if (wantsBudget && !warnedOfBudget) {
            warnedOfBudget = true;
            LOG.warn("{}: routes are retryable, but the profile has no valid retry budget: nothing is retried", name);
        }
        if (next.endpoint() != null && parts.endpoints() == null && !warnedOfEndpoint) {
            warnedOfEndpoint = true;
            LOG.warn("{}: the profile names an endpoint, but nothing makes services of endpoints: resolved", name);
        }
    }

    private void ended(@Nullable Throwable cause) {
        failure = cause == null ? new IllegalStateException("profiles of " + name + ": completed") : cause;
        LOG.warn("{}: no more profiles, {} stays", name, profile == null ? "the default route" : "the last one", cause);
        settle();
    }

    private void settle() {
        waiting = false;
        settled.tryEmitEmpty();
    }

    @Override
    public Mono<HttpReply> call(HttpExchange exchange) {
        Mono<HttpReply> call = new RoutedCall(this, exchange);
        return waiting ? Mono.defer(() -> wait(exchange)).then(call) : call;
    }

    /** Never longer than the exchange has time. */
    private Mono<Void> wait(HttpExchange exchange) {
        Duration left = Duration.ofNanos(Math.max(0, exchange.deadline().remainingNanos()));
        Duration patience = parts.patience().compareTo(left) < 0 ? parts.patience() : left;
        return settled.asMono().takeUntilOther(Mono.delay(patience, parts.scheduler()));
    }

    /** The route of a request, counted. */
    RouteEntry take(RequestHead head) {
        RouteEntry entry = table.choose(head);
        entry.calls.increment();
        if (profile == null) {
            callsWithoutProfile.increment();
        }
        return entry;
    }

    /**
     * Tells which route a request would take now, and why not another one. Takes its time: not for each request.
     *
     * @param head the head of the request
     * @return the route and the reasons
     */
    public RouteExplanation explain(RequestHead head) {
        return table.explain(head);
    }

    /**
     * The profile in force.
     *
     * @return the latest one, or null when none has come yet
     */
    public @Nullable Profile profile() {
        return profile;
    }

    /**
     * Why no more profiles come.
     *
     * @return the failure of the source, or null while there is none
     */
    public @Nullable Throwable failure() {
        return failure;
    }

    /**
     * What this router has seen.
     *
     * @return a snapshot
     */
    public ProfileStats stats() {
        RouteTable current = table;
        return new ProfileStats(profiles.sum(), callsWithoutProfile.sum(), current.stats(), current.defaultStats());
    }

    @Override
    public Status status() {
        return closed ? Status.CLOSED : targets.status();
    }

    @Override
    public Mono<Void> closeAsync(Duration grace) {
        return Mono.defer(() -> {
            closed = true;
            subscription.dispose();
            settle();
            return targets.closeAsync(grace);
        });
    }

    @Override
    public String describe() {
        return this + "\n" + targets.describe();
    }

    @Override
    public String toString() {
        return "profile of " + name;
    }
}
