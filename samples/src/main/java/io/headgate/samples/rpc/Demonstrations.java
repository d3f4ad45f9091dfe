package io.headgate.samples.rpc;

import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import java.time.Clock;
import java.time.Instant;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What is behind {@link DemoService}. */
public final class Demonstrations implements DemoService {

    private final Clock clock;

    /**
     * Demonstrations.
     *
     * @param clock what time it is
     */
    public Demonstrations(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Mono<String> echo(String text) {
        return Mono.just(text);
    }

    @Override
    public Mono<String> time() {
        return Mono.fromSupplier(() -> Instant.now(clock).toString());
    }

    @Override
    public Flux<Integer> count(int from, int to) {
        return to < from
                ? Flux.error(
                        RpcException.of(RpcStatus.INVALID_ARGUMENT, "to: " + to + " (expected: at least " + from + ")"))
                : Flux.generate(() -> from, (next, sink) -> {
                    sink.next(next);
                    if (next.intValue() == to) {
                        sink.complete();
                    }
                    return next + 1;
                });
    }

    @Override
    public Mono<Long> sum(Flux<Integer> numbers) {
        return numbers.reduce(0L, Long::sum);
    }

    @Override
    public Flux<String> reverse(Flux<String> words) {
        return words.map(word -> new StringBuilder(word).reverse().toString());
    }

    @Override
    public Flux<Integer> fail(int after) {
        return Flux.range(1, Math.max(0, after))
                .concatWith(Mono.error(RpcException.of(
                        RpcStatus.FAILED_PRECONDITION, "after: " + after + " (expected: to fail there)")));
    }
}
