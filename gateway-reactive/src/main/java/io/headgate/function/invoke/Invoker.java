package io.headgate.function.invoke;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Runs functions. */
@FunctionalInterface
public interface Invoker {

    /**
     * Runs a function once: waits for an instance, calls it, and gives the instance back when the reply has been read. A cancel leaves
     * the queue or gives the call up.
     *
     * @param invocation the call; its payload is taken
     * @return what the function answered, or a {@link io.headgate.function.model.FunctionException}
     */
    Mono<InvocationReply> invoke(Invocation invocation);

    /**
     * Takes note of a call that came to nothing before it could be run, because its request did not come whole. Whoever observes calls is
     * told of it as of one that was queued and ended without a run. Does nothing unless the invoker has observers.
     *
     * @param invocation the call; its payload is empty
     * @param why what its request failed with, or null when its caller has left
     */
    default void dropped(Invocation invocation, @Nullable Throwable why) {}
}
