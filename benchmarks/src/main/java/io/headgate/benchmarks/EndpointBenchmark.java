package io.headgate.benchmarks;

import io.headgate.rpc.endpoint.Endpoints;
import io.headgate.rpc.endpoint.RpcClients;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What typed endpoints add to a call: from the client to the handler and back, without a connection in between. Run it with
 * {@code -prof gc} for what is allocated.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EndpointBenchmark {

    private static final int STREAMED = 1000;

    private final Api handler = new Handler();
    private final Api client = RpcClients.create().client(Api.class, Endpoints.of(handler));
    private final ByteBuf bytes = Unpooled.directBuffer(100).writeZero(100);
    private final Point point = new Point(1, 2, "here");

    /** A value as it would be in an application. */
    public record Point(int x, int y, String name) {}

    /** One endpoint for each way that values travel. */
    public interface Api {

        /** Nothing travels. */
        Mono<Void> nothing();

        /** Octets travel. */
        Mono<ByteBuf> octets(ByteBuf given);

        /** JSON travels. */
        Mono<Point> json(Point given);

        /** Buffers travel one way. */
        Flux<ByteBuf> stream();
    }

    private final class Handler implements Api {

        @Override
        public Mono<Void> nothing() {
            return Mono.empty();
        }

        @Override
        public Mono<ByteBuf> octets(ByteBuf given) {
            return Mono.just(given);
        }

        @Override
        public Mono<Point> json(Point given) {
            return Mono.just(given);
        }

        @Override
        public Flux<ByteBuf> stream() {
            return Flux.range(0, STREAMED).map(i -> bytes.retainedDuplicate());
        }
    }

    /** The handler alone, to compare with. */
    @Benchmark
    public @Nullable Void direct() {
        return handler.nothing().block();
    }

    /** A call as an object; it is not made. */
    @Benchmark
    public Mono<Void> proxy() {
        return client.nothing();
    }

    /** A call of nothing. */
    @Benchmark
    public @Nullable Void nothing() {
        return client.nothing().block();
    }

    /** 100 bytes there and back. */
    @Benchmark
    public boolean octets() {
        ByteBuf answer = client.octets(bytes.retainedDuplicate()).block();
        return answer != null && answer.release();
    }

    /** A small record there and back. */
    @Benchmark
    public @Nullable Point json() {
        return client.json(point).block();
    }

    /** 1,000 buffers. */
    @Benchmark
    public @Nullable ByteBuf stream() {
        return client.stream().doOnNext(ByteBuf::release).blockLast();
    }
}
