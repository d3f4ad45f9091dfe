package io.headgate.rpc.endpoint;

import io.headgate.rpc.RpcException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * Reads a body that has one element, or none, and makes sure that it has no more. It holds one subscription at a time, and
 * whoever takes the last one away decides how all ends.
 */
abstract class ElementReader implements CoreSubscriber<ByteBuf>, Subscription {

    private static final AtomicReferenceFieldUpdater<ElementReader, @Nullable Subscription> CURRENT =
            AtomicReferenceFieldUpdater.newUpdater(ElementReader.class, Subscription.class, "current");

    private static final AtomicReferenceFieldUpdater<ElementReader, @Nullable ByteBuf> HELD =
            AtomicReferenceFieldUpdater.newUpdater(ElementReader.class, ByteBuf.class, "held");

    private final @Nullable Format format;
    private volatile @Nullable Subscription current;

    @SuppressWarnings("UnusedVariable") // by its updater
    private volatile @Nullable ByteBuf held; // of octets, while more may come

    private @Nullable Object value;
    private boolean present;
    private boolean read; // the body is over, or not of interest any more

    ElementReader(@Nullable Format format) {
        this.format = format;
    }

    /** The body was read, and was as it should be; the format is null or an element was there. */
    abstract void onElement(@Nullable Object element, boolean isPresent);

    /** The body failed or was wrong. Called after this has won the right to say so. */
    abstract void onFailure(Throwable error);

    /** An element too many where none was expected. */
    abstract RpcException unexpected();

    // ---- one subscription at a time

    /** Makes a subscription the current one, or cancels it when all is over. */
    boolean hold(Subscription next) {
        while (true) {
            Subscription before = current;
            if (before == Operators.cancelledSubscription()) {
                next.cancel();
                return false;
            }
            if (CURRENT.compareAndSet(this, before, next)) {
                return true;
            }
        }
    }

    boolean isOver() {
        return current == Operators.cancelledSubscription();
    }

    /** Ends everything without a word to the source, which has said its last; true for the first who asks. */
    boolean win() {
        return CURRENT.getAndSet(this, Operators.cancelledSubscription()) != Operators.cancelledSubscription();
    }

    /** Ends everything and cancels the source; true for the first who asks. */
    boolean winAndCancel() {
        Subscription before = CURRENT.getAndSet(this, Operators.cancelledSubscription());
        if (before == Operators.cancelledSubscription()) {
            return false;
        }
        if (before != null) {
            before.cancel();
        }
        drop();
        return true;
    }

    private void drop() {
        ByteBuf buffer = HELD.getAndSet(this, Unpooled.EMPTY_BUFFER);
        if (buffer != null) {
            buffer.release();
        }
    }

    // ---- the body

    @Override
    public void onSubscribe(Subscription subscription) {
        if (hold(subscription)) {
            subscription.request(Long.MAX_VALUE);
        }
    }

    @Override
    public void onNext(ByteBuf element) {
        if (read || isOver()) {
            element.release();
            return;
        }
        try {
            take(element);
        } catch (RpcException e) {
            read = true;
            if (winAndCancel()) {
                onFailure(e);
            }
        }
    }

    private void take(ByteBuf element) {
        if (format == null) {
            element.release();
            throw unexpected();
        }
        if (format.isRaw()) {
            collect(element, format);
        } else if (present) {
            element.release();
            throw format.surplus();
        } else {
            value = format.decode(element);
        }
        present = true;
    }

    /** Puts the octets together; a cancellation meanwhile finds either nothing or all of them. */
    private void collect(ByteBuf more, Format octets) {
        ByteBuf before = HELD.getAndSet(this, null);
        int bytes = more.readableBytes() + (before == null ? 0 : before.readableBytes());
        if (bytes > octets.maxElement()) {
            more.release();
            if (before != null) {
                before.release();
            }
            octets.checkSize(bytes);
        }
        ByteBuf all = before == null ? more : joined(before, more);
        if (!HELD.compareAndSet(this, null, all)) {
            all.release();
        } else if (isOver()) {
            drop(); // what a cancellation leaves in this place may have been taken for the bytes before
        }
    }

    private static ByteBuf joined(ByteBuf before, ByteBuf more) {
        CompositeByteBuf all = before instanceof CompositeByteBuf grown
                ? grown
                : Unpooled.compositeBuffer(Integer.MAX_VALUE).addComponent(true, before);
        return all.addComponent(true, more);
    }

    @Override
    public void onError(Throwable error) {
        if (!read) {
            read = true;
            if (win()) {
                drop();
                onFailure(error);
            }
        }
    }

    @Override
    public void onComplete() {
        if (read) {
            return;
        }
        read = true;
        Object element = value;
        value = null;
        if (format != null && format.isRaw()) {
            ByteBuf octets = HELD.getAndSet(this, null);
            element = octets == null ? Unpooled.EMPTY_BUFFER : octets;
            present = true;
        }
        onElement(element, present);
    }
}
