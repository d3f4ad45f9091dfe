package io.headgate;

import java.util.function.Function;
import reactor.core.publisher.Flux;

/**
 * A function from stream to stream, the stage of the stream plane; used with {@link Flux#transform}.
 *
 * <p>A flow operator says which kind of stream it returns. A <i>state</i> stream never completes, starts with the full
 * state after each subscribe and conflates for slow subscribers. An <i>event</i> stream drops what a slow subscriber
 * cannot take, counts the drops and reports the count.
 *
 * @param <I> what comes in
 * @param <O> what goes out
 */
@FunctionalInterface
public interface FlowOperator<I, O> extends Function<Flux<I>, Flux<O>> {}
