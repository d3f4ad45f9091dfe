package io.headgate.balance.internal;

import io.headgate.Service;
import io.headgate.ServiceFactory;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoints of a balancer, in three tiers: near, far, and those of the last resort. An update costs as much as it says; a
 * pick costs a few looks, and a scan when these find nobody ready. Updates come one after the other; any thread may pick.
 */
public final class Nodes {

    private static final Logger LOG = LoggerFactory.getLogger(Nodes.class);

    /**
     * How endpoints are chosen.
     *
     * @param picker among those of a tier
     * @param affinity by key before all else, or null
     * @param latency what estimates the time of endpoints
     * @param isNear which endpoints are near, or null when all are
     * @param enoughReady the share of the near ones that must be ready to take all calls
     * @param rampNanos how long an endpoint that joins others is new; zero for no time
     */
    public record Policy(
            Picker picker,
            @Nullable Affinity affinity,
            PeakEwma latency,
            @Nullable Predicate<Endpoint> isNear,
            double enoughReady,
            long rampNanos) {}

    private final Policy policy;
    private final ServiceFactory<Endpoint, HttpExchange, HttpReply> factory;
    private final BiConsumer<Node, Departure> gone;
    private final LongSupplier clock;
    private final LongSupplier random;
    private final Map<InetSocketAddress, Node> known = new HashMap<>(); // for the writer
    private final Tier near;
    private final Tier far;
    private final Tier last;
    private final LongAdder openCalls = new LongAdder();

    /**
     * No endpoints.
     *
     * @param factory makes the services of endpoints
     * @param gone is given nodes that take no more calls, to close them
     */
    public Nodes(
            Policy policy,
            ServiceFactory<Endpoint, HttpExchange, HttpReply> factory,
            BiConsumer<Node, Departure> gone,
            LongSupplier clock,
            LongSupplier random) {
        this.policy = policy;
        this.factory = factory;
        this.gone = gone;
        this.clock = clock;
        this.random = random;
        boolean weighted = policy.picker.isWeighted();
        near = new Tier(weighted);
        far = new Tier(weighted);
        last = new Tier(weighted);
    }

    // ---- for readers

    /** A ready endpoint for an exchange; null when there is none. */
    public @Nullable Node pick(HttpExchange exchange) {
        Affinity affinity = policy.affinity;
        if (affinity != null) {
            Node kept = affinity.pick(exchange, openCalls.sum());
            if (kept != null) {
                return kept;
            }
        }
        return pick();
    }

    private @Nullable Node pick() {
        long now = clock.getAsLong();
        boolean nearFirst = far.size() == 0 || isNearEnough(now);
        Node node = from(nearFirst ? near : far, now);
        if (node == null) {
            node = from(nearFirst ? far : near, now);
        }
        return node == null ? from(last, now) : node;
    }

    /** With fewer near ones than are enough, some calls go far: the fewer, the more. */
    private boolean isNearEnough(long now) {
        if (near.size() == 0) {
            return false;
        }
        double ready = near.readyShare(now, random.getAsLong());
        return ready >= policy.enoughReady || Dice.fraction(random.getAsLong()) * policy.enoughReady < ready;
    }

    private @Nullable Node from(Tier tier, long now) {
        if (tier.size() == 0) {
            return null;
        }
        Node drawn = policy.picker.draw(tier, now);
        return drawn == null ? tier.scan(random.getAsLong()) : drawn;
    }

    /** Picks and begins a call; null when nobody is ready. */
    public @Nullable Node enter(HttpExchange exchange) {
        Node node = pick(exchange);
        while (node != null && !enter(node)) { // it has left in between, and will not be met again
            node = pick(exchange);
        }
        return node;
    }

    /** Begins a call at an endpoint; false when that has left. */
    public boolean enter(Node node) {
        if (node.enter()) {
            openCalls.increment();
            return true;
        }
        return false;
    }

    /** Ends a call. */
    public void leave(Node node) {
        openCalls.decrement();
        node.left();
    }

    public boolean hasReady() {
        return pick() != null;
    }

    public Tier near() {
        return near;
    }

    public Tier far() {
        return far;
    }

    public Tier last() {
        return last;
    }

