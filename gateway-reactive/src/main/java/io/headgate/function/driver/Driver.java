package io.headgate.function.driver;

import reactor.core.publisher.Mono;

/**
 * Starts instances of functions. Fit for functions of this process, for processes of the operating system and for containers.
 *
 * <p><b>Threading.</b> Any thread may call; nothing blocks.
 */
public interface Driver {

    /**
     * Tells whether an image is of this driver.
     *
     * @param image the image
     * @return true when {@link #start} knows what to do with it
     */
    boolean runs(String image);

    /**
     * Starts an instance: fetches what it needs, starts it and waits until it is ready. A cancel ends what was begun, and nothing of
     * it is left behind.
     *
     * @param spec what to start
     * @return the instance, ready for a call; a {@link io.headgate.function.model.FunctionException} of kind
     *     {@code IMAGE_NOT_FOUND}, {@code START_FAILED} or {@code START_TIMED_OUT}
     */
    Mono<Instance> start(InstanceSpec spec);

    /**
     * Ends what the driver shares between its instances, and whatever instance is left.
     *
     * @return completes when all of it is gone
     */
    Mono<Void> close();
}
