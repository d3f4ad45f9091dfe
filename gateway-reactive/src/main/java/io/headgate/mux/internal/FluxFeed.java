package io.headgate.mux.internal;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;

/**
 * From an ordinary body to a connection: asks for one buffer at a time as long as the connection keeps up, checks the
 * length that was promised, and fetches the trailers at the end.
 */
final class FluxFeed implements CoreSubscriber<ByteBuf>, BodyOrigin, Scannable {

    /** Bytes that may wait in the connection before the source is asked for more. */
    private static final int MOST_WAITING = 64 * 1024;

    private final Body body;
    private final BodySink sink;
    private final Loop loop;
    private volatile boolean abandoned;
    private @Nullable Subscription subscription;

    // From here on for the event loop alone.
    private long delivered;
    private long waiting;
    private boolean owesRequest;
    private boolean done;

    FluxFeed(Body body, BodySink sink, Loop loop) {
        this.body = body;
        this.sink = sink;
        this.loop = loop;
    }

    @Override
    public void onSubscribe(Subscription s) {
        if (Operators.validate(subscription, s)) {
            subscription = s;
            if (abandoned) {
                s.cancel();
            } else {
                s.request(1);
            }
        }
    }

    @Override
    public void onNext(ByteBuf buffer) {
        if (loop.isCurrent()) {
            deliver(buffer);
        } else if (!loop.run(() -> deliver(buffer))) {
            buffer.release(); // the loop has ended, and the connection with it
            cancel();
        }
    }

    private void deliver(ByteBuf buffer) {
        int bytes = buffer.readableBytes();
        if (abandoned || done) {
            buffer.release();
            return;
        }
        if (body.length() >= 0 && bytes > body.length() - delivered) {
            buffer.release();
            cancel();
            fail(new IllegalStateException("body: more than the " + body.length() + " bytes that were promised"));
            return;
        }
        delivered += bytes;
        waiting += bytes;
        owesRequest = true;
        sink.data(buffer, false);
        askForMore();
    }

    private void askForMore() {
        if (owesRequest && !abandoned && waiting < MOST_WAITING && subscription != null) {
            owesRequest = false;
            subscription.request(1);
        }
    }

    @Override
    public void consumed(int bytes) {
        waiting -= bytes;
        askForMore();
    }

    @Override
    public void abandon() {
        if (!done) {
            cancel();
        }
    }

    private void cancel() {
        abandoned = true;
        if (subscription != null) {
            subscription.cancel();
        }
    }

    @Override
    public void onError(Throwable error) {
        loop.run(() -> fail(error));
    }

    @Override
    public void onComplete() {
        loop.run(this::complete);
    }

    private void complete() {
        if (abandoned || done) {
            return;
        }
        if (body.length() >= 0 && delivered < body.length()) {
            fail(new IllegalStateException(
                    "body: " + delivered + " bytes (expected: the " + body.length() + " that were promised)"));
            return;
        }
        body.trailers()
                .defaultIfEmpty(Fields.empty())
                .subscribe(trailers -> loop.run(() -> end(trailers)), error -> loop.run(() -> fail(error)));
    }

    private void end(Fields trailers) {
        if (!done && !abandoned) {
            done = true;
            sink.end(trailers);
        }
    }

    private void fail(Throwable error) {
        if (!done) {
            done = true;
            sink.fail(error);
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return subscription;
        }
        if (key == Attr.CANCELLED) {
            return abandoned;
        }
        return key == Attr.TERMINATED ? done : null;
    }
}
