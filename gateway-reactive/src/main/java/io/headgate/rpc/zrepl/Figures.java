package io.headgate.rpc.zrepl;

import io.headgate.rpc.RpcStats;
import io.headgate.rpc.RpcStats.Phase;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/** What a connection counts: written by its thread, without a fence for each, and read by any as it was a moment ago. */
final class Figures {

    private static final AtomicLongFieldUpdater<Figures> BYTES_IN =
            AtomicLongFieldUpdater.newUpdater(Figures.class, "bytesIn");
    private static final AtomicLongFieldUpdater<Figures> BYTES_OUT =
            AtomicLongFieldUpdater.newUpdater(Figures.class, "bytesOut");
    private static final AtomicLongFieldUpdater<Figures> HEARD_AT =
            AtomicLongFieldUpdater.newUpdater(Figures.class, "heardAt");

    private final boolean calls;
    private volatile Phase phase = Phase.OPENING;
    private volatile int active;
    private volatile long bytesIn;
    private volatile long bytesOut;
    private volatile long heldIn;
    private volatile long heardAt;
    private volatile long stuckSince = Long.MAX_VALUE;

    Figures(boolean calls, long now) {
        this.calls = calls;
        this.heardAt = now;
    }

    void read(int bytes, long now) {
        BYTES_IN.lazySet(this, bytesIn + bytes);
        HEARD_AT.lazySet(this, now);
    }

    void wrote(int bytes) {
        BYTES_OUT.lazySet(this, bytesOut + bytes);
    }

    void turn(int nowActive, long nowHeld) {
        if (active != nowActive) {
            active = nowActive;
        }
        if (heldIn != nowHeld) {
            heldIn = nowHeld;
        }
    }

    void stuckSince(long since) {
        stuckSince = since;
    }

    void enter(Phase next) {
        phase = next;
    }

    Phase phase() {
        return phase;
    }

    RpcStats at(long now) {
        long stuck = stuckSince;
        return new RpcStats(
                phase,
                calls ? active : 0,
                calls ? 0 : active,
                bytesIn,
                bytesOut,
                heldIn,
                Duration.ofNanos(Math.max(0, now - heardAt)),
                Duration.ZERO,
                stuck == Long.MAX_VALUE ? Duration.ZERO : Duration.ofNanos(Math.max(0, now - stuck)));
    }
}
