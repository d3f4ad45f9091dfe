package io.headgate.function.driver.process;

import io.headgate.function.driver.InstanceFailure;
import io.headgate.function.driver.InstanceFailure.Reason;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.netty.channel.EventLoop;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;

/**
 * One call until its reply begins. It is made at the first demand, on one event loop; a connection that has served before and ends
 * without a byte of reply may have been closed while it lay idle, and is replaced once by a fresh one.
 */
final class FunctionCall implements Subscription, Scannable {

    private static final Logger LOG = LoggerFactory.getLogger(FunctionCall.class);

    private static final int NEW = 0;
    private static final int STARTED = 1;
    private static final int CANCELLED = 2;

    private static final AtomicIntegerFieldUpdater<FunctionCall> STATE =
            AtomicIntegerFieldUpdater.newUpdater(FunctionCall.class, "state");

    private final FunctionClient client;
    private final InstanceRequest request;
    private final CoreSubscriber<? super InstanceReply> actual;
    private volatile int state;
    private volatile @Nullable EventLoop loop;

    // From here on for the event loop alone.
    private @Nullable RequestFeed feed;
    private @Nullable FunctionConnection connection;
    private boolean sent;
    private boolean done;

    FunctionCall(FunctionClient client, InstanceRequest request, CoreSubscriber<? super InstanceReply> actual) {
        this.client = client;
        this.request = request;
        this.actual = actual;
    }

    @Override
    public void request(long n) {
        if (n <= 0 || !STATE.compareAndSet(this, NEW, STARTED)) {
            return;
        }
        EventLoop chosen = client.loop();
        loop = chosen;
        if (chosen.inEventLoop()) {
            start(chosen);
            return;
        }
        try {
            chosen.execute(() -> start(chosen));
        } catch (RejectedExecutionException e) {
            request.body().discard();
            actual.onError(InstanceFailure.of(Reason.DISCONNECTED, "driver: closed (expected: open)", e));
        }
    }

    @Override
    public void cancel() {
        int before = STATE.getAndSet(this, CANCELLED);
        EventLoop chosen = loop;
        if (before == NEW) {
            request.body().discard();
        } else if (before == STARTED && chosen != null) {
            giveUpOn(chosen);
        }
    }

    private void giveUpOn(EventLoop chosen) {
        if (chosen.inEventLoop()) {
            giveUp();
            return;
        }
        try {
            chosen.execute(this::giveUp);
        } catch (RejectedExecutionException e) {
            LOG.debug("the event loop of a call has ended before the call", e);
        }
    }

    private void giveUp() {
        if (!done) {
            done = true;
            end();
        }
    }

    private void end() {
        if (feed != null) {
            feed.abandon();
        } else {
            request.body().discard();
        }
        if (connection != null) {
            connection.leave();
        }
    }

    private void start(EventLoop on) {
        if (done) {
            return;
        }
        if (state == CANCELLED) {
            giveUp();
            return;
        }
        int head = RequestHead.length(request.fields());
        if (head > client.caps().requestHead()) {
            fail(InstanceFailure.of(
                    Reason.REQUEST_HEAD_TOO_LARGE,
                    "headers: " + head + " bytes (expected: at most "
                            + client.caps().requestHead() + ", which the function reads)",
                    null));
            return;
        }
        feed = new RequestFeed(request.body(), this, on);
        FunctionConnection idle = client.take(on);
        if (idle == null) {
            connect(on);
        } else {
            send(idle, true);
        }
    }

    private void connect(EventLoop on) {
        client.open(on).addListener(opened -> {
            if (!opened.isSuccess()) {
                isRefused(opened.cause());
                return;
            }
            FunctionConnection fresh = (FunctionConnection) opened.getNow();
            if (done) {
                fresh.close();
            } else {
                send(fresh, false);
            }
        });
    }

    /** Before anything was sent the request is handed back, unless its caller has left. */
    private void isRefused(Throwable cause) {
        String message = "instance: nobody listens (expected: a function)";
        if (sent || state == CANCELLED) {
            fail(InstanceFailure.of(Reason.DISCONNECTED, message, cause));
        } else if (!done) {
            done = true;
            actual.onError(InstanceFailure.of(Reason.UNREACHABLE, message, cause));
        }
    }

    private void send(FunctionConnection to, boolean reused) {
        sent = true;
        RequestFeed from = Objects.requireNonNull(feed);
        connection = to;
        to.begin(this, from, reused);
        to.writeHead(request.fields(), request.body().length());
        from.attach(to, reused);
        to.flush();
    }

    // ---- what the connection tells, once

    /** The reply has begun, and may have ended already. */
    void replied(InstanceReply reply) {
        if (done || state == CANCELLED) {
            done = true;
            reply.body().discard();
            return;
        }
        done = true;
        actual.onNext(reply);
        actual.onComplete();
    }

    /** There will be no reply on this connection; nothing of one had come if it is said to be unread. */
    void lost(Throwable failure, boolean unread, boolean reused) {
        connection = null;
        EventLoop on = loop;
        if (!done && unread && reused && feed != null && feed.isReplayable() && !client.isClosed() && on != null) {
            LOG.debug("an idle connection was closed by the function, trying a fresh one");
            feed.detach();
            connect(on);
        } else {
            fail(failure);
        }
    }

    /** The request cannot be sent whole. */
    void requestFailed(Throwable failure) {
        if (done && connection != null) {
            connection.requestFailed(failure);
        } else {
            fail(failure);
        }
    }

    private void fail(Throwable failure) {
        if (!done) {
            done = true;
            end();
            actual.onError(failure);
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        return key == Attr.CANCELLED ? state == CANCELLED : null;
    }
}
