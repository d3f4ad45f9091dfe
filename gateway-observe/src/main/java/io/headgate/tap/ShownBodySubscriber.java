package io.headgate.tap;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.util.context.Context;

/** Shows each buffer, then passes it on; leaves demand and cancellation to the two that it stands between. */
final class ShownBodySubscriber implements CoreSubscriber<ByteBuf>, Scannable {

    private final CoreSubscriber<? super ByteBuf> actual;
    private final TappedExchange tapped;
    private final boolean isRequest;

    ShownBodySubscriber(CoreSubscriber<? super ByteBuf> actual, TappedExchange tapped, boolean isRequest) {
        this.actual = actual;
        this.tapped = tapped;
        this.isRequest = isRequest;
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        actual.onSubscribe(subscription);
    }

    @Override
    public void onNext(ByteBuf buffer) {
        if (buffer.isReadable()) {
            tapped.show(isRequest, buffer);
        }
        actual.onNext(buffer);
    }

    @Override
    public void onError(Throwable error) {
        actual.onError(error);
    }

    @Override
    public void onComplete() {
        actual.onComplete();
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        return key == Attr.ACTUAL ? actual : null;
    }
}
