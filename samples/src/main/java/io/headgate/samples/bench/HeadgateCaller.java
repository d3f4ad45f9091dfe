package io.headgate.samples.bench;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.CountDownLatch;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/** The asking end of Headgate's contenders: all it needs is a service, whatever carries the calls. */
final class HeadgateCaller implements Contender.Caller {

    private final Service<RpcRequest, RpcReply> service;
    private final Runnable close;

    HeadgateCaller(Service<RpcRequest, RpcReply> service, Runnable close) {
        this.service = service;
        this.close = close;
    }

    @Override
    public void download(Download what) {
        long[] received = {0};
        Waiting.until(
                stream(what)
                        .doOnNext(bytes -> {
                            received[0] += bytes.readableBytes();
                            bytes.release();
                        })
                        .then()
                        .toFuture(),
                "download");
        what.check(received[0]);
    }

    private Flux<ByteBuf> stream(Download what) {
        Body order = Body.of(Unpooled.wrappedBuffer(what.encode()));
        return service.apply(RpcRequest.of(HeadgateContender.DOWNLOAD, Content.JSON, Content.OCTETS, order))
                .flatMapMany(RpcReply::body);
    }

    @Override
    public void stall(Download what) {
        CountDownLatch begun = new CountDownLatch(1);
        stream(what).subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(1);
            }

            @Override
            protected void hookOnNext(ByteBuf first) {
                first.release();
                begun.countDown();
            }

            @Override
            protected void hookOnError(Throwable closed) {
                begun.countDown();
            }
        });
        Waiting.until(begun, "first bytes of the download");
    }

    @Override
    public void run(Calls calls) {
        calls.start(() -> call(calls));
        calls.await();
    }

    private void call(Calls calls) {
        long began = System.nanoTime();
        Body payload = Body.of(Unpooled.wrappedBuffer(calls.payload()));
        service.apply(RpcRequest.of(HeadgateContender.CALL, Content.JSON, Content.JSON, payload))
                .flatMap(reply -> reply.body().aggregate(calls.payload().length))
                .subscribe(
                        answer -> {
                            int length = answer.readableBytes();
                            answer.release();
                            calls.answered(began, length);
                            calls.start(() -> call(calls));
                        },
                        calls::failed);
    }

    @Override
    public void close() {
        close.run();
    }
}
