package io.headgate.mirror;

import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/**
 * One mirrored exchange. Its reply is read and dropped, so that the connection can be used again. It ends once: when the
 * reply has ended, by a failure, or by its timer; then it gives its place back and holds nothing any more.
 */
final class MirrorCall implements CoreSubscriber<HttpReply> {

    private static final Logger LOG = LoggerFactory.getLogger(MirrorCall.class);

    private static final Context DISCARDING = Operators.enableOnDiscard(Context.empty(), dropped -> {
        if (dropped instanceof HttpReply reply) {
            reply.discard();
        }
    });

    private final HttpExchange exchange;
    private final @Nullable MirrorBody body;
    private final Tally tally;
    private final AtomicBoolean over = new AtomicBoolean();
    private final Disposable.Swap timer = Disposables.swap();
    private volatile @Nullable Subscription running; // the call, then the body of its reply
    private boolean replied;

    private MirrorCall(HttpExchange exchange, @Nullable MirrorBody body, Tally tally) {
        this.exchange = exchange;
        this.body = body;
        this.tally = tally;
    }

    /** Starts; whatever the service does, nothing is thrown. */
    static void start(
            Service<HttpExchange, HttpReply> service,
            HttpExchange exchange,
            @Nullable MirrorBody body,
            Tally tally,
            Duration limit) {
        MirrorCall call = new MirrorCall(exchange, body, tally);
        try {
            call.timer.update(Schedulers.parallel().schedule(call::timeOut, limit.toNanos(), TimeUnit.NANOSECONDS));
            service.call(exchange).subscribe(call);
        } catch (RuntimeException e) {
            call.fail(e);
        }
    }

    @Override
    public Context currentContext() {
        return DISCARDING;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        run(subscription);
    }

    private void run(Subscription subscription) {
        running = subscription;
        if (over.get()) {
            subscription.cancel();
        } else {
            subscription.request(Long.MAX_VALUE);
        }
    }

    @Override
    public void onNext(HttpReply reply) {
        replied = true;
        if (over.get()) {
            reply.discard();
        } else if (reply.body().isEmpty()) {
            end(Tally.End.COMPLETED);
        } else {
            reply.body().subscribe(new ReplyDrain());
        }
    }

    @Override
    public void onError(Throwable error) {
        fail(error);
    }

    @Override
    public void onComplete() {
        if (!replied) {
            fail(new IllegalStateException("mirror: completed without a reply (expected: one reply)"));
        }
    }

    private void fail(Throwable error) {
        LOG.debug("mirrored {} failed", exchange, error);
        end(body != null && body.isCut() ? Tally.End.CUT : Tally.End.FAILED);
    }

    private void timeOut() {
        Subscription cancelled = running;
        if (end(Tally.End.TIMED_OUT) && cancelled != null) {
            cancelled.cancel();
        }
    }

    private boolean end(Tally.End how) {
        if (!over.compareAndSet(false, true)) {
            return false;
        }
        timer.dispose();
        tally.end(how);
        if (body != null) {
            body.cancel();
        }
        return true;
    }

    /** Reads the reply and keeps nothing. */
    private final class ReplyDrain implements CoreSubscriber<ByteBuf> {

        @Override
        public Context currentContext() {
            return DISCARDING;
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            run(subscription);
        }

        @Override
        public void onNext(ByteBuf buffer) {
            buffer.release();
        }

        @Override
        public void onError(Throwable error) {
            fail(error);
        }

        @Override
        public void onComplete() {
            end(Tally.End.COMPLETED);
        }
    }
}
