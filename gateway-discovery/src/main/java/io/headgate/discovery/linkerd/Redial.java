package io.headgate.discovery.linkerd;

import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/**
 * Dials a control plane that is away, as long as streams wait for it. gRPC waits up to two minutes between two attempts, which is too long
 * for a set that may be stale. One dial serves all streams, however many names are looked up.
 */
final class Redial {

    private static final double JITTER = 0.5;

    private final @Nullable ManagedChannel channel;
    private final long first;
    private final long longest;
    private final Scheduler scheduler;

    private int waiting;
    private long wait;
    private @Nullable Disposable timer;

    /** Which row of dials is the last: one that has been stopped while it dialled must not go on beside it. */
    private int row;

    Redial(Channel channel, Duration first, Duration longest, Scheduler scheduler) {
        this.channel = channel instanceof ManagedChannel managed ? managed : null;
        this.first = first.toNanos();
        this.longest = longest.toNanos();
        this.scheduler = scheduler;
    }

    /** Without a connection of its own to look at, a stream has to fail to tell that the control plane is away. */
    boolean canDial() {
        return channel != null;
    }

    /** Dials until the stream says something or ends. */
    <T> Flux<T> during(Flux<T> stream) {
        return Flux.defer(() -> {
            Wait mine = new Wait();
            return stream.doOnNext(message -> mine.end()).doFinally(end -> mine.end());
        });
    }

    private synchronized void begin() {
        if (waiting++ == 0) {
            row++;
            wait = first;
            schedule();
        }
    }

    private synchronized void end() {
        if (--waiting == 0 && timer != null) {
            timer.dispose();
            timer = null;
        }
    }

    private void schedule() {
        long jittered = (long) (wait * (1 - JITTER * ThreadLocalRandom.current().nextDouble()));
        int mine = row;
        timer = scheduler.schedule(() -> dial(mine), jittered, TimeUnit.NANOSECONDS);
        wait = Math.min(2 * wait, longest);
    }

    private void dial(int mine) {
        if (channel != null && channel.getState(true) == ConnectivityState.TRANSIENT_FAILURE) {
            channel.resetConnectBackoff();
        }
        synchronized (this) {
            if (waiting > 0 && mine == row) {
                schedule();
            }
        }
    }

    /** One stream that waits. */
    private final class Wait {

        private volatile boolean ended;

        Wait() {
            begin();
        }

        void end() {
            if (!ended) {
                synchronized (this) {
                    if (ended) {
                        return;
                    }
                    ended = true;
                }
                Redial.this.end();
            }
        }
    }
}
