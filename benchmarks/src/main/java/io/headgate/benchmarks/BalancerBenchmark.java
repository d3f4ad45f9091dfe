package io.headgate.benchmarks;

import io.headgate.Service;
import io.headgate.balance.internal.Affinity;
import io.headgate.balance.internal.Hashes;
import io.headgate.balance.internal.Load;
import io.headgate.balance.internal.Node;
import io.headgate.balance.internal.Nodes;
import io.headgate.balance.internal.PeakEwma;
import io.headgate.balance.internal.Picker;
import io.headgate.balance.internal.RoundRobin;
import io.headgate.balance.internal.TwoChoices;
import io.headgate.balance.internal.WeightedRandom;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Mono;

/** What it costs to choose an endpoint, and to take note that one has changed. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class BalancerBenchmark {

    private static final HttpExchange GET = HttpExchange.of(RequestHead.of("GET", "test.example", "/"), Body.empty());

    /** Endpoints whose times differ, so that choices do, too. */
    private static final class Many {

        private static final PeakEwma LATENCY = new PeakEwma(30_000_000L, 10_000_000_000L, 1_000_000L);

        private final LongSupplier random = () -> ThreadLocalRandom.current().nextLong();
        private final Nodes nodes;
        private final List<Endpoint> endpoints;

        Many(String strategy, int count) {
            Picker picker = switch (strategy) {
                case "leastPending" -> new TwoChoices(Load.OPEN_CALLS, random);
                case "roundRobin" -> new RoundRobin(random);
                case "weighted" -> new WeightedRandom(random);
                default -> new TwoChoices(LATENCY, random);
            };
            Affinity affinity = strategy.equals("ringHash")
                    ? new Affinity(exchange -> Hashes.mix(random.getAsLong()), 100, 1.25)
                    : null;
            nodes = new Nodes(
                    new Nodes.Policy(picker, affinity, LATENCY, null, 1, 0),
                    endpoint -> new Reply(),
                    (node, departure) -> node.retire(),
                    System::nanoTime,
                    random);
            SplittableRandom seed = new SplittableRandom(7);
            endpoints = IntStream.range(0, count)
                    .mapToObj(i -> Endpoint.of("10.0." + (i >>> 8 & 255) + "." + (i & 255), 1 + (i >>> 16))
                            .withWeight(5_000 + seed.nextInt(10_000)))
                    .toList();
            nodes.apply(new Update.Reset<>(endpoints));
            for (int i = 0; i < count; i++) {
                Node node = nodes.pick(GET);
                if (node != null) {
                    LATENCY.observe(node, 1_000_000L + seed.nextInt(50_000_000), System.nanoTime());
                }
            }
        }
    }

    /** A service whose status is a field of its own, as that of a pool is. */
    private static final class Reply implements Service<HttpExchange, HttpReply> {

        private volatile Status status = Status.OPEN;

        @Override
        public Mono<HttpReply> call(HttpExchange exchange) {
            status = Status.OPEN;
            return Mono.empty();
        }

        @Override
        public Status status() {
            return status;
        }
    }

    /** For picks. */
    @State(Scope.Benchmark)
    public static class Picks {

        /** How to choose. */
        @Param({"peakEwma", "leastPending", "roundRobin", "weighted", "ringHash"})
        public String strategy = "";

        /** Among how many. */
        @Param({"10", "1000", "10000"})
        public int endpoints;

        private @Nullable Many many;

        /** Makes the endpoints. */
        @Setup
        public void fill() {
            many = new Many(strategy, endpoints);
        }

        Many many() {
            return java.util.Objects.requireNonNull(many);
        }
    }

    /** For updates. */
    @State(Scope.Benchmark)
    public static class Changes {

        /** How to choose. */
        @Param({"peakEwma", "weighted", "ringHash"})
        public String strategy = "";

        /** Among how many. */
        @Param({"1000", "100000"})
        public int endpoints;

        private @Nullable Many many;
        private int next;

        /** Makes the endpoints. */
        @Setup
        public void fill() {
            many = new Many(strategy, endpoints);
        }

        Many many() {
            return java.util.Objects.requireNonNull(many);
        }

        Endpoint next() {
            next = (next + 7919) % endpoints;
            return many().endpoints.get(next);
        }
    }

    /**
     * Chooses.
     *
     * @param picks among whom
     * @return the choice
     */
    @Benchmark
    public @Nullable Object pick(Picks picks) {
        return picks.many().nodes.pick(GET);
    }

    /**
     * Chooses, counts the call, takes its time and ends it.
     *
     * @param picks among whom
     * @return the choice
     */
    @Benchmark
    public @Nullable Object call(Picks picks) {
        Nodes nodes = picks.many().nodes;
        Node node = nodes.enter(GET);
        if (node != null) {
            node.answered();
            Many.LATENCY.observe(node, 2_000_000L, System.nanoTime());
            nodes.leave(node);
        }
        return node;
    }

    /**
     * One leaves and comes back: two updates.
     *
     * @param changes among whom
     * @return how many there are
     */
    @Benchmark
    public int leaveAndCome(Changes changes) {
        List<Endpoint> one = List.of(changes.next());
        Nodes nodes = changes.many().nodes;
        nodes.apply(new Update.Remove<>(one, Departure.DRAIN));
        nodes.apply(new Update.Upsert<>(one));
        return nodes.size();
    }
}
