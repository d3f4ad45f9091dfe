package io.headgate.rpc.endpoint;

import com.google.protobuf.StringValue;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One endpoint of each shape and of each kind of type. */
interface Shapes {

    enum Color {
        RED,
        GREEN
    }

    record Point(int x, int y) {}

    Mono<Point> unary(Point point);

    Mono<String> several(String text, int times, Color color, @Nullable Point point);

    Mono<Void> nothing();

    Mono<String> maybe(boolean there);

    Mono<Optional<String>> optional(Optional<String> given);

    Mono<Map<String, List<Point>>> nested(Map<String, List<Point>> given);

    Mono<StringValue> message(StringValue given);

    Mono<ByteBuf> octets(ByteBuf given);

    Mono<Long> sum(Flux<Integer> numbers);

    Mono<String> label(String label, Color color, Flux<Point> points);

    Flux<Integer> range(int from, int count);

    Flux<StringValue> messages(int count);

    Flux<Point> both(String prefix, Flux<Point> points);

    Flux<ByteBuf> raw(Flux<ByteBuf> bytes);

    Mono<String> upload(String name, Color color, Flux<ByteBuf> bytes);

    Flux<ByteBuf> download(String name, int chunks);

    Mono<String> context(RpcContext context, String name);
}