    public int size() {
        return near.size() + far.size() + last.size();
    }

    public int countReady() {
        return near.countReady() + far.countReady() + last.countReady();
    }

    public long openCalls() {
        return openCalls.sum();
    }

    // ---- for the writer

    /** Applies an update. */
    public void apply(Update<Endpoint> update) {
        if (update instanceof Update.Reset<Endpoint> reset) {
            reset(reset.members());
        } else if (update instanceof Update.Upsert<Endpoint> upsert) {
            upsert(upsert.members());
        } else if (update instanceof Update.Remove<Endpoint> remove) {
            remove.members().forEach(endpoint -> remove(endpoint.address(), remove.departure()));
        } else {
            clear();
        }
    }

    private void reset(List<Endpoint> members) {
        Set<InetSocketAddress> kept = new HashSet<>(members.size() * 2);
        members.forEach(endpoint -> kept.add(endpoint.address()));
        List<InetSocketAddress> leaving = known.keySet().stream()
                .filter(address -> !kept.contains(address))
                .toList();
        upsert(members); // first, so that there is no moment without endpoints
        leaving.forEach(address -> remove(address, Departure.DRAIN));
    }

    private void upsert(List<Endpoint> members) {
        // Nobody else could take the calls while the first ones are new.
        long ramp = known.isEmpty() ? 0 : policy.rampNanos;
        members.forEach(endpoint -> upsert(endpoint, ramp));
    }

    private void upsert(Endpoint endpoint, long ramp) {
        Node node = known.get(endpoint.address());
        if (node == null) {
            add(endpoint, ramp);
        } else if (!node.endpoint().equals(endpoint)) {
            if (isSameService(node.endpoint(), endpoint)) {
                update(node, endpoint);
            } else {
                known.remove(endpoint.address());
                add(endpoint, ramp); // first, so that there is no moment without it
                leave(node, Departure.DRAIN);
            }
        }
    }

    private static boolean isSameService(Endpoint one, Endpoint other) {
        return one.withWeight(other.weight()).withLabels(other.labels()).equals(other);
    }

    private void add(Endpoint endpoint, long ramp) {
        Service<HttpExchange, HttpReply> service;
        try {
            service = factory.create(endpoint);
        } catch (RuntimeException e) {
            LOG.warn("no service for {}, which is left out", endpoint, e);
            return;
        }
        long now = clock.getAsLong();
        Node node = new Node(endpoint, service, policy.latency.initial(now), now, ramp);
        known.put(endpoint.address(), node);
        place(node);
    }

    private void update(Node node, Endpoint changed) {
        Tier tier = tierOf(changed);
        if (tier == node.tier) {
            node.update(changed);
            tier.reweighted(node);
            place(node, changed);
        } else {
            unplace(node);
            node.update(changed);
            place(node);
        }
    }

    private void place(Node node) {
        tierOf(node.endpoint()).add(node);
        place(node, node.endpoint());
    }

    private void place(Node node, Endpoint endpoint) {
        if (policy.affinity != null) {
            policy.affinity.place(node, endpoint.weight(), Endpoint.NORMAL_WEIGHT);
        }
    }

    private void unplace(Node node) {
        if (node.tier != null) {
            node.tier.remove(node);
        }
        if (policy.affinity != null) {
            policy.affinity.remove(node);
        }
    }

    private Tier tierOf(Endpoint endpoint) {
        if (endpoint.weight() == 0) {
            return last;
        }
        return policy.isNear == null || policy.isNear.test(endpoint) ? near : far;
    }

    private void remove(InetSocketAddress address, Departure departure) {
        Node node = known.remove(address);
        if (node != null) {
            leave(node, departure);
        }
    }

    private void leave(Node node, Departure departure) {
        unplace(node);
        gone.accept(node, departure);
    }

    private void clear() {
        retireAll(node -> gone.accept(node, Departure.DRAIN));
    }

    /** Lets all leave, for somebody else to close. */
    public void retireAll(Consumer<Node> taker) {
        Collection<Node> all = List.copyOf(known.values());
        known.clear();
        all.forEach(node -> {
            unplace(node);
            taker.accept(node);
        });
    }
}
