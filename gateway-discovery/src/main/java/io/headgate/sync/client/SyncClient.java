package io.headgate.sync.client;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.internal.StateStream;
import io.headgate.tls.internal.ClientContext;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/**
 * Follows the set of a server that speaks the sync protocol of Calico Typha, of today or of v3.2.5.
 *
 * <pre>
 * SyncClient client = SyncClient.of(SyncClientSpec.of("sync-1.example:5473", "sync-2.example:5473"));
 * client.events().subscribe(event -&gt; ...);
 * </pre>
 *
 * <p>{@link #events} is a <i>state stream</i>. When the connection is lost it says {@link SyncStatus#WAIT_FOR_DATASTORE}, and
 * goes on with the next server, after a wait that grows while none works. From a server of ours it goes on where it was, if it can be
 * had in time; from any other it is told the whole set once more, and makes deletions of what has vanished once that is
 * {@link SyncStatus#IN_SYNC}, not before.
 *
 * <p>Each subscriber has a connection of its own, so that nothing but what waits for it is held here: to share one, put a
 * {@link SyncDiscovery} or a server behind it, which keep the set.
 *
 * <p><b>Backpressure.</b> Reading never stops, so that pings are answered however slow the subscriber is. What it has no demand for is folded,
 * key by key: what waits is never larger than the set.
 *
 * <p><b>Threading.</b> Immutable; any thread may subscribe. Subscribers are told on the event loop of the connection, or on the thread
 * that asks for more; they should hand over what takes time, with {@code publishOn}.
 *
 * <p><b>Cancellation.</b> The only way to end a stream; closes the connection, or ends the attempt or the wait for one.
 *
 * <p><b>Errors.</b> None ends a stream. Why the last connection ended is in the {@link #stats}, and in the log.
 */
public final class SyncClient {

    private final SyncClientSpec spec;
    private final ClientContext.@Nullable Shared tls;
    private final LongSupplier clock;
    private final ClientCounts counts = new ClientCounts();
    private final Set<Follower> followers = ConcurrentHashMap.newKeySet();

    /** Names connections in logs: which client, then which connection of it. */
    private final AtomicLong connectionIds;

    private final AtomicReference<@Nullable Follower> latest = new AtomicReference<>();

    SyncClient(SyncClientSpec spec, LongSupplier clock) {
        this.spec = Objects.requireNonNull(spec, "spec");
        this.clock = clock;
        this.tls = spec.tls() == null
                ? null
                : new ClientContext.Shared(spec.tls().dangerouslyWithoutHostNameCheck(), Link.PROTOCOL);
        this.connectionIds = new AtomicLong((long) spec.random().nextInt() << 32);
    }

    /**
     * A client. Nothing happens before its stream is subscribed.
     *
     * @param spec what it is to be
     * @return the client
     */
    public static SyncClient of(SyncClientSpec spec) {
        return new SyncClient(spec, System::nanoTime);
    }

    /**
     * The set.
     *
     * @return a state stream; each subscriber has a connection of its own
     */
    public Flux<SyncEvent> events() {
        return StateStream.of(outlet -> {
            Follower follower = new Follower(spec, tls, outlet, counts, connectionIds, clock);
            followers.add(follower);
            latest.set(follower);
            follower.start();
            return (Disposable) () -> {
                follower.dispose();
                followers.remove(follower);
                latest.compareAndSet(follower, null);
            };
        });
    }

    /**
     * What there is to say about the client now.
     *
     * @return figures of this moment
     */
    public SyncClientStats stats() {
        Follower last = latest.get();
        FollowerView now = last == null ? FollowerView.NOTHING : last.view();
        return new SyncClientStats(
                followers.size(),
                now.state(),
                now.status(),
                now.server(),
                now.serverVersion(),
                now.connectionId(),
                now.serverConnectionId(),
                now.position(),
                now.heard(),
                now.fresh(),
                now.waiting(),
                now.loss() == null ? null : now.loss().why(),
                now.loss() == null ? null : now.loss().reason(),
                now.loss() == null ? Duration.ZERO : now.loss().retryAfter(),
                counts.attempts.sum(),
                counts.connected.sum(),
                counts.resumed.sum(),
                counts.losses(),
                counts.bytes.sum(),
                counts.updates.sum(),
                counts.skippedKeys.sum(),
                counts.badValues.sum());
    }

    @Override
    public String toString() {
        return "sync client of " + spec.syncerType();
    }
}
