package io.headgate.resolve;

import io.headgate.resolve.EndpointSet.Presence;
import io.headgate.resolve.Update.Absent;
import io.headgate.resolve.Update.Departure;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * The union of several sets. What an endpoint is like is said by the first source that has it; it leaves with the last one. An
 * update costs what it changes, times the number of sources.
 */
final class Union {

    private record Told(
            int source, Update<Endpoint> update, @Nullable Throwable refused) {}

    private final List<EndpointSet> sets = new ArrayList<>();
    private final List<Throwable> refusals = new ArrayList<>();
    private Presence told = Presence.UNKNOWN;

    private Union(int sources) {
        for (int i = 0; i < sources; i++) {
            sets.add(new EndpointSet());
        }
    }

    /** Takes one update at a time from each source; the sources conflate what comes in between. */
    static Flux<Update<Endpoint>> of(List<Resolver> sources, String name) {
        return Flux.defer(() -> {
            Union union = new Union(sources.size());
            List<Flux<Told>> streams = new ArrayList<>();
            for (Resolver source : sources) {
                streams.add(stream(streams.size(), source, name));
            }
            return Flux.merge(Flux.fromIterable(streams), streams.size(), 1).flatMapIterable(union::accept, 1);
        });
    }

    private static Flux<Told> stream(int index, Resolver source, String name) {
        return Flux.defer(() -> source.resolve(name))
                .concatWith(Flux.error(() -> new LostStreamException(name)))
                .map(update -> new Told(index, update, null))
                .onErrorResume(
                        refused -> !(refused instanceof LostStreamException),
                        refused -> Flux.just(new Told(index, new Absent<>(), refused)));
    }

    private List<Update<Endpoint>> accept(Told next) {
        if (next.refused != null) {
            refuse(next.refused);
        }
        EndpointSet set = sets.get(next.source);
        Change change = new Change(next.source);
        set.apply(next.update, change);
        Presence now = presence();
        if (now == Presence.PRESENT && told == Presence.PRESENT) {
            return change.delta.steps();
        } else if (now == Presence.PRESENT) {
            told = now;
            return List.of(Objects.requireNonNull(set.state())); // no other source has any
        } else if (now == Presence.ABSENT && told != now) {
            told = now;
            return List.of(new Absent<>());
        }
        return told == Presence.PRESENT ? change.delta.steps() : List.of();
    }

    private void refuse(Throwable refused) {
        refusals.add(refused);
        if (refusals.size() == sets.size()) {
            IllegalStateException all =
                    new IllegalStateException("sources: all " + sets.size() + " refuse the name", refusals.get(0));
            refusals.stream().skip(1).forEach(all::addSuppressed);
            throw all;
        }
    }

    private Presence presence() {
        boolean unknown = false;
        for (EndpointSet set : sets) {
            if (set.presence() == Presence.PRESENT) {
                return Presence.PRESENT;
            }
            unknown |= set.presence() == Presence.UNKNOWN;
        }
        return unknown ? Presence.UNKNOWN : Presence.ABSENT;
    }

    /** What a change of one source changes in the union. */
    private final class Change implements EndpointSet.Changes {

        final Delta delta = new Delta(told);
        final int source;

        Change(int source) {
            this.source = source;
        }

        @Override
        public void put(Endpoint endpoint, @Nullable Endpoint before) {
            if (first(endpoint, 0, source) == null) {
                delta.put(endpoint, before);
            }
        }

        @Override
        public void left(Endpoint endpoint, Departure departure) {
            if (first(endpoint, 0, source) == null) {
                Endpoint other = first(endpoint, source + 1, sets.size());
                if (other == null) {
                    delta.left(endpoint, departure);
                } else if (!other.equals(endpoint)) {
                    delta.put(other, endpoint);
                }
            }
        }

        private @Nullable Endpoint first(Endpoint endpoint, int from, int to) {
            Endpoint found = null;
            for (int i = from; i < to && found == null; i++) {
                found = sets.get(i).get(endpoint.address());
            }
            return found;
        }
    }
}
