package io.headgate.limit;

import io.headgate.http.BodyTooLargeException;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Counts; at the first byte too many it cancels the source and fails. Demand and cancel pass straight on. */
final class CountedSubscriber implements CoreSubscriber<ByteBuf>, Scannable {

    private final CoreSubscriber<? super ByteBuf> actual;
    private final long maxBytes;
    private @Nullable Subscription source;
    private long bytes;
    private boolean done;

    CountedSubscriber(CoreSubscriber<? super ByteBuf> actual, long maxBytes) {
        this.actual = actual;
        this.maxBytes = maxBytes;
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (Operators.validate(source, subscription)) {
            source = subscription;
            actual.onSubscribe(subscription);
        }
    }

    @Override
    public void onNext(ByteBuf buffer) {
        if (done) {
            buffer.release(); // was on its way when the source was cancelled
            return;
        }
        bytes += buffer.readableBytes();
        if (bytes <= maxBytes) {
            actual.onNext(buffer);
            return;
        }
        done = true;
        buffer.release();
        if (source != null) {
            source.cancel();
        }
        actual.onError(new BodyTooLargeException(maxBytes));
    }

    @Override
    public void onError(Throwable error) {
        if (done) {
            Operators.onErrorDropped(error, currentContext());
        } else {
            done = true;
            actual.onError(error);
        }
    }

    @Override
    public void onComplete() {
        if (!done) {
            done = true;
            actual.onComplete();
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return source;
        }
        if (key == Attr.ACTUAL) {
            return actual;
        }
        return key == Attr.TERMINATED ? done : null;
    }
}
