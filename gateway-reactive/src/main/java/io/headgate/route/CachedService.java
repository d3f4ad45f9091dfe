package io.headgate.route;

import io.headgate.Deadline;
import io.headgate.Service;
import io.headgate.http.CallWatch;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * A service of a cache with its calls. One number says all: the low half counts the calls in flight and has its sign bit set
 * when no more are taken, the high half counts the calls that were ever begun. So a call costs one addition at each end,
 * and who looks twice sees whether there was one in between. It is the watch of all its calls.
 */
final class CachedService<K> extends AtomicLong implements CallWatch {

    private static final long serialVersionUID = 1L;

    private static final long CALL = (1L << 32) + 1;
    private static final int RETIRED = Integer.MIN_VALUE;

    final transient K key;
    final transient Service<HttpExchange, HttpReply> service;
    private final transient Runnable whenIdle;
    private final transient Sinks.Empty<Void> over = Sinks.empty();

    // guarded by the lock of the cache
    private int begun;
    private long quietSince;

    CachedService(K key, Service<HttpExchange, HttpReply> service, Runnable whenIdle, long now) {
        this.key = key;
        this.service = service;
        this.whenIdle = whenIdle;
        this.quietSince = now;
    }

    /** Begins a call, unless the service is retired. */
    boolean enter() {
        if ((int) getAndAdd(CALL) >= 0) {
            return true;
        }
        leave();
        return false;
    }

    private void leave() {
        int left = (int) addAndGet(-1);
        if (left == 0) {
            whenIdle.run();
        } else if (left == RETIRED) {
            over.tryEmitEmpty();
        }
    }

    @Override
    public void onComplete(Fields trailers) {
        leave();
    }

    @Override
    public void onFailure(Throwable cause) {
        leave();
    }

    @Override
    public void onCancel() {
        leave();
    }

    /** Looks whether there was a call since the last look, or is one. Under the lock of the cache. */
    boolean wasQuiet(long now) {
        long state = get();
        boolean quiet = (int) state == 0 && (int) (state >>> 32) == begun;
        if (!quiet) {
            begun = (int) (state >>> 32);
            quietSince = now;
        }
        return quiet;
    }

    long quietSince() {
        return quietSince;
    }

    /** Takes no more calls, if there is none. */
    boolean retireIfIdle() {
        long state = get();
        return (int) state == 0 && compareAndSet(state, state | RETIRED & 0xffffffffL);
    }

    /** Takes no more calls, waits for those in flight, then closes the service. */
    Mono<Void> retire(Duration grace, Scheduler scheduler) {
        return Mono.defer(() -> {
            Deadline end = Deadline.after(grace);
            if ((int) getAndUpdate(state -> state | RETIRED & 0xffffffffL) == 0) {
                over.tryEmitEmpty();
            }
            Mono<Void> quiet = grace.isZero() ? Mono.empty() : over.asMono().timeout(grace, Mono.empty(), scheduler);
            return quiet.then(
                    Mono.defer(() -> service.closeAsync(Duration.ofNanos(Math.max(0, end.remainingNanos())))));
        });
    }
}
