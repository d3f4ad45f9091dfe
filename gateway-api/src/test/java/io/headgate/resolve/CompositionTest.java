package io.headgate.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.resolve.Update.Absent;
import io.headgate.resolve.Update.Departure;
import io.headgate.resolve.Update.Remove;
import io.headgate.resolve.Update.Reset;
import io.headgate.resolve.Update.Upsert;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

class CompositionTest {

    private static final Endpoint A = Endpoint.of("10.0.0.1", 80);
    private static final Endpoint B = Endpoint.of("10.0.0.2", 80);
    private static final Endpoint C = Endpoint.of("10.0.0.3", 80);

    private final Script one = new Script();
    private final Script two = new Script();

    @Nested
    class Fixed {

        @Test
        void saysTheSameOfEveryName() {
            assertThat(Watcher.of(Resolver.fixed(A, B).resolve("any")).told())
                    .containsExactly(new Reset<>(List.of(A, B)));
        }

        @Test
        void knowsTheNamesThatItIsGiven() {
            Resolver fixed = Resolver.fixed(Map.of("orders", List.of(A), "none", List.of()));

            assertThat(Watcher.of(fixed.resolve("orders")).told()).containsExactly(new Reset<>(List.of(A)));
            assertThat(Watcher.of(fixed.resolve("none")).told()).containsExactly(new Reset<>(List.of()));
            assertThat(Watcher.of(fixed.resolve("carts")).told()).containsExactly(new Absent<>());
        }
    }

    @Test
    void mapChangesAllKindsOfUpdates() {
        Watcher watcher = Watcher.of(one.resolver().map(e -> e.withWeight(7)).resolve("orders"));
        one.tell(new Reset<>(List.of(A)));
        one.tell(new Remove<>(List.of(A), Departure.DROP));
        one.tell(new Absent<>());

        assertThat(watcher.told())
                .containsExactly(
                        new Reset<>(List.of(A.withWeight(7))),
                        new Remove<>(List.of(A.withWeight(7)), Departure.DROP),
                        new Absent<>());
    }

    @Nested
    class Merge {

        private final Watcher watcher =
                Watcher.of(Resolver.merge(one.resolver(), two.resolver()).resolve("orders"));

        @Test
        void tellsAsSoonAsOneSourceHasASet() {
            one.tell(new Absent<>());
            assertThat(watcher.told()).isEmpty();
            two.tell(new Reset<>(List.of(A)));
            assertThat(watcher.told()).containsExactly(new Reset<>(List.of(A)));
            one.tell(new Reset<>(List.of(B)));
            assertThat(watcher.told()).containsExactly(new Upsert<>(List.of(B)));
        }

        @Test
        void isAbsentOnlyWhenAllAre() {
            one.tell(new Reset<>(List.of(A)));
            one.tell(new Absent<>());
            assertThat(watcher.told())
                    .containsExactly(new Reset<>(List.of(A)), new Remove<>(List.of(A), Departure.DRAIN));
            two.tell(new Absent<>());
            assertThat(watcher.told()).containsExactly(new Absent<>());
            two.tell(new Upsert<>(List.of(B)));
            assertThat(watcher.told()).containsExactly(new Reset<>(List.of(B)));
        }

        @Test
        void anEndpointLeavesWithItsLastSource() {
            one.tell(new Reset<>(List.of(A)));
            two.tell(new Reset<>(List.of(A, B)));
            watcher.told();
            one.tell(new Remove<>(List.of(A), Departure.DROP));
            assertThat(watcher.told()).isEmpty();
            two.tell(new Remove<>(List.of(A), Departure.DROP));
            assertThat(watcher.told()).containsExactly(new Remove<>(List.of(A), Departure.DROP));
        }

        @Test
        void theFirstSourceThatHasAnEndpointSaysWhatItIsLike() {
            two.tell(new Reset<>(List.of(A.withWeight(2))));
            watcher.told();
            one.tell(new Reset<>(List.of(A.withWeight(1))));
            assertThat(watcher.told()).containsExactly(new Upsert<>(List.of(A.withWeight(1))));
            two.tell(new Upsert<>(List.of(A.withWeight(3))));
            assertThat(watcher.told()).isEmpty();
            one.tell(new Reset<>(List.of()));
            assertThat(watcher.told()).containsExactly(new Upsert<>(List.of(A.withWeight(3))));
        }

        @Test
        void aSourceThatHasRefusedTheNameIsTakenForAbsent() {
            one.tell(new Reset<>(List.of(A)));
            two.tell(new Reset<>(List.of(B)));
            watcher.told();
            two.refuse("two");
            assertThat(watcher.told()).containsExactly(new Remove<>(List.of(B), Departure.DRAIN));
            one.refuse("one");
            assertThat(watcher.error())
                    .hasMessage("sources: all 2 refuse the name")
                    .hasRootCauseMessage("two");
        }

