package io.headgate.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Collects buffers up to a bound; frees what it holds on error, on cancel and beyond the bound. */
final class AggregateMono extends Mono<ByteBuf> {

    private final Flux<ByteBuf> source;
    private final int maxBytes;

    AggregateMono(Flux<ByteBuf> source, int maxBytes) {
        if (maxBytes < 0) {
            throw new IllegalArgumentException("maxBytes: " + maxBytes + " (expected: >= 0)");
        }
        this.source = source;
        this.maxBytes = maxBytes;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        source.subscribe(new AggregateSubscriber(actual, maxBytes));
    }

    private static final class AggregateSubscriber implements CoreSubscriber<ByteBuf>, Subscription {

        private final CoreSubscriber<? super ByteBuf> actual;
        private final int maxBytes;
        private @Nullable ByteBuf collected; // guarded by this
        private boolean several; // guarded by this: collected is a composite buffer of ours
        private boolean done; // guarded by this: cancel may come from any thread
        private boolean requested; // guarded by this
        private boolean complete; // guarded by this
        private @Nullable Subscription upstream;

        AggregateSubscriber(CoreSubscriber<? super ByteBuf> actual, int maxBytes) {
            this.actual = actual;
            this.maxBytes = maxBytes;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            upstream = subscription;
            actual.onSubscribe(this);
        }

        @Override
        public void request(long n) {
            if (!Operators.validate(n) || upstream == null) {
                return;
            }
            boolean early;
            synchronized (this) {
                requested = true;
                early = complete;
            }
            if (early) {
                emit();
            } else {
                upstream.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(ByteBuf buffer) {
            if (collect(buffer)) {
                return;
            }
            buffer.release();
            if (finish(true)) {
                cancelUpstream();
                actual.onError(new BodyTooLargeException(maxBytes));
            }
        }

        @Override
        public void onError(Throwable error) {
            if (finish(true)) {
                actual.onError(error);
            } else {
                Operators.onErrorDropped(error, currentContext());
            }
        }

        @Override
        public void onComplete() {
            synchronized (this) {
                complete = true;
                if (!requested) {
                    return; // an empty body completes without demand, its buffer waits for some
                }
            }
            emit();
        }

        private void emit() {
            if (finish(false)) {
                actual.onNext(collected == null ? Unpooled.buffer(0) : collected);
                actual.onComplete();
            }
        }

        @Override
        public void cancel() {
            if (finish(true)) {
                cancelUpstream();
            }
        }

        private synchronized boolean collect(ByteBuf buffer) {
            ByteBuf before = collected;
            if (done || buffer.readableBytes() > maxBytes - (before == null ? 0 : before.readableBytes())) {
                return false;
            }
            if (!buffer.isReadable()) {
                buffer.release();
            } else if (before == null) {
                collected = buffer; // nearly always the only one
            } else if (several) {
                ((CompositeByteBuf) before).addComponent(true, buffer);
            } else {
                several = true;
                collected = Unpooled.compositeBuffer(Integer.MAX_VALUE)
                        .addComponent(true, before)
                        .addComponent(true, buffer);
            }
            return true;
        }

        private synchronized boolean finish(boolean release) {
            if (done) {
                return false;
            }
            done = true;
            if (release && collected != null) {
                collected.release();
            }
            return true;
        }

        private void cancelUpstream() {
            if (upstream != null) {
                upstream.cancel();
            }
        }
    }
}
