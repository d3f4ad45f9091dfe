package io.headgate.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.EndpointRegistry;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.Update;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.testkit.engine.EngineTestKit;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/** The contract catches the mistakes that resolvers make. */
class BrokenResolversTest {

    private static UnaryOperator<Flux<Update<Endpoint>>> mistake = UnaryOperator.identity();

    static final class Candidate extends ResolverContract {

        @Override
        protected Source open(Scheduler timer) {
            EndpointRegistry registry = new EndpointRegistry();
            Resolver broken = name -> mistake.apply(registry.resolve(name));
            return new Source() {
                @Override
                public Resolver resolver() {
                    return broken;
                }

                @Override
                public void set(List<Endpoint> endpoints) {
                    registry.reset(name(), endpoints);
                }

                @Override
                public void absent() {
                    registry.absent(name());
                }
            };
        }
    }

    @ParameterizedTest
    @MethodSource
    void aBrokenResolverFailsTheCheckForIt(UnaryOperator<Flux<Update<Endpoint>>> broken, String check) {
        assertThat(failures(UnaryOperator.identity(), check)).isZero();
        assertThat(failures(broken, check)).isOne();
    }

    static Stream<Arguments> aBrokenResolverFailsTheCheckForIt() {
        return Stream.of(
                broken("completes", updates -> updates.take(1), "theFirstUpdateIsTheWholeState"),
                broken(
                        "begins with an upsert",
                        updates -> updates.map(update -> update instanceof Update.Reset<Endpoint> reset
                                ? new Update.Upsert<>(reset.members())
                                : update),
                        "theFirstUpdateIsTheWholeState"),
                broken("keeps each step", Flux::onBackpressureBuffer, "aSlowSubscriberIsToldTheDifferenceInFewSteps"));
    }

    private static Arguments broken(String what, UnaryOperator<Flux<Update<Endpoint>>> how, String check) {
        return arguments(named(what, how), check);
    }

    private static long failures(UnaryOperator<Flux<Update<Endpoint>>> how, String check) {
        mistake = how;
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectMethod(Candidate.class, check))
                .execute()
                .testEvents()
                .failed()
                .count();
    }
}
