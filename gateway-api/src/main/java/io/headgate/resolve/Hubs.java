package io.headgate.resolve;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/** The hubs of the names that are of interest now. */
final class Hubs {

    private final ConcurrentMap<String, Hub> hubs = new ConcurrentHashMap<>();
    private final Function<Hub, Hub.Drive> drives;

    Hubs(Function<Hub, Hub.Drive> drives) {
        this.drives = drives;
    }

    Hub.Drive drive(Hub hub) {
        return drives.apply(hub);
    }

    Flux<Update<Endpoint>> updates(String name) {
        return Flux.from(actual -> {
            HubSubscription subscription = new HubSubscription(Operators.toCoreSubscriber(actual));
            actual.onSubscribe(subscription);
            run(name, hub -> hub.join(subscription));
        });
    }

    /** Has the hub of a name do something. Put in with the entry of the name held, so that the hub is not forgotten before. */
    void run(String name, Consumer<Hub> task) {
        Hub home = hubs.compute(name, (key, known) -> {
            Hub hub = known == null ? new Hub(this, name) : known;
            hub.offer(() -> task.accept(hub));
            return hub;
        });
        home.drain();
    }

    /** Forgets a hub, unless it has got something to do meanwhile. */
    boolean forget(Hub hub) {
        return hubs.computeIfPresent(hub.name(), (key, known) -> known == hub && !hub.isBusy() ? null : known) != hub;
    }

    void remove(Hub hub) {
        hubs.remove(hub.name(), hub);
    }

    int size() {
        return hubs.size();
    }
}
