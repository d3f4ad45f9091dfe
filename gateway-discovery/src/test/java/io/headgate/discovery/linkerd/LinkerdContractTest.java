package io.headgate.discovery.linkerd;

import io.grpc.BindableService;
import io.headgate.profile.ProfileSource;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.EndpointRegistry;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.SourceObserver;
import io.headgate.test.ResolverContract;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Nested;
import reactor.core.scheduler.Scheduler;

/** The client, with our server between it and a registry. */
class LinkerdContractTest {

    @Nested
    class InProcess extends ResolverContract {

        @Override
        protected Source open(Scheduler timer) {
            return new Behind(Served::inProcess, timer);
        }
    }

    @Nested
    class OnLoopback extends ResolverContract {

        @Override
        protected Source open(Scheduler timer) {
            return new Behind(Served::onLoopback, timer);
        }
    }

    private static final class Behind implements ResolverContract.Source {

        private final EndpointRegistry registry = new EndpointRegistry();
        private final AtomicInteger watched = new AtomicInteger();
        private final Served served;
        private final LinkerdDestination destination;
        private boolean down;

        Behind(Function<BindableService, Served> serve, Scheduler timer) {
            Resolver counted = name -> registry.resolve(name)
                    .doOnSubscribe(subscription -> watched.incrementAndGet())
                    .doFinally(end -> watched.decrementAndGet());
            served = serve.apply(DestinationServer.of(counted, ProfileSource.NONE));
            destination = LinkerdDestination.over(
                    served.channel(), LinkerdSettings.DEFAULTS, SourceObserver.NONE, SourceObserver.NONE, timer);
        }

        @Override
        public Resolver resolver() {
            return destination;
        }

        @Override
        public void set(List<Endpoint> endpoints) {
            registry.reset(name(), endpoints);
        }

        @Override
        public void absent() {
            registry.absent(name());
        }

        @Override
        public boolean fails() {
            return true;
        }

        @Override
        public void breakDown() {
            served.stop();
            down = true;
        }

        @Override
        public void heal() {
            served.start();
            down = false;
        }

        @Override
        public boolean isReleased() {
            return watched.get() == 0 && destination.stats().lookups() == 0;
        }

        @Override
        public void close() {
            if (down) {
                heal();
            }
            served.close();
        }
    }
}
