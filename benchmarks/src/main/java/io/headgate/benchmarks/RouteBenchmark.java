package io.headgate.benchmarks;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.RequestHead;
import io.headgate.route.PathParameters;
import io.headgate.route.Recognized;
import io.headgate.route.Route;
import io.headgate.route.RouteTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What it costs to find a route among many. A tenth of the routes are hosts, some of them suffixes, and each host has ten
 * paths as APIs have them. Requests are for routes picked at random from the whole table, as many for a small table as for a
 * large one, so that all differ in no more than the table.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RouteBenchmark {

    private static final int REQUESTS = 1024; // a power of two
    private static final int PATHS = 10;
    private static final List<String> TEMPLATES = List.of(
            "/",
            "/health",
            "/api/v1/orders",
            "/api/v1/orders/{id}",
            "/api/v1/orders/{id}/items",
            "/api/v1/orders/{id}/items/{item}",
            "/api/v1/users/{id}",
            "/api/v1/users/me",
            "/files/{path...}",
            "/static/app.js");

    /** How many routes there are. */
    @Param({"10", "1000", "10000"})
    int routes;

    private RouteTable<Integer> table = RouteTable.<Integer>builder().build();
    private final HttpExchange[] literals = new HttpExchange[REQUESTS];
    private final HttpExchange[] parameters = new HttpExchange[REQUESTS];
    private int next;

    /** Makes the table and the requests. */
    @Setup
    public void compile() {
        RouteTable.Builder<Integer> builder = RouteTable.builder();
        for (int i = 0; i < routes; i++) {
            int host = i / PATHS;
            builder.add(Route.of("route-" + i, i)
                    .withHost((host % 4 == 3 ? "*." : "") + "service-" + host + ".example.org")
                    .withPath(TEMPLATES.get(i % PATHS)));
        }
        table = builder.build();
        Random random = new Random(1);
        for (int i = 0; i < REQUESTS; i++) {
            literals[i] = request(random, List.of(0, 1, 2, 7, 9));
            parameters[i] = request(random, List.of(3, 4, 5, 6, 8));
        }
        check();
    }

    private HttpExchange request(Random random, List<Integer> templates) {
        int host = random.nextInt(routes / PATHS);
        String target = TEMPLATES
                .get(templates.get(random.nextInt(templates.size())))
                .replace("{id}", String.valueOf(100_000 + random.nextInt(900_000)))
                .replace("{item}", "7")
                .replace("{path...}", "a/b/c.png");
        return HttpExchange.of(
                new RequestHead(
                        "GET",
                        "https",
                        (host % 4 == 3 ? "eu." : "") + "service-" + host + ".example.org",
                        target + "?page=2",
                        Fields.of("accept", "*/*", "user-agent", "benchmark")),
                Body.empty());
    }

    private void check() {
        List<HttpExchange> lost = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            if (table.find(literals[i]) == null || table.find(parameters[i]) == null) {
                lost.add(literals[i]);
            }
        }
        if (!lost.isEmpty()) {
            throw new IllegalStateException("requests without a route: " + lost + " (expected: none)");
        }
    }

    /** A path of text. */
    @Benchmark
    public @Nullable Route<Integer> literal() {
        return table.find(literals[next++ & REQUESTS - 1]);
    }

    /** A path with one or two parameters, which are not read. */
    @Benchmark
    public @Nullable Route<Integer> parameter() {
        return table.find(parameters[next++ & REQUESTS - 1]);
    }

    /** A path with one or two parameters, of which one is read. */
    @Benchmark
    public @Nullable Object captured() {
        Recognized<Integer> found = table.recognize(parameters[next++ & REQUESTS - 1]);
        return found == null ? null : found.exchange().attributes().get(PathParameters.KEY);
    }
}
