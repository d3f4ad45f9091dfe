package io.headgate.mux.internal;

import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;

/**
 * From a connection to a Reactor subscriber: turns pushed bytes into demand-driven signals. What waits for demand counts as
 * not consumed, so a subscriber that asks for nothing brings the sender to rest.
 */
final class FluxBridge implements BodySink, Subscription, Scannable {

    private static final AtomicLongFieldUpdater<FluxBridge> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(FluxBridge.class, "requested");

    private final Loop loop;
    private final CoreSubscriber<? super ByteBuf> actual;
    private volatile long requested;
    private volatile boolean cancelled;

    // From here on for the event loop alone.
    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(4);
    private @Nullable BodyOrigin origin;
    private boolean ended;
    private boolean terminated;
    private boolean draining;
    private @Nullable Throwable failure;

    FluxBridge(Loop loop, CoreSubscriber<? super ByteBuf> actual) {
        this.loop = loop;
        this.actual = actual;
    }

    @Override
    public void begin(BodyOrigin from) {
        origin = from;
        if (cancelled) {
            from.abandon();
        }
    }

    @Override
    public void data(ByteBuf chunk, boolean last) {
        ended |= last;
        if (cancelled || !chunk.isReadable()) {
            consume(chunk);
        } else {
            waiting.add(chunk);
        }
        drain();
    }

    @Override
    public void end(Fields trailers) {
        ended = true;
        drain();
    }

    @Override
    public void fail(Throwable cause) {
        ended = true;
        failure = cause;
        drain();
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            Operators.addCap(REQUESTED, this, n);
            loop.run(this::drain);
        }
    }

    @Override
    public void cancel() {
        if (!cancelled) {
            cancelled = true;
            loop.run(this::cancelled);
        }
    }

    private void cancelled() {
        for (ByteBuf chunk = waiting.poll(); chunk != null; chunk = waiting.poll()) {
            consume(chunk);
        }
        if (origin != null && !ended) {
            origin.abandon();
        }
    }

    private void drain() {
        if (draining) {
            return;
        }
        draining = true;
        while (!cancelled && requested > 0 && !waiting.isEmpty()) {
            ByteBuf chunk = waiting.remove();
            int bytes = chunk.readableBytes();
            if (requested != Long.MAX_VALUE) {
                REQUESTED.decrementAndGet(this);
            }
            actual.onNext(chunk);
            returnCredit(bytes);
        }
        draining = false;
        if (ended && !terminated && !cancelled && waiting.isEmpty()) {
            terminated = true;
            if (failure != null) {
                actual.onError(failure);
            } else {
                actual.onComplete();
            }
        }
    }

    private void consume(ByteBuf chunk) {
        int bytes = chunk.readableBytes();
        chunk.release();
        returnCredit(bytes);
    }

    private void returnCredit(int bytes) {
        if (origin != null) {
            origin.consumed(bytes);
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
            return requested;
        }
        if (key == Attr.CANCELLED) {
            return cancelled;
        }
        if (key == Attr.TERMINATED) {
            return terminated;
        }
        return key == Attr.ERROR ? failure : null;
    }
}
