package io.headgate.retry.internal;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;

/**
 * A request body that is kept while it is read, up to a bound, so that it can be read from its beginning again. It is read from the
 * client when a reader wants more than has come, one buffer at a time. Beyond the bound what was kept is dropped: the reader that is
 * furthest goes on alone, and there is no other.
 *
 * <p>All that changes what is kept happens within {@link #drain}, on one thread at a time.
 */
public final class ReplayBody extends RequestBodies implements CoreSubscriber<ByteBuf>, Scannable {

    /** What a buffer counts for at least: a short one may hold on to a long one. */
    private static final int LEAST_CHARGE = 256;

    private static final ReplayReader[] NOBODY = {};

    private static final AtomicIntegerFieldUpdater<ReplayBody> SUBSCRIBED =
            AtomicIntegerFieldUpdater.newUpdater(ReplayBody.class, "subscribed");
    private static final AtomicIntegerFieldUpdater<ReplayBody> DRAINS =
            AtomicIntegerFieldUpdater.newUpdater(ReplayBody.class, "drains");
    private static final AtomicReferenceFieldUpdater<ReplayBody, ReplayReader[]> READERS =
            AtomicReferenceFieldUpdater.newUpdater(ReplayBody.class, ReplayReader[].class, "readers");
    private static final AtomicReferenceFieldUpdater<ReplayBody, @Nullable Subscription> UPSTREAM =
            AtomicReferenceFieldUpdater.newUpdater(ReplayBody.class, Subscription.class, "upstream");

    private final Body source;
    private final int maxBytes;
    private final Mono<Fields> trailers;
    private final Queue<ByteBuf> incoming =
            Queues.<ByteBuf>unboundedMultiproducer().get();
    private volatile ReplayReader[] readers = NOBODY;
    private volatile int subscribed;
    private volatile int drains;
    private volatile @Nullable Subscription upstream;
    private volatile boolean ended;
    private volatile @Nullable Throwable failure; // written before ended
    private volatile boolean tooLarge;
    private volatile boolean settled; // no more readers
    private volatile boolean dropped;

    // From here on for the drain alone.
    private final List<ByteBuf> kept = new ArrayList<>(4);
    private int keptBytes;
    private boolean alone; // what has been read is not kept
    private boolean asked; // the source, for one buffer
    private boolean stopped;

    /**
     * Keeps a body.
     *
     * @param source takes ownership
     * @param maxBytes how much of it may be kept
     */
    public ReplayBody(Body source, int maxBytes) {
        this.source = source;
        this.maxBytes = maxBytes;
        trailers = Mono.defer(source::trailers).cache(); // each reader wants them, and the source tells them once
    }

    // ---- readers

    @Override
    public Body next() {
        ReplayReader added = new ReplayReader(this);
        for (ReplayReader old : READERS.getAndSet(this, new ReplayReader[] {added})) {
            old.retire();
        }
        return added;
    }

    /** A body for an attempt beside those that are under way. */
    public Body another() {
        ReplayReader added = new ReplayReader(this);
        READERS.updateAndGet(this, all -> {
            ReplayReader[] more = Arrays.copyOf(all, all.length + 1);
            more[all.length] = added;
            return more;
        });
        return added;
    }

    @Override
    public boolean isRepeatable() {
        return !tooLarge && failure == null && !settled && !dropped;
    }

    @Override
    public boolean isOnlyForUnprocessed() {
        return false;
    }

    @Override
    public boolean isWhole() {
        return ended && failure == null;
    }

    @Override
    public void settle() {
        settled = true;
        drain();
    }

    /** One of several attempts is the last one; it goes on with its body. */
    public void settle(Body last) {
        for (ReplayReader reader : readers) {
            if (reader != last) {
                reader.retire();
            }
        }
        settle();
    }

    @Override
    public void drop() {
        dropped = true;
        drain();
    }

    long length() {
        return source.length();
    }

    Mono<Fields> trailers() {
        return trailers;
    }

