package io.headgate.resolve;

import io.headgate.resolve.EndpointSet.Presence;
import io.headgate.resolve.Update.Absent;
import io.headgate.resolve.Update.Departure;
import io.headgate.resolve.Update.Remove;
import io.headgate.resolve.Update.Upsert;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one subscriber has yet to be told about a set: nothing that it knows, and nothing that came and left meanwhile. There is
 * at most one entry for each endpoint that it knows and for each that there is.
 */
final class Outbox {

    /** How an endpoint has changed since the subscriber was told of it. */
    private static final class Entry {

        final @Nullable Endpoint known;

        @Nullable Endpoint now;

        boolean dropped;

        Entry(@Nullable Endpoint known) {
            this.known = known;
        }

        boolean isNews() {
            return known == null ? now != null : !known.equals(now);
        }

        @Nullable Endpoint member() {
            return now == null ? known : now;
        }
    }

    private Presence told = Presence.UNKNOWN;
    private Map<InetSocketAddress, Entry> waiting = Map.of();

    /** Whether the subscriber knew all there was when the set had this presence. */
    boolean isEmpty(Presence presence) {
        return told == presence && waiting.isEmpty();
    }

    /** The subscriber has been told the news directly. */
    void skip(Presence presence) {
        told = presence;
    }

    /** Something has changed that the subscriber cannot be told now. */
    void add(Delta delta) {
        if (told != Presence.PRESENT) {
            return; // it knows no endpoint, and will be told the whole set
        }
        if (waiting.isEmpty()) {
            waiting = new LinkedHashMap<>();
        }
        delta.puts.forEach(put -> note(put.now().address(), put.before(), put.now(), false));
        delta.drained.forEach(gone -> note(gone.address(), gone, null, false));
        delta.dropped.forEach(gone -> note(gone.address(), gone, null, true));
        forgetIfEmpty();
    }

    private void note(InetSocketAddress address, @Nullable Endpoint before, @Nullable Endpoint now, boolean dropped) {
        Entry entry = waiting.computeIfAbsent(address, key -> new Entry(before));
        entry.now = now;
        entry.dropped = dropped;
        if (!entry.isNews()) {
            waiting.remove(address);
        }
    }

    /** The next update for the subscriber, or null when it knows all. Those that come are told before those that leave. */
    @Nullable Update<Endpoint> next(EndpointSet set) {
        if (told != Presence.PRESENT) {
            return told == set.presence() ? null : whole(set);
        } else if (set.presence() == Presence.ABSENT || waiting.size() > set.size()) {
            Update<Endpoint> drop = take(entry -> entry.dropped, Outbox::drop);
            return drop == null ? whole(set) : drop;
        }
        Update<Endpoint> news = take(entry -> entry.now != null, Upsert::new);
        if (news == null) {
            news = take(entry -> !entry.dropped, gone -> new Remove<>(gone, Departure.DRAIN));
        }
        return news == null ? take(entry -> entry.dropped, Outbox::drop) : news;
    }

    private Update<Endpoint> whole(EndpointSet set) {
        told = set.presence();
        waiting = Map.of();
        Update<Endpoint> state = set.state();
        return state == null ? new Absent<>() : state;
    }

    private static Update<Endpoint> drop(List<Endpoint> gone) {
        return new Remove<>(gone, Departure.DROP);
    }

    private @Nullable Update<Endpoint> take(Predicate<Entry> which, Function<List<Endpoint>, Update<Endpoint>> update) {
        List<Endpoint> taken = new ArrayList<>();
        for (Iterator<Entry> entries = waiting.values().iterator(); entries.hasNext(); ) {
            Entry entry = entries.next();
            Endpoint member = entry.member();
            if (member != null && which.test(entry)) {
                taken.add(member);
                entries.remove();
            }
        }
        forgetIfEmpty();
        return taken.isEmpty() ? null : update.apply(taken);
    }

    private void forgetIfEmpty() {
        if (waiting.isEmpty()) {
            waiting = Map.of(); // its table may have been large
        }
    }
}
