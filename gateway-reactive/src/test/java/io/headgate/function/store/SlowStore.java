package io.headgate.function.store;

import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.Trigger;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Counts what is read, and can hold answers back after they have been read. */
final class SlowStore extends StoreDecorator {

    final List<String> reads = new CopyOnWriteArrayList<>();
    private final Queue<Sinks.Empty<Void>> gates = new ConcurrentLinkedQueue<>();
    private volatile boolean isHolding;

    SlowStore(FunctionStore next) {
        super(next);
    }

    /** Answers are held back from now on. */
    void hold() {
        isHolding = true;
    }

    /** Lets the answer out that is held back longest, if there is one. */
    void releaseOne() {
        Sinks.Empty<Void> gate = gates.poll();
        if (gate != null) {
            gate.tryEmitEmpty();
        }
    }

    /** Lets all answers out, those to come as well. */
    void release() {
        isHolding = false;
        while (!gates.isEmpty()) {
            releaseOne();
        }
    }

    private <T> Mono<T> read(String name, Mono<T> answer) {
        return Mono.defer(() -> {
            reads.add(name);
            return held(answer);
        });
    }

    <T> Mono<T> held(Mono<T> answer) {
        return Mono.defer(() -> {
            if (!isHolding) {
                return answer;
            }
            Sinks.Empty<Void> gate = Sinks.empty();
            gates.add(gate);
            return answer.materialize().delayUntil(read -> gate.asMono()).dematerialize();
        });
    }

    @Override
    public Mono<App> app(String id) {
        return read("app", next.app(id));
    }

    @Override
    public Mono<String> appId(String name) {
        return read("appId", next.appId(name));
    }

    @Override
    public Mono<Fn> fn(String id) {
        return read("fn", next.fn(id));
    }

    @Override
    public Mono<List<Trigger>> sources(String appId, String type) {
        return read("sources", next.sources(appId, type));
    }
}
