package io.headgate.function.driver.process;

import io.headgate.http.Body;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;

/**
 * From the body of a request to a connection: asks for one buffer at a time as long as the connection keeps up. What goes to a connection
 * that has served before is kept, up to a bound, until there is a byte of reply, to be sent again on a fresh one.
 */
final class RequestFeed implements CoreSubscriber<ByteBuf>, Scannable {

    private static final int MOST_KEPT = 64 * 1024;

    private final Body body;
    private final FunctionCall call;
    private final EventLoop loop;
    private volatile boolean abandoned;
    private volatile @Nullable Subscription subscription;

    // From here on for the event loop alone.
    private @Nullable FunctionConnection connection;
    private @Nullable ArrayDeque<ByteBuf> kept;
    private int keptBytes;
    private boolean replayable = true;
    private long delivered;
    private boolean subscribed;
    private boolean attaching;
    private boolean owesRequest;
    private boolean ended;

    RequestFeed(Body body, FunctionCall call, EventLoop loop) {
        this.body = body;
        this.call = call;
        this.loop = loop;
    }

    /** Sends what was sent before, and what is to come. The caller flushes. */
    void attach(FunctionConnection to, boolean keep) {
        connection = to;
        if (body.isEmpty()) {
            ended = true;
            return;
        }
        attaching = true;
        if (subscribed) {
            replay(to);
        } else {
            subscribed = true;
            kept = keep ? new ArrayDeque<>(2) : null;
            replayable = keep;
            body.subscribe(this);
        }
        attaching = false;
    }

    private void replay(FunctionConnection to) {
        ArrayDeque<ByteBuf> again = kept;
        kept = null;
        replayable = false;
        while (again != null && !again.isEmpty()) {
            to.writeData(again.remove(), body.length() < 0);
        }
        if (ended) {
            to.writeEnd(body.length() < 0);
        } else {
            more();
        }
    }

    /** The connection is gone; another one may follow. */
    void detach() {
        connection = null;
    }

    boolean isReplayable() {
        return replayable;
    }

    /** The whole request has been handed to the connection. */
    boolean hasEnded() {
        return ended;
    }

    /** There is a byte of reply: nothing will be sent again. */
    void forget() {
        replayable = false;
        ArrayDeque<ByteBuf> unwanted = kept;
        kept = null;
        if (unwanted != null) {
            unwanted.forEach(ByteBuf::release);
        }
    }

    /** Nobody wants the rest. */
    void abandon() {
        forget();
        connection = null;
        if (!subscribed) {
            subscribed = true;
            body.discard();
        } else if (!ended) {
            cancel();
        }
    }

    private void cancel() {
        abandoned = true;
        Subscription source = subscription;
        if (source != null) {
            source.cancel();
        }
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
        if (loop.inEventLoop()) {
            deliver(buffer);
            return;
        }
        try {
            loop.execute(() -> deliver(buffer));
        } catch (RejectedExecutionException e) {
            buffer.release();
        }
    }

    private void deliver(ByteBuf buffer) {
        int bytes = buffer.readableBytes();
        if (abandoned || ended) {
            buffer.release();
            return;
        }
        delivered += bytes;
        if (body.length() >= 0 && delivered > body.length()) {
            buffer.release();
            call.requestFailed(
                    new IllegalStateException("body: more than the " + body.length() + " bytes that were promised"));
            return;
        }
        keep(buffer, bytes);
        owesRequest = true;
        FunctionConnection to = connection;
        if (to == null) {
            buffer.release(); // kept, or there would be no second connection to wait for
        } else {
            to.writeData(buffer, body.length() < 0);
            flush(to);
            more();
        }
    }

    private void keep(ByteBuf buffer, int bytes) {
        if (kept == null) {
            return;
        }
        keptBytes += bytes;
        if (keptBytes > MOST_KEPT && connection != null) {
            forget();
        } else {
            kept.add(buffer.retainedDuplicate());
        }
    }

    private void flush(FunctionConnection to) {
        if (!attaching) {
            to.flush();
        }
    }

    /** The connection takes more. */
    void more() {
        Subscription source = subscription;
        if (owesRequest && !abandoned && !ended && source != null && connection != null && connection.isWritable()) {
            owesRequest = false;
            source.request(1);
        }
    }

    @Override
    public void onError(Throwable error) {
        run(() -> {
            if (!ended && !abandoned) {
                abandoned = true;
                call.requestFailed(error);
            }
        });
    }

    @Override
    public void onComplete() {
        run(this::complete);
    }

    private void complete() {
        if (ended || abandoned) {
            return;
        }
        if (delivered < body.length()) {
            call.requestFailed(new IllegalStateException(
                    "body: " + delivered + " bytes (expected: the " + body.length() + " that were promised)"));
            return;
        }
        ended = true;
        FunctionConnection to = connection;
        if (to != null) {
            to.writeEnd(body.length() < 0);
            flush(to);
        }
    }

    private void run(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
            return;
        }
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            cancel(); // the loop has ended, and its connections with it
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
        return key == Attr.TERMINATED ? ended : null;
    }
}