    /** A reader has subscribed. */
    void open() {
        if (SUBSCRIBED.compareAndSet(this, 0, 1)) {
            source.subscribe(this);
        }
        drain();
    }

    // ---- the source

    @Override
    public void onSubscribe(Subscription subscription) {
        if (Operators.setOnce(UPSTREAM, this, subscription)) {
            drain();
        }
    }

    @Override
    public void onNext(ByteBuf buffer) {
        incoming.add(buffer);
        drain();
    }

    @Override
    public void onError(Throwable error) {
        failure = error;
        ended = true;
        drain();
    }

    @Override
    public void onComplete() {
        ended = true;
        drain();
    }

    // ---- one thread at a time, and never within itself

    void drain() {
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
        boolean over = ended; // before the look at the queue: nothing comes after the end
        keepIncoming();
        ReplayReader[] all = readers;
        if (dropped || settled && isNobodyLeft(all)) {
            stop();
            return;
        }
        if (settled && !alone) {
            goOnWithOne(all);
        }
        boolean wanted = false;
        for (ReplayReader reader : all) {
            wanted |= serve(reader, over);
        }
        Subscription from = upstream;
        if (wanted && !asked && !ended && from != null) {
            asked = true;
            from.request(1);
        }
    }

    private static boolean isNobodyLeft(ReplayReader[] all) {
        for (ReplayReader reader : all) {
            if (!reader.isOver()) {
                return false;
            }
        }
        return true;
    }

    private void keepIncoming() {
        for (ByteBuf buffer = incoming.poll(); buffer != null; buffer = incoming.poll()) {
            asked = false;
            if (stopped) {
                buffer.release();
                continue;
            }
            kept.add(buffer); // an empty one, too: it may be a message
            if (alone) {
                continue;
            }
            keptBytes += Math.max(buffer.readableBytes(), LEAST_CHARGE);
            if (keptBytes > maxBytes) {
                tooLarge = true;
                goOnWithOne(readers);
            }
        }
    }

    /** Serves a reader; whether it wants what has not come yet. */
    private boolean serve(ReplayReader reader, boolean over) {
        while (reader.at < kept.size() && reader.wantsMore()) {
            ByteBuf buffer = kept.get(reader.at);
            if (alone) {
                kept.remove(reader.at);
                reader.give(buffer);
            } else {
                reader.at++;
                reader.give(buffer.retainedSlice());
            }
        }
        if (reader.at < kept.size()) {
            return false;
        }
        if (over && incoming.isEmpty()) {
            reader.end(failure);
            return false;
        }
        return reader.wantsMore();
    }

    /** From now on buffers pass to the reader that is furthest, and are kept no more. */
    private void goOnWithOne(ReplayReader[] all) {
        ReplayReader lead = null;
        for (ReplayReader reader : all) {
            if (!reader.isOver() && (lead == null || reader.at > lead.at)) {
                lead = reader;
            }
        }
        alone = true;
        for (ReplayReader reader : all) {
            if (reader != lead) {
                reader.end(new IllegalStateException(
                        "body: more than " + maxBytes + " bytes, which another attempt reads"));
            }
        }
        int read = lead == null ? 0 : lead.at;
        for (int i = 0; i < read; i++) {
            kept.get(i).release();
        }
        kept.subList(0, read).clear();
        if (lead != null) {
            lead.at = 0;
        }
    }

    private void stop() {
        if (!stopped) {
            stopped = true;
            for (ByteBuf buffer : kept) {
                buffer.release();
            }
            kept.clear();
            for (ReplayReader reader : READERS.getAndSet(this, NOBODY)) {
                reader.retire();
            }
            if (SUBSCRIBED.compareAndSet(this, 0, 1)) {
                source.discard();
            } else if (!ended) {
                Operators.terminate(UPSTREAM, this);
            }
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return upstream;
        }
        return key == Attr.BUFFERED ? keptBytes : null;
    }
}
