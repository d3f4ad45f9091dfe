package io.headgate.benchmarks;

import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What ten stages cost by the way they are put together: one call and one subscriber each. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CompositionBenchmark {

    private static final int STAGES = 10;
    private static final int EXCHANGES = 1000;

    private final HttpExchange exchange = HttpExchange.of(RequestHead.of("GET", "example.org", "/"), Body.empty());
    private final HttpReply reply = HttpReply.of(204);

    private final Service<HttpExchange, HttpReply> endpoint = input -> Mono.just(reply);
    private final Service<HttpExchange, HttpReply> wrapped = ten(Stage.around((input, next) -> next.call(input)));
    private final Service<HttpExchange, HttpReply> mapped = ten(Stage.onOutput(output -> output));
    private final Service<HttpExchange, HttpReply> finallies =
            ten(Stage.around((input, next) -> next.call(input).doFinally(signal -> {})));
    private final Service<HttpExchange, HttpReply> deferred =
            ten(Stage.around((input, next) -> Mono.defer(() -> next.call(input))));
    private final Service<HttpExchange, HttpReply> contexts =
            ten(Stage.around((input, next) -> next.call(input).contextWrite(context -> context.put("key", input))));
    private final Service<HttpExchange, HttpReply> operators = ten(Stage.operator(Function.identity()));

    private final List<Filter> filters = Collections.nCopies(STAGES, (input, chain) -> chain.next(input));
    private final Flux<HttpExchange> exchanges = exchanges();

    /** The endpoint alone. */
    @Benchmark
    public void endpointOnly(Blackhole blackhole) {
        run(endpoint.call(exchange), blackhole);
    }

    /** A list of filters, walked by a chain object and a deferred Mono for each. */
    @Benchmark
    public void listAndIndexChain(Blackhole blackhole) {
        run(new Chain(filters, 0, endpoint).next(exchange), blackhole);
    }

    /** Wrapped once, every stage calls the next one. */
    @Benchmark
    public void wrappedOnce(Blackhole blackhole) {
        run(wrapped.call(exchange), blackhole);
    }

    /** Wrapped once, every stage maps the reply. */
    @Benchmark
    public void mapPerStage(Blackhole blackhole) {
        run(mapped.call(exchange), blackhole);
    }

    /** Wrapped once, every stage waits for the end with doFinally. */
    @Benchmark
    public void doFinallyPerStage(Blackhole blackhole) {
        run(finallies.call(exchange), blackhole);
    }

    /** Wrapped once, every stage defers. */
    @Benchmark
    public void deferPerStage(Blackhole blackhole) {
        run(deferred.call(exchange), blackhole);
    }

    /** Wrapped once, every stage writes one key into the context. */
    @Benchmark
    public void contextWritePerStage(Blackhole blackhole) {
        run(contexts.call(exchange), blackhole);
    }

    /** Wrapped once, every stage mounts an operator that does nothing. */
    @Benchmark
    public void transformDeferredPerStage(Blackhole blackhole) {
        run(operators.call(exchange), blackhole);
    }

    /** One long-lived stream of exchanges, mapped by every stage; per exchange. */
    @Benchmark
    @OperationsPerInvocation(EXCHANGES)
    public void streamOfExchanges(Blackhole blackhole) {
        exchanges.subscribe(new Sink(blackhole));
    }

    private static void run(Mono<HttpReply> call, Blackhole blackhole) {
        call.subscribe(new Sink(blackhole));
    }

    private Service<HttpExchange, HttpReply> ten(Stage<HttpExchange, HttpReply> stage) {
        Service<HttpExchange, HttpReply> service = input -> Mono.just(reply);
        for (int i = 0; i < STAGES; i++) {
            service = stage.wrap(service);
        }
        return service;
    }

    private Flux<HttpExchange> exchanges() {
        Flux<HttpExchange> stream = Flux.fromIterable(Collections.nCopies(EXCHANGES, exchange));
        for (int i = 0; i < STAGES; i++) {
            stream = stream.map(input -> input);
        }
        return stream;
    }

    /** The filter of other gateways, for comparison. */
    @FunctionalInterface
    interface Filter {

        Mono<HttpReply> filter(HttpExchange input, Chain chain);
    }

    /** The chain of other gateways, for comparison. */
    record Chain(List<Filter> filters, int index, Service<HttpExchange, HttpReply> endpoint) {

        Mono<HttpReply> next(HttpExchange input) {
            return Mono.defer(() -> index == filters.size()
                    ? endpoint.call(input)
                    : filters.get(index).filter(input, new Chain(filters, index + 1, endpoint)));
        }
    }

    /** Gives all that it is told to the blackhole. */
    private record Sink(Blackhole blackhole) implements CoreSubscriber<Object> {

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Object value) {
            blackhole.consume(value);
        }

        @Override
        public void onError(Throwable error) {
            throw new IllegalStateException("error: " + error + " (expected: a reply)", error);
        }

        @Override
        public void onComplete() {
            // the value came before
        }
    }
}
