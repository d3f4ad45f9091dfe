package io.headgate.benchmarks;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.EndpointRegistry;
import io.headgate.resolve.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import reactor.core.Disposable;

/**
 * What one changed endpoint costs on its way from a registry through a shared subscription to its subscribers. It must not depend on the
 * size of the set, but for what the memory of a large one costs.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ResolverBenchmark {

    private static final String NAME = "orders";

    /** Coprime to the sizes, so that all endpoints have their turn. */
    private static final int STRIDE = 7_919;

    /** How many endpoints the set has. */
    @Param({"1000", "100000"})
    public int size;

    /** How many subscribers are told. */
    @Param({"1", "10"})
    public int subscribers;

    private final EndpointRegistry registry = new EndpointRegistry();
    private final List<Update<Endpoint>> light = new ArrayList<>();
    private final List<Update<Endpoint>> heavy = new ArrayList<>();
    private final List<Disposable> subscriptions = new ArrayList<>();
    private int turn;
    private boolean odd;

    /** Fills the set and subscribes. */
    @Setup
    public void fill() {
        List<Endpoint> all = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            Endpoint endpoint = Endpoint.of("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255), 8080);
            all.add(endpoint);
            light.add(new Update.Upsert<>(List.of(endpoint.withWeight(1))));
            heavy.add(new Update.Upsert<>(List.of(endpoint.withWeight(2))));
        }
        registry.reset(NAME, all);
        var shared = registry.shared();
        for (int i = 0; i < subscribers; i++) {
            subscriptions.add(shared.resolve(NAME).subscribe());
        }
    }

    /** One endpoint gets another weight; all of the set have their turn, so that a large one is hardly ever in a cache. */
    @Benchmark
    public void upsertAmongAll() {
        upsert(size);
    }

    /** The same, but only the first thousand have their turn. */
    @Benchmark
    public void upsertAmongThousand() {
        upsert(1_000);
    }

    private void upsert(int among) {
        turn += STRIDE;
        if (turn >= among) {
            turn %= among;
            odd = turn == 0 ? !odd : odd;
        }
        registry.update(NAME, (odd ? heavy : light).get(turn));
    }
}
