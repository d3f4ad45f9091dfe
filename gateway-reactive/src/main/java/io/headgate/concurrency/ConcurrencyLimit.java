package io.headgate.concurrency;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import reactor.core.publisher.Mono;

/**
 * Lets no more than so many calls be under way at a time. A call that is too many waits its turn if there is a
 * {@linkplain #withQueue queue} with room, and is refused with 503 otherwise.
 *
 * <p>A call is under way from the moment when it goes to the next service to the end of its reply: the last byte and
 * trailer, a failure, a cancellation, or a reply that is discarded. Tunnels are under way as long as they are open.
 *
 * <p>The limit belongs to the stage object: wherever it is wrapped, calls count together. Copies count by themselves.
 *
 * <p><b>Threading.</b> A call that does not wait takes no lock and changes no thread. One that has waited goes on
 * where a permit was given back; an {@code Upstream} takes it back to the event loop of its client.
 *
 * <p><b>Cancellation.</b> A call that is cancelled while it waits gives its place back at once and is not made.
 *
 * <p><b>Errors.</b> {@link OverloadedException}; {@link io.headgate.mux.DeadlineException} when the deadline of the
 * exchange passes in the queue.
 *
 * <p>{@link Service#status} is BUSY while a call would have to wait or be refused. Immutable but for the counts; each
 * {@code with} method returns a copy.
 */
public final class ConcurrencyLimit implements Stage<HttpExchange, HttpReply> {

    private static final Object ALL = "all";

    private final WaitPlan wait;
    private final Permits permits;
    private final PermitSource source;
    private final Refusals refusals = new Refusals();

    private ConcurrencyLimit(int limit, WaitPlan wait) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: at least 1)");
        }
        this.wait = wait;
        this.permits = new Permits(limit, wait.places());
        this.source = new PermitSource.Single(permits);
    }

    /**
     * A limit without a queue.
     *
     * @param limit most calls that are under way, one or more
     * @return the stage
     */
    public static ConcurrencyLimit of(int limit) {
        return new ConcurrencyLimit(limit, WaitPlan.NONE);
    }

    /**
     * A copy with a queue, first come first served.
     *
     * @param places how many calls may wait; 0 for none
     * @param patience how long each may wait, and no longer than its deadline
     * @return the copy
     */
    public ConcurrencyLimit withQueue(int places, Duration patience) {
        return new ConcurrencyLimit(permits.limit(), WaitPlan.of(places, patience));
    }

    /**
     * How things stand.
     *
     * @return a snapshot
     */
    public ConcurrencyStats stats() {
        return new ConcurrencyStats(
                permits.limit(), permits.taken(), permits.waiting(), refusals.whenFull(), refusals.afterWaiting());
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("concurrency-limit", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                return new LimitedCall(exchange, next, source, ALL, wait, refusals);
            }

            @Override
            public Status status() {
                Status below = next.status();
                return below == Status.OPEN && permits.isFull() ? Status.BUSY : below;
            }
        };
    }
}
