package io.headgate.sync.source;

import io.headgate.resolve.SourceObserver;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.internal.StateStream;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Keys of an etcd cluster as a set, told as a <i>state stream</i>. They are listed at one revision, in pages, and watched from there on.
 * Needs etcd 3.4 or later.
 *
 * <pre>
 * EtcdSource etcd = EtcdSource.of(EtcdSpec.of("http://127.0.0.1:2379").withPrefix("/calico/"));
 * Flux&lt;SyncEvent&gt; events = etcd.events();
 * </pre>
 *
 * <p>When the connection is lost, {@link SyncStatus#WAIT_FOR_DATASTORE} is told, and what is known stays. After a wait with jittered exponential
 * backoff the next endpoint is asked, and all keys are listed again: {@link SyncStatus#RESYNC} is told, what there is, deletions of what has
 * vanished, and {@link SyncStatus#IN_SYNC}. The same, but for the first status, happens when etcd has compacted what the watch had not told yet.
 * While nothing changes etcd is asked for progress, which is told as {@link SyncEvent.Heard}.
 *
 * <p>Values and keys are as etcd has them, a revision is that of the last change of its key, and nothing is told of leases. A key that is not
 * UTF-8 is left out, {@linkplain #skipped counted} and logged.
 *
 * <p><b>Threading.</b> Immutable. Each subscriber has a connection and an event loop with one thread of its own, on which it is told. Behind a
 * server, one connection serves all its clients.
 *
 * <p><b>Cancellation.</b> Ends the connection and the event loop.
 *
 * <p><b>Errors.</b> None: the observer is told, and the log.
 */
public final class EtcdSource {

    private final EtcdSpec spec;
    private final Scheduler timer;
    private final SourceObserver observer;
    private final LongAdder skipped;

    private EtcdSource(EtcdSpec spec, Scheduler timer, SourceObserver observer, LongAdder skipped) {
        this.spec = Objects.requireNonNull(spec, "spec");
        this.timer = Objects.requireNonNull(timer, "timer");
        this.observer = Objects.requireNonNull(observer, "observer");
        this.skipped = skipped;
    }

    /**
     * A source; nothing is asked before somebody subscribes.
     *
     * @param spec what is followed, and how
     * @return the source
     */
    public static EtcdSource of(EtcdSpec spec) {
        return new EtcdSource(spec, Schedulers.parallel(), SourceObserver.NONE, new LongAdder());
    }

    /**
     * A copy with timers elsewhere.
     *
     * @param changed runs waits, and tells the time
     * @return the copy
     */
    public EtcdSource withScheduler(Scheduler changed) {
        return new EtcdSource(spec, changed, observer, skipped);
    }

    /**
     * A copy that tells whether etcd is there.
     *
     * @param changed is told, under the name that {@link #toString} returns
     * @return the copy
     */
    public EtcdSource withObserver(SourceObserver changed) {
        return new EtcdSource(spec, timer, changed, skipped);
    }

    /**
     * The keys, then what changes.
     *
     * @return a state stream that never ends; cancelling is the only way out
     */
    public Flux<SyncEvent> events() {
        return StateStream.of(outlet -> {
            EtcdFollower follower = new EtcdFollower(spec, toString(), timer, observer, skipped, outlet);
            follower.begin();
            return follower;
        });
    }

    /**
     * How many keys were left out because they are not UTF-8, each time that they were told by etcd.
     *
     * @return the count of this source and of all its copies
     */
    public long skipped() {
        return skipped.sum();
    }

    @Override
    public String toString() {
        return "etcd at " + spec.endpoints() + (spec.prefix().isEmpty() ? "" : " under " + spec.prefix());
    }
}
