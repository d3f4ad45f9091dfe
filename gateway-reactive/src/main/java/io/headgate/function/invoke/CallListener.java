package io.headgate.function.invoke;

import reactor.core.publisher.Mono;

/**
 * Is asked before each call of a function, and may refuse it: quotas, maintenance, policies. An asynchronous call is asked for at
 * each attempt, not when it is accepted. What became of a call is told to {@link InvocationObserver}s, which cannot change it.
 *
 * <p><b>Threading.</b> Any thread; must not block.
 */
@FunctionalInterface
public interface CallListener {

    /**
     * A call is about to ask for an instance.
     *
     * @param call the call; its payload is not for the listener
     * @return completes when the call may go on. An error refuses it: listeners behind this one are not asked, the caller is told as of
     *     every failure, and nothing runs
     */
    Mono<Void> beforeCall(Invocation call);
}
