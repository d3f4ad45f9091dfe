package io.headgate.sync.client;

import io.headgate.discovery.EndpointDocument;
import io.headgate.discovery.ProfileDocument;
import io.headgate.profile.Profile;
import io.headgate.profile.ProfileSource;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.SourceObserver;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Absent;
import io.headgate.resolve.Update.Reset;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Endpoints and profiles out of a synchronised set, wherever that comes from: so a fleet of gateways can be fed by one server.
 *
 * <pre>
 * SyncDiscovery discovery = SyncDiscovery.of(SyncClient.of(SyncClientSpec.of("sync.example:5473")).events());
 * discovery.resolve("orders");  // the entry /headgate/v1/endpoints/orders: ["10.0.0.1:8080", "10.0.0.2:8080"]
 * discovery.profiles("orders"); // the entry /headgate/v1/profiles/orders: {"routes": [...]}
 * </pre>
 *
 * <p>The value of an entry of endpoints is the list of an {@link EndpointDocument}, that of a profile is a {@link ProfileDocument}. In a name
 * {@code %} is written {@code %25}, and {@code /} is written {@code %2f}. Other entries are not looked at.
 *
 * <p>Its streams are <i>state streams</i> that never fail. The set is subscribed to once for all names, from the first subscriber to the
 * last. A name without an entry is absent, or has the empty profile; that is said only when the set is in sync. While the set has no source,
 * what is known stays in force, and so it does when a value makes no sense: that is counted, logged, and the observer of the name is
 * told.
 *
 * <p><b>Backpressure.</b> A slow subscriber is told the latest state only, and the set is folded while documents are read.
 *
 * <p><b>Threading.</b> Immutable; any thread may subscribe. Documents are read, and subscribers told, on the scheduler, or on the thread that
 * asks for more.
 *
 * <p><b>Cancellation.</b> The last one ends the subscription to the set, and forgets what it has told.
 */
public final class SyncDiscovery implements Resolver, ProfileSource {

    /** Keys of endpoints begin with it. */
    public static final String ENDPOINTS = "/headgate/v1/endpoints/";

    /** Keys of profiles begin with it. */
    public static final String PROFILES = "/headgate/v1/profiles/";

    private final Flux<SyncEvent> events;
    private final StateNames.Kind<Update<Endpoint>> endpoints;
    private final StateNames.Kind<Profile> profiles;
    private final Scheduler scheduler;
    private final DiscoveryCounts counts = new DiscoveryCounts();
    private final LongAdder losses = new LongAdder();

    /** Guarded by this; null while nobody is subscribed. */
    private @Nullable FollowedSet set;

    private SyncDiscovery(
            Flux<SyncEvent> events,
            StateNames.Kind<Update<Endpoint>> endpoints,
            StateNames.Kind<Profile> profiles,
            Scheduler scheduler) {
        this.events = Objects.requireNonNull(events, "events");
        this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
        this.endpoints = endpoints;
        this.profiles = profiles;
        if (endpoints.prefix().startsWith(profiles.prefix())
                || profiles.prefix().startsWith(endpoints.prefix())) {
            throw new IllegalArgumentException("prefixes: " + endpoints.prefix() + " and " + profiles.prefix()
                    + " (expected: two of which none begins with the other)");
        }
    }

    /**
     * Endpoints and profiles out of a set.
     *
     * @param events the set, as a state stream
     * @return the discovery
     */
    public static SyncDiscovery of(Flux<SyncEvent> events) {
        return new SyncDiscovery(
                events,
                new StateNames.Kind<>(
                        ENDPOINTS,
                        (source, json) -> new Reset<>(EndpointDocument.parseList(source, json)),
                        new Absent<>(),
                        SourceObserver.NONE),
                new StateNames.Kind<>(PROFILES, ProfileDocument::parse, Profile.EMPTY, SourceObserver.NONE),
                Schedulers.parallel());
    }

    /**
     * The prefixes of the keys that are looked at: for a client, which need not be sent any others.
     *
     * @return two prefixes
     */
    public List<String> prefixes() {
        return List.of(endpoints.prefix(), profiles.prefix());
    }

