package io.headgate.rpc.fault;

import io.headgate.Deadline;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One call of one shape, with what both of its ends saw of it. */
final class Exchange {

    /** Who sends many elements. */
    enum Shape {
        UNARY("[1]", "[1]"),
        CLIENT_STREAM("[1][22][333]", "[done]"),
        SERVER_STREAM("[go]", "[a][bb][ccc]"),
        BOTH_WAYS("[1][22][333]", "[1][22][333]"),
        /** An element of several frames each way, where the wire has such. */
        LARGE("[" + "x".repeat(2500) + "]", "[" + "x".repeat(2500) + "]");

        final String asked;
        final String answered;

        Shape(String asked, String answered) {
            this.asked = asked;
            this.answered = answered;
        }

        boolean streamsUp() {
            return this == CLIENT_STREAM || this == BOTH_WAYS;
        }

        boolean streamsDown() {
            return this == SERVER_STREAM || this == BOTH_WAYS;
        }
    }

    private final Shape shape;
    private final boolean octets; // streams are of octets, as the wire of 2017 has no others
    private LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    final List<String> outcomes = new ArrayList<>();
    int open; // publishers and subscribers of the handler and of the caller that have not ended

    Exchange(Shape shape, boolean octets) {
        this.shape = shape;
        this.octets = octets;
    }

    private Content content(boolean streams) {
        return streams && octets ? Content.OCTETS : Content.JSON;
    }

    private Flux<ByteBuf> elements(String all) {
        return Flux.fromArray(all.split("(?<=])")).map(allocator::utf8);
    }

    private static String text(ByteBuf element) {
        try {
            return element.toString(StandardCharsets.UTF_8);
        } finally {
            element.release();
        }
    }

    private <T> Flux<T> watched(Flux<T> flux) {
        return flux.doOnSubscribe(s -> open++).doFinally(how -> open--);
    }

    // ---- who is called

    Mono<RpcReply> handle(RpcRequest request) {
        Content down = content(shape.streamsDown());
        Mono<Fields> trailers = octets ? Mono.empty() : Mono.just(Fields.of("t", "1"));
        if (shape == Shape.BOTH_WAYS) {
            return Mono.just(new RpcReply(
                    Fields.empty(),
                    down,
                    Body.of(watched(request.body().map(element -> allocator.utf8(text(element)))), -1, trailers)));
        }
        return watched(request.body().map(Exchange::text))
                .collectList()
                .map(all -> new RpcReply(
                        Fields.of("h", "1"), down, Body.of(watched(elements(shape.answered)), -1, trailers)));
    }

    // ---- who calls

    void call(RpcConnection connection, LeakTrackingAllocator from) {
        allocator = from;
        RpcRequest request = RpcRequest.of(
                        "the/endpoint",
                        content(shape.streamsUp()),
                        content(shape.streamsDown()),
                        Body.of(watched(elements(shape.asked)), -1, Mono.empty()))
                .withDeadline(Deadline.after(Duration.ofSeconds(40)));
        connection
                .call(request)
                .flatMap(reply ->
                        watched(reply.body().map(Exchange::text)).collectList().map(all -> String.join("", all)))
                .defaultIfEmpty("empty")
                .subscribe(
                        text -> outcomes.add(text.equals(shape.answered) ? "OK" : "wrong: " + text),
                        error -> outcomes.add(
                                error instanceof RpcException rpc
                                        ? rpc.rpcStatus().name()
                                        : error.toString()));
    }
}
