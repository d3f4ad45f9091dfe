package io.headgate.sync.client;

import io.headgate.resolve.Endpoint;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.internal.Outlet;
import io.headgate.tls.internal.ClientContext;
import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;

/**
 * Follows a set for one subscriber: one connection at a time, and the waits between them.
 *
 * <p><b>Threading.</b> What a connection says is told on its event loop, and there is no other connection before it has ended. The list of
 * servers, the timer and the end come on any thread; the lock is for them, and nobody is told anything while it is held.
 */
final class Follower implements Disposable, Link.Events {

    private static final Logger LOG = LoggerFactory.getLogger(SyncClient.class);

    /** What lives longer has worked. */
    private static final long LEAST_LIFE = 1_000_000_000L;

    private final SyncClientSpec spec;
    private final ClientContext.@Nullable Shared tls;
    private final Outlet outlet;
    private final ClientCounts counts;
    private final AtomicLong connectionIds;
    private final LongSupplier clock;
    private final Disposable.Swap servers = Disposables.swap();
    private final Disposable.Swap work = Disposables.swap();

    /** When the connection that there is, or was last, was opened; told on event loops one after the other. */
    private volatile long openedAt;

    private volatile @Nullable Endpoint server;
    private volatile @Nullable Session session;
    private volatile @Nullable Bookmark bookmark;
    private volatile @Nullable Loss last;

    // Guarded by this.
    private final ServerChoice choice;
    private boolean idle = true;
    private boolean returns;
    private int failures;
    private int staleInRow;

    Follower(
            SyncClientSpec spec,
            ClientContext.@Nullable Shared tls,
            Outlet outlet,
            ClientCounts counts,
            AtomicLong connectionIds,
            LongSupplier clock) {
        this.spec = spec;
        this.tls = tls;
        this.outlet = outlet;
        this.counts = counts;
        this.connectionIds = connectionIds;
        this.clock = clock;
        this.choice = new ServerChoice(spec::isLocal, spec.random());
    }

    void start() {
        servers.update(spec.servers()
                .subscribe(
                        this::known,
                        failure -> LOG.warn("list of servers lost, the last one stays: {}", failure.toString())));
    }

    @Override
    public void dispose() {
        servers.dispose();
        work.dispose();
    }

    // ---- attempts

    private void known(List<Endpoint> all) {
        synchronized (this) {
            choice.known(all);
            if (!idle) {
                return;
            }
        }
        attempt();
    }

    private void attempt() {
        Link link = next();
        if (link != null) {
            counts.attempts.increment();
            server = link.server();
            link.start();
        }
    }

    private synchronized @Nullable Link next() {
        long now = clock.getAsLong();
        Bookmark known = bookmark;
        Endpoint chosen = returns && known != null ? choice.again(known.server(), now) : null;
        returns = false;
        if (chosen == null) {
            chosen = choice.next(now);
        }
        idle = chosen == null;
        if (chosen != null) {
            Link link = new Link(spec, tls, chosen, this);
            work.update(link);
            return link;
        }
        long left = choice.left(now);
        if (left != ServerChoice.FOR_EVER) {
            pause(left);
        }
        return null;
    }

    private void pause(long nanos) {
        work.update(spec.timer().schedule(this::attempt, nanos, TimeUnit.NANOSECONDS));
    }

    // ---- what a connection says

    @Override
    public void opened(Link link, Channel channel) {
        Session begun = new Session(spec, link, outlet, counts, this, bookmark, connectionIds.incrementAndGet());
        session = begun;
        openedAt = clock.getAsLong();
        begun.begin(channel);
    }

    /** What the subscriber has been told is from now on not of the bookmark's server alone. */
    void restarted() {
        bookmark = null;
    }

    /** The source is heard of again, or was never lost. */
    synchronized void fresh() {
        staleInRow = 0;
    }

    /** Whether there may be a better server than one that has lost the source of all. */
    synchronized boolean mayLeaveStale() {
        if (staleInRow + 1 >= choice.size()) {
            return false;
        }
        staleInRow++;
        return true;
    }

    @Override
    public void ended(Link link, Loss loss) {
        Session ended = session;
        boolean greeted = ended != null && ended.isGreeted();
        counts.lost(loss.why());
        LOG.warn(
                "{} ({}) lost: {}: {}",
                link.server().address(),
                ended == null ? "no connection" : Long.toHexString(ended.connectionId()),
                loss.why(),
                loss.reason());
        last = loss;
        server = null;
        session = null;
        if (ended != null && greeted) {
            bookmark = ended.bookmark();
            outlet.take(new SyncEvent.Status(SyncStatus.WAIT_FOR_DATASTORE));
        }
        again(link.server(), loss, greeted && clock.getAsLong() - openedAt >= LEAST_LIFE, greeted);
    }

    private synchronized void again(Endpoint from, Loss loss, boolean worked, boolean greeted) {
        if (worked) {
            failures = 0;
            if (loss.why() != SyncLoss.STALE) {
                choice.worked(from);
            }
        }
        long away = Math.min(
                loss.retryAfter().compareTo(spec.settings().longestRetryAfter()) > 0
                        ? spec.settings().longestRetryAfter().toNanos()
                        : loss.retryAfter().toNanos(),
                Long.MAX_VALUE / 2);
        choice.leave(from, clock.getAsLong(), away);
        returns = greeted && loss.why().mayGoOn();
        failures++;
        pause(spec.settings().backoff().nanos(failures, spec.random().nextDouble()));
    }

    // ---- what there is to say

    FollowerView view() {
        Session now = session;
        Endpoint dialled = server;
        Bookmark known = bookmark;
        boolean follows = now != null && now.isGreeted();
        return new FollowerView(
                follows
                        ? SyncClientStats.State.FOLLOWING
                        : dialled == null ? SyncClientStats.State.WAITING : SyncClientStats.State.CONNECTING,
                now == null ? SyncStatus.WAIT_FOR_DATASTORE : now.status(),
                dialled,
                now == null ? "" : now.serverVersion(),
                now == null ? 0 : now.connectionId(),
                now == null ? 0 : now.serverConnectionId(),
                now != null && follows ? now.position() : known == null ? 0 : known.position(),
                now == null ? null : now.heard(),
                now == null ? null : now.fresh(),
                outlet.waiting(),
                last);
    }
}
