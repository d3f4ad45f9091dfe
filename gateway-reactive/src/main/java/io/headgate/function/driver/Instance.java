package io.headgate.function.driver;

import java.time.Duration;
import reactor.core.publisher.Mono;

/**
 * A running function. Who started it makes at most as many calls at once as it may have, and none while it is frozen.
 *
 * <p><b>Threading.</b> Any thread may call; nothing blocks.
 */
public interface Instance {

    /**
     * Makes a call. A cancel, before the reply or while its body is read, gives the call up; the instance may not be called again
     * after that, unless the reply had been read whole.
     *
     * @param request what to send; its body is taken, and given back untouched only by {@link InstanceFailure.Reason#UNREACHABLE}
     * @return the reply as it came, of any status; its body must be read or discarded. When there was none, or its body ended before
     *     its time, a {@link io.headgate.function.model.FunctionException} caused by an {@link InstanceFailure}, which tells whether the
     *     instance may be called again; what the body of the request failed with is passed on as it is
     */
    Mono<InstanceReply> call(InstanceRequest request);

    /**
     * Stops the instance from taking any CPU until it is unfrozen.
     *
     * @return completes when it stands still
     */
    Mono<Void> freeze();

    /**
     * Lets a frozen instance go on.
     *
     * @return completes when it goes on
     */
    Mono<Void> unfreeze();

    /**
     * Ends as soon as the instance can take no calls any more, for whatever reason; any number may subscribe, at any time. Something of it
     * may be left until {@link #stop} has completed.
     *
     * @return says why it ended, in words for a log; never an error
     */
    Mono<String> ended();

    /**
     * Ends the instance, politely first. May be called again.
     *
     * @param grace how long it has before it is killed
     * @return completes when it and all that it held is gone
     */
    Mono<Void> stop(Duration grace);
}
