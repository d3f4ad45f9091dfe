package io.headgate.mux.internal;

import io.headgate.http.Body;
import io.headgate.http.BodyWatch;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;

/**
 * The reading half of one exchange: what a connection has read and hands to whoever wants it. The connection pushes on
 * its event loop; a consumer comes once, by {@link #link} or as a subscriber. Until then bytes wait here; how many can
 * come is bounded by the credit that the consumer has not returned.
 */
public final class InboundBody extends Body {

    private static final int UNTOUCHED = 0;
    private static final int TAKEN = 1;
    private static final int DISCARDED = 2;

    private static final AtomicIntegerFieldUpdater<InboundBody> USE =
            AtomicIntegerFieldUpdater.newUpdater(InboundBody.class, "use");

    private final Loop loop;
    private final BodyOrigin origin;
    private final long length;
    private volatile int use;

    // From here on for the event loop alone.
    private @Nullable BodyWatch watch;
    private @Nullable BodySink sink;
    private @Nullable ArrayDeque<ByteBuf> backlog;
    private boolean ended;
    private Fields trailers = Fields.empty();
    private @Nullable Throwable failure;
    private @Nullable MonoSink<Fields> trailersWanted;

    /**
     * A body that has just begun.
     *
     * @param origin is told on the event loop what has been consumed, or that nobody wants the rest
     */
    public InboundBody(Loop loop, BodyOrigin origin, long length) {
        this.loop = loop;
        this.origin = origin;
        this.length = length;
    }

    Loop loop() {
        return loop;
    }

    boolean isUntouched() {
        return use == UNTOUCHED;
    }

    @Override
    public long length() {
        return length;
    }

    // ---- the connection's side

    /** More bytes; takes ownership. */
    public void data(ByteBuf chunk, boolean last) {
        ended |= last;
        if (watch != null) {
            tell(watch, chunk.readableBytes());
            if (last) {
                watchEnd().onComplete(Fields.empty());
            }
        }
        if (sink != null) {
            sink.data(chunk, last);
        } else if (use == DISCARDED || !chunk.isReadable()) {
            int bytes = chunk.readableBytes();
            chunk.release();
            origin.consumed(bytes);
        } else {
            if (backlog == null) {
                backlog = new ArrayDeque<>(4);
            }
            backlog.add(chunk);
        }
        if (last) {
            answerTrailers();
        }
    }

    /** The end, after the last bytes. */
    public void end(Fields endTrailers) {
        if (ended) {
            return;
        }
        ended = true;
        trailers = endTrailers;
        if (watch != null) {
            watchEnd().onComplete(endTrailers);
        }
        if (sink != null) {
            sink.end(endTrailers);
        }
        answerTrailers();
    }

    /** The rest will not come. */
    public void fail(Throwable cause) {
        if (ended) {
            return;
        }
        ended = true;
        failure = cause;
        if (watch != null) {
            watchEnd().onFailure(cause);
        }
        if (sink != null) {
            sink.fail(cause);
        }
        answerTrailers();
    }

    public boolean hasEnded() {
        return ended;
    }

    // ---- who only watches

    @Override
    public Body watched(BodyWatch added) {
        if (!loop.run(() -> watch(added))) {
            added.onCancel(); // the loop has ended, and the body with it
        }
        return this;
    }

    private void watch(BodyWatch added) {
        int waiting = backlog == null
                ? 0
                : backlog.stream().mapToInt(ByteBuf::readableBytes).sum();
        if (waiting > 0) {
            added.onData(waiting);
        }
        if (failure != null) {
            added.onFailure(failure);
        } else if (ended) {
            added.onComplete(trailers);
        } else if (use == DISCARDED) {
            added.onCancel();
        } else {
            watch = watch == null ? added : watch.and(added);
        }
    }

    private static void tell(BodyWatch watch, int bytes) {
        if (bytes > 0) {
            watch.onData(bytes);
        }
    }

    /** The watch, to be told of the end. */
    private BodyWatch watchEnd() {
        BodyWatch told = Objects.requireNonNull(watch);
        watch = null;
        return told;
    }

    /** Tells the watch that the consumer of the body does not want the rest. */
    private final class WatchedOrigin implements BodyOrigin {

        @Override
        public void consumed(int bytes) {
            origin.consumed(bytes);
        }

        @Override
        public void abandon() {
            origin.abandon();
            if (watch != null) {
                watchEnd().onCancel();
            }
        }
    }

    // ---- the consumer's side

    /** Links a sink of the same loop: from now on bytes go to it directly. */
    void link(BodySink target) {
        if (!USE.compareAndSet(this, UNTOUCHED, TAKEN)) {
            target.begin(origin);
            target.fail(usedTwice());
            return;
        }
        attach(target);
    }

    private void attach(BodySink target) {
        target.begin(watch == null ? origin : new WatchedOrigin());
        boolean lastSent = false;
        while (backlog != null && !backlog.isEmpty()) { // credit may bring more at once, which waits its turn here
            ByteBuf chunk = backlog.remove();
            lastSent = backlog.isEmpty() && ended && failure == null && trailers.isEmpty();
            target.data(chunk, lastSent);
        }
        backlog = null;
        sink = target;
        if (failure != null) {
            target.fail(failure);
        } else if (ended && !lastSent) {
            target.end(trailers);
        }
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        if (!USE.compareAndSet(this, UNTOUCHED, TAKEN)) {
            Operators.error(actual, usedTwice());
            return;
        }
        FluxBridge bridge = new FluxBridge(loop, actual);
        actual.onSubscribe(bridge);
        loop.run(() -> attach(bridge));
    }

    @Override
    public void discard() {
        if (USE.compareAndSet(this, UNTOUCHED, DISCARDED)) {
            loop.run(this::drop);
        }
    }

    private void drop() {
        int bytes = 0;
        if (backlog != null) {
            for (ByteBuf chunk : backlog) {
                bytes += chunk.readableBytes();
                chunk.release();
            }
            backlog = null;
        }
        origin.consumed(bytes);
        if (!ended) {
            origin.abandon();
            if (watch != null) {
                watchEnd().onCancel();
            }
        }
    }

    @Override
    public Mono<Fields> trailers() {
        return Mono.create(wanted -> loop.run(() -> {
            trailersWanted = wanted;
            if (ended) {
                answerTrailers();
            }
        }));
    }

    private void answerTrailers() {
        MonoSink<Fields> wanted = trailersWanted;
        trailersWanted = null;
        if (wanted == null) {
            return;
        }
        if (failure != null) {
            wanted.error(failure);
        } else if (trailers.isEmpty()) {
            wanted.success();
        } else {
            wanted.success(trailers);
        }
    }

    private static IllegalStateException usedTwice() {
        return new IllegalStateException("body: subscribed or discarded before (expected: one subscription)");
    }
}
