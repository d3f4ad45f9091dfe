package io.headgate.sync.internal.crumb;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.util.concurrent.Queues;

/**
 * What listens to the source of a cache and makes its worker write. The source is asked for as many events as two batches hold;
 * the worker takes what is there, up to a batch, publishes it, and goes on as long as there is more.
 */
final class Follower extends BaseSubscriber<SyncEvent> {

    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

    /** Who wants to know, on the worker. */
    interface Owner {

        /** There is a crumb more. */
        void published();

        /** The source was heard of. */
        void heard();

        /** Nothing is written any more. */
        void closed();
    }

    private final CrumbWriter writer;
    private final ByteLog log;
    private final CrumbSettings settings;
    private final Scheduler.Worker worker;
    private final LongSupplier nanoTime;
    private final Owner owner;
    private final Queue<SyncEvent> queue;
    private final AtomicInteger work = new AtomicInteger();
    private final Sinks.Empty<Void> ended = Sinks.empty();
    private volatile @Nullable Instant heard;
    private volatile boolean sourceDone;
    private volatile boolean closing;
    private volatile boolean broken;

    // Of the worker.
    private boolean lost;
    private boolean tidying;
    private boolean closed;
    private @Nullable Instant contact; // not yet told
    private int taken; // events since more were asked for

    Follower(
            CrumbWriter writer,
            ByteLog log,
            CrumbSettings settings,
            Scheduler.Worker worker,
            LongSupplier nanoTime,
            Owner owner) {
        this.writer = writer;
        this.log = log;
        this.settings = settings;
        this.worker = worker;
        this.nanoTime = nanoTime;
        this.owner = owner;
        queue = Queues.<SyncEvent>get(2 * settings.batch()).get();
    }

    /** When the source was heard of, for crumbs that are published. */
    @Nullable Instant heard() {
        return heard;
    }

    /** Completes or fails as the source did, completes when this is closed. */
    Mono<Void> ended() {
        return ended.asMono();
    }

    boolean isClosing() {
        return closing;
    }

    /** Whether something was told that could not be made a crumb. */
    boolean isBroken() {
        return broken;
    }

    /** Writes nothing any more, soon. */
    void close() {
        closing = true;
        cancel();
        work();
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        subscription.request(2L * settings.batch());
    }

    @Override
    protected void hookOnNext(SyncEvent event) {
        if (queue.offer(event)) {
            work();
        } else {
            cancel();
            hookOnError(new IllegalStateException(
                    "source: more events than were asked for (expected: at most " + 2 * settings.batch() + ")"));
        }
    }

    @Override
    protected void hookOnError(Throwable failure) {
        LOG.warn("The source of a set has failed; what it told is kept", failure);
        sourceDone = true;
        ended.tryEmitError(failure);
        work();
    }

    @Override
    protected void hookOnComplete() {
        LOG.warn("The source of a set has ended; what it told is kept");
        sourceDone = true;
        ended.tryEmitEmpty();
        work();
    }

    private void work() {
        if (work.getAndIncrement() == 0) {
            try {
                worker.schedule(this::drain);
            } catch (RejectedExecutionException e) { // nobody else will do it
                drain();
            }
        }
    }

    private void drain() {
        int seen = work.get();
        do {
            if (closing) {
                finish();
            } else if (!lost) {
                follow();
            }
            seen = work.addAndGet(-seen);
        } while (seen != 0);
    }

    private void follow() {
        try {
            boolean done = sourceDone; // before the look at the queue: then that was all
            SyncEvent event = queue.poll();
            while (event != null) {
                while (event != null && !writer.isFull()) {
                    gather(event);
                    event = queue.poll();
                }
                writer.publish(owner::published);
                hear();
            }
            if (done) {
                lose();
            }
            tidy();
        } catch (RuntimeException | OutOfMemoryError e) { // direct memory may be used up
            LOG.error("A set cannot be followed any further; what it told is kept", e);
            cancel();
            broken = true;
            ended.tryEmitError(e);
            giveUp();
        }
    }

    /** What was gathered is never told; that no more comes is, if that at least can be encoded. */
    private void giveUp() {
        writer.drop();
        try {
            lose();
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.debug("Nor can it be told that a set is not followed any further", e);
        }
    }

    private void gather(SyncEvent event) {
        if (++taken == settings.batch()) {
            taken = 0;
            request(settings.batch());
        }
        if (event instanceof SyncEvent.Updates some) {
            some.updates().forEach(writer::update);
        } else if (event instanceof SyncEvent.Status change) {
            writer.status(change.status());
        } else if (event instanceof SyncEvent.Heard sign) {
            contact = sign.at();
        }
    }

    private void hear() {
        if (contact != null) {
            heard = contact;
            contact = null;
            owner.heard();
        }
    }

    /** Nobody tells anything any more, and clients learn it. */
    private void lose() {
        lost = true;
        writer.status(SyncStatus.WAIT_FOR_DATASTORE);
        writer.publish(owner::published);
    }

    /** Looks after the log while nothing is published. */
    private void tidy() {
        if (!tidying && log.isPerishable()) {
            try {
                worker.schedule(this::trim, settings.retainedFor().toMillis() + 1, TimeUnit.MILLISECONDS);
                tidying = true;
            } catch (RejectedExecutionException e) {
                LOG.debug("The log of a set is looked after with the next crumb alone", e);
            }
        }
    }

    private void trim() {
        tidying = false;
        if (!closed) {
            log.trim(nanoTime.getAsLong());
            tidy();
        }
    }

    private void finish() {
        queue.clear();
        if (!closed) {
            closed = true;
            log.close();
            ended.tryEmitEmpty();
            owner.closed();
            worker.dispose();
        }
    }
}
