package io.headgate.http;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.atomic.AtomicBoolean;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** A body of some publisher, guarded against a second subscription. */
class PublisherBody extends Body {

    /** Makes Reactor's own sources release the buffers that they did not get to emit. */
    private static final Context DISCARD = Operators.enableOnDiscard(Context.empty(), ReferenceCountUtil::release);

    private final Flux<? extends ByteBuf> source;
    private final long length;
    private final Mono<Fields> trailers;
    private final AtomicBoolean used = new AtomicBoolean();

    PublisherBody(Flux<? extends ByteBuf> source, long length, Mono<Fields> trailers) {
        this.source = source;
        this.length = length;
        this.trailers = trailers;
    }

    static IllegalStateException usedTwice() {
        return new IllegalStateException("body: subscribed or discarded before (expected: one subscription)");
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public Mono<Fields> trailers() {
        return trailers;
    }

    @Override
    public void discard() {
        if (used.compareAndSet(false, true)) {
            try {
                dropSource();
            } catch (Throwable e) { // not to whoever drops it, who has more to do
                Operators.onErrorDropped(e, DISCARD);
            }
        }
    }

    /** Subscribes only to cancel, which is how a publisher learns that it can free what it holds. */
    void dropSource() {
        source.subscribe(new BaseSubscriber<ByteBuf>() {
            @Override
            public Context currentContext() {
                return DISCARD;
            }

            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.cancel();
            }

            @Override
            protected void hookOnNext(ByteBuf buffer) {
                buffer.release();
            }

            @Override
            protected void hookOnError(Throwable error) {
                // the body is being dropped: how it would have ended matters to nobody
            }
        });
    }

    @Override
    @SuppressWarnings("unchecked") // a publisher of a subtype is a publisher of buffers
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        if (used.compareAndSet(false, true)) {
            ((Flux<ByteBuf>) source).subscribe(actual);
        } else {
            Operators.error(actual, usedTwice());
        }
    }
}
