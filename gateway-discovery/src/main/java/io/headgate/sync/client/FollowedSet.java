package io.headgate.sync.client;

import io.headgate.profile.Profile;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.LostStreamException;
import io.headgate.resolve.Update;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/** A set that is followed from the first subscriber to the last, and what is known of it. */
final class FollowedSet {

    private static final Logger LOG = LoggerFactory.getLogger(SyncDiscovery.class);

    /** How many events are read ahead of the documents; a set folds what waits. */
    private static final int PREFETCH = 4;

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);

    final StateNames<Update<Endpoint>> endpoints;
    final StateNames<Profile> profiles;

    private final Disposable.Swap following = Disposables.swap();
    private volatile SyncStatus status = SyncStatus.WAIT_FOR_DATASTORE;
    private volatile @Nullable Instant heard;

    /** Guarded by the discovery. */
    int users;

    FollowedSet(StateNames<Update<Endpoint>> endpoints, StateNames<Profile> profiles) {
        this.endpoints = endpoints;
        this.profiles = profiles;
    }

    SyncStatus status() {
        return status;
    }

    @Nullable Instant heard() {
        return heard;
    }

    /** Follows until {@link #leave}. A set that fails is begun again, so that what has vanished meanwhile leaves. */
    void follow(Flux<SyncEvent> events, Scheduler scheduler, LongAdder losses) {
        Flux<SyncEvent> once = Flux.concat(events, Mono.error(() -> new LostStreamException("synchronised set")))
                .publishOn(scheduler, PREFETCH)
                .doOnNext(this::take);
        following.update(Flux.defer(() -> begun(once))
                .retryWhen(Retry.backoff(Long.MAX_VALUE, FIRST_BACKOFF)
                        .maxBackoff(LONGEST_BACKOFF)
                        .transientErrors(true)
                        .scheduler(scheduler)
                        .doBeforeRetry(lost -> {
                            losses.increment();
                            lost(lost.failure());
                        }))
                .subscribe());
    }

    void leave() {
        following.dispose();
    }

    private Flux<SyncEvent> begun(Flux<SyncEvent> once) {
        endpoints.begin();
        profiles.begin();
        return once;
    }

    private void lost(Throwable cause) {
        LOG.warn("set lost, what is known stays in force: {}", cause.toString());
        status = SyncStatus.WAIT_FOR_DATASTORE;
        away(cause);
    }

    private void take(SyncEvent event) {
        if (event instanceof SyncEvent.Updates some) {
            for (SyncUpdate update : some.updates()) {
                if (!endpoints.take(update)) {
                    profiles.take(update);
                }
            }
        } else if (event instanceof SyncEvent.Status changed) {
            status(changed.status());
        } else if (event instanceof SyncEvent.Heard source) {
            heard = source.at();
            endpoints.heard();
            profiles.heard();
        }
    }

    private void status(SyncStatus changed) {
        status = changed;
        if (changed == SyncStatus.WAIT_FOR_DATASTORE) {
            away(NotInSyncException.INSTANCE);
        } else {
            endpoints.status(changed);
            profiles.status(changed);
        }
    }

    private void away(Throwable cause) {
        endpoints.away(cause);
        profiles.away(cause);
    }
}
