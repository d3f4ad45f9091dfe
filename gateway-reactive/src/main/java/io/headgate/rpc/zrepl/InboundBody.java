package io.headgate.rpc.zrepl;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.internal.Gathering;
import io.headgate.rpc.internal.Sources;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * From a data message to the consumer of a body. Octets are taken from below one by one as they are asked for, and none waits
 * here; a document is put together of the parts that it comes in, large ones without a copy, and waits to be asked for.
 */
final class InboundBody extends Body implements Subscription, Scannable {

    /** Is told on the thread of the connection. */
    interface Owner {

        /** Somebody asks for more: the body is ready. */
        void wanted();

        /** Nobody wants the rest; it is dropped as it comes. */
        void abandoned();

        /** Bytes that nobody wants have come. */
        void dropped(int bytes);

        /** Its consumer threw, and is told nothing more; the rest is dropped as it comes. */
        void consumerThrew(Throwable thrown);

        /** The thread of the connection. */
        CallHost host();
    }

    private static final int UNTOUCHED = 0;
    private static final int TAKEN = 1;

    private static final AtomicIntegerFieldUpdater<InboundBody> USE =
            AtomicIntegerFieldUpdater.newUpdater(InboundBody.class, "use");
    private static final AtomicLongFieldUpdater<InboundBody> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(InboundBody.class, "requested");

    private final String message;
    private final String endpoint;
    private final Owner owner;
    private final int maxElement; // zero for octets
    private volatile int use;
    private volatile long requested;
    private volatile boolean cancelled;
    private volatile @Nullable CoreSubscriber<? super ByteBuf> actual;

    // From here on for the thread of the connection alone.
    private @Nullable ByteBuf element; // its first part, or all of it
    private @Nullable Gathering parts; // when there are more
    private boolean ended;
    private boolean dropping;
    private boolean draining;
    private boolean terminated;
    private @Nullable Throwable failure;

    /**
     * A body that has just begun.
     *
     * @param message of which it is the body, in words
     * @param endpoint what was called
     * @param maxElement most bytes of the document, or zero for octets
     */
    InboundBody(String message, String endpoint, int maxElement, Owner owner) {
        this.message = message;
        this.endpoint = endpoint;
        this.maxElement = maxElement;
        this.owner = owner;
    }

    private String title() {
        return message + " of " + endpoint;
    }

    // ---- the connection's side

    boolean isReady() {
        return ended || dropping || maxElement > 0 || (requested > 0 && actual != null);
    }

    /** More of the message; takes ownership. */
    void data(ByteBuf part) {
        if (cancelled && !dropping) {
            abandon(); // the task that says so is on its way
        }
        if (dropping) {
            int bytes = part.readableBytes();
            part.release();
            owner.dropped(bytes);
        } else if (maxElement > 0) {
            collect(part);
        } else {
            if (requested != Long.MAX_VALUE) {
                REQUESTED.decrementAndGet(this);
            }
            emit(subscriber(), part);
        }
    }

    private void emit(CoreSubscriber<? super ByteBuf> to, ByteBuf part) {
        try {
            to.onNext(part);
        } catch (Throwable e) { // whatever Reactor lets through: others wait for this connection
            cancel();
            owner.consumerThrew(e);
        }
    }

    private CoreSubscriber<? super ByteBuf> subscriber() {
        CoreSubscriber<? super ByteBuf> to = actual;
        if (to == null) {
            throw new IllegalStateException(title() + ": pushed without demand");
        }
        return to;
    }

    private void collect(ByteBuf part) {
        int bytes = part.readableBytes();
        long length = (element == null ? 0L : element.readableBytes()) + (parts == null ? 0 : parts.length()) + bytes;
        if (length > maxElement) {
            part.release();
            fail(RpcException.of(
                    RpcStatus.INVALID_ARGUMENT,
                    title() + ": " + length + " bytes and more (expected: at most " + maxElement + " of a document)"));
            owner.dropped(bytes);
        } else if (element == null && parts == null) {
            element = part;
        } else {
            gather(part);
        }
    }

    /** Small parts are copied, so that each does not hold the whole buffer that it was read into. */
    private void gather(ByteBuf part) {
        Gathering all = parts;
        if (all == null) {
            all = new Gathering(part.alloc());
            parts = all;
        }
        ByteBuf first = element;
        element = null;
        if (first != null) {
            all.add(first, first.readableBytes(), part.readableBytes());
            first.release();
        }
        all.add(part, part.readableBytes(), 0);
        part.release();
    }

    /** The message has come to its end. */
    void end() {
        ended = true;
        if (parts != null) {
            element = parts.finish();
            parts = null;
        }
        drain();
    }

    /** The consumer gets an error instead of the rest, which is dropped as it comes. */
    void fail(Throwable error) {
        if (!terminated && failure == null && !dropping) {
            failure = error;
            dropping = true;
            dropElement();
            drain();
        }
    }

    /** The rest is dropped as it comes; the owner knows. */
    void drop() {
        dropping = true;
        dropElement();
    }

    private void drain() {
        CoreSubscriber<? super ByteBuf> to = actual;
        if (to == null || draining) {
            return; // who asks for more while it is given the document hears of the end afterwards
        }
        draining = true;
        if (ended && element != null && requested > 0 && !cancelled) {
            ByteBuf whole = element;
            element = null;
            emit(to, whole);
        }
        draining = false;
        if (!cancelled && !terminated && (failure != null || (ended && element == null))) {
            terminated = true;
            terminate(to);
        }
    }

    private void terminate(CoreSubscriber<? super ByteBuf> to) {
        Throwable error = failure;
        if (error != null) {
            Sources.tell(endpoint, () -> to.onError(error));
            return;
        }
        try {
            to.onComplete();
        } catch (Throwable e) {
            owner.consumerThrew(e);
        }
    }

    private void dropElement() {
        if (element != null) {
            element.release();
            element = null;
        }
        if (parts != null) {
            parts.release();
            parts = null;
        }
    }

    // ---- the consumer's side

    @Override
    public long length() {
        return UNKNOWN_LENGTH;
    }

    @Override
    public Mono<Fields> trailers() {
        return Mono.empty();
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> to) {
        if (!USE.compareAndSet(this, UNTOUCHED, TAKEN)) {
            Operators.error(
                    to, new IllegalStateException("body: subscribed or discarded before (expected: one subscription)"));
            return;
        }
        to.onSubscribe(this);
        if (owner.host().inLoop()) {
            attach(to);
        } else {
            owner.host().run(() -> attach(to));
        }
    }

    private void attach(CoreSubscriber<? super ByteBuf> to) {
        actual = to;
        asked();
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            Operators.addCap(REQUESTED, this, n);
            if (owner.host().inLoop()) {
                asked();
            } else {
                owner.host().run(this::asked);
            }
        }
    }

    private void asked() {
        if (actual != null) {
            drain();
            owner.wanted();
        }
    }

    @Override
    public void cancel() {
        if (!cancelled) {
            cancelled = true;
            owner.host().run(this::abandon);
        }
    }

    @Override
    public void discard() {
        if (USE.compareAndSet(this, UNTOUCHED, TAKEN)) {
            owner.host().run(this::abandon);
        }
    }

    private void abandon() {
        dropElement();
        if (!terminated && !dropping) {
            dropping = true;
            if (!ended) {
                owner.abandoned();
            }
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
            return requested;
        }
        if (key == Attr.CANCELLED) {
            return cancelled;
        }
        if (key == Attr.TERMINATED) {
            return terminated;
        }
        return key == Attr.ERROR ? failure : null;
    }
}
