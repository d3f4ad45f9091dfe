package io.headgate.resolve;

import java.util.function.Function;
import reactor.core.publisher.Flux;

/**
 * Finds the endpoints of a name, and goes on telling what becomes of them.
 *
 * <p>The stream is a <i>state stream</i>: it never completes, and starts with the whole state after each subscribe, as a
 * {@link Update.Reset} or {@link Update.Absent}. A source that cannot be reached is tried again inside, with backoff, while the last
 * known set stays in force; a {@link SourceObserver} is told how old it is. A stream fails only when its source has refused
 * the name for good.
 *
 * <p><b>Backpressure.</b> A slow subscriber is not sent each step: updates that wait are put together, so that what waits is
 * never larger than the set.
 *
 * <p><b>Cancellation.</b> The only way to end a stream; nothing outlives its last subscriber.
 */
@FunctionalInterface
public interface Resolver extends Function<String, Flux<Update<Endpoint>>> {

    /**
     * Resolves a name. Nothing happens before the stream is subscribed.
     *
     * @param name what to find, for example {@code orders.example:8080}; each source says what its names look like
     * @return a state stream of updates
     */
    Flux<Update<Endpoint>> resolve(String name);

    /** Same as {@link #resolve}. */
    @Override
    default Flux<Update<Endpoint>> apply(String name) {
        return resolve(name);
    }
}
