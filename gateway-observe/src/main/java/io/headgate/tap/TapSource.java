package io.headgate.tap;

import reactor.core.publisher.Flux;

/** Where taps come from: a {@code Tap} in this process, or a gateway elsewhere that serves its own. Any thread may ask. */
@FunctionalInterface
public interface TapSource {

    /**
     * Watches exchanges go by.
     *
     * <p>An event stream: what its observer is too slow for is dropped, counted, and reported in the stream as
     * {@link TapEvent.Dropped}; the exchanges are not slowed by it. Each subscription is an observation of its own, and
     * cancelling it leaves nothing behind.
     *
     * @param request what is to be seen
     * @return completes when as many exchanges as were asked for have ended; fails when the source cannot be asked or is lost
     */
    Flux<TapEvent> observe(TapRequest request);
}
