package io.headgate.rpc.stream;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Adds up buffers, and says once how it ended. */
final class ProgressSubscriber implements CoreSubscriber<ByteBuf>, Subscription, Scannable {

    private final CoreSubscriber<? super ByteBuf> actual;
    private final Progress progress;
    private final boolean whole;
    private @Nullable Subscription source;

    /** {@code whole}: the end of this stream is the end of what is seen. */
    ProgressSubscriber(CoreSubscriber<? super ByteBuf> actual, Progress progress, boolean whole) {
        this.actual = actual;
        this.progress = progress;
        this.whole = whole;
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (Operators.validate(source, subscription)) {
            source = subscription;
            actual.onSubscribe(this);
        }
    }

    @Override
    public void onNext(ByteBuf buffer) {
        progress.add(buffer.readableBytes());
        actual.onNext(buffer);
    }

    @Override
    public void onError(Throwable error) {
        end(ProgressReport.State.FAILED, error);
        actual.onError(error);
    }

    @Override
    public void onComplete() {
        end(ProgressReport.State.COMPLETE, null);
        actual.onComplete();
    }

    @Override
    public void request(long n) {
        Subscription upstream = source;
        if (upstream != null) {
            upstream.request(n);
        }
    }

    @Override
    public void cancel() {
        end(ProgressReport.State.CANCELLED, null);
        Subscription upstream = source;
        if (upstream != null) {
            upstream.cancel();
        }
    }

    private void end(ProgressReport.State state, @Nullable Throwable cause) {
        if (whole) {
            progress.end(state, cause);
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return source;
        }
        return key == Attr.ACTUAL ? actual : null;
    }
}
