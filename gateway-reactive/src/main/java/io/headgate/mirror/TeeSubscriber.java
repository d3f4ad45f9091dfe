package io.headgate.mirror;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Passes everything on first, then shows it to the mirror, and lets nothing of the mirror come back. */
final class TeeSubscriber implements CoreSubscriber<ByteBuf>, Subscription, Scannable {

    private static final Logger LOG = LoggerFactory.getLogger(TeeSubscriber.class);

    private final CoreSubscriber<? super ByteBuf> actual;
    private final MirrorBody mirror;
    private @Nullable Subscription source;

    TeeSubscriber(CoreSubscriber<? super ByteBuf> actual, MirrorBody mirror) {
        this.actual = actual;
        this.mirror = mirror;
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
    public void request(long n) {
        if (source != null) {
            source.request(n);
        }
    }

    @Override
    public void cancel() {
        if (source != null) {
            source.cancel();
        }
        end(new CancellationException("request body: cancelled"));
    }

    @Override
    public void onNext(ByteBuf buffer) {
        ByteBuf copy = mirror.isOpen() ? buffer.retainedSlice() : null;
        actual.onNext(buffer);
        if (copy != null) {
            try {
                mirror.offer(copy);
            } catch (RuntimeException e) {
                LOG.warn("mirror failed with a chunk of the request body", e);
            }
        }
    }

    @Override
    public void onError(Throwable error) {
        actual.onError(error);
        end(error);
    }

    @Override
    public void onComplete() {
        actual.onComplete();
        end(null);
    }

    private void end(@Nullable Throwable cause) {
        try {
            mirror.end(cause);
        } catch (RuntimeException e) {
            LOG.warn("mirror failed at the end of the request body", e);
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
