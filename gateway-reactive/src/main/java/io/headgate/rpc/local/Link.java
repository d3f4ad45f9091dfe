package io.headgate.rpc.local;

import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStats.Phase;
import io.headgate.rpc.RpcStatus;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/** What the two sides have in common: the two lanes of calls, the phase, and the clock. */
final class Link {

    private static final long NEVER = Long.MAX_VALUE;

    private final LocalConnection initiator;
    private final LocalConnection acceptor;
    private final Lane forth;
    private final Lane back;
    private final Scheduler timers;
    private final long tickNanos;
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.OPEN);
    private final AtomicBoolean ticking = new AtomicBoolean();
    private volatile long since = System.nanoTime();
    private volatile @Nullable LocalConnection closedBy;
    private volatile long graceEnd = NEVER;
    private volatile @Nullable RpcException cut; // what calls that come too late to be cut with the others fail with

    Link(
            Function<? super RpcConnection, RpcSpec> initiatorSpec,
            Function<? super RpcConnection, RpcSpec> acceptorSpec,
            Scheduler timers) {
        this.timers = timers;
        initiator = new LocalConnection(this, "initiator", initiatorSpec);
        acceptor = new LocalConnection(this, "acceptor", acceptorSpec);
        forth = new Lane(this, initiator, acceptor);
        back = new Lane(this, acceptor, initiator);
        Duration one = initiator.spec().settings().tick();
        Duration other = acceptor.spec().settings().tick();
        tickNanos = Math.min(one.toNanos(), other.toNanos());
        initiator.open(forth, back);
        acceptor.open(back, forth);
    }

    LocalConnection initiator() {
        return initiator;
    }

    LocalConnection acceptor() {
        return acceptor;
    }

    Phase phase() {
        return Objects.requireNonNull(phase.get());
    }

    @Nullable RpcException cut() {
        return cut;
    }

    // ---- the end

    void close(LocalConnection by, Duration grace) {
        if (enter(Phase.OPEN, Phase.DRAINING)) {
            closedBy = by;
        }
        if (phase.get() != Phase.DRAINING) {
            return;
        }
        if (forth.size() + back.size() > 0) {
            if (grace.isZero()) {
                cutCalls();
            } else {
                shortenTo(grace);
            }
        }
        left();
    }

    private synchronized void shortenTo(Duration grace) {
        long nanos = grace.compareTo(Duration.ofDays(365)) > 0 ? NEVER / 4 : grace.toNanos();
        long end = System.nanoTime() + nanos;
        if (graceEnd == NEVER || end - graceEnd < 0) {
            graceEnd = end;
        }
        tickSoon();
    }

    private void cutCalls() {
        cutAll(RpcException.of(RpcStatus.UNAVAILABLE, "connection: closed before the call had ended"));
    }

    private void cutAll(RpcException why) {
        cut = why;
        forth.cutAll(why);
        back.cutAll(why);
    }

    /** A call has ended, or there was none to wait for. */
    void left() {
        if (phase.get() == Phase.DRAINING && forth.size() + back.size() == 0 && enter(Phase.DRAINING, Phase.CLOSED)) {
            initiator.ended(clean(initiator));
            acceptor.ended(clean(acceptor));
        }
    }

    private Ending clean(LocalConnection side) {
        return Ending.of(Ending.Kind.CLEAN, closedBy == side ? "closed by this side" : "closed by the other side");
    }

    void abort(LocalConnection by, String reason) {
        if (!enter(Phase.OPEN, Phase.ABORTED) && !enter(Phase.DRAINING, Phase.ABORTED)) {
            return;
        }
        cutAll(RpcException.of(RpcStatus.UNAVAILABLE, "connection: aborted: " + reason));
        LocalConnection other = by == initiator ? acceptor : initiator;
        by.ended(Ending.of(Ending.Kind.ABORTED, reason));
        other.ended(Ending.of(Ending.Kind.ABORTED_BY_PEER, reason));
    }

    private boolean enter(Phase from, Phase to) {
        if (!phase.compareAndSet(from, to)) {
            return false;
        }
        long now = System.nanoTime();
        long took = now - since;
        since = now;
        initiator.watcher().onPhase(to, took);
        acceptor.watcher().onPhase(to, took);
        return true;
    }

    // ---- the clock

    /** Somebody waits for a point in time. */
    void tickSoon() {
        if (!ticking.get() && ticking.compareAndSet(false, true)) {
            timers.schedule(this::tick, tickNanos, TimeUnit.NANOSECONDS);
        }
    }

    private void tick() {
        ticking.set(false); // before the look: who begins to wait after it starts the clock again
        long now = System.nanoTime();
        boolean waiting = forth.tick(now) | back.tick(now);
        long end = graceEnd;
        if (phase.get() == Phase.DRAINING && end != NEVER) {
            if (now - end >= 0) {
                cutCalls();
            } else {
                waiting = true;
            }
        }
        if (waiting) {
            tickSoon();
        }
    }
}