        @Test
        void cancelReachesAllSources() {
            watcher.cancel();
            assertThat(one.isOpen() || two.isOpen()).isFalse();
        }

        @Test
        void ofNothingIsRefused() {
            assertThatThrownBy(Resolver::merge).hasMessage("sources: none (expected: at least one)");
        }
    }

    @Nested
    class OrElse {

        private final Watcher watcher =
                Watcher.of(one.resolver().orElse(two.resolver()).resolve("orders"));

        @Test
        void theOtherOneIsNotAskedWhileTheFirstOneKnows() {
            one.tell(new Reset<>(List.of()));
            one.tell(new Upsert<>(List.of(A)));

            assertThat(watcher.told()).containsExactly(new Reset<>(List.of()), new Upsert<>(List.of(A)));
            assertThat(two.isOpen()).isFalse();
        }

        @Test
        void absentIsToldWhenBothHaveSaidSo() {
            one.tell(new Absent<>());
            assertThat(watcher.told()).isEmpty();
            two.tell(new Absent<>());
            assertThat(watcher.told()).containsExactly(new Absent<>());
        }

        @Test
        void theLastStateStaysInForceUntilTheOtherOneHasSpoken() {
            one.tell(new Reset<>(List.of(A)));
            one.tell(new Absent<>());
            assertThat(watcher.told()).containsExactly(new Reset<>(List.of(A)));
            two.tell(new Upsert<>(List.of(B)));
            two.tell(new Upsert<>(List.of(C)));
            assertThat(watcher.told()).containsExactly(new Reset<>(List.of(B)), new Upsert<>(List.of(C)));
        }

        @Test
        void theOtherOneIsLeftAsSoonAsTheFirstOneKnows() {
            one.tell(new Absent<>());
            two.tell(new Reset<>(List.of(B)));
            one.tell(new Upsert<>(List.of(A)));

            assertThat(watcher.told()).containsExactly(new Reset<>(List.of(B)), new Reset<>(List.of(A)));
            assertThat(two.isOpen()).isFalse();
            one.tell(new Absent<>());
            assertThat(two.isOpen()).isTrue();
        }

        @Test
        void aRefusalIsAnAbsence() {
            one.refuse("one");
            two.tell(new Reset<>(List.of(B)));
            assertThat(watcher.told()).containsExactly(new Reset<>(List.of(B)));
            assertThat(watcher.error()).isNull();
            two.refuse("two");
            assertThat(watcher.error()).hasMessage("one");
            assertThat(watcher.error().getSuppressed()).hasSize(1);
        }

        @Test
        void aRefusalByTheOtherOneAloneIsAnAbsence() {
            one.tell(new Absent<>());
            two.refuse("two");
            one.tell(new Reset<>(List.of(A)));

            assertThat(watcher.told()).containsExactly(new Absent<>(), new Reset<>(List.of(A)));
        }

        @Test
        void cancelReachesBoth() {
            one.tell(new Absent<>());
            watcher.cancel();

            assertThat(one.isOpen() || two.isOpen()).isFalse();
        }
    }

    @Nested
    class Registry {

        private final EndpointRegistry registry = new EndpointRegistry();

        @Test
        void isToldAndTells() {
            Watcher watcher = Watcher.of(registry.resolve("orders"));
            registry.upsert("orders", A);
            registry.upsert("orders", B);
            registry.remove("orders", Departure.DROP, A);
            registry.absent("orders");

            assertThat(watcher.told())
                    .containsExactly(
                            new Absent<>(),
                            new Reset<>(List.of(A)),
                            new Upsert<>(List.of(B)),
                            new Remove<>(List.of(A), Departure.DROP),
                            new Absent<>());
        }

        @Test
        void forgetsNamesThatAreAbsentAndOfNoInterest() {
            registry.reset("orders", List.of(A));
            registry.absent("carts");
            Watcher watcher = Watcher.of(registry.resolve("users"));
            assertThat(registry).hasToString("registry of 2 names");

            watcher.cancel();
            registry.absent("orders");
            assertThat(registry).hasToString("registry of 0 names");
        }
    }

    /** A source that says what it is told to. */
    private static final class Script {

        private Sinks.Many<Update<Endpoint>> sink = Sinks.many().unicast().onBackpressureBuffer();
        private boolean open;

        Resolver resolver() {
            return name -> Flux.defer(() -> {
                sink = Sinks.many().unicast().onBackpressureBuffer();
                return sink.asFlux().doOnSubscribe(s -> open = true).doFinally(end -> open = false);
            });
        }

        boolean isOpen() {
            return open;
        }

        void tell(Update<Endpoint> update) {
            sink.tryEmitNext(update).orThrow();
        }

        void refuse(String why) {
            sink.tryEmitError(new IllegalArgumentException(why)).orThrow();
        }
    }
}
