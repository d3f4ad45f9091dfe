package io.headgate.retry;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpReply;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * The body of a reply, looked at before anybody reads it: asks for one buffer and tells what comes first. It is the body of the reply
 * from then on: what has been seen comes first, and the rest passes as it is asked for.
 */
final class Peek extends Body implements CoreSubscriber<ByteBuf>, Subscription, Scannable {

    /** Is told what came first; perhaps more than once, and the first counts. */
    interface Owner {

        void sawData(Peek seen);

        void sawEnd(Peek seen, Fields trailers);

        void sawFailure(Peek seen, Throwable cause);
    }

    private static final AtomicIntegerFieldUpdater<Peek> USED =
            AtomicIntegerFieldUpdater.newUpdater(Peek.class, "used");
    private static final AtomicIntegerFieldUpdater<Peek> DRAINS =
            AtomicIntegerFieldUpdater.newUpdater(Peek.class, "drains");
    private static final AtomicLongFieldUpdater<Peek> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(Peek.class, "requested");
    private static final AtomicReferenceFieldUpdater<Peek, @Nullable Subscription> UPSTREAM =
            AtomicReferenceFieldUpdater.newUpdater(Peek.class, Subscription.class, "upstream");
    private static final AtomicReferenceFieldUpdater<Peek, @Nullable ByteBuf> FIRST =
            AtomicReferenceFieldUpdater.newUpdater(Peek.class, ByteBuf.class, "first");

    private final HttpReply reply;
    private final Body source;
    private final Owner owner;
    private final Mono<Fields> trailers;
    private volatile @Nullable Subscription upstream;
    private volatile @Nullable ByteBuf first;
    private volatile @Nullable CoreSubscriber<? super ByteBuf> actual;
    private volatile int used;
    private volatile int drains;
    private volatile long requested;
    private volatile boolean cancelled;
    private volatile boolean direct; // the first buffer is through
    private volatile boolean done;
    private @Nullable Throwable error; // written before done
    private boolean terminated; // within the drain

    Peek(HttpReply reply, Owner owner) {
        source = reply.body();
        this.reply = reply.withBody(this);
        this.owner = owner;
        trailers = Mono.defer(source::trailers).cache();
    }

    /** The reply with this body. */
    HttpReply reply() {
        return reply;
    }

    void start() {
        source.subscribe(this);
    }

    // ---- from the source

    @Override
    public void onSubscribe(Subscription subscription) {
        if (Operators.setOnce(UPSTREAM, this, subscription)) {
            subscription.request(1);
        }
    }

    @Override
    public void onNext(ByteBuf buffer) {
        CoreSubscriber<? super ByteBuf> reader = actual;
        if (direct && reader != null) {
            reader.onNext(buffer);
            return;
        }
        first = buffer;
        drain();
        owner.sawData(this);
    }

    @Override
    public void onError(Throwable failure) {
        boolean isFirst = !direct && first == null;
        error = failure;
        done = true;
        drain();
        if (isFirst) {
            owner.sawFailure(this, failure);
        }
    }

    @Override
    public void onComplete() {
        boolean isFirst = !direct && first == null;
        done = true;
        drain();
        if (isFirst) {
            trailers.defaultIfEmpty(Fields.empty())
                    .subscribe(
                            fields -> owner.sawEnd(this, fields),
                            failure -> owner.sawEnd(this, Fields.empty())); // who reads them is told
        }
    }

    // ---- as a body

    @Override
    public long length() {
        return source.length();
    }

    @Override
    public Mono<Fields> trailers() {
        return trailers;
    }

    @Override
    public void discard() {
        if (USED.compareAndSet(this, 0, 1)) {
            cancel();
        }
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> reader) {
        if (!USED.compareAndSet(this, 0, 1)) {
            Operators.error(
                    reader,
                    new IllegalStateException("body: subscribed or discarded before (expected: one subscription)"));
            return;
        }
        reader.onSubscribe(this);
        actual = reader;
        drain();
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            Operators.addCap(REQUESTED, this, n);
            drain();
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        if (!done) {
            Operators.terminate(UPSTREAM, this);
        }
        drain();
    }

    private void drain() {
        if (DRAINS.getAndIncrement(this) > 0) {
            return;
        }
        int missed = 1;
        do {
            step();
            missed = DRAINS.addAndGet(this, -missed);
        } while (missed > 0);
    }

    private void step() {
        CoreSubscriber<? super ByteBuf> reader = actual;
        if (cancelled) {
            ByteBuf unread = FIRST.getAndSet(this, null);
            if (unread != null) {
                unread.release();
            }
            return;
        }
        if (reader == null) {
            return;
        }
        if (!direct && requested > 0) {
            passFirst(reader);
        }
        if (direct && !done) {
            long more = REQUESTED.getAndSet(this, 0);
            Subscription from = upstream;
            if (more > 0 && from != null) {
                from.request(more);
            }
        }
        if (done && first == null && !terminated && !cancelled) {
            terminated = true;
            if (error == null) {
                reader.onComplete();
            } else {
                reader.onError(error);
            }
        }
    }

    private void passFirst(CoreSubscriber<? super ByteBuf> reader) {
        ByteBuf buffer = FIRST.getAndSet(this, null);
        if (buffer != null) {
            if (requested != Long.MAX_VALUE) {
                REQUESTED.decrementAndGet(this);
            }
            reader.onNext(buffer);
            direct = true;
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return upstream;
        }
        if (key == Attr.ACTUAL) {
            return actual;
        }
        return key == Attr.TERMINATED ? done : null;
    }
}
