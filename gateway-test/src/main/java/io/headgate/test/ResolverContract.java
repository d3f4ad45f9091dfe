package io.headgate.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.Update;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Scheduler;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * What every {@link Resolver} keeps. A test class extends this one and says how its {@linkplain #open source} is driven:
 *
 * <pre>
 * class RegistryContractTest extends ResolverContract {
 *     &#64;Override
 *     protected Source open(Scheduler timer) {
 *         EndpointRegistry registry = new EndpointRegistry();
 *         return new Source() {
 *             &#64;Override
 *             public Resolver resolver() {
 *                 return registry;
 *             }
 *
 *             &#64;Override
 *             public void set(List&lt;Endpoint&gt; endpoints) {
 *                 registry.reset(name(), endpoints);
 *             }
 *
 *             &#64;Override
 *             public void absent() {
 *                 registry.absent(name());
 *             }
 *         };
 *     }
 * }
 * </pre>
 *
 * The checks cannot be switched off one by one. A source says whether it can {@linkplain Source#changes() change}, and whether what
 * it asks can {@linkplain Source#fails() fail}, and is held to the rest.
 *
 * <p><b>Threading.</b> Each check has a source and a virtual clock of its own. Sources may answer on other threads: a check drives
 * time on until what it waits for has come, for ten seconds of real time at most.
 *
 * <p><b>Errors.</b> A check fails with an {@link AssertionError} that says what was told.
 */
public abstract class ResolverContract {

    /** A source under test, and what is behind it. */
    public interface Source extends AutoCloseable {

        /**
         * The resolver under test.
         *
         * @return the same at each call
         */
        Resolver resolver();

        /**
         * The name that the checks ask for.
         *
         * @return {@code orders} unless overridden
         */
        default String name() {
            return "orders";
        }

        /**
         * One of the endpoints that the source can tell of.
         *
         * @param number 1 to 200
         * @return the endpoint, equal to what the source will tell
         */
        default Endpoint endpoint(int number) {
            return Endpoint.of("10.0.0." + number, 8080);
        }

        /**
         * Makes the set of the name exactly this.
         *
         * @param endpoints all endpoints
         */
        void set(List<Endpoint> endpoints);

        /** Makes the name unknown. */
        void absent();

        /**
         * Tells whether the source can change its mind.
         *
         * @return true unless overridden
         */
        default boolean changes() {
            return true;
        }

        /**
         * Tells whether what the source asks can fail, by {@link #breakDown}.
         *
         * @return false unless overridden
         */
        default boolean fails() {
            return false;
        }

        /** Makes whatever the source asks fail from now on, and loses what is open to it. */
        default void breakDown() {}

        /** Ends what {@link #breakDown} began. */
        default void heal() {}

        /**
         * Tells whether the source holds nothing for anybody: no subscription, connection, watch or timer.
         *
         * @return true unless overridden
         */
        default boolean isReleased() {
            return true;
        }

        @Override
        default void close() throws Exception {}
    }

    private static final int MANY = 60;

    /** What a slow subscriber may be told after many changes: what was under way at the stations in between, and the difference. */
    private static final int STEPS = 12;

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final List<UpdateProbe> probes = new ArrayList<>();

    private @Nullable Source opened;

    /** For subclasses. */
    protected ResolverContract() {}

    /**
     * Opens the source under test. Called once for each check.
     *
     * @param timer a virtual clock, for all timers of the source
     * @return the source; closed after the check
     * @throws Exception when it cannot be opened
     */
    protected abstract Source open(Scheduler timer) throws Exception;

    @BeforeEach
    void openSource() throws Exception {
        opened = open(time);
    }

    @AfterEach
    void closeSource() throws Exception {
        probes.forEach(UpdateProbe::cancel);
        source().close();
        time.dispose();
    }

    @Test
    void theFirstUpdateIsTheWholeState() {
        source().set(endpoints(1, 3));
        UpdateProbe probe = subscribe();
        probe.awaitSet(endpoints(1, 3));

        assertThat(probe.updates().get(0)).isInstanceOf(Update.Reset.class);
        probe.assertNotEnded();
    }

    @Test
    void aNameThatIsNotKnownIsAbsent() {
        source().absent();
        UpdateProbe probe = subscribe();
        probe.awaitAbsent();

        assertThat(probe.updates()).containsExactly(new Update.Absent<>());
        probe.assertNotEnded();
    }

    @Test
    void allUpdatesInOrderMakeTheSet() {
        assumeTrue(source().changes());
        source().set(endpoints(1, 2));
        UpdateProbe probe = subscribe();
        probe.awaitSet(endpoints(1, 2));

        for (List<Endpoint> set : List.of(endpoints(1, 5), endpoints(4, 9), endpoints(9, 9), endpoints(1, 9))) {
            source().set(set);
            probe.awaitSet(set);
        }
        source().absent();
        probe.awaitAbsent();
        source().set(endpoints(2, 3));
        probe.awaitSet(endpoints(2, 3));
        probe.assertNotEnded();
    }

    @Test
    void allSubscribersAreToldTheSame() {
        source().set(endpoints(1, 2));
        UpdateProbe early = subscribe();
        early.awaitSet(endpoints(1, 2));
        UpdateProbe late = subscribe();
        late.awaitSet(endpoints(1, 2));
        assertThat(late.updates().get(0)).isInstanceOf(Update.Reset.class);

        if (source().changes()) {
            source().set(endpoints(2, 4));
            early.awaitSet(endpoints(2, 4));
            late.awaitSet(endpoints(2, 4));
        }
        early.cancel();
        late.assertNotEnded();
    }

    @Test
    void nothingIsToldWithoutDemand() {
        source().set(endpoints(1, 2));
        UpdateProbe waiting = probe(0);
        subscribe().awaitSet(endpoints(1, 2));

        assertThat(waiting.updates()).isEmpty();
        waiting.request(1);
        waiting.awaitSet(endpoints(1, 2));
    }

    @Test
    void aSlowSubscriberIsToldTheDifferenceInFewSteps() {
        assumeTrue(source().changes());
        source().set(endpoints(1, 20));
        UpdateProbe slow = probe(1);
        UpdateProbe quick = subscribe();
        slow.awaitSet(endpoints(1, 20));
        for (int i = 1; i <= MANY; i++) {
            List<Endpoint> set = endpoints(i, 20 + i);
            source().set(set);
            quick.awaitSet(set);
        }
        int before = slow.updates().size();
        List<Endpoint> last = endpoints(MANY, 20 + MANY);
        slow.awaitSetOneByOne(last);

        assertThat(slow.updates().size() - before).isBetween(1, STEPS);
        slow.assertNotEnded();
    }

    @Test
    void cancelReleasesTheSource() {
        source().set(endpoints(1, 2));
        UpdateProbe one = subscribe();
        UpdateProbe two = subscribe();
        one.awaitSet(endpoints(1, 2));
        two.awaitSet(endpoints(1, 2));

        one.cancel();
        two.cancel();
        await("nothing is held", () -> source().isReleased());
    }

    @Test
    void cancelBeforeTheFirstUpdateReleasesTheSource() {
        source().set(endpoints(1, 2));
        subscribe().cancel();
        probe(0).cancel();

        await("nothing is held", () -> source().isReleased());
    }

    @Test
    void aNewSubscriberAfterTheLastOneIsToldTheWholeStateOfNow() {
        source().set(endpoints(1, 2));
        UpdateProbe first = subscribe();
        first.awaitSet(endpoints(1, 2));
        first.cancel();
        if (source().changes()) {
            source().set(endpoints(5, 6));
        }
        UpdateProbe second = subscribe();
        second.awaitSet(source().changes() ? endpoints(5, 6) : endpoints(1, 2));

        assertThat(second.updates().get(0)).isInstanceOf(Update.Reset.class);
    }

    @Test
    void aSourceThatIsAwayLeavesTheSetInForceAndIsAskedAgain() {
        assumeTrue(source().fails());
        source().set(endpoints(1, 3));
        UpdateProbe probe = subscribe();
        probe.awaitSet(endpoints(1, 3));
        source().breakDown();
        for (int second = 0; second < 600; second++) {
            time.advanceTimeBy(Duration.ofSeconds(1));
        }
        probe.assertSet(endpoints(1, 3));
        probe.assertNotEnded();

        source().set(endpoints(3, 4));
        source().heal();
        probe.awaitSet(endpoints(3, 4));
        probe.assertNotEnded();
    }

    @Test
    void aSourceThatIsAwayAtFirstIsAskedAgain() {
        assumeTrue(source().fails());
        source().set(endpoints(1, 3));
        source().breakDown();
        UpdateProbe probe = subscribe();
        for (int second = 0; second < 60; second++) {
            time.advanceTimeBy(Duration.ofSeconds(1));
        }
        assertThat(probe.updates()).isEmpty();

        source().heal();
        probe.awaitSet(endpoints(1, 3));
        probe.assertNotEnded();
    }

    private Source source() {
        Source source = opened;
        if (source == null) {
            throw new IllegalStateException("source: none (expected: opened before the check)");
        }
        return source;
    }

    private List<Endpoint> endpoints(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(source()::endpoint).toList();
    }

    private UpdateProbe subscribe() {
        return probe(Long.MAX_VALUE);
    }

    private UpdateProbe probe(long demand) {
        UpdateProbe probe = UpdateProbe.on(source().resolver().resolve(source().name()), demand, this::passTime);
        probes.add(probe);
        return probe;
    }

    private void passTime() {
        time.advanceTimeBy(Duration.ofSeconds(1));
    }

    private void await(String what, BooleanSupplier condition) {
        UpdateProbe.awaitUntil(what, condition, this::passTime);
    }
}