    /**
     * A copy that finds its entries elsewhere.
     *
     * @param ofEndpoints keys of endpoints begin with it
     * @param ofProfiles keys of profiles begin with it; none of the two begins with the other
     * @return the copy
     */
    public SyncDiscovery withPrefixes(String ofEndpoints, String ofProfiles) {
        return new SyncDiscovery(events, endpoints.withPrefix(ofEndpoints), profiles.withPrefix(ofProfiles), scheduler);
    }

    /**
     * A copy that tells, name by name, whether its endpoints are current.
     *
     * @param changed is told
     * @return the copy
     */
    public SyncDiscovery withObserver(SourceObserver changed) {
        return new SyncDiscovery(events, endpoints.withObserver(changed), profiles, scheduler);
    }

    /**
     * A copy that tells, name by name, whether its profile is current.
     *
     * @param changed is told
     * @return the copy
     */
    public SyncDiscovery withProfileObserver(SourceObserver changed) {
        return new SyncDiscovery(events, endpoints, profiles.withObserver(changed), scheduler);
    }

    /**
     * A copy that reads documents elsewhere; {@link Schedulers#parallel()} without.
     *
     * @param changed the scheduler; need not bear blocking calls
     * @return the copy
     */
    public SyncDiscovery withScheduler(Scheduler changed) {
        return new SyncDiscovery(events, endpoints, profiles, changed);
    }

    @Override
    public Flux<Update<Endpoint>> resolve(String name) {
        Objects.requireNonNull(name, "name");
        return new States<>(this, name) {
            @Override
            StateNames<Update<Endpoint>> of(FollowedSet followed) {
                return followed.endpoints;
            }
        };
    }

    @Override
    public Flux<Profile> profiles(String name) {
        Objects.requireNonNull(name, "name");
        return new States<>(this, name) {
            @Override
            StateNames<Profile> of(FollowedSet followed) {
                return followed.profiles;
            }
        };
    }

    /**
     * What there is to say about the discovery now.
     *
     * @return figures of this moment
     */
    public SyncDiscoveryStats stats() {
        FollowedSet now;
        int subscribers;
        synchronized (this) {
            now = set;
            subscribers = now == null ? 0 : now.users;
        }
        return new SyncDiscoveryStats(
                subscribers,
                now == null ? SyncStatus.WAIT_FOR_DATASTORE : now.status(),
                now == null ? null : now.heard(),
                now == null ? 0 : now.endpoints.size(),
                now == null ? 0 : now.profiles.size(),
                counts.badDocuments.sum(),
                counts.badKeys.sum(),
                losses.sum());
    }

    @Override
    public String toString() {
        return "discovery of " + endpoints.prefix() + " and " + profiles.prefix();
    }

    private <S> void join(States<S> states, CoreSubscriber<? super S> actual) {
        FollowedSet joined;
        boolean isFirst;
        synchronized (this) {
            isFirst = set == null;
            joined = isFirst ? begin() : Objects.requireNonNull(set);
            joined.users++;
        }
        states.of(joined).join(states.name, actual);
        if (isFirst) {
            joined.follow(events, scheduler, losses);
        }
    }

    private FollowedSet begin() {
        FollowedSet[] made = new FollowedSet[1];
        Runnable left = () -> leave(made[0]);
        made[0] = new FollowedSet(new StateNames<>(endpoints, counts, left), new StateNames<>(profiles, counts, left));
        set = made[0];
        return made[0];
    }

    private void leave(FollowedSet left) {
        synchronized (this) {
            if (--left.users > 0) {
                return;
            }
            set = null;
        }
        left.leave();
    }

    /** The states of one name. */
    private abstract static class States<S> extends Flux<S> {

        private final SyncDiscovery discovery;
        private final String name;

        States(SyncDiscovery discovery, String name) {
            this.discovery = discovery;
            this.name = name;
        }

        abstract StateNames<S> of(FollowedSet followed);

        @Override
        public void subscribe(CoreSubscriber<? super S> actual) {
            discovery.join(this, actual);
        }
    }
}
