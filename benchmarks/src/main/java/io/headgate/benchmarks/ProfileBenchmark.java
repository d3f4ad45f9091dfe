package io.headgate.benchmarks;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.profile.Profile;
import io.headgate.profile.ProfileRoute;
import io.headgate.profile.ProfileRouter;
import io.headgate.profile.ProfileRouting;
import io.headgate.profile.RequestMatch;
import io.headgate.profile.TrafficSplit;
import io.headgate.profile.WeightedTarget;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What it takes to choose a route: a call through a {@link ProfileRouter} of routes without labels, subscribed, down to a target
 * that answers with a constant. The request matches the last route, so all are looked at; each is a method and a path.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ProfileBenchmark {

    /** How many routes the profile has; the first number after none is the least that there is to choose. */
    @Param({"0", "1", "10", "50"})
    public int routes;

    private final HttpExchange exchange =
            HttpExchange.of(RequestHead.of("GET", "orders.example", "/books/1234/edit"), Body.empty());

    private final Mono<HttpReply> constant = Mono.just(HttpReply.of(204));
    private final Service<HttpExchange, HttpReply> bare = input -> constant;
    private final Service<HttpExchange, HttpReply> split = TrafficSplit.weighted(
                    name -> bare, new WeightedTarget("v1:80", 95), new WeightedTarget("v2:80", 5))
            .wrap(bare);

    private ProfileRouter segments = router("/books/[^/]+/edit", "/resource%d/[^/]+/edit");
    private ProfileRouter expressions = segments;

    /** For those who share no class with the stack that is measured. */
    private static final class Ignoring implements CoreSubscriber<HttpReply> {

        private static final Ignoring INSTANCE = new Ignoring();

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(HttpReply reply) {}

        @Override
        public void onError(Throwable error) {
            throw new IllegalStateException(error);
        }

        @Override
        public void onComplete() {}
    }

    /** Makes the routers. */
    @Setup
    public void profiles() {
        segments = router("/books/[^/]+/edit", "/resource%d/[^/]+/edit");
        expressions = router("/books/\\d+/edit", "/resource%d/\\d+/edit");
    }

    private ProfileRouter router(String last, String others) {
        List<ProfileRoute> all = IntStream.rangeClosed(1, routes)
                .mapToObj(i -> i == routes ? last : String.format(others, i))
                .map(path -> ProfileRoute.of(RequestMatch.all(RequestMatch.method("GET"), RequestMatch.path(path))))
                .toList();
        Profile profile = Profile.of(all.toArray(ProfileRoute[]::new));
        return ProfileRouting.of(name -> Flux.concat(Flux.just(profile), Flux.never()), name -> bare)
                .create("orders.example:80");
    }

    /** No router at all. */
    @Benchmark
    public void bare() {
        bare.call(exchange).subscribe(Ignoring.INSTANCE);
    }

    /** Paths of segments, as the tools of Linkerd write them. */
    @Benchmark
    public void segments() {
        segments.call(exchange).subscribe(Ignoring.INSTANCE);
    }

    /** Paths that need RE2; the prefix tells most of them apart. */
    @Benchmark
    public void expressions() {
        expressions.call(exchange).subscribe(Ignoring.INSTANCE);
    }

    /** A split of two targets without a profile. */
    @Benchmark
    public void split() {
        split.call(exchange).subscribe(Ignoring.INSTANCE);
    }
}
