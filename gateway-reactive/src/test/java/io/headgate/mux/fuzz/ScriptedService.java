package io.headgate.mux.fuzz;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.RequestException;
import io.headgate.mux.internal.BackExchange;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** A service that does with each exchange what the fuzz input says; checks every head that it is given. */
final class ScriptedService implements Service<HttpExchange, HttpReply> {

    private static final Fields LENGTH = Fields.of("content-length", "7", "x-reply", "1");

    private final Bench bench;
    private final ArrayDeque<Runnable> held = new ArrayDeque<>();
    /** What went upstream, in order. */
    final List<RequestHead> forwarded = new ArrayList<>();

    ScriptedService(Bench bench) {
        this.bench = bench;
    }

    /** Lets a reply go that was held back. */
    void release() {
        Runnable next = held.poll();
        if (next != null) {
            next.run();
        }
    }

    @Override
    public Mono<HttpReply> call(HttpExchange exchange) {
        try {
            HeadOracle.check(exchange.head());
        } catch (AssertionError e) {
            bench.violated(e);
        }
        return act(exchange, bench.script.next());
    }

    private Mono<HttpReply> act(HttpExchange exchange, int decision) {
        return switch (decision % 19) {
            case 0 -> forward(exchange);
            case 1 -> Mono.just(HttpReply.of(200, Fields.empty(), exchange.body()));
            case 2 -> consumed(exchange).then(Mono.fromSupplier(() -> HttpReply.of(200, LENGTH, chunks(2, 7))));
            case 3 -> Mono.just(HttpReply.of(413));
            case 4 -> Mono.never();
            case 5 -> Mono.error(new RequestException(403, io.headgate.mux.Limit.SYNTAX, "refused"));
            case 6 -> throw new IllegalStateException("thrown");
            case 7 ->
                Mono.just(HttpReply.of(200, Fields.empty(), Body.of(bytes(1, 5).concatWith(failure()))));
            case 8 -> Mono.create(sink -> hold(sink, HttpReply.of(200, LENGTH, chunks(3, 40))));
            case 9 ->
                Mono.just(HttpReply.of(200, Fields.empty(), exchange.body().via(body -> body.map(part -> part))));
            case 10 -> Mono.just(HttpReply.of(200, LENGTH, Body.of(bytes(2, 9), -1, Mono.just(Fields.of("x-t", "1")))));
            case 11 -> Mono.just(HttpReply.of(200, LENGTH, Body.of(bytes(2, 9), 5, Mono.empty())));
            case 12 -> Mono.empty();
            case 13 -> interim(exchange);
            case 14 -> Mono.just(HttpReply.of(decision > 127 ? 204 : 304, LENGTH, chunks(1, 7)));
            case 15 ->
                Mono.just(HttpReply.of(200, Fields.empty(), Body.of(bytes(1, 3).concatWith(Flux.never()))));
            case 16 ->
                Mono.just(HttpReply.of(
                        200, Fields.empty(), Body.of(exchange.body().take(1))));
            case 17 -> Mono.just(tunnelled(exchange));
            default -> Mono.just(HttpReply.of(200, Fields.empty(), chunks(2, 5000)));
        };
    }

    private void hold(MonoSink<HttpReply> sink, HttpReply reply) {
        held.add(() -> sink.success(reply));
        sink.onCancel(reply::discard);
    }

    private static HttpReply tunnelled(HttpExchange exchange) {
        return exchange.head().upgrade() == null
                ? HttpReply.of(426)
                : HttpReply.upgraded(Fields.empty(), exchange.body());
    }

    private Mono<HttpReply> interim(HttpExchange exchange) {
        exchange.interim().accept(new ReplyHead(103, Fields.of("link", "</x>")));
        exchange.interim().accept(ReplyHead.CONTINUE);
        return consumed(exchange).thenReturn(HttpReply.of(200));
    }

    /** Reads the whole body and checks that its length is what was promised. */
    private Mono<Void> consumed(HttpExchange exchange) {
        Body body = exchange.body();
        long[] count = new long[1];
        return body.map(part -> {
                    count[0] += part.readableBytes();
                    part.release();
                    if (body.length() >= 0 && count[0] > body.length()) {
                        bench.violated(new AssertionError("body: longer than " + body.length()));
                    }
                    return count[0];
                })
                .doOnComplete(() -> {
                    if (body.length() >= 0 && count[0] != body.length()) {
                        bench.violated(new AssertionError("body: " + count[0] + " of " + body.length() + " bytes"));
                    }
                })
                .then();
    }

    private Flux<ByteBuf> bytes(int chunks, int size) {
        return Flux.range(0, chunks).map(i -> bench.allocator.heapBuffer(size).writeZero(size));
    }

    private Body chunks(int chunks, int total) {
        Flux<ByteBuf> all =
                bytes(chunks - 1, total / chunks).concatWith(bytes(1, total - total / chunks * (chunks - 1)));
        return Body.of(all, total, Mono.empty());
    }

    private static Mono<ByteBuf> failure() {
        return Mono.error(new IllegalStateException("the source of the reply failed"));
    }

    // ---- upstream

    private Mono<HttpReply> forward(HttpExchange exchange) {
        forwarded.add(exchange.head());
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super HttpReply> actual) {
                actual.onSubscribe(new BackExchange(bench, bench.loop(), exchange, actual));
            }
        };
    }
}
