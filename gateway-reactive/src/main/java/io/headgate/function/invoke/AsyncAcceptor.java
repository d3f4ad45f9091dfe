package io.headgate.function.invoke;

import reactor.core.publisher.Mono;

/** Takes calls whose callers do not wait. */
@FunctionalInterface
public interface AsyncAcceptor {

    /**
     * Records a call.
     *
     * @param invocation the call; its payload is taken
     * @return completes when the call is recorded: from then on it is run, whatever happens to this process
     */
    Mono<Void> accept(Invocation invocation);
}
