package io.headgate.rpc.wire;

import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcStatus;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the time, with one timer per connection: heartbeats and silence, which are about the other side, and deadlines and
 * progress, which are about calls. There is no timer while nothing is to be looked at.
 */
final class Liveness {

    private static final long NEVER = Long.MAX_VALUE;

    private final WireConnection connection;
    private final long tick;
    private final long heartbeat;
    private final long silence;
    private final long progress;
    private @Nullable EventLoop loop;
    private @Nullable Future<?> timer;
    private long timerDue;
    private long heard;
    private long sent;
    private boolean suspect;
    private volatile long roundTrip;
    private volatile long stalled;

    Liveness(WireConnection connection, RpcSettings settings) {
        this.connection = connection;
        this.tick = settings.tick().toNanos();
        this.heartbeat = orNever(settings.heartbeat());
        this.silence = orNever(settings.silence());
        this.progress = orNever(settings.progress());
    }

    private static long orNever(Duration time) {
        return time.isZero() || time.compareTo(Duration.ofDays(10_000)) > 0 ? NEVER : time.toNanos();
    }

    void begin(EventLoop executor, long now) {
        loop = executor;
        heard = now;
        sent = now;
        schedule(now);
    }

    void heard(long now) {
        heard = now;
        suspect = false;
    }

    void sent(long now) {
        sent = now;
    }

    long lastHeard() {
        return heard;
    }

    long roundTrip() {
        return roundTrip;
    }

    /** How long the call has waited that has waited longest while it might have moved, at the last look. */
    long stalled() {
        return stalled;
    }

    void answered(long asked) {
        roundTrip = Math.max(0, connection.clock() - asked);
    }

    /** Something has begun that must be looked at often. */
    void wantTicks() {
        if (loop != null && timerDue - connection.now() > tick) {
            schedule(connection.now());
        }
    }

    void stop() {
        loop = null;
        cancelTimer();
    }

    private void cancelTimer() {
        Future<?> running = timer;
        timer = null;
        timerDue = NEVER;
        if (running != null) {
            running.cancel(false);
        }
    }

    private void schedule(long now) {
        EventLoop executor = loop;
        cancelTimer();
        if (executor == null) {
            return;
        }
        long due = nextLook(now);
        if (due != NEVER) {
            timerDue = due;
            timer = executor.schedule(this::look, Math.max(due - now, 1), TimeUnit.NANOSECONDS);
        }
    }

    private long nextLook(long now) {
        if (suspect || !connection.lifecycle().isQuiet() || connection.calls().needsTicks()) {
            return now + tick;
        }
        long due = heartbeat == NEVER ? NEVER : Math.max(sent + heartbeat, now + 1);
        return silence == NEVER ? due : Math.min(due, Math.max(heard + silence, now + 1));
    }

    private void look() {
        timer = null;
        timerDue = NEVER;
        connection.burst(this::lookNow);
        if (loop != null) {
            schedule(connection.now());
        }
    }

    private void lookNow() {
        long now = connection.now();
        connection.lifecycle().tick(now);
        if (connection.lifecycle().isOver()) {
            return;
        }
        lookAtCalls(now);
        if (connection.isOpen()) {
            lookAtPeer(now);
        }
    }

    private void lookAtPeer(long now) {
        if (silence != NEVER && now - heard >= silence) {
            if (suspect) {
                connection.watch().stall(0, null, now - heard);
                connection.lifecycle().onSilence(now - heard);
                return;
            }
            suspect = true; // if this process was asleep, its answers wait to be read before the next look
        }
        if (heartbeat != NEVER && now - sent >= heartbeat) {
            connection.writer().ping(connection.clock());
        }
    }

    private void lookAtCalls(long now) {
        long longest = 0;
        if (connection.calls().needsTicks()) {
            connection.calls().expireEarly();
            for (WireStream call : connection.calls().all()) {
                if (now - call.due >= 0 && call.due != NEVER) {
                    call.cut(
                            RpcException.of(RpcStatus.DEADLINE_EXCEEDED, call.endpoint() + ": its deadline has passed"),
                            true);
                } else if (progress != NEVER && call.mayMove()) {
                    longest = Math.max(longest, now - call.moved);
                    watch(call, now - call.moved);
                }
            }
        }
        stalled = longest;
    }

    private void watch(WireStream call, long idle) {
        if (idle >= progress) {
            connection.watch().stall(call.id, call.endpoint(), idle);
            call.cut(
                    RpcException.of(
                            RpcStatus.DEADLINE_EXCEEDED,
                            call.endpoint() + ": no progress for " + TimeUnit.NANOSECONDS.toMillis(idle)
                                    + " ms (expected: at most " + TimeUnit.NANOSECONDS.toMillis(progress) + ")"),
                    true);
        }
    }
}
