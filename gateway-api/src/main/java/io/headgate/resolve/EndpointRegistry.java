package io.headgate.resolve;

import io.headgate.resolve.EndpointSet.Presence;
import io.headgate.resolve.Update.Absent;
import io.headgate.resolve.Update.Departure;
import io.headgate.resolve.Update.Remove;
import io.headgate.resolve.Update.Reset;
import io.headgate.resolve.Update.Upsert;
import java.util.List;
import reactor.core.publisher.Flux;

/**
 * A source that code tells what there is, name by name. What has not been told of is absent.
 *
 * <pre>
 * EndpointRegistry registry = new EndpointRegistry();
 * registry.reset("orders", List.of(Endpoint.of("10.0.0.1", 8080)));
 * registry.upsert("orders", Endpoint.of("10.0.0.2", 8080));
 * registry.remove("orders", Departure.DRAIN, Endpoint.of("10.0.0.1", 8080));
 * </pre>
 *
 * <p>Its streams are <i>state streams</i> that never fail. Each subscriber is sent what changes, once; for a slow one it is put
 * together.
 *
 * <p><b>Threading.</b> Safe. Changes of a name take effect in the order in which the calls were made; subscribers are told on the thread
 * of a caller, not always of the one whose change it is.
 */
public final class EndpointRegistry implements Resolver {

    private final Hubs hubs = new Hubs(Name::new);

    /** A registry that knows no name. */
    public EndpointRegistry() {}

    @Override
    public Flux<Update<Endpoint>> resolve(String name) {
        return hubs.updates(name);
    }

    /**
     * Makes a set be exactly this; what is not in it drains.
     *
     * @param name the name
     * @param endpoints all of its endpoints
     */
    public void reset(String name, List<Endpoint> endpoints) {
        update(name, new Reset<>(endpoints));
    }

    /**
     * Adds endpoints, or changes those known by the same address. The name exists from now on.
     *
     * @param name the name
     * @param endpoints those that come or change
     */
    public void upsert(String name, Endpoint... endpoints) {
        update(name, new Upsert<>(List.of(endpoints)));
    }

    /**
     * Takes endpoints away. The name still exists when none is left.
     *
     * @param name the name
     * @param departure what becomes of the work in progress
     * @param endpoints those that leave; only their addresses count
     */
    public void remove(String name, Departure departure, Endpoint... endpoints) {
        update(name, new Remove<>(List.of(endpoints), departure));
    }

    /**
     * Makes a name unknown; what was in its set drains.
     *
     * @param name the name
     */
    public void absent(String name) {
        update(name, new Absent<>());
    }

    /**
     * Makes any change.
     *
     * @param name the name
     * @param update the change
     */
    public void update(String name, Update<Endpoint> update) {
        hubs.run(name, hub -> hub.apply(update));
    }

    @Override
    public String toString() {
        return "registry of " + hubs.size() + " names";
    }

    /** Nothing moves a name but its callers. It is kept while it is present or somebody wants to know about it. */
    private record Name(Hub hub) implements Hub.Drive {

        Name {
            hub.offer(() -> hub.apply(new Absent<>()));
        }

        @Override
        public void joined() {}

        @Override
        public boolean mayGo() {
            return hub.set().presence() != Presence.PRESENT;
        }

        @Override
        public void gone() {}
    }
}
