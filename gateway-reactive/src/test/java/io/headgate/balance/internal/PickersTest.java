package io.headgate.balance.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import io.headgate.test.AllocationAssert;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** What endpoints get of the traffic, with fixed seeds. */
class PickersTest {

    private static final long MILLI = 1_000_000;
    private static final HttpExchange GET = HttpExchange.of(RequestHead.of("GET", "test.example", "/"), Body.empty());

    private final SplittableRandom seed = new SplittableRandom(42);
    private final LongSupplier random = seed::nextLong;
    private final PeakEwma latency = new PeakEwma(30 * MILLI, 10_000 * MILLI, MILLI);
    private final Set<Integer> busy = new HashSet<>();
    private long now = 1_000_000_000_000L;
    private long key;

    private Nodes nodes(Picker picker) {
        return nodes(picker, null, null, 0.5, Duration.ZERO);
    }

    private Nodes nodes(
            Picker picker,
            @Nullable Affinity affinity,
            @Nullable Predicate<Endpoint> near,
            double enough,
            Duration ramp) {
        return new Nodes(
                new Nodes.Policy(picker, affinity, latency, near, enough, ramp.toNanos()),
                this::service,
                (node, departure) -> node.retire(),
                () -> now,
                random);
    }

    private Service<HttpExchange, HttpReply> service(Endpoint endpoint) {
        int port = endpoint.address().getPort();
        return new Service<>() {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                return Mono.empty();
            }

            @Override
            public Status status() {
                return busy.contains(port) ? Status.BUSY : Status.OPEN;
            }
        };
    }

    private static Endpoint endpoint(int port) {
        return Endpoint.of("10.0.0.1", port);
    }

    private static Update<Endpoint> all(int count) {
        return new Update.Reset<>(
                IntStream.rangeClosed(1, count).mapToObj(PickersTest::endpoint).toList());
    }

    private static int port(Node node) {
        return node.endpoint().address().getPort();
    }

    private Map<Integer, Integer> count(Nodes nodes, int picks) {
        Map<Integer, Integer> counts = new HashMap<>();
        for (int i = 0; i < picks; i++) {
            counts.merge(port(nodes.pick(GET)), 1, Integer::sum);
        }
        return counts;
    }

    private TwoChoices peakEwma() {
        return new TwoChoices(latency, random);
    }

    // ---- load

    /** Calls take as long as their endpoint needs; a hundred are under way at any time. */
    private Map<Integer, Integer> simulate(Nodes nodes, Map<Integer, Long> millis, int calls) {
        record Call(Node node, long began, long ends) {}
        Map<Integer, Integer> counts = new HashMap<>();
        java.util.PriorityQueue<Call> open =
                new java.util.PriorityQueue<>(java.util.Comparator.comparingLong(Call::ends));
        for (int i = 0; i < calls; i++) {
            now += MILLI / 2;
            while (!open.isEmpty() && open.peek().ends <= now) {
                Call ended = open.remove();
                ended.node.answered();
                latency.observe(ended.node, ended.ends - ended.began, now);
                nodes.leave(ended.node);
            }
            Node node = nodes.enter(GET);
            counts.merge(port(node), 1, Integer::sum);
            open.add(new Call(node, now, now + millis.getOrDefault(port(node), 5L) * MILLI));
        }
        return counts;
    }

    @Test
    void slowEndpointGetsMuchLessByPeakEwma() {
        Nodes nodes = nodes(peakEwma());
        nodes.apply(all(10));
        Map<Integer, Integer> counts = simulate(nodes, Map.of(3, 500L), 50_000);
        assertThat(counts.getOrDefault(3, 0)).isBetween(1, 250); // an even share were 5,000
        assertThat(counts.get(4)).isBetween(4_500, 6_500);
    }

    @Test
    void slowEndpointGetsLessByPendingCalls() {
        Nodes nodes = nodes(new TwoChoices(Load.OPEN_CALLS, random));
        nodes.apply(all(10));
        Map<Integer, Integer> counts = simulate(nodes, Map.of(3, 500L), 50_000);
        assertThat(counts.getOrDefault(3, 0)).isBetween(1, 1_000);
    }

    @Test
    void roundRobinDoesNotCare() {
        Nodes nodes = nodes(new RoundRobin(random));
        nodes.apply(all(10));
        Map<Integer, Integer> counts = simulate(nodes, Map.of(3, 500L), 50_000);
        assertThat(counts.get(3)).isEqualTo(5_000);
    }

    @Test
    void heavierEndpointGetsMoreOfEqualOnes() {
        Nodes nodes = nodes(new TwoChoices(Load.OPEN_CALLS, random));
        nodes.apply(new Update.Reset<>(List.of(endpoint(1).withWeight(30_000), endpoint(2), endpoint(3))));
        Map<Integer, Integer> counts = simulate(nodes, Map.of(1, 60L, 2, 60L, 3, 60L), 50_000);
        assertThat(counts.get(1)).isBetween(26_000, 32_000); // 30,000 of its weight
        assertThat(counts.get(2)).isBetween(8_000, 12_500);
    }

    @Test
    void whoFailsFastIsAvoidedAndTriedAgain() {
        Nodes nodes = nodes(peakEwma());
        nodes.apply(all(2));
        Node failing = nodes.pick(GET);
        latency.observe(failing, 5_000 * MILLI, now);
        Map<Integer, Integer> counts = count(nodes, 1_000);
        assertThat(counts).doesNotContainKey(port(failing));
        now += 120_000 * MILLI;
        assertThat(count(nodes, 1_000).getOrDefault(port(failing), 0)).isPositive();
    }

    @Test
    void tieGoesToTheFirstDrawn() {
        Nodes nodes = nodes(peakEwma());
        nodes.apply(all(10));
        assertThat(count(nodes, 100_000).values())
                .allSatisfy(each -> assertThat(each).isCloseTo(10_000, within(500)));
    }

    // ---- weights

    @Test
    void weightsAreHonouredByChance() {
        Nodes nodes = nodes(new WeightedRandom(random));
        nodes.apply(new Update.Reset<>(IntStream.rangeClosed(1, 40)
                .mapToObj(port -> endpoint(port).withWeight(port * 100))
                .toList()));
        nodes.apply(new Update.Remove<>(List.of(endpoint(7), endpoint(40)), Departure.DRAIN));
        nodes.apply(new Update.Upsert<>(List.of(endpoint(1).withWeight(10_000))));
        int picks = 400_000;
        Map<Integer, Integer> counts = count(nodes, picks);
        double total = (820 - 1 - 7 - 40) * 100 + 10_000;
        for (int port = 1; port < 40; port++) {
            double share = port == 7 ? 0 : port == 1 ? 10_000 / total : port * 100 / total;
            assertThat(counts.getOrDefault(port, 0) / (double) picks)
                    .as("share of %s", port)
                    .isCloseTo(share, within(0.0015));
        }
        assertThat(counts).doesNotContainKeys(7, 40);
    }

    @Test
    void newEndpointStartsSlowly() {
        for (Picker picker : List.of(new RoundRobin(random), new WeightedRandom(random))) {
            Nodes nodes = nodes(picker, null, null, 0.5, Duration.ofSeconds(10));
            nodes.apply(all(4));
            assertThat(count(nodes, 10_000).values())
                    .as("the first ones are not slow")
                    .allSatisfy(each -> assertThat(each).isCloseTo(2_500, within(200)));
            nodes.apply(new Update.Upsert<>(List.of(endpoint(5))));
            assertThat(count(nodes, 10_000).getOrDefault(5, 0)).isBetween(150, 350);
            now += 5_000 * MILLI;
            assertThat(count(nodes, 10_000).get(5)).isBetween(950, 1_350);
            now += 5_000 * MILLI;
            assertThat(count(nodes, 10_000).get(5)).isBetween(1_850, 2_150);
        }
    }

    // ---- readiness

    @Test
    void onlyOneReadyAmongManyIsFound() {
        Nodes nodes = nodes(peakEwma());
        nodes.apply(all(500));
        IntStream.rangeClosed(1, 500).filter(port -> port != 321).forEach(busy::add);
        assertThat(count(nodes, 1_000)).containsOnlyKeys(321);
        busy.add(321);
        assertThat(nodes.pick(GET)).isNull();
        assertThat(nodes.hasReady()).isFalse();
    }

    @Test
    void changesInTheMiddleLeaveEverybodyReachable() {
        for (Picker picker : List.of(peakEwma(), new RoundRobin(random), new WeightedRandom(random))) {
            Nodes nodes = nodes(picker);
            Set<Integer> there = new HashSet<>();
            for (int i = 0; i < 3_000; i++) {
                int port = 1 + seed.nextInt(200);
                if (seed.nextBoolean()) {
                    nodes.apply(new Update.Upsert<>(List.of(endpoint(port).withWeight(1 + seed.nextInt(3)))));
                    there.add(port);
                } else {
                    nodes.apply(new Update.Remove<>(List.of(endpoint(port)), Departure.DRAIN));
                    there.remove(port);
                }
                assertThat(nodes.size()).isEqualTo(there.size());
                Node picked = nodes.pick(GET);
                assertThat(picked == null ? there.isEmpty() : there.contains(port(picked)))
                        .isTrue();
            }
            assertThat(count(nodes, 50_000).keySet()).isEqualTo(there);
        }
    }

    // ---- zones

    private static Endpoint inZone(int port, String zone) {
        return endpoint(port).withLabels(Map.of("zone", zone));
    }

    @Test
    void callsStayInTheZoneWhileEnoughIsReadyAndSpillOverInProportion() {
        Nodes nodes =
                nodes(peakEwma(), null, endpoint -> "a".equals(endpoint.labels().get("zone")), 0.5, Duration.ZERO);
        nodes.apply(new Update.Reset<>(IntStream.rangeClosed(1, 20)
                .mapToObj(port -> inZone(port, port <= 10 ? "a" : "b"))
                .toList()));
        assertThat(near(nodes)).isEqualTo(10_000);
        IntStream.rangeClosed(1, 5).forEach(busy::add);
        now += 200 * MILLI;
        assertThat(near(nodes)).isEqualTo(10_000);
        IntStream.rangeClosed(6, 8).forEach(busy::add); // two of ten are ready, five would be enough
        now += 200 * MILLI;
        assertThat(near(nodes)).isCloseTo(4_000, within(250));
        IntStream.rangeClosed(9, 10).forEach(busy::add);
        now += 200 * MILLI;
        assertThat(near(nodes)).isZero();
        IntStream.rangeClosed(11, 20).forEach(busy::add);
        busy.remove(3);
        assertThat(port(nodes.pick(GET))).as("the last one that is ready").isEqualTo(3);
    }

    private int near(Nodes nodes) {
        return count(nodes, 10_000).entrySet().stream()
                .filter(each -> each.getKey() <= 10)
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    // ---- affinity

    private Affinity affinity() {
        return new Affinity(exchange -> Hashes.mix(key), 100, 1.25);
    }

    private Map<Long, Integer> places(Nodes nodes, int keys) {
        Map<Long, Integer> places = new HashMap<>();
        for (key = 1; key <= keys; key++) {
            places.put(key, port(nodes.pick(GET)));
        }
        return places;
    }

    private static long moved(Map<Long, Integer> before, Map<Long, Integer> after) {
        return before.entrySet().stream()
                .filter(each -> !each.getValue().equals(after.get(each.getKey())))
                .count();
    }

    @Test
    void onlyTheShareOfAnEndpointMovesWhenItLeavesOrComes() {
        Nodes nodes = nodes(peakEwma(), affinity(), null, 0.5, Duration.ZERO);
        nodes.apply(all(50));
        int keys = 50_000;
        Map<Long, Integer> before = places(nodes, keys);
        nodes.apply(new Update.Remove<>(List.of(endpoint(17)), Departure.DRAIN));
        Map<Long, Integer> without = places(nodes, keys);
        long orphans = before.values().stream().filter(port -> port == 17).count();
        assertThat(moved(before, without)).isEqualTo(orphans);
        assertThat(orphans).isBetween(keys / 50 / 2L, keys / 50 * 2L);
        nodes.apply(new Update.Upsert<>(List.of(endpoint(17))));
        assertThat(places(nodes, keys)).isEqualTo(before);
    }

    @Test
    void keysAreSpreadEvenlyAndByWeight() {
        Nodes nodes = nodes(peakEwma(), affinity(), null, 0.5, Duration.ZERO);
        nodes.apply(all(20));
        nodes.apply(new Update.Upsert<>(List.of(endpoint(1).withWeight(30_000))));
        Map<Integer, Integer> counts = new HashMap<>();
        places(nodes, 44_000).values().forEach(port -> counts.merge(port, 1, Integer::sum));
        assertThat(counts.get(1)).isBetween(4_800, 7_300); // 6,000
        assertThat(counts)
                .hasSize(20)
                .allSatisfy((port, count) -> assertThat(count).isGreaterThan(1_200));
    }

    @Test
    void ringsFilledInAnotherOrderAgree() {
        Nodes one = nodes(peakEwma(), affinity(), null, 0.5, Duration.ZERO);
        Nodes other = nodes(peakEwma(), affinity(), null, 0.5, Duration.ZERO);
        one.apply(all(300));
        for (int port = 300; port > 0; port--) {
            other.apply(new Update.Upsert<>(List.of(endpoint(port))));
        }
        for (int port = 1; port <= 290; port++) {
            one.apply(new Update.Remove<>(List.of(endpoint(port)), Departure.DRAIN));
            other.apply(new Update.Remove<>(List.of(endpoint(port)), Departure.DRAIN));
        }
        assertThat(places(one, 2_000)).isEqualTo(places(other, 2_000));
    }

    @Test
    void keyOfABusyEndpointGoesToItsNextOneAndComesBack() {
        Nodes nodes = nodes(peakEwma(), affinity(), null, 0.5, Duration.ZERO);
        nodes.apply(all(10));
        key = 77;
        int home = port(nodes.pick(GET));
        busy.add(home);
        int next = port(nodes.pick(GET));
        assertThat(next).isNotEqualTo(home);
        assertThat(port(nodes.pick(GET))).isEqualTo(next);
        busy.clear();
        assertThat(port(nodes.pick(GET))).isEqualTo(home);
    }

    @Test
    void oneHotKeyDoesNotOverloadItsEndpoint() {
        Nodes nodes = nodes(peakEwma(), affinity(), null, 0.5, Duration.ZERO);
        nodes.apply(all(10));
        key = 77;
        Map<Integer, Integer> counts = new HashMap<>();
        for (int i = 0; i < 1_000; i++) {
            counts.merge(port(nodes.enter(GET)), 1, Integer::sum);
        }
        // No more than 1.25 times its part of the ring, which differs from a tenth by some.
        assertThat(counts.values()).allSatisfy(count -> assertThat(count).isLessThan(190));
        assertThat(counts).hasSizeGreaterThan(6);
    }

    @Test
    void exchangeWithoutAKeyIsSpread() {
        Nodes nodes = nodes(peakEwma(), new Affinity(exchange -> Hashes.NONE, 100, 1.25), null, 0.5, Duration.ZERO);
        nodes.apply(all(5));
        assertThat(count(nodes, 1_000)).hasSize(5);
    }

    // ---- cost

    @ParameterizedTest
    @ValueSource(strings = {"peak-ewma", "pending", "round-robin", "weighted", "ring"})
    void pickAllocatesNothing(String name) {
        Picker picker = switch (name) {
            case "pending" -> new TwoChoices(Load.OPEN_CALLS, random);
            case "round-robin" -> new RoundRobin(random);
            case "weighted" -> new WeightedRandom(random);
            default -> peakEwma();
        };
        Nodes nodes = nodes(picker, name.equals("ring") ? affinity() : null, null, 0.5, Duration.ZERO);
        nodes.apply(all(100));
        key = 5;
        assertThat(AllocationAssert.bytesPerCall(() -> {
                    Node node = nodes.enter(GET);
                    if (node != null) {
                        node.answered();
                        latency.observe(node, MILLI, now);
                        nodes.leave(node);
                    }
                }))
                .isZero();
    }
}
