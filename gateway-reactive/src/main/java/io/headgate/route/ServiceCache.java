package io.headgate.route;

import io.headgate.ServiceFactory;
import io.headgate.http.CallWatch;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Services by key, made when they are first called and closed when they have been idle. A call is in flight until its reply
 * has ended, body and trailers included, and a service with a call in flight is not closed.
 *
 * <p>There are never more than {@linkplain ServiceCacheSettings#capacity some} services. When one more is needed an idle one
 * is closed before its time, one that was not called lately if there is such; when all are in use the call is refused with
 * {@link ServicesExhaustedException}.
 *
 * <p><b>Threading.</b> Any thread may call. A call whose service is there takes no lock: it costs a lookup and two atomic
 * additions. Services are made one at a time. Nothing runs while the cache is empty.
 *
 * @param <K> what services are for; used as a key of a hash map
 */
public final class ServiceCache<K> {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceCache.class);

    /** How often the cache looks in the time that a service may be idle. */
    private static final int LOOKS = 8;

    private final ServiceFactory<? super K, HttpExchange, HttpReply> factory;
    private final ServiceCacheSettings settings;
    private final Scheduler scheduler;
    private final ConcurrentHashMap<K, CachedService<K>> services = new ConcurrentHashMap<>();
    private final Set<Mono<Void>> closings = ConcurrentHashMap.newKeySet();
    private final AtomicLong created = new AtomicLong();
    private final AtomicLong evicted = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    /** All were in use when one was looked for, and none has become idle since. */
    private volatile boolean exhausted;

    private final Object lock = new Object();
    private final Set<CachedService<K>> ring = new LinkedHashSet<>(); // guarded by lock; who was looked at goes last
    private @Nullable Disposable timer; // guarded by lock
    private volatile boolean closed; // written under lock

    private ServiceCache(
            ServiceFactory<? super K, HttpExchange, HttpReply> factory,
            ServiceCacheSettings settings,
            Scheduler scheduler) {
        this.factory = Objects.requireNonNull(factory, "factory");
        this.settings = Objects.requireNonNull(settings, "settings");
        this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
    }

    /**
     * A cache with the default bounds, which looks for idle services on Reactor's parallel scheduler.
     *
     * @param factory makes the service of a key, such as {@code stack::make}; the cache owns and closes what it makes. It is
     *     called under a lock, and must not block
     * @param <K> the key
     * @return the cache, empty
     */
    public static <K> ServiceCache<K> of(ServiceFactory<? super K, HttpExchange, HttpReply> factory) {
        return of(factory, ServiceCacheSettings.DEFAULTS);
    }

    /**
     * A cache which looks for idle services on Reactor's parallel scheduler.
     *
     * @param factory makes the service of a key
     * @param settings the bounds
     * @param <K> the key
     * @return the cache, empty
     */
    public static <K> ServiceCache<K> of(
            ServiceFactory<? super K, HttpExchange, HttpReply> factory, ServiceCacheSettings settings) {
        return of(factory, settings, Schedulers.parallel());
    }

    /**
     * A cache.
     *
     * @param factory makes the service of a key
     * @param settings the bounds
     * @param scheduler where the cache looks for idle services, and whose time counts
     * @param <K> the key
     * @return the cache, empty
     */
    public static <K> ServiceCache<K> of(
            ServiceFactory<? super K, HttpExchange, HttpReply> factory,
            ServiceCacheSettings settings,
            Scheduler scheduler) {
        return new ServiceCache<>(factory, settings, scheduler);
    }

    /**
     * Describes a call of the service of a key. The service is looked up, and made if need be, when the call is subscribed.
     *
     * @param key the key
     * @param exchange what to call the service with
     * @return the reply; fails with {@link ServicesExhaustedException} when there is no room, and with 503 when the cache is
     *     closed
     */
    public Mono<HttpReply> call(K key, HttpExchange exchange) {
        return new CachedCall(key, exchange);
    }

    private CachedService<K> enter(K key) {
        CachedService<K> known = services.get(key);
        return known != null && known.enter() ? known : enterSlowly(key);
    }

    private CachedService<K> enterSlowly(K key) {
        CachedService<K> victim = null;
        try {
            synchronized (lock) {
                CachedService<K> known = services.get(key);
                if (known != null && known.enter()) {
                    return known;
                }
                if (closed) {
                    throw new UnavailableException("services: closed (expected: open)");
                }
                if (ring.size() >= settings.capacity()) {
                    victim = evictOne();
                }
                return create(key);
            }
        } finally {
            if (victim != null) {
                close(victim);
            }
        }
    }

    private CachedService<K> create(K key) {
        long now = now();
        CachedService<K> made = new CachedService<>(
                key, Objects.requireNonNull(factory.create(key), "factory: returned null"), this::noteIdle, now);
        made.enter();
        if (timer == null) {
            timer = scheduleLook();
        }
        services.put(key, made);
        ring.add(made);
        created.incrementAndGet();
        return made;
    }

    /** Called at the end of each call that leaves a service idle, so it does no more than read. */
    private void noteIdle() {
        if (exhausted) {
            exhausted = false;
        }
    }

    /** Gives those that were called since the last look a second chance; goes on where the last look ended. */
    private CachedService<K> evictOne() {
        if (exhausted) {
            refused.incrementAndGet();
            throw new ServicesExhaustedException(settings.capacity());
        }
        exhausted = true; // before the look: whoever becomes idle behind its back says so
        long now = now();
        int size = ring.size();
        for (int look = 0; look < 2 * size; look++) {
            Iterator<CachedService<K>> first = ring.iterator();
            CachedService<K> candidate = first.next();
            first.remove();
            boolean wasQuiet = candidate.wasQuiet(now);
            if ((wasQuiet || look >= size) && candidate.retireIfIdle()) {
                exhausted = false;
                services.remove(candidate.key, candidate);
                return candidate;
            }
            ring.add(candidate);
        }
        refused.incrementAndGet();
        throw new ServicesExhaustedException(settings.capacity());
    }

    private Disposable scheduleLook() {
        return scheduler.schedule(this::look, settings.idle().toNanos() / LOOKS, TimeUnit.NANOSECONDS);
    }

    private void look() {
        List<CachedService<K>> idle = new ArrayList<>();
        synchronized (lock) {
            long now = now();
            for (Iterator<CachedService<K>> all = ring.iterator(); all.hasNext(); ) {
                CachedService<K> candidate = all.next();
                boolean expired = candidate.wasQuiet(now)
                        && now - candidate.quietSince() >= settings.idle().toNanos();
                if (expired && candidate.retireIfIdle()) {
                    all.remove();
                    services.remove(candidate.key, candidate);
                    idle.add(candidate);
                }
            }
            timer = ring.isEmpty() || closed ? null : scheduleLook();
        }
        idle.forEach(this::close);
    }

    private void close(CachedService<K> service) {
        evicted.incrementAndGet();
        Mono<Void> closing = Mono.defer(() -> service.service.closeAsync(settings.grace()))
                .doOnError(error -> LOG.warn("the service of {} did not close", service.key, error))
                .onErrorComplete()
                .cache();
        closings.add(closing);
        closing.doFinally(end -> closings.remove(closing)).subscribe();
    }

    private long now() {
        return scheduler.now(TimeUnit.NANOSECONDS);
    }

    /**
     * What the cache has done.
     *
     * @return a snapshot
     */
    public ServiceCacheStats stats() {
        return new ServiceCacheStats(services.size(), created.get(), evicted.get(), refused.get());
    }

    boolean isClosed() {
        return closed;
    }

    /**
     * Refuses new calls and closes all services, each when its last call has ended or the grace is over.
     *
     * @param grace how long calls in flight may take; zero cuts them at once
     * @return completes when all are closed, those included that were being closed before
     */
    public Mono<Void> closeAsync(Duration grace) {
        return Mono.defer(() -> {
            List<CachedService<K>> all;
            synchronized (lock) {
                closed = true;
                if (timer != null) {
                    timer.dispose();
                    timer = null;
                }
                all = List.copyOf(ring); // they stay, for a second close that is less patient
                services.clear();
            }
            Flux<Void> closes = Flux.fromIterable(all)
                    .flatMapDelayError(service -> service.retire(grace, scheduler), Integer.MAX_VALUE, 1);
            return Mono.whenDelayError(closes, Mono.when(closings));
        });
    }

    /** Its end is told to the service, which counts it. */
    private final class CachedCall extends Mono<HttpReply> {

        private final K key;
        private final HttpExchange exchange;

        CachedCall(K key, HttpExchange exchange) {
            this.key = key;
            this.exchange = exchange;
        }

        @Override
        public void subscribe(CoreSubscriber<? super HttpReply> actual) {
            CachedService<K> service;
            try {
                service = enter(key);
            } catch (RuntimeException e) {
                Operators.error(actual, e);
                return;
            }
            Mono<HttpReply> call;
            try {
                call = Objects.requireNonNull(service.service.call(exchange), "service: returned null");
            } catch (RuntimeException e) {
                service.onFailure(e);
                Operators.error(actual, e);
                return;
            }
            CallWatch.watch(call, service).subscribe(actual);
        }
    }
}
