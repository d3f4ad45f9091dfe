package io.headgate.tap;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Shows what goes through a gateway while it does, to whoever observes. Its stages are put where exchanges are to be seen; as long
 * as nobody observes they cost one read per call.
 *
 * <pre>{@code
 * Tap tap = Tap.create();
 * Service<HttpExchange, HttpReply> tapped = tap.stage(TapPoint.INBOUND).wrap(service);
 *
 * tap.observe(TapRequest.of(100, new TapMatch.Path(Text.prefix("/orders")))).subscribe(event -> ...);
 * }</pre>
 *
 * <p>An exchange is looked at when its call is subscribed, on that thread, by the observations that there are then. What they take is
 * watched, not held: bodies go on from socket to socket unless an observation asks to see them, which makes an ordinary {@code Flux} of
 * the bodies that it takes.
 *
 * <p><b>Observers</b> are called on a scheduler, by default {@link Schedulers#boundedElastic()}, so that a slow one, even one that blocks,
 * is no matter of the exchanges. What waits for it is bounded: by {@link TapRequest#queue} events, by {@link #MOST_WAITING_BYTES} of bodies
 * and heads, and one end for each exchange that it has been told the beginning of. That end is delivered whatever else had to be
 * dropped. An exchange whose beginning finds no room is not taken, counts for no limit and is reported by
 * {@link TapEvent.Dropped}.
 *
 * <p><b>Lifetimes.</b> An observation begins with the subscription and ends with its cancellation, with the end of the last exchange
 * that its limit allows, or when its subscriber throws. Nothing is left of it then; exchanges under way are not touched by it any more.
 *
 * <p><b>Threading.</b> Any thread may ask anything.
 */
public final class Tap implements TapSource {

    /** How many may observe at once unless another bound is given: each of them is asked about each exchange. */
    public static final int DEFAULT_OBSERVERS = 100;

    /** How many bytes of bodies, heads and trailers may wait for one observer: 4 MiB. A single piece may be longer. */
    public static final int MOST_WAITING_BYTES = 4 << 20;

    private static final AtomicReferenceFieldUpdater<Tap, Observation @Nullable []> ACTIVE =
            AtomicReferenceFieldUpdater.newUpdater(Tap.class, Observation[].class, "active");

    private final int observers;
    private final Scheduler scheduler;
    private final LongSupplier clock;
    private final LongSupplier random;
    private final Tally tally = new Tally();
    private final int firstBase;
    private final AtomicInteger bases;
    private final AtomicInteger open = new AtomicInteger(); // places of observers that are taken
    private final Set<Observation> observations = ConcurrentHashMap.newKeySet();
    private volatile Observation @Nullable [] active; // those that still take exchanges; null when there are none

    private Tap(int observers, Scheduler scheduler, LongSupplier clock, LongSupplier random) {
        this.observers = observers;
        this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.random = Objects.requireNonNull(random, "random");
        this.firstBase = (int) random.getAsLong();
        this.bases = new AtomicInteger(firstBase);
        if (observers < 1) {
            throw new IllegalArgumentException("observers: " + observers + " (expected: 1 or more)");
        }
    }

    /**
     * A tap that nobody observes yet, for {@link #DEFAULT_OBSERVERS} at once.
     *
     * @return the tap
     */
    public static Tap create() {
        return create(DEFAULT_OBSERVERS);
    }

    /**
     * A tap that nobody observes yet.
     *
     * @param observers how many may observe at once
     * @return the tap
     */
    public static Tap create(int observers) {
        return create(
                observers,
                Schedulers.boundedElastic(),
                System::nanoTime,
                () -> ThreadLocalRandom.current().nextLong());
    }

    /**
     * A tap of given parts.
     *
     * @param observers how many may observe at once
     * @param scheduler where observers are called; with {@link Schedulers#immediate()} it is the threads of the exchanges, which then
     *     wait for what an observer does
     * @param clock nanoseconds, from any beginning
     * @param random any number, for the base of the first observation and for what is taken by chance; asked by any thread
     * @return the tap
     */
    public static Tap create(int observers, Scheduler scheduler, LongSupplier clock, LongSupplier random) {
        return new Tap(observers, scheduler, clock, random);
    }

    /**
     * The stage that shows the exchanges of a place. A retried exchange is one exchange above the retries, and one for each attempt
     * below. The match sees what the place sees: labels of a route are known below the stage that chooses the route.
     *
     * @param point the place
     * @return the stage; any number of stages may show to one tap
     */
    public Stage<HttpExchange, HttpReply> stage(TapPoint point) {
        TapSite site = TapSite.of(point);
        return next -> new TapLayer(this, site, next);
    }

    /** One read while nobody observes. */
    private static final class TapLayer extends Layer<HttpExchange, HttpReply> {

        private final Tap tap;
        private final TapSite site;
        private final Service<HttpExchange, HttpReply> next;

        TapLayer(Tap tap, TapSite site, Service<HttpExchange, HttpReply> next) {
            super("tap", next);
            this.tap = tap;
            this.site = site;
            this.next = next;
        }

        @Override
        public Mono<HttpReply> call(HttpExchange exchange) {
            return tap.active == null ? next.call(exchange) : new TappedCall(tap, site, next, exchange);
        }
    }

    /**
     * Watches exchanges go by; see {@link TapSource#observe}. It is in force when the subscription returns: the next exchange on any
     * thread is looked at.
     *
     * @return fails with {@link TooManyObserversException} when as many observe already as may
     */
    @Override
    public Flux<TapEvent> observe(TapRequest request) {
        Objects.requireNonNull(request, "request");
        MatchProgram program = MatchProgram.of(request.match());
        return new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super TapEvent> actual) {
                if (open.getAndUpdate(count -> Math.min(count + 1, observers)) == observers) {
                    Operators.error(actual, new TooManyObserversException(observers));
                } else {
                    begin(request, program, actual);
                }
            }
        };
    }

    private void begin(TapRequest request, MatchProgram program, CoreSubscriber<? super TapEvent> actual) {
        Observation observation = new Observation(this, bases.getAndIncrement(), request, program, actual, scheduler);
        observations.add(observation);
        actual.onSubscribe(observation.outlet());
        ACTIVE.updateAndGet(this, now -> with(now, observation));
        if (observation.outlet().isOver()) {
            retire(observation); // cancelled by its onSubscribe already
        }
    }

    /** It is over. */
    void end(Observation observation) {
        retire(observation);
        if (observations.remove(observation)) {
            open.decrementAndGet();
        }
    }

    /** It takes no more exchanges. */
    void retire(Observation observation) {
        ACTIVE.updateAndGet(this, now -> without(now, observation));
    }

    private static Observation[] with(Observation @Nullable [] now, Observation added) {
        if (now == null) {
            return new Observation[] {added};
        }
        Observation[] more = Arrays.copyOf(now, now.length + 1);
        more[now.length] = added;
        return more;
    }

    private static Observation @Nullable [] without(Observation @Nullable [] now, Observation removed) {
        if (now == null) {
            return null;
        }
        Observation[] rest = Arrays.stream(now).filter(each -> each != removed).toArray(Observation[]::new);
        return rest.length == 0 ? null : rest;
    }

    /** Offers an exchange that is about to be called to all who observe; null when nobody takes it. */
    @Nullable TappedExchange take(TapSite site, HttpExchange exchange) {
        Observation[] now = active;
        if (now == null) {
            return null;
        }
        TappedExchange taken = null;
        for (Observation each : now) {
            TapStream stream = each.isFor(site, exchange) ? each.take(site, exchange) : null;
            if (stream != null) {
                taken = taken == null ? new TappedExchange(exchange, clock) : taken;
                taken.add(stream);
            }
        }
        return taken;
    }

    long now() {
        return clock.getAsLong();
    }

    long random() {
        return random.getAsLong();
    }

    Tally tally() {
        return tally;
    }

    /**
     * What this tap holds and has done.
     *
     * @return a snapshot
     */
    public TapStats stats() {
        long streams = 0;
        int count = 0;
        for (Observation each : observations) {
            streams += each.openStreams();
            count++;
        }
        return tally.stats(count, streams);
    }

    /**
     * Who observes now.
     *
     * @return a snapshot, the oldest first
     */
    public List<TapObservation> observations() {
        List<TapObservation> found = new ArrayList<>();
        observations.forEach(each -> found.add(each.describe()));
        found.sort(Comparator.comparingInt(each -> each.base() - firstBase));
        return List.copyOf(found);
    }

    @Override
    public String toString() {
        return "tap with " + observations.size() + " observers";
    }
}
