package io.headgate.samples;

import io.headgate.gateway.GatewaySpec;
import io.headgate.resolve.SourceAges;
import io.headgate.sync.client.SyncClient;
import io.headgate.sync.client.SyncClientSpec;
import io.headgate.sync.client.SyncDiscovery;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

/** A gateway that is told its endpoints by a sync server, with somebody who sends requests to it. */
final class FleetGateway implements AutoCloseable {

    private static final List<String> PATHS = List.of("/orders/1", "/orders/2");

    private final String name;
    private final Running running;
    private final Followed followed;
    private final int rate;
    private @Nullable Load load;

    /**
     * Starts all of it but the requests.
     *
     * @param name what to call it
     * @param server the address of the sync server
     * @param upstreams know the names of endpoints
     * @param rate requests per second
     * @param news is told of changes, on any thread
     */
    FleetGateway(String name, String server, NamedUpstreams upstreams, int rate, Consumer<String> news) {
        this.name = name;
        SourceAges ages = SourceAges.create();
        SyncDiscovery source = SyncDiscovery.of(
                        SyncClient.of(SyncClientSpec.of(server)).events())
                .withObserver(ages)
                .withScheduler(Schedulers.boundedElastic()); // news are told there, and telling takes a lock
        AtomicReference<@Nullable Followed> made = new AtomicReference<>();
        running = Running.start(GatewaySpec.DEFAULTS, new ListenAddress("127.0.0.1", 0), gateway -> {
            Followed orders = new Followed(
                    gateway, SyncFleet.ORDERS, source, ages, upstreams::name, line -> news.accept(name + line));
            made.set(orders);
            return orders.service();
        });
        followed = Objects.requireNonNull(made.get());
        this.rate = rate;
    }

    /** Requests go through it from now on. */
    void begin() {
        load = new Load(running.url(), rate, PATHS);
    }

    String name() {
        return name;
    }

    String url() {
        return running.url();
    }

    Followed orders() {
        return followed;
    }

    /** Requests have begun. */
    Load load() {
        return Objects.requireNonNull(load);
    }

    @Override
    public void close() {
        if (load != null) {
            load.close();
        }
        followed.close();
        running.close();
    }
}
