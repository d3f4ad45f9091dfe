package io.headgate.balance;

import io.headgate.Service;
import io.headgate.ServiceFactory;
import io.headgate.balance.EndpointStats.Rank;
import io.headgate.balance.internal.Node;
import io.headgate.balance.internal.Nodes;
import io.headgate.balance.internal.PeakEwma;
import io.headgate.balance.internal.WaitLine;
import io.headgate.http.CallWatch;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mux.DeadlineException;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The bridge from a resolution to a service: each call goes to one of the endpoints that the resolution says, and these may come
 * and go at any time.
 *
 * <pre>{@code
 * Stack<Endpoint, HttpExchange, HttpReply> each = Stack.of(gateway.endpoints()).push(...);
 * Balancer orders = Balancer.create(resolver.resolve("orders:8080"), each::make, BalancerSettings.DEFAULTS);
 * }</pre>
 *
 * <p><b>Endpoints.</b> Each has a service of its own, which lives as long as the endpoint does: a new weight or other labels
 * change nothing of it, another protocol, identity or authority makes a new one and drains the old one. An endpoint that leaves gets
 * no more calls; its service is closed after its last one, or when the {@linkplain BalancerSettings#grace grace} is over, or at
 * once when it is dropped. A resolution that completes or fails leaves the last set in force.
 *
 * <p><b>Choice.</b> Only endpoints whose service is {@linkplain Service.Status#OPEN open} are chosen, by a {@link Strategy}; those
 * of weight zero only when no other one is open. The strategy looks at a few endpoints; when none of them is open, all are looked
 * at from a random one on until one is.
 *
 * <p><b>Nobody.</b> While no endpoint is ready, or none is there, calls wait in order. When nobody has become ready for the time of
 * {@link BalancerSettings#failfast}, the gate shuts: those that wait fail with 504 and new ones at once with 503, and
 * {@link #status} is BUSY, until an endpoint is ready. See {@link NoEndpointException}. A call that waits for longer than its deadline
 * fails with {@link DeadlineException}.
 *
 * <p><b>Threading.</b> Calls may come on any thread and lock nothing unless they have to wait. A call that did not wait is made
 * on the thread that subscribes, one that waited on the thread that freed its endpoint, from which services of a gateway return
 * to the event loop of the client. Replies are passed as they are: a body goes from socket to socket still.
 *
 * <p><b>Cancellation.</b> A call that waits leaves; one that is made is cancelled. {@link #closeAsync} leaves the resolution.
 *
 * <p><b>Ownership.</b> Takes the body of the request once subscribed; discards it when the call fails without an endpoint.
 */
public final class Balancer implements Service<HttpExchange, HttpReply> {

    private static final Logger LOG = LoggerFactory.getLogger(Balancer.class);

    private final BalancerSettings settings;
    private final Scheduler timer;
    private final LongSupplier clock;
    private final PeakEwma latency;
    private final Penalties penalties;
    private final Nodes nodes;
    private final WaitLine<WaitingCall> line;
    private final Departures departures;

    private final AtomicInteger serving = new AtomicInteger(); // who raises it from zero serves the line
    private final AtomicBoolean ticking = new AtomicBoolean();
    private final Disposable.Swap tick = Disposables.swap();
    private final Disposable.Swap resolution = Disposables.swap();
    private volatile @Nullable Node freed; // a hint: it has been ready a moment ago
    private volatile @Nullable Throwable failure; // of the resolution
    private volatile boolean closed;

    private final LongAdder waited = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile long resets; // written by the resolution alone, as the next ones
    private volatile long upserts;
    private volatile long removals;

    private Balancer(
            ServiceFactory<Endpoint, HttpExchange, HttpReply> factory,
            BalancerSettings settings,
            Scheduler timer,
            LongSupplier clock,
            LongSupplier random) {
        this.settings = settings;
        this.timer = timer;
        this.clock = clock;
        Nodes.Policy policy = Strategies.policy(settings, random);
        this.latency = policy.latency();
        this.penalties = new Penalties(Strategies.times(settings.strategy()).penalty());
        this.nodes = new Nodes(policy, factory, this::gone, clock, random);
        this.line = new WaitLine<>(settings.queue(), settings.failfast().toNanos());
        this.departures = new Departures(timer);
    }

    /**
     * Balances over the endpoints of a resolution, which is subscribed at once and followed whether or not there are calls.
     *
     * @param updates a state stream, as a {@link io.headgate.resolve.Resolver} makes them; demand is unbounded, and what is kept is
     *     the set
     * @param factory makes the service of an endpoint when it is first seen; an endpoint for which it throws is left out
     * @param settings how to balance
     * @return the balancer; to be closed
     */
    public static Balancer create(
            Flux<Update<Endpoint>> updates,
            ServiceFactory<Endpoint, HttpExchange, HttpReply> factory,
            BalancerSettings settings) {
        return create(
                updates,
                factory,
                settings,
                Schedulers.parallel(),
                System::nanoTime,
                () -> ThreadLocalRandom.current().nextLong());
    }

    /**
     * The same with sources of time and chance, for simulations.
     *
     * @param updates a state stream
     * @param factory makes the service of an endpoint
     * @param settings how to balance
     * @param timer runs what waits for its time; must not be blocked
     * @param clock nanoseconds that go up; called on any thread
     * @param random 64 random bits; called on any thread
     * @return the balancer; to be closed
     */
    public static Balancer create(
            Flux<Update<Endpoint>> updates,
            ServiceFactory<Endpoint, HttpExchange, HttpReply> factory,
            BalancerSettings settings,
            Scheduler timer,
            LongSupplier clock,
            LongSupplier random) {
        Objects.requireNonNull(updates, "updates");
        Objects.requireNonNull(factory, "factory");
        Objects.requireNonNull(settings, "settings");
        Balancer balancer = new Balancer(factory, settings, timer, clock, random);
        balancer.resolution.update(updates.subscribe(balancer::apply, balancer::unresolved));
        return balancer;
    }

    // ---- the resolution

    private void apply(Update<Endpoint> update) {
        synchronized (nodes) { // a close may come in between
            if (closed) {
                return;
            }
            nodes.apply(update);
            if (update instanceof Update.Upsert) {
                upserts++;
            } else if (update instanceof Update.Remove) {
                removals++;
            } else {
                resets++;
            }
        }
        serveIfAnybodyWaits();
    }

    private void gone(Node node, Departure departure) {
        departures.begin(node, departure == Departure.DROP ? Duration.ZERO : settings.grace());
    }

    private void unresolved(Throwable cause) {
        LOG.warn("resolution failed, {} endpoints stay", nodes.size(), cause);
        failure = cause;
        if (nodes.size() == 0) {
            failAll(NoEndpointException.unresolved(cause));
        }
    }

    // ---- calls

    @Override
    public Mono<HttpReply> call(HttpExchange exchange) {
        return new BalancedCall(exchange);
    }

    private final class BalancedCall extends Mono<HttpReply> {

        private final HttpExchange exchange;

        BalancedCall(HttpExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void subscribe(CoreSubscriber<? super HttpReply> actual) {
            Node node = closed || line.size() > 0 || line.isShut() ? null : nodes.enter(exchange);
            if (node != null) {
                start(node, exchange, actual);
            } else {
                await(exchange, actual);
            }
        }
    }

    private void start(Node node, HttpExchange exchange, CoreSubscriber<? super HttpReply> actual) {
        NodeCall watch = new NodeCall(this, node, exchange);
        Mono<HttpReply> call;
        try {
            call = node.service().call(exchange);
        } catch (RuntimeException e) {
            watch.onFailure(e);
            Operators.error(actual, e);
            return;
        }
        CallWatch.watch(call, watch).subscribe(actual);
    }

    private void await(HttpExchange exchange, CoreSubscriber<? super HttpReply> actual) {
        Throwable unresolved = failure;
        if (closed) {
            refuse(exchange, actual, NoEndpointException.closed());
        } else if (unresolved != null && nodes.size() == 0) {
            refuse(exchange, actual, NoEndpointException.unresolved(unresolved));
        } else if (exchange.deadline().isExpired()) {
            refuse(exchange, actual, DeadlineException.exceeded());
        } else if (line.isShut()) {
            refuse(exchange, actual, NoEndpointException.gateShut());
        } else {
            WaitingCall waiting = new WaitingCall(this, exchange, actual);
            actual.onSubscribe(waiting);
            join(waiting);
        }
    }

    private void refuse(HttpExchange exchange, CoreSubscriber<? super HttpReply> actual, Throwable why) {
        refused.increment();
        exchange.body().discard();
        Operators.error(actual, why);
    }

    private void join(WaitingCall waiting) {
        switch (line.join(waiting.place(), now())) {
            case FULL -> fail(waiting, NoEndpointException.queueFull(settings.queue()));
            case SHUT -> fail(waiting, NoEndpointException.gateShut());
            case FIRST -> {
                waited.increment();
                arm();
                serve(); // somebody may have become ready after the look and before the line was there
                refuseIfClosed();
            }
            case BEHIND -> {
                waited.increment();
                refuseIfClosed();
            }
        }
        if (waiting.isGone()) {
            waiting.cancel(); // before it joined, so that it was not there to leave
        }
    }

    private void fail(WaitingCall waiting, Throwable why) {
        refused.increment();
        waiting.fail(why);
    }

    private void failAll(Throwable why) {
        line.leaveIf(waiting -> true).forEach(waiting -> fail(waiting, why));
    }

    private void refuseIfClosed() {
        Throwable unresolved = failure;
        if (closed) {
            failAll(NoEndpointException.closed());
        } else if (unresolved != null && nodes.size() == 0) {
            failAll(NoEndpointException.unresolved(unresolved));
        }
    }

    boolean leaveLine(WaitingCall waiting) {
        return line.leave(waiting.place());
    }

    // ---- those who wait

    /** A call has had its answer: its endpoint may be ready for another one. */
    void freed(Node node) {
        if ((line.size() > 0 || line.isShut()) && node.isReady()) {
            freed = node;
            serve();
        }
    }

    void ended(Node node) {
        nodes.leave(node);
        freed(node);
    }

    private void serveIfAnybodyWaits() {
        if (line.size() > 0 || line.isShut()) {
            serve();
        }
    }

    /** Gives endpoints to those who wait, for as long as somebody is ready. One thread does, for the others, too. */
    private void serve() {
        if (serving.getAndIncrement() != 0) {
            return;
        }
        int missed = 1;
        do {
            boolean more = true;
            while (more) {
                more = serveFirst();
            }
            missed = serving.addAndGet(-missed);
        } while (missed != 0);
    }

    private boolean serveFirst() {
        WaitLine.Place<WaitingCall> first = line.first();
        Node hint = freed;
        freed = null;
        if (first == null) {
            if (line.isShut() && (hint != null && hint.isReady() || nodes.hasReady())) {
                line.open();
            }
            return false;
        }
        HttpExchange exchange = first.waiter().exchange();
        Node node = hint != null && hint.isReady() && nodes.enter(hint) ? hint : nodes.enter(exchange);
        if (node == null) {
            return false;
        }
        if (line.serve(first, now())) {
            start(node, exchange, first.waiter());
        } else { // cancelled in between
            node.answered();
            nodes.leave(node);
        }
        return true;
    }

    private void arm() {
        if (!closed && ticking.compareAndSet(false, true)) {
            tick.update(timer.schedule(this::tick, settings.tick().toNanos(), TimeUnit.NANOSECONDS));
        }
    }

    private void tick() {
        ticking.set(false);
        line.leaveIf(WaitingCall::isLate).forEach(late -> fail(late, DeadlineException.exceeded()));
        serveIfAnybodyWaits();
        line.shutIfOverdue(now()).forEach(late -> fail(late, NoEndpointException.waitedInVain(settings.failfast())));
        if (line.size() > 0 || line.isShut()) {
            arm();
        }
    }

    // ---- for its calls

    long now() {
        return clock.getAsLong();
    }

    PeakEwma latency() {
        return latency;
    }

    Penalties penalties() {
        return penalties;
    }

    // ---- the service

    /**
     * Tells whether calls are welcome.
     *
     * @return BUSY while calls are refused at once, CLOSED after {@link #closeAsync}
     */
    @Override
    public Status status() {
        if (closed) {
            return Status.CLOSED;
        }
        return line.isShut() || failure != null && nodes.size() == 0 ? Status.BUSY : Status.OPEN;
    }

    /**
     * What the balancer holds and has seen. Looks at all endpoints.
     *
     * @return the figures
     */
    public BalancerStats stats() {
        return new BalancerStats(
                nodes.size(),
                nodes.countReady(),
                nodes.openCalls(),
                line.size(),
                line.isShut(),
                line.timesShut(),
                line.timesOpened(),
                waited.sum(),
                refused.sum(),
                resets,
                upserts,
                removals);
    }

    /**
     * How each endpoint is. Looks at all of them, locks nothing and may miss one that comes or moves at this moment.
     *
     * @return those that the resolution says now, in no order; none that have left
     */
    public List<EndpointStats> endpoints() {
        long now = now();
        List<EndpointStats> all = new ArrayList<>(nodes.size());
        nodes.near().all().forEach(node -> all.add(stats(node, Rank.NEAR, now)));
        nodes.far().all().forEach(node -> all.add(stats(node, Rank.FAR, now)));
        nodes.last().all().forEach(node -> all.add(stats(node, Rank.LAST_RESORT, now)));
        return all;
    }

    private EndpointStats stats(Node node, Rank rank, long now) {
        return new EndpointStats(
                node.endpoint(),
                node.service().status(),
                rank,
                node.open(),
                node.pending(),
                latency.seen(node, now) / 1e6);
    }

    /**
     * Leaves the resolution, fails the calls that wait with 503, refuses new ones, and closes the services of all endpoints, those
     * that drain included, each after its last call.
     *
     * @param grace how long calls in flight may take; zero cuts them at once
     * @return completes when all services are closed; each subscription closes
     */
    @Override
    public Mono<Void> closeAsync(Duration grace) {
        return Mono.defer(() -> {
            synchronized (nodes) {
                closed = true;
                nodes.retireAll(node -> departures.add(node));
            }
            resolution.dispose();
            tick.dispose();
            failAll(NoEndpointException.closed());
            return departures.closeAll(grace);
        });
    }

    @Override
    public String describe() {
        return this + "\n" + settings.strategy();
    }

    @Override
    public String toString() {
        return "balancer over " + nodes.size() + " endpoints";
    }
}
