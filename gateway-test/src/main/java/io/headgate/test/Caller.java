package io.headgate.test;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * The rim above a stage: makes a call as a connection does, reads the body when told to, releases what it reads and what
 * comes too late, and hands down the discard hook by which operators release what they drop.
 */
final class Caller implements CoreSubscriber<HttpReply> {

    /** Under this key stages must let the context of the caller through. */
    static final Object CONTEXT_KEY = Caller.class;

    private final HttpExchange exchange;
    private final List<HttpReply> replies = new CopyOnWriteArrayList<>();
    private final Context context;
    private volatile boolean cancelled;
    private volatile boolean completed;
    private volatile @Nullable Throwable error;
    private volatile @Nullable Subscription subscription;
    private volatile @Nullable Reading reading;

    private Caller(HttpExchange exchange) {
        this.exchange = exchange;
        Context discarding = Operators.enableOnDiscard(Context.empty(), Caller::drop);
        this.context = discarding.put(CONTEXT_KEY, this);
    }

    static Caller call(Service<HttpExchange, HttpReply> service, HttpExchange exchange) {
        Caller caller = new Caller(exchange);
        service.call(exchange).subscribe(caller);
        return caller;
    }

    HttpReply reply() {
        if (replies.size() != 1) {
            throw new AssertionError("replies: " + replies.size() + ", error: " + error + " (expected: one reply)");
        }
        return replies.get(0);
    }

    @Nullable Throwable error() {
        return error;
    }

    /** The head has come, and so has the end of the Mono, or an error in its place. */
    boolean isAnswered() {
        return error != null || completed;
    }

    /** Asks for chunks; the first request subscribes the body. */
    Reading read(long n) {
        Reading current = reading;
        if (current == null) {
            current = new Reading(reply().body());
            reading = current;
            reply().body().subscribe(current);
        }
        current.request(n);
        return current;
    }

    /** Goes away at whatever point the call is, as a client does. */
    void cancel() {
        cancelled = true;
        Reading current = reading;
        Subscription head = subscription;
        if (current != null) {
            current.cancel();
        } else if (!replies.isEmpty()) {
            replies.get(0).discard();
        } else if (head != null) {
            head.cancel();
        }
    }

    /** What the connection does when the exchange is over. */
    void end() {
        cancel();
        exchange.body().discard();
    }

    @Override
    public Context currentContext() {
        return context;
    }

    @Override
    public void onSubscribe(Subscription given) {
        subscription = given;
        given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(HttpReply reply) {
        if (cancelled) {
            reply.discard();
        } else {
            replies.add(reply);
        }
    }

    @Override
    public void onError(Throwable failure) {
        error = failure;
    }

    @Override
    public void onComplete() {
        completed = true;
    }

    private static void drop(Object dropped) {
        if (dropped instanceof HttpReply reply) {
            reply.discard();
        } else {
            ReferenceCountUtil.release(dropped);
        }
    }

    /** A body being read. */
    static final class Reading implements CoreSubscriber<ByteBuf> {

        private final Body body;
        private final List<String> chunks = new CopyOnWriteArrayList<>();
        private volatile boolean completed;
        private volatile @Nullable Throwable error;
        private volatile @Nullable Fields trailers;
        private volatile boolean trailersEnded;
        private volatile @Nullable Throwable trailersError;
        private volatile @Nullable Subscription subscription;

        Reading(Body body) {
            this.body = body;
        }

        void request(long n) {
            Subscription current = subscription;
            if (current != null) {
                current.request(n);
            }
        }

        void cancel() {
            Subscription current = subscription;
            if (current != null) {
                current.cancel();
            }
        }

        List<String> chunks() {
            return List.copyOf(chunks);
        }

        boolean isCompleted() {
            return completed;
        }

        @Nullable Throwable error() {
            return error;
        }

        @Nullable Fields trailers() {
            return trailers;
        }

        boolean trailersEnded() {
            return trailersEnded;
        }

        @Nullable Throwable trailersError() {
            return trailersError;
        }

        @Override
        public Context currentContext() {
            return Operators.enableOnDiscard(Context.empty(), Caller::drop);
        }

        @Override
        public void onSubscribe(Subscription given) {
            subscription = given;
        }

        @Override
        public void onNext(ByteBuf buffer) {
            chunks.add(buffer.toString(StandardCharsets.UTF_8));
            buffer.release();
        }

        @Override
        public void onError(Throwable failure) {
            error = failure;
        }

        @Override
        public void onComplete() {
            completed = true;
            body.trailers().subscribe(fields -> trailers = fields, this::trailersFailed, () -> trailersEnded = true);
        }

        private void trailersFailed(Throwable failure) {
            trailersError = failure;
            trailersEnded = true;
        }
    }
}
