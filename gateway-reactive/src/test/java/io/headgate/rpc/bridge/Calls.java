package io.headgate.rpc.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Requests, replies and endpoints for the tests of the bridge; all buffers are tracked. */
final class Calls {

    final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();

    Body body(String... elements) {
        return Body.of(Flux.just(elements).map(allocator::utf8));
    }

    Body one(String element) {
        return Body.of(allocator.utf8(element));
    }

    /** Echoes elements, metadata, and what it was called as. */
    Service<RpcRequest, RpcReply> echo() {
        return request -> Mono.just(new RpcReply(
                request.fields().with("x-endpoint", request.endpoint()),
                request.content() == Content.NONE ? request.accept() : request.content(),
                request.content() == Content.NONE ? one("[]") : request.body()));
    }

    HttpExchange post(String target, Body body, CharSequence... fields) {
        return HttpExchange.of(new RequestHead("POST", "http", "host", target, Fields.of(fields)), body);
    }

    RpcRequest call(String endpoint, Content content, Body body) {
        return RpcRequest.of(endpoint, content, content == Content.NONE ? Content.JSON : content, body);
    }

    static String text(ByteBuf buffer) {
        try {
            return buffer.toString(StandardCharsets.UTF_8);
        } finally {
            buffer.release();
        }
    }

    static List<String> elements(Body body) {
        return body.map(Calls::text).collectList().block();
    }

    static String text(HttpReply reply) {
        return reply.body().isEmpty()
                ? ""
                : String.valueOf(reply.body().asString(1 << 20).block());
    }

    void assertNoLeaks() {
        allocator.assertNoLeaks();
        assertThat(allocator.liveBuffers()).isZero();
    }
}
