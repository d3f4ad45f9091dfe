package io.headgate.rpc.endpoint;

import com.google.protobuf.StringValue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Answers with what it was given. */
final class ShapesHandler implements Shapes {

    private final ByteBufAllocator allocator;

    ShapesHandler(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    @Override
    public Mono<Point> unary(Point point) {
        return Mono.just(new Point(point.y(), point.x()));
    }

    @Override
    public Mono<String> several(String text, int times, Color color, @Nullable Point point) {
        return Mono.just(text.repeat(times) + ' ' + color + ' ' + point);
    }

    @Override
    public Mono<Void> nothing() {
        return Mono.empty();
    }

    @Override
    public Mono<String> maybe(boolean there) {
        return there ? Mono.just("there") : Mono.empty();
    }

    @Override
    public Mono<Optional<String>> optional(Optional<String> given) {
        return Mono.just(given.map(text -> text + '!'));
    }

    @Override
    public Mono<Map<String, List<Point>>> nested(Map<String, List<Point>> given) {
        return Mono.just(given);
    }

    @Override
    public Mono<StringValue> message(StringValue given) {
        return Mono.just(StringValue.of(given.getValue() + '!'));
    }

    @Override
    public Mono<ByteBuf> octets(ByteBuf given) {
        return Mono.just(given);
    }

    @Override
    public Mono<Long> sum(Flux<Integer> numbers) {
        return numbers.reduce(0L, Long::sum);
    }

    @Override
    public Mono<String> label(String label, Color color, Flux<Point> points) {
        return points.count().map(count -> label + ' ' + color + ' ' + count);
    }

    @Override
    public Flux<Integer> range(int from, int count) {
        return Flux.range(from, count);
    }

    @Override
    public Flux<StringValue> messages(int count) {
        return Flux.range(0, count).map(i -> StringValue.of("m" + i));
    }

    @Override
    public Flux<Point> both(String prefix, Flux<Point> points) {
        return points.map(point -> new Point(prefix.length(), point.x()));
    }

    @Override
    public Flux<ByteBuf> raw(Flux<ByteBuf> bytes) {
        return bytes;
    }

    @Override
    public Mono<String> upload(String name, Color color, Flux<ByteBuf> bytes) {
        return bytes.map(chunk -> {
                    int length = chunk.readableBytes();
                    chunk.release();
                    return length;
                })
                .reduce(0, Integer::sum)
                .map(total -> name + ' ' + color + ' ' + total);
    }

    @Override
    public Flux<ByteBuf> download(String name, int chunks) {
        return Flux.range(0, chunks)
                .map(i -> allocator.buffer().writeBytes((name + i).getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public Mono<String> context(RpcContext context, String name) {
        return Mono.just(name
                + '='
                + context.fields().get(name)
                + ' '
                + !context.deadline().isNone());
    }
}
