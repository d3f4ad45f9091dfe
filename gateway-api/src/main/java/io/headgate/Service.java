package io.headgate;

import java.time.Duration;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * An asynchronous function: one input in, at most one output out.
 *
 * <p>Because a service is a {@link Function} to a {@link Mono}, it is exactly what {@code flatMap} and {@code concatMap}
 * take: {@code frames.flatMap(service)} needs no adapter.
 *
 * <p><b>Threading.</b> {@link #call} may be called on any thread, event loops included, so it must not block. Work starts
 * when the returned {@code Mono} is subscribed; before that only pure routing may happen. Each subscription is an
 * attempt of its own.
 *
 * <p><b>Cancellation.</b> Cancelling the subscription is the only way to stop a call and must free everything it holds.
 *
 * <p><b>Errors.</b> A service fails through the {@code Mono}; it does not throw. {@link Stack#make} guards the outermost
 * service so that a lambda which throws anyway fails its call and nothing else.
 *
 * @param <I> the input
 * @param <O> the output
 */
@FunctionalInterface
public interface Service<I, O> extends Function<I, Mono<O>> {

    /** Whether a service can take calls now. */
    enum Status {
        /** Calls are welcome. */
        OPEN,
        /** A call made now would wait or be refused; try again later or elsewhere. */
        BUSY,
        /** The service is closed and refuses calls for good. */
        CLOSED
    }

    /**
     * Describes one call; subscribing to the result makes it.
     *
     * @param input what to work on; ownership of what it holds passes to the call once subscribed
     * @return the outcome; never null
     */
    Mono<O> call(I input);

    /** Same as {@link #call}. */
    @Override
    default Mono<O> apply(I input) {
        return call(input);
    }

    /**
     * Tells whether calls are welcome, at the cost of a plain or volatile read.
     *
     * @return {@link Status#OPEN} unless the implementation knows better
     */
    default Status status() {
        return Status.OPEN;
    }

    /**
     * Refuses new calls, lets calls in flight finish within the grace, then cuts them.
     *
     * @param grace how long calls in flight may take; zero cuts them at once
     * @return completes when nothing is left running; the default holds nothing and completes at once
     */
    default Mono<Void> closeAsync(Duration grace) {
        return Mono.empty();
    }

    /**
     * Names this service for people: its role and what it wraps, outermost first.
     *
     * @return one line for each layer
     */
    default String describe() {
        return toString();
    }
}
