package io.headgate.tap;

import io.headgate.http.HttpExchange;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.scheduler.Scheduler;

/** One observer with what it has asked for. Decides what is taken; its outlet delivers. */
final class Observation {

    private static final int CHANCE_BITS = 53; // of a double

    private final Tap tap;
    private final int base;
    private final TapRequest request;
    private final MatchProgram program;
    private final long chance; // out of 2^CHANCE_BITS
    private final long since;
    private final Permits permits;
    private final Outlet outlet;

    Observation(
            Tap tap,
            int base,
            TapRequest request,
            MatchProgram program,
            CoreSubscriber<? super TapEvent> observer,
            Scheduler scheduler) {
        this.tap = tap;
        this.base = base;
        this.request = request;
        this.program = program;
        this.chance = (long) (request.probability() * (1L << CHANCE_BITS));
        this.since = tap.now();
        this.permits = new Permits(request.limit());
        this.outlet = new Outlet(observer, request.queue(), scheduler, tap.tally(), () -> tap.end(this));
    }

    TapRequest request() {
        return request;
    }

    Outlet outlet() {
        return outlet;
    }

    /** Whether an exchange is one of those that are to be seen. */
    boolean isFor(TapSite site, HttpExchange exchange) {
        return program.matches(site, exchange)
                && (request.probability() == 1 || tap.random() >>> Long.SIZE - CHANCE_BITS < chance);
    }

    /** Takes an exchange and tells of its beginning, or returns null when there is no room or no permit. */
    @Nullable TapStream take(TapSite site, HttpExchange exchange) {
        if (permits.areUsedUp() || outlet.isOver()) {
            return null;
        }
        int bytes = TapStream.weight(request, exchange.head());
        if (!outlet.claim(bytes)) { // before the permit, which could not be given back
            outlet.dropExchange();
            return null;
        }
        long number = permits.take();
        if (number == Permits.NONE) {
            outlet.unclaim(bytes);
            return null;
        }
        if (permits.isLast(number)) {
            tap.retire(this);
        }
        tap.tally().taken.increment();
        TapStream stream = new TapStream(this, new TapId(base, number), site, exchange);
        stream.begin(exchange.head(), bytes);
        return stream;
    }

    /** One of the exchanges that were taken is over, and its last event is in the outlet. */
    void ended() {
        if (permits.end()) {
            outlet.complete();
        }
    }

    long openStreams() {
        return permits.open();
    }

    TapObservation describe() {
        return new TapObservation(
                base,
                request,
                Duration.ofNanos(tap.now() - since),
                permits.taken(),
                permits.open(),
                outlet.drops().events(),
                outlet.drops().exchanges());
    }
}
