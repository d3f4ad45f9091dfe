package io.headgate.health;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Knows which endpoints there are, how they are, and what the subscriber has been told of that. The policy of the checks; not safe for
 * threads. What the subscriber has not taken yet is put together: it waits as a set of addresses, each of which is looked at when an
 * update is taken, so an update costs as much as has changed.
 */
final class HealthBoard {

    private enum State {
        UNKNOWN,
        WELL,
        UNWELL
    }

    /** One endpoint. */
    static final class Entry {

        private Endpoint endpoint;
        private State state;
        private int opposed; // findings in a row that are against the state

        private Entry(Endpoint endpoint, State state) {
            this.endpoint = endpoint;
            this.state = state;
        }

        Endpoint endpoint() {
            return endpoint;
        }
    }

    /** Is told of what has to be checked. */
    interface Roster {

        void joined(Entry entry);

        /** It has to be asked in another way. */
        void changed(Entry entry);

        void left(Entry entry);
    }

    private final HealthRules rules;
    private final Roster roster;
    private final Consumer<Boolean> panics;
    private final Map<InetSocketAddress, Entry> entries = new HashMap<>();
    private final Map<InetSocketAddress, Endpoint> told = new HashMap<>();
    private final Map<InetSocketAddress, Departure> waiting = new LinkedHashMap<>();
    private int well;
    private int unwell;
    private boolean panic;
    private boolean known; // the source has said something
    private boolean absent; // it knows no such name
    private boolean begun; // the subscriber has the whole state, and gets steps now

    HealthBoard(HealthRules rules, Roster roster, Consumer<Boolean> panics) {
        this.rules = rules;
        this.roster = roster;
        this.panics = panics;
    }

    // ---- what the source says

    void apply(Update<Endpoint> update) {
        known = true;
        if (update instanceof Update.Reset<Endpoint> reset) {
            removeAllBut(reset.members());
            reset.members().forEach(this::put);
        } else if (update instanceof Update.Upsert<Endpoint> upsert) {
            upsert.members().forEach(this::put);
        } else if (update instanceof Update.Remove<Endpoint> remove) {
            remove.members().forEach(member -> remove(member.address(), remove.departure()));
        } else {
            removeAllBut(List.of());
        }
        boolean gone = update instanceof Update.Absent;
        if (gone != absent) {
            absent = gone;
            begun = false;
        }
        lookForPanic();
    }

    private void removeAllBut(List<Endpoint> members) {
        Map<InetSocketAddress, Endpoint> kept = new HashMap<>();
        members.forEach(member -> kept.put(member.address(), member));
        List<InetSocketAddress> gone = entries.keySet().stream()
                .filter(address -> !kept.containsKey(address))
                .toList();
        gone.forEach(address -> remove(address, Departure.DRAIN));
    }

    private void put(Endpoint endpoint) {
        Entry entry = entries.get(endpoint.address());
        if (entry == null) {
            entry = new Entry(endpoint, rules.checkedFirst() ? State.UNKNOWN : State.WELL);
            entries.put(endpoint.address(), entry);
            count(entry.state, 1);
            roster.joined(entry);
        } else if (!entry.endpoint.equals(endpoint)) {
            boolean sameWay = entry.endpoint
                    .withWeight(endpoint.weight())
                    .withLabels(endpoint.labels())
                    .equals(endpoint);
            entry.endpoint = endpoint;
            if (!sameWay) {
                roster.changed(entry);
            }
        }
        touch(endpoint.address(), Departure.DRAIN);
    }

    private void remove(InetSocketAddress address, Departure departure) {
        Entry entry = entries.remove(address);
        if (entry != null) {
            count(entry.state, -1);
            roster.left(entry);
            touch(address, departure);
        }
    }

    // ---- what checks find

    /**
     * A check has found something.
     *
     * @return whether the endpoint has become well, or has ceased to be
     */
    boolean found(Entry entry, boolean healthy) {
        State now = healthy ? State.WELL : State.UNWELL;
        if (entry.state == now) {
            entry.opposed = 0;
            return false;
        }
        int needed = entry.state == State.UNKNOWN ? 1 : healthy ? rules.rise() : rules.fall();
        if (++entry.opposed < needed) {
            return false;
        }
        count(entry.state, -1);
        count(now, 1);
        entry.state = now;
        entry.opposed = 0;
        touch(entry.endpoint.address(), Departure.DRAIN);
        lookForPanic();
        return true;
    }

    private void count(State state, int change) {
        if (state == State.WELL) {
            well += change;
        } else if (state == State.UNWELL) {
            unwell += change;
        }
    }

    private void lookForPanic() {
        boolean now = well + unwell > 0 && well < rules.panic() * (well + unwell);
        if (now != panic) {
            panic = now;
            for (Entry entry : entries.values()) {
                if (entry.state == State.UNWELL) {
                    touch(entry.endpoint.address(), Departure.DRAIN);
                }
            }
            panics.accept(now);
        }
    }

    // ---- what the subscriber is told

    private void touch(InetSocketAddress address, Departure departure) {
        if (begun) {
            waiting.merge(address, departure, (before, now) -> now);
        }
    }

    private boolean isUsed(Entry entry) {
        return entry.state == State.WELL || panic && entry.state == State.UNWELL;
    }

    /** The next update, or null when there is nothing to tell. */
    @Nullable Update<Endpoint> next() {
        if (!begun) {
            return begin();
        }
        Update<Endpoint> upsert = upsert();
        if (upsert != null) {
            return upsert;
        }
        Update<Endpoint> drained = remove(Departure.DRAIN);
        return drained == null ? remove(Departure.DROP) : drained;
    }

    /** The whole state, when there is one: no empty set while the first checks are still under way. */
    private @Nullable Update<Endpoint> begin() {
        boolean decided = !rules.checkedFirst() || well > 0 || well + unwell == entries.size();
        if (!known || !decided) {
            return null;
        }
        begun = true;
        waiting.clear();
        told.clear();
        if (absent) {
            return new Update.Absent<>();
        }
        for (Entry entry : entries.values()) {
            if (isUsed(entry)) {
                told.put(entry.endpoint.address(), entry.endpoint);
            }
        }
        return new Update.Reset<>(List.copyOf(told.values()));
    }

    private @Nullable Update<Endpoint> upsert() {
        List<Endpoint> changed = new ArrayList<>();
        waiting.keySet().removeIf(address -> {
            Entry entry = entries.get(address);
            if (entry == null || !isUsed(entry)) {
                return !told.containsKey(address);
            }
            if (!entry.endpoint.equals(told.put(address, entry.endpoint))) {
                changed.add(entry.endpoint);
            }
            return true;
        });
        return changed.isEmpty() ? null : new Update.Upsert<>(changed);
    }

    private @Nullable Update<Endpoint> remove(Departure departure) {
        List<Endpoint> gone = new ArrayList<>();
        waiting.entrySet().removeIf(wait -> {
            if (wait.getValue() != departure) {
                return false;
            }
            Endpoint endpoint = told.remove(wait.getKey());
            if (endpoint != null) {
                gone.add(endpoint);
            }
            return true;
        });
        return gone.isEmpty() ? null : new Update.Remove<>(gone, departure);
    }
}
