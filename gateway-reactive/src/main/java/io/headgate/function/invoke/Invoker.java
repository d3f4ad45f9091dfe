package io.headgate.function.invoke;

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
}
