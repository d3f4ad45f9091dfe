package io.headgate.benchmarks;

import io.headgate.Role;
import io.headgate.Service;
import io.headgate.Stack;
import io.headgate.Stage;
import io.headgate.Switch;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import reactor.core.publisher.Mono;

/**
 * What ten idle stages add to a call. The endpoint returns a constant, nothing subscribes: all that is measured is the way
 * through the stack.
 *
 * <p>The stages of a real stack are of different classes, so each of the ten lambdas here is written out: a lambda in a
 * loop would be one class ten times, which {@code tenOfOneClass} shows on purpose.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StageBenchmark {

    private static final int STAGES = 10;

    private final HttpExchange exchange = HttpExchange.of(RequestHead.of("GET", "example.org", "/"), Body.empty());

    private final Mono<HttpReply> constant = Mono.just(HttpReply.of(204));

    private final Service<HttpExchange, HttpReply> none = stack(List.of());
    private final Service<HttpExchange, HttpReply> identities =
            stack(Stream.generate(Stage::<HttpExchange, HttpReply>identity)
                    .limit(STAGES)
                    .toList());
    private final Service<HttpExchange, HttpReply> passThrough = stack(passThroughStages());
    private final Service<HttpExchange, HttpReply> volatileRead = stack(volatileReadStages(new Tap()));
    private final Service<HttpExchange, HttpReply> switchedOff = stack(passThroughStages().stream()
            .map(stage -> Stage.switched(Switch.off(), stage))
            .toList());
    private final Service<HttpExchange, HttpReply> oneClass =
            stack(Stream.generate(() -> Stage.<HttpExchange, HttpReply>around((input, next) -> next.call(input)))
                    .limit(STAGES)
                    .toList());

    /** No stage at all, only the guard of the stack. */
    @Benchmark
    public Mono<HttpReply> none() {
        return none.call(exchange);
    }

    /** Stages that returned the next service when the stack was built. */
    @Benchmark
    public Mono<HttpReply> tenIdentities() {
        return identities.call(exchange);
    }

    /** Stages that call the next service and nothing else. */
    @Benchmark
    public Mono<HttpReply> tenPassThrough() {
        return passThrough.call(exchange);
    }

    /** Stages that are switched off, each with a switch of its own. */
    @Benchmark
    public Mono<HttpReply> tenSwitchedOff() {
        return switchedOff.call(exchange);
    }

    /** Stages that look whether they have something to do, as an inactive tap does. */
    @Benchmark
    public Mono<HttpReply> tenVolatileReads() {
        return volatileRead.call(exchange);
    }

    /** Ten times the same lambda: the compiler does not inline a method into itself that deep. */
    @Benchmark
    public Mono<HttpReply> tenOfOneClass() {
        return oneClass.call(exchange);
    }

    private Service<HttpExchange, HttpReply> stack(List<Stage<HttpExchange, HttpReply>> stages) {
        Stack<String, HttpExchange, HttpReply> stack = Stack.of(target -> input -> constant);
        for (int i = 0; i < stages.size(); i++) {
            stack = stack.push(Role.of("stage-" + i), "order does not matter here", stages.get(i));
        }
        return stack.make("target");
    }

    private static List<Stage<HttpExchange, HttpReply>> passThroughStages() {
        return List.of(
                next -> input -> next.call(input),
                next -> input -> next.call(input),
                next -> input -> next.call(input),
                next -> input -> next.call(input),
                next -> input -> next.call(input),
                next -> input -> next.call(input),
                next -> input -> next.call(input),
                next -> input -> next.call(input),
                next -> input -> next.call(input),
                next -> input -> next.call(input));
    }

    private static List<Stage<HttpExchange, HttpReply>> volatileReadStages(Tap tap) {
        return List.of(
                next -> input -> tap.on ? Mono.empty() : next.call(input),
                next -> input -> tap.on ? Mono.empty() : next.call(input),
                next -> input -> tap.on ? Mono.empty() : next.call(input),
                next -> input -> tap.on ? Mono.empty() : next.call(input),
                next -> input -> tap.on ? Mono.empty() : next.call(input),
                next -> input -> tap.on ? Mono.empty() : next.call(input),
                next -> input -> tap.on ? Mono.empty() : next.call(input),
                next -> input -> tap.on ? Mono.empty() : next.call(input),
                next -> input -> tap.on ? Mono.empty() : next.call(input),
                next -> input -> tap.on ? Mono.empty() : next.call(input));
    }

    /** Off, but nobody can know for how long. */
    static final class Tap {

        volatile boolean on;
    }
}
