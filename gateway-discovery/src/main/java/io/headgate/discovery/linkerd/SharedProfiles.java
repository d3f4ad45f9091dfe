package io.headgate.discovery.linkerd;

import io.headgate.profile.Profile;
import io.headgate.profile.ProfileSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import reactor.core.publisher.Flux;

/** One stream for all who want the profile of a name; each is told the latest when it subscribes, and when it asks for more. */
final class SharedProfiles implements ProfileSource {

    private record Shared(Flux<Profile> profiles, int users) {

        Shared withUsers(int count) {
            return new Shared(profiles, count);
        }
    }

    private final ProfileSource source;
    private final ConcurrentMap<String, Shared> names = new ConcurrentHashMap<>();

    SharedProfiles(ProfileSource source) {
        this.source = source;
    }

    @Override
    public Flux<Profile> profiles(String name) {
        return Flux.using(() -> join(name), Shared::profiles, shared -> leave(name))
                .onBackpressureLatest();
    }

    private Shared join(String name) {
        return names.compute(
                name,
                (key, known) -> known == null
                        ? new Shared(source.profiles(name).replay(1).refCount(), 1)
                        : known.withUsers(known.users() + 1));
    }

    private void leave(String name) {
        names.computeIfPresent(name, (key, known) -> known.users() == 1 ? null : known.withUsers(known.users() - 1));
    }
}
