package io.headgate.rpc;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What tests of connections say again and again. */
public final class Steps {

    public static final Duration LONG = Duration.ofSeconds(10);

    /** Looks often: what is waited for takes no time. */
    public static ConditionFactory await() {
        return Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .atMost(LONG);
    }

    public final LeakTrackingAllocator buffers = LeakTrackingAllocator.create();

    /** A handler of named endpoints that counts its calls. */
    public final class Desk implements Service<RpcRequest, RpcReply> {

        private final Map<String, Service<RpcRequest, RpcReply>> endpoints = new ConcurrentHashMap<>();
        public final AtomicInteger calls = new AtomicInteger();

        public Desk on(String endpoint, Service<RpcRequest, RpcReply> handler) {
            endpoints.put(endpoint, handler);
            return this;
        }

        /** Answers with what it is sent. */
        public Desk echo() {
            return on("echo", request -> Mono.just(new RpcReply(request.fields(), request.content(), request.body())));
        }

        @Override
        public Mono<RpcReply> call(RpcRequest request) {
            calls.incrementAndGet();
            Service<RpcRequest, RpcReply> handler = endpoints.get(request.endpoint());
            if (handler == null) {
                request.body().discard();
                return Mono.error(RpcException.of(RpcStatus.UNIMPLEMENTED, "endpoint: " + request.endpoint()));
            }
            return handler.call(request);
        }
    }

    public Desk desk() {
        return new Desk();
    }

    // ---- bodies

    public Body one(String text) {
        return Body.of(buffers.utf8(text));
    }

    public Body many(String... texts) {
        return Body.of(Flux.fromArray(texts).map(buffers::utf8));
    }

    /** Numbers from 0, made when they are asked for. */
    public Flux<ByteBuf> numbers(int count) {
        return Flux.range(0, count).map(number -> buffers.utf8(Integer.toString(number)));
    }

    public ByteBuf zeros(int bytes) {
        return buffers.heapBuffer(Math.max(1, bytes)).writeZero(bytes);
    }

    public static String text(ByteBuf buffer) {
        try {
            return buffer.toString(StandardCharsets.UTF_8);
        } finally {
            buffer.release();
        }
    }

    public static int size(ByteBuf buffer) {
        try {
            return buffer.readableBytes();
        } finally {
            buffer.release();
        }
    }

    // ---- calls

    public RpcRequest request(String endpoint, String text) {
        return RpcRequest.of(endpoint, Content.JSON, Content.JSON, one(text));
    }

    public RpcRequest request(String endpoint, Content content, Body body) {
        return RpcRequest.of(endpoint, content, content, body);
    }

    public static RpcReply reply(Body body) {
        return RpcReply.of(Content.JSON, body);
    }

    public static Mono<String> text(Mono<RpcReply> call) {
        return call.flatMap(reply -> reply.body().asString(1 << 22)).defaultIfEmpty("");
    }

    public Mono<String> unary(RpcConnection by, String endpoint, String text) {
        return Mono.defer(() -> text(by.call(request(endpoint, text))));
    }

    public static Flux<String> texts(Mono<RpcReply> call) {
        return call.flatMapMany(RpcReply::body).map(Steps::text);
    }

    public static RpcException failure(Mono<?> call) {
        try {
            Object value = call.block(LONG);
            throw new AssertionError("succeeded with " + value + " (expected: an RpcException)");
        } catch (RpcException e) {
            return e;
        }
    }
}
