package io.headgate.sync.client;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.SourceAges;
import io.headgate.sync.SyncStatus;
import io.headgate.test.ResolverContract;
import java.util.List;
import java.util.stream.Collectors;
import reactor.core.scheduler.Scheduler;

class SyncDiscoveryContractTest extends ResolverContract {

    @Override
    protected Source open(Scheduler timer) {
        HandMadeSet set = new HandMadeSet();
        SourceAges ages = SourceAges.create();
        Resolver resolver = SyncDiscovery.of(set.events()).withScheduler(timer).withObserver(ages);
        return new Source() {
            private boolean broken;
            private String content = "";

            @Override
            public Resolver resolver() {
                return resolver;
            }

            @Override
            public void set(List<Endpoint> endpoints) {
                content = endpoints.stream()
                        .map(endpoint -> "\"" + endpoint.address().getHostString() + ":"
                                + endpoint.address().getPort() + "\"")
                        .collect(Collectors.joining(",", "[", "]"));
                if (!broken) {
                    set.put(SyncDiscovery.ENDPOINTS + name(), content);
                }
            }

            @Override
            public void absent() {
                set.remove(SyncDiscovery.ENDPOINTS + name());
            }

            @Override
            public boolean fails() {
                return true;
            }

            @Override
            public void breakDown() {
                broken = true;
                set.put(SyncDiscovery.ENDPOINTS + name(), "[\"10.0.0.1:");
                set.status(SyncStatus.WAIT_FOR_DATASTORE);
            }

            @Override
            public void heal() {
                broken = false;
                set.status(SyncStatus.RESYNC);
                set.put(SyncDiscovery.ENDPOINTS + name(), content);
                set.status(SyncStatus.IN_SYNC);
            }

            @Override
            public boolean isReleased() {
                return set.followers() == 0 && ages.all().isEmpty();
            }
        };
    }
}
