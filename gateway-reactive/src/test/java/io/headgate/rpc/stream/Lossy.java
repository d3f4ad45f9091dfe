package io.headgate.rpc.stream;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A network that loses connections: before the call, in the body of the request, before the reply, in its body, at its very end. */
final class Lossy implements Service<RpcRequest, RpcReply> {

    private final Service<RpcRequest, RpcReply> next;
    private final Random random;
    private final int longest;
    private int losses;
    int calls;

    Lossy(Service<RpcRequest, RpcReply> next, Random random, int losses, int longest) {
        this.next = next;
        this.random = random;
        this.losses = losses;
        this.longest = longest;
    }

    static RpcException lost() {
        return RpcException.of(RpcStatus.UNAVAILABLE, "connection: lost (expected: one that lasts)");
    }

    @Override
    public Mono<RpcReply> call(RpcRequest request) {
        return Mono.defer(() -> {
            calls++;
            if (losses == 0) {
                return next.call(request);
            }
            losses--;
            switch (random.nextInt(4)) {
                case 0 -> {
                    request.body().discard();
                    return Mono.error(lost());
                }
                case 1 -> {
                    return next.call(request.withBody(cut(request.body(), random.nextInt(longest))));
                }
                case 2 -> {
                    return next.call(request).flatMap(reply -> {
                        reply.discard();
                        return Mono.error(lost());
                    });
                }
                default -> {
                    return next.call(request).map(reply -> reply.withBody(cut(reply.body(), random.nextInt(longest))));
                }
            }
        });
    }

    /** So many bytes and then a loss; when there are no more, a loss in the place of the end. */
    private static Body cut(Body body, long bytes) {
        return body.via(source -> Flux.defer(() -> {
            AtomicLong left = new AtomicLong(bytes);
            return source.<ByteBuf>handle((buffer, sink) -> {
                        int size = (int) Math.min(left.get(), buffer.readableBytes());
                        left.addAndGet(-size);
                        if (size == 0) {
                            buffer.release();
                            sink.error(lost());
                        } else {
                            buffer.writerIndex(buffer.readerIndex() + size);
                            sink.next(buffer);
                        }
                    })
                    .concatWith(Flux.error(lost()));
        }));
    }
}
