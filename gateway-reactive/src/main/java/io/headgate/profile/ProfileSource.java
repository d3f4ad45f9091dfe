package io.headgate.profile;

import reactor.core.publisher.Flux;

/**
 * Where profiles come from.
 *
 * <p>The stream is a <i>state stream</i>: it never completes, starts with the profile that is in force as soon as that is known,
 * and a slow subscriber sees the latest one only. A source that cannot be reached is tried again inside, while the last profile
 * stays in force. A source that has no profile for a name, and will not have one, emits {@link Profile#EMPTY}.
 *
 * <p><b>Cancellation.</b> The only way to end a stream; nothing outlives its last subscriber.
 */
@FunctionalInterface
public interface ProfileSource {

    /** Knows no profiles. */
    ProfileSource NONE = name -> Flux.concat(Flux.just(Profile.EMPTY), Flux.never());

    /**
     * Looks a profile up. Nothing happens before the stream is subscribed.
     *
     * @param name of the service, host and port
     * @return a state stream of profiles
     */
    Flux<Profile> profiles(String name);
}
