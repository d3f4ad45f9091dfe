package io.headgate.retry.internal;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.mux.internal.LinkableBody;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * A body that is not kept, only held back from being discarded by an attempt that did not touch it. Who reads it reads the body
 * itself, from socket to socket.
 */
final class HeldBody extends RequestBodies {

    private enum State {
        /** Untouched, and another attempt may come. */
        OPEN,
        /** Untouched and not wanted by the last attempt, but another one may come. */
        LEFT,
        /** Untouched, and no other attempt comes. */
        LAST,
        /** Read or discarded. */
        GONE
    }

    private final Body source;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);

    HeldBody(Body source) {
        this.source = source;
    }

    @Override
    public Body next() {
        state.compareAndSet(State.LEFT, State.OPEN);
        return new View();
    }

    @Override
    public boolean isRepeatable() {
        State now = state.get();
        return now == State.OPEN || now == State.LEFT;
    }

    @Override
    public boolean isOnlyForUnprocessed() {
        return true;
    }

    @Override
    public boolean isWhole() {
        return false;
    }

    @Override
    public void settle() {
        if (!state.compareAndSet(State.OPEN, State.LAST) && state.compareAndSet(State.LEFT, State.GONE)) {
            source.discard();
        }
    }

    @Override
    public void drop() {
        if (state.getAndSet(State.GONE) != State.GONE) {
            source.discard();
        }
    }

    private final class View extends Body implements LinkableBody {

        @Override
        public long length() {
            return source.length();
        }

        @Override
        public Mono<Fields> trailers() {
            return source.trailers();
        }

        @Override
        public Body linked() {
            return source;
        }

        @Override
        public boolean take() {
            return state.getAndSet(State.GONE) != State.GONE;
        }

        @Override
        public void discard() {
            if (!state.compareAndSet(State.OPEN, State.LEFT) && state.compareAndSet(State.LAST, State.GONE)) {
                source.discard();
            }
        }

        @Override
        public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
            if (take()) {
                source.subscribe(actual);
            } else {
                Operators.error(
                        actual,
                        new IllegalStateException("body: subscribed or discarded before (expected: one subscription)"));
            }
        }
    }
}
