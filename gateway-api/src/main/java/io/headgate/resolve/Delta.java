package io.headgate.resolve;

import io.headgate.resolve.EndpointSet.Presence;
import io.headgate.resolve.Update.Departure;
import io.headgate.resolve.Update.Remove;
import io.headgate.resolve.Update.Reset;
import io.headgate.resolve.Update.Upsert;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one update has changed in a set, for those who knew the set before and for those who have yet to be told of that. */
final class Delta implements EndpointSet.Changes {

    /** An endpoint that came or changed, with what it was before. */
    record Put(Endpoint now, @Nullable Endpoint before) {}

    final Presence before;
    final List<Put> puts = new ArrayList<>(1);
    final List<Endpoint> drained = new ArrayList<>(0);
    final List<Endpoint> dropped = new ArrayList<>(0);

    Delta(Presence before) {
        this.before = before;
    }

    /** Applies an update; null when it changes nothing. */
    static @Nullable Delta of(EndpointSet set, Update<Endpoint> update) {
        Delta delta = new Delta(set.presence());
        return set.apply(update, delta) ? delta : null;
    }

    @Override
    public void put(Endpoint endpoint, @Nullable Endpoint known) {
        puts.add(new Put(endpoint, known));
    }

    @Override
    public void left(Endpoint endpoint, Departure departure) {
        (departure == Departure.DROP ? dropped : drained).add(endpoint);
    }

    /**
     * What those are told who knew the set before. The update itself where all of it is news or where telling the whole set is
     * shorter, else the news.
     */
    List<Update<Endpoint>> news(Update<Endpoint> update, EndpointSet set) {
        if (set.presence() == Presence.ABSENT) {
            return List.of(update);
        } else if (before != Presence.PRESENT) {
            return List.of(update instanceof Reset<Endpoint> ? update : new Reset<>(came()));
        } else if (update instanceof Reset<Endpoint> && puts.size() + drained.size() > set.size()) {
            return List.of(update);
        }
        return steps();
    }

    /** The news as updates, one of each kind: those that come before those that leave. */
    List<Update<Endpoint>> steps() {
        List<Update<Endpoint>> steps = new ArrayList<>(1);
        if (!puts.isEmpty()) {
            steps.add(new Upsert<>(came()));
        }
        if (!drained.isEmpty()) {
            steps.add(new Remove<>(drained, Departure.DRAIN));
        }
        if (!dropped.isEmpty()) {
            steps.add(new Remove<>(dropped, Departure.DROP));
        }
        return steps;
    }

    private List<Endpoint> came() {
        if (puts.size() == 1) {
            return List.of(puts.get(0).now());
        }
        List<Endpoint> came = new ArrayList<>(puts.size());
        puts.forEach(put -> came.add(put.now()));
        return came;
    }
}
