package io.headgate.test;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.EndpointRegistry;
import io.headgate.resolve.Recovery;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.Update;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/** The sources and the operators that need no I/O. */
class ResolversContractTest {

    @Nested
    class Fixed extends ResolverContract {

        @Override
        protected Source open(Scheduler timer) {
            return new Source() {
                private Map<String, List<Endpoint>> names = Map.of();

                @Override
                public Resolver resolver() {
                    return name -> Flux.defer(() -> Resolver.fixed(names).resolve(name));
                }

                @Override
                public void set(List<Endpoint> endpoints) {
                    names = Map.of(name(), endpoints);
                }

                @Override
                public void absent() {
                    names = Map.of();
                }

                @Override
                public boolean changes() {
                    return false;
                }
            };
        }
    }

    @Nested
    class Registry extends ResolverContract {

        @Override
        protected Source open(Scheduler timer) {
            return new Behind(registry -> registry);
        }
    }

    @Nested
    class Mapped extends ResolverContract {

        @Override
        protected Source open(Scheduler timer) {
            return new Behind(registry -> registry.map(endpoint -> endpoint.withWeight(7))) {
                @Override
                public Endpoint endpoint(int number) {
                    return super.endpoint(number).withWeight(7);
                }
            };
        }
    }

    @Nested
    class MergedFirst extends ResolverContract {

        @Override
        protected Source open(Scheduler timer) {
            return new Behind(registry -> Resolver.merge(registry, new EndpointRegistry(), new EndpointRegistry()));
        }
    }

    @Nested
    class MergedLast extends ResolverContract {

        @Override
        protected Source open(Scheduler timer) {
            return new Behind(registry -> Resolver.merge(new EndpointRegistry(), registry));
        }
    }

    @Nested
    class FirstChoice extends ResolverContract {

        @Override
        protected Source open(Scheduler timer) {
            return new Behind(registry -> registry.orElse(new EndpointRegistry()));
        }
    }

    @Nested
    class SecondChoice extends ResolverContract {

        @Override
        protected Source open(Scheduler timer) {
            return new Behind(registry -> new EndpointRegistry().orElse(registry));
        }
    }

    @Nested
    class Shared extends ResolverContract {

        @Override
        protected Source open(Scheduler timer) {
            return new Behind(Resolver::shared);
        }
    }

    @Nested
    class SharedWithLinger extends ResolverContract {

        @Override
        protected Source open(Scheduler timer) {
            return new Behind(registry -> registry.shared(Duration.ofSeconds(30), timer));
        }
    }

    @Nested
    class AllTogether extends ResolverContract {

        @Override
        protected Source open(Scheduler timer) {
            return new Behind(registry -> Resolver.merge(
                            new EndpointRegistry().orElse(registry).shared(), registry)
                    .map(endpoint -> endpoint)
                    .shared());
        }
    }

    @Nested
    class Recovered extends ResolverContract {

        @Override
        protected Source open(Scheduler timer) {
            return new Breaking(Recovery.create().withScheduler(timer));
        }
    }

    /** A registry behind something, with its subscriptions counted. */
    private static class Behind implements ResolverContract.Source {

        private final EndpointRegistry registry = new EndpointRegistry();
        private final AtomicInteger subscriptions = new AtomicInteger();
        private final Resolver resolver;

        Behind(UnaryOperator<Resolver> operator) {
            resolver = operator.apply(name -> registry.resolve(name)
                    .doOnSubscribe(subscribed -> subscriptions.incrementAndGet())
                    .doFinally(end -> subscriptions.decrementAndGet()));
        }

        @Override
        public Resolver resolver() {
            return resolver;
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
        public boolean isReleased() {
            return subscriptions.get() == 0;
        }
    }

    /** A registry whose streams can be cut. */
    private static final class Breaking extends Behind {

        private final AtomicBoolean broken = new AtomicBoolean();
        private final Sinks.Many<Boolean> cuts = Sinks.many().multicast().directBestEffort();
        private final Resolver recovered;

        Breaking(Recovery recovery) {
            super(UnaryOperator.identity());
            recovered = recovery.around(this::attempt).shared();
        }

        private Flux<Update<Endpoint>> attempt(String name) {
            return Flux.defer(() -> broken.get()
                    ? Flux.error(new IOException("away"))
                    : super.resolver().resolve(name).takeUntilOther(cuts.asFlux()));
        }

        @Override
        public Resolver resolver() {
            return recovered;
        }

        @Override
        public boolean fails() {
            return true;
        }

        @Override
        public void breakDown() {
            broken.set(true);
            cuts.tryEmitNext(true);
        }

        @Override
        public void heal() {
            broken.set(false);
        }
    }
}
