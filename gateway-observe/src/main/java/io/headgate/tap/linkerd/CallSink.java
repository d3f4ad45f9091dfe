package io.headgate.tap.linkerd;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/** Sends a stream to a client, one message at a time, and asks for the next when the connection can take it: a client that stalls has no demand. */
final class CallSink<W> extends BaseSubscriber<W> {

    private final ServerCall<?, W> call;
    private final Function<Throwable, Status> statuses;
    private final AtomicBoolean asked = new AtomicBoolean();

    CallSink(ServerCall<?, W> call, Function<Throwable, Status> statuses) {
        this.call = call;
        this.statuses = statuses;
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        ask();
    }

    /** Asks for a message unless there is no source yet, one is on its way, or the connection is full. Called whenever one of these may have changed. */
    void ask() {
        if (upstream() != null && call.isReady() && asked.compareAndSet(false, true)) {
            request(1);
        }
    }

    @Override
    protected void hookOnNext(W message) {
        call.sendMessage(message);
        asked.set(false);
        ask();
    }

    @Override
    protected void hookOnError(Throwable error) {
        call.close(statuses.apply(error), new Metadata());
    }

    @Override
    protected void hookOnComplete() {
        call.close(Status.OK, new Metadata());
    }
}
