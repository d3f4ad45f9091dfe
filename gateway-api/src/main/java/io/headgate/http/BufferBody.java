package io.headgate.http;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** A body of one buffer that is there from the start. */
final class BufferBody extends Body {

    private final AtomicReference<@Nullable ByteBuf> buffer;
    private final int length;

    BufferBody(ByteBuf buffer) {
        this.buffer = new AtomicReference<>(buffer);
        this.length = buffer.readableBytes();
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public boolean isWhole() {
        return true;
    }

    @Override
    public Mono<Fields> trailers() {
        return Mono.empty();
    }

    @Override
    public void discard() {
        ByteBuf unread = buffer.getAndSet(null);
        if (unread != null) {
            unread.release();
        }
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        ByteBuf unread = buffer.getAndSet(null);
        if (unread == null) {
            Operators.error(actual, PublisherBody.usedTwice());
        } else {
            actual.onSubscribe(new OneBuffer(actual, unread));
        }
    }

    /** Emits the buffer at the first demand, or releases it at a cancel that comes first. */
    private static final class OneBuffer extends AtomicReference<@Nullable ByteBuf> implements Subscription {

        private static final long serialVersionUID = 1L;

        private final transient CoreSubscriber<? super ByteBuf> actual;

        OneBuffer(CoreSubscriber<? super ByteBuf> actual, ByteBuf buffer) {
            super(buffer);
            this.actual = actual;
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                ByteBuf unread = getAndSet(null);
                if (unread != null) {
                    actual.onNext(unread);
                    actual.onComplete();
                }
            }
        }

        @Override
        public void cancel() {
            ByteBuf unread = getAndSet(null);
            if (unread != null) {
                unread.release();
            }
        }
    }
}
