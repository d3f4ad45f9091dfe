package io.headgate.samples.bench;

import io.netty.buffer.Unpooled;
import io.rsocket.Payload;
import io.rsocket.RSocket;
import io.rsocket.util.ByteBufPayload;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SignalType;

/** The asking end of {@link RSocketContender}. */
final class RSocketCaller implements Contender.Caller {

    /** rsocket-java queues without limit what it was asked for, so that nobody can ask for everything at once. */
    private static final int ASKED_BYTES = 8 << 20;

    private final RSocket socket;

    RSocketCaller(RSocket socket) {
        this.socket = socket;
    }

    @Override
    public void download(Download what) {
        long[] received = {0};
        int asked = Math.max(2, ASKED_BYTES / what.frame());
        Waiting.until(
                stream(what)
                        .limitRate(asked)
                        .doOnNext(payload -> {
                            received[0] += payload.data().readableBytes();
                            payload.release();
                        })
                        .then()
                        .toFuture(),
                "download");
        what.check(received[0]);
    }

    private Flux<Payload> stream(Download what) {
        return socket.requestStream(ByteBufPayload.create(what.encode()));
    }

    @Override
    public void stall(Download what) {
        CountDownLatch begun = new CountDownLatch(1);
        stream(what).subscribe(new BaseSubscriber<>() {

            private final List<Payload> kept = new ArrayList<>();

            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(Math.max(2, ASKED_BYTES / what.frame()));
            }

            @Override
            protected void hookOnNext(Payload payload) {
                kept.add(payload); // as somebody does who has no time for it
                begun.countDown();
            }

            @Override
            protected void hookOnError(Throwable closed) {
                begun.countDown();
            }

            @Override
            protected void hookFinally(SignalType end) {
                kept.forEach(Payload::release);
                kept.clear();
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
        Payload request = ByteBufPayload.create(Unpooled.wrappedBuffer(calls.payload()));
        socket.requestResponse(request)
                .subscribe(
                        answer -> {
                            int length = answer.data().readableBytes();
                            answer.release();
                            calls.answered(began, length);
                            calls.start(() -> call(calls));
                        },
                        calls::failed);
    }

    @Override
    public void close() {
        socket.dispose();
    }
}
