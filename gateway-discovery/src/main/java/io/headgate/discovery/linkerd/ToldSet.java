package io.headgate.discovery.linkerd;

import io.headgate.discovery.linkerd.internal.wire.Update;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.EndpointSet;
import io.headgate.resolve.EndpointSet.Presence;
import io.headgate.resolve.Update.Departure;
import io.headgate.resolve.Update.Remove;
import io.headgate.resolve.Update.Reset;
import io.headgate.resolve.Update.Upsert;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one client has been told. The wire has no message that says "exactly this", so a reset is told as what it changes; every
 * message is as long as the change is, whatever the size of the set.
 */
final class ToldSet implements EndpointSet.Changes {

    private static final Logger LOG = LoggerFactory.getLogger(DestinationServer.class);

    private final String name;
    private final EndpointSet set = new EndpointSet();
    private List<Endpoint> come = new ArrayList<>();
    private List<Endpoint> gone = new ArrayList<>();

    ToldSet(String name) {
        this.name = name;
    }

    /** The messages that make the client know an update: those that come before those that leave. */
    List<Update> messages(io.headgate.resolve.Update<Endpoint> update) {
        if (!set.apply(carried(update), this)) {
            return List.of();
        } else if (set.presence() == Presence.ABSENT || set.size() == 0) {
            come = new ArrayList<>();
            gone = new ArrayList<>();
            return List.of(WireEndpoints.none(set.presence() == Presence.PRESENT));
        }
        List<Update> messages = new ArrayList<>(2);
        if (!come.isEmpty()) {
            messages.add(WireEndpoints.added(come));
            come = new ArrayList<>();
        }
        if (!gone.isEmpty()) {
            messages.add(WireEndpoints.removed(gone));
            gone = new ArrayList<>();
        }
        return messages;
    }

    @Override
    public void put(Endpoint endpoint, @Nullable Endpoint before) {
        come.add(endpoint);
    }

    @Override
    public void left(Endpoint endpoint, Departure departure) {
        gone.add(endpoint);
    }

    private io.headgate.resolve.Update<Endpoint> carried(io.headgate.resolve.Update<Endpoint> update) {
        if (update instanceof Reset<Endpoint> reset) {
            return new Reset<>(carried(reset.members()));
        } else if (update instanceof Upsert<Endpoint> upsert) {
            return new Upsert<>(carried(upsert.members()));
        } else if (update instanceof Remove<Endpoint> remove) {
            return new Remove<>(carried(remove.members()), remove.departure());
        }
        return update;
    }

    /** Without those that have a host name instead of an address: the wire cannot say it. */
    private List<Endpoint> carried(List<Endpoint> members) {
        List<Endpoint> carried = members;
        for (Endpoint endpoint : members) {
            if (endpoint.address().isUnresolved()) {
                carried = members.stream()
                        .filter(member -> !member.address().isUnresolved())
                        .toList();
                LOG.warn(
                        "{}: {} endpoints left out (expected: addresses), the first is {}",
                        name,
                        members.size() - carried.size(),
                        endpoint);
                break;
            }
        }
        return carried;
    }
}
