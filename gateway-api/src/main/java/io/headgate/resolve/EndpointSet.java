package io.headgate.resolve;

import io.headgate.resolve.Update.Absent;
import io.headgate.resolve.Update.Departure;
import io.headgate.resolve.Update.Remove;
import io.headgate.resolve.Update.Reset;
import io.headgate.resolve.Update.Upsert;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The set that a stream of updates describes. It takes the updates one by one, and tells what each of them really changes: an
 * endpoint is known by its address, and one that is put again with equal metadata is no change.
 *
 * <p>Upserts and removals cost what they name, a reset costs the old set and the new one; nothing is copied.
 *
 * <p><b>Threading.</b> None: one thread at a time.
 */
public final class EndpointSet {

    /** What is known of a set as a whole. */
    public enum Presence {
        /** Nothing has been told yet. */
        UNKNOWN,
        /** The name is not known to the source. */
        ABSENT,
        /** There is a set, which may be empty. */
        PRESENT
    }

    /** Is told what an update really changes. By then the set has the change that is told, and may not be changed from here. */
    public interface Changes {

        /** Is not interested. */
        Changes NONE = new Changes() {};

        /**
         * An endpoint has come, or has other metadata than before.
         *
         * @param endpoint the endpoint
         * @param before what it was before, or null when its address is new to the set
         */
        default void put(Endpoint endpoint, @Nullable Endpoint before) {}

        /**
         * An endpoint has left. In a reset all that come are told before those that leave.
         *
         * @param endpoint the endpoint with all its metadata
         * @param departure what becomes of the work in progress at it
         */
        default void left(Endpoint endpoint, Departure departure) {}
    }

    private Map<InetSocketAddress, Endpoint> members = new LinkedHashMap<>();
    private Presence presence = Presence.UNKNOWN;

    /** A set of which nothing has been told yet. */
    public EndpointSet() {}

    /**
     * Takes the next update.
     *
     * @param update the update; a removal changes nothing unless the set is present, an upsert makes it so
     * @param changes is told each endpoint that changes
     * @return whether anything changed: an endpoint, or the presence
     */
    public boolean apply(Update<Endpoint> update, Changes changes) {
        if (update instanceof Reset<Endpoint> reset) {
            return replace(reset.members(), Presence.PRESENT, changes);
        } else if (update instanceof Upsert<Endpoint> upsert) {
            return upsert(upsert.members(), changes);
        } else if (update instanceof Remove<Endpoint> remove) {
            return remove(remove, changes);
        }
        return replace(Collections.emptyList(), Presence.ABSENT, changes);
    }

    /**
     * Takes the next update and tells nobody what it changes.
     *
     * @param update the update
     * @return whether anything changed
     */
    public boolean apply(Update<Endpoint> update) {
        return apply(update, Changes.NONE);
    }

    private boolean upsert(Collection<Endpoint> told, Changes changes) {
        boolean changed = presence != Presence.PRESENT;
        presence = Presence.PRESENT;
        for (Endpoint endpoint : told) {
            Endpoint before = members.put(endpoint.address(), endpoint);
            if (!endpoint.equals(before)) {
                changed = true;
                changes.put(endpoint, before);
            }
        }
        return changed;
    }

    private boolean remove(Remove<Endpoint> remove, Changes changes) {
        boolean changed = false;
        for (Endpoint endpoint : remove.members()) {
            Endpoint before = members.remove(endpoint.address());
            if (before != null) {
                changed = true;
                changes.left(before, remove.departure());
            }
        }
        return changed;
    }

    private boolean replace(Collection<Endpoint> told, Presence now, Changes changes) {
        boolean changed = presence != now;
        Map<InetSocketAddress, Endpoint> old = members;
        members = keyed(told);
        presence = now;
        for (Endpoint endpoint : members.values()) {
            Endpoint before = old.remove(endpoint.address());
            if (!endpoint.equals(before)) {
                changed = true;
                changes.put(endpoint, before);
            }
        }
        for (Endpoint gone : old.values()) {
            changed = true;
            changes.left(gone, Departure.DRAIN);
        }
        return changed;
    }

    private static Map<InetSocketAddress, Endpoint> keyed(Collection<Endpoint> told) {
        Map<InetSocketAddress, Endpoint> keyed = new LinkedHashMap<>(Math.max(16, told.size() * 4 / 3 + 1));
        for (Endpoint endpoint : told) {
            keyed.put(endpoint.address(), endpoint);
        }
        return keyed;
    }

    /**
     * What is known of the set as a whole.
     *
     * @return the presence
     */
    public Presence presence() {
        return presence;
    }

    /**
     * The endpoint at an address.
     *
     * @param address the address
     * @return the endpoint, or null when the set has none there
     */
    public @Nullable Endpoint get(InetSocketAddress address) {
        return members.get(address);
    }

    /**
     * How many endpoints there are.
     *
     * @return 0 or more
     */
    public int size() {
        return members.size();
    }

    /**
     * The endpoints, in the order in which they came.
     *
     * @return a view; not to be kept across updates
     */
    public Collection<Endpoint> endpoints() {
        return Collections.unmodifiableCollection(members.values());
    }

    /**
     * The whole state as one update, which is what a new subscriber is told. Costs a copy of the set.
     *
     * @return a reset, or absent; null when nothing has been told yet
     */
    public @Nullable Update<Endpoint> state() {
        return switch (presence) {
            case UNKNOWN -> null;
            case ABSENT -> new Absent<>();
            case PRESENT -> new Reset<>(List.copyOf(members.values()));
        };
    }

    @Override
    public String toString() {
        return presence == Presence.PRESENT ? members.values().toString() : presence.toString();
    }
}
