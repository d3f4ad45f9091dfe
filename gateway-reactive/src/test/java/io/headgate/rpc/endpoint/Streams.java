package io.headgate.rpc.endpoint;

import io.netty.buffer.ByteBuf;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Endpoints whose handlers a test drives by hand. */
interface Streams {

    Mono<String> one();

    Flux<Integer> out();

    Mono<String> in(Flux<Integer> values);

    Mono<String> behind(String head, Flux<Integer> values);

    Mono<String> rawIn(Flux<ByteBuf> bytes);

    Flux<ByteBuf> rawOut();

    Flux<Integer> both(Flux<Integer> values);

    /** Handlers that are functions. */
    final class Handlers implements Streams {

        Mono<String> one = Mono.never();
        Flux<Integer> out = Flux.never();
        Flux<ByteBuf> rawOut = Flux.never();
        Function<Flux<Integer>, Mono<String>> in = values -> Mono.never();
        Function<Flux<ByteBuf>, Mono<String>> rawIn = bytes -> Mono.never();
        Function<Flux<Integer>, Flux<Integer>> both = values -> values;

        @Override
        public Mono<String> one() {
            return one;
        }

        @Override
        public Flux<Integer> out() {
            return out;
        }

        @Override
        public Mono<String> in(Flux<Integer> values) {
            return in.apply(values);
        }

        @Override
        public Mono<String> behind(String head, Flux<Integer> values) {
            return in.apply(values).map(text -> head + text);
        }

        @Override
        public Mono<String> rawIn(Flux<ByteBuf> bytes) {
            return rawIn.apply(bytes);
        }

        @Override
        public Flux<ByteBuf> rawOut() {
            return rawOut;
        }

        @Override
        public Flux<Integer> both(Flux<Integer> values) {
            return both.apply(values);
        }
    }
}
