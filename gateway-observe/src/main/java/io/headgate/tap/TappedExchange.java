package io.headgate.tap;

import io.headgate.GatewayException;
import io.headgate.Service;
import io.headgate.Trait;
import io.headgate.classify.Classifier;
import io.headgate.http.Body;
import io.headgate.http.BodyWatch;
import io.headgate.http.CallWatch;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.ReplyHead;
import io.headgate.mux.UpstreamException;
import io.headgate.tap.TapEvent.End;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** An exchange that somebody has taken: counts and times it once for all who have, and tells them. */
final class TappedExchange implements CallWatch {

    private static final AtomicLongFieldUpdater<TappedExchange> REQUEST_BYTES =
            AtomicLongFieldUpdater.newUpdater(TappedExchange.class, "requestBytes");
    private static final AtomicIntegerFieldUpdater<TappedExchange> OVER =
            AtomicIntegerFieldUpdater.newUpdater(TappedExchange.class, "over");

    private static final End COMPLETE = new End.Complete();
    private static final End CANCELLED = new End.Cancelled();

    private final HttpExchange exchange;
    private final LongSupplier clock;
    private final long begun;
    private final List<TapStream> streams = new ArrayList<>(1);
    private boolean showsBodies;
    private @Nullable ReplyHead reply;
    private long replied;
    private long replyBytes;
    private volatile long requestBytes; // written by the thread of the request body alone
    private volatile int over;

    TappedExchange(HttpExchange exchange, LongSupplier clock) {
        this.exchange = exchange;
        this.clock = clock;
        this.begun = clock.getAsLong();
    }

    void add(TapStream stream) {
        streams.add(stream);
        showsBodies |= stream.showsBodies();
    }

    /** The call, seen. */
    Mono<HttpReply> call(Service<HttpExchange, HttpReply> next) {
        Mono<HttpReply> call = next.call(seen());
        return CallWatch.watch(showsBodies ? call.map(this::shown) : call, this);
    }

    private HttpExchange seen() {
        Body body = exchange.body();
        if (body.isEmpty()) {
            return exchange;
        }
        Body watched = body.watched(new RequestWatch());
        Body seen = showsBodies ? new ShownBody(watched, this, true) : watched;
        return seen == body ? exchange : exchange.withBody(seen);
    }

    private HttpReply shown(HttpReply answer) {
        return answer.body().isEmpty() ? answer : answer.withBody(new ShownBody(answer.body(), this, false));
    }

    /** Shows a piece of a body, borrowed. */
    void show(boolean ofRequest, ByteBuf buffer) {
        for (TapStream stream : streams) {
            if (stream.showsBodies()) {
                stream.body(ofRequest, buffer);
            }
        }
    }

    // ---- the reply

    @Override
    public void onReply(ReplyHead head) {
        reply = head;
        replied = clock.getAsLong();
        for (TapStream stream : streams) {
            stream.reply(head, replied - begun);
        }
    }

    @Override
    public void onData(int bytes) {
        replyBytes += bytes;
    }

    @Override
    public void onComplete(Fields trailers) {
        ReplyHead head = reply;
        // judged as for metrics, so that both say the same: without any status it is UNKNOWN
        End end = head != null && exchange.head().isGrpc()
                ? new End.Grpc(Classifier.standard()
                        .atEnd(exchange.head(), head, trailers)
                        .grpcStatus())
                : COMPLETE;
        end(end, trailers);
    }

    @Override
    public void onFailure(Throwable cause) {
        end(endOf(cause), Fields.empty());
    }

    private End endOf(Throwable cause) {
        if (cause instanceof GatewayException known && known.is(Trait.CANCELLED)) {
            return CANCELLED;
        }
        String error = Classifier.of(exchange).ofFailure(cause).error();
        long reset = cause instanceof UpstreamException lost ? lost.resetCode() : UpstreamException.NO_CODE;
        return new End.Failed(error == null ? "unclassified" : error, reset);
    }

    @Override
    public void onCancel() {
        end(CANCELLED, Fields.empty());
    }

    private void end(End end, Fields trailers) {
        if (!OVER.compareAndSet(this, 0, 1)) {
            return;
        }
        long now = clock.getAsLong();
        long sinceReply = reply == null ? -1 : now - replied;
        for (TapStream stream : streams) {
            stream.end(end, trailers, now - begun, sinceReply, requestBytes, replyBytes);
        }
    }

    /** Counts what the client sends; how that ends does not end the exchange. */
    private final class RequestWatch implements BodyWatch {

        @Override
        public void onData(int bytes) {
            REQUEST_BYTES.lazySet(TappedExchange.this, requestBytes + bytes);
        }

        @Override
        public void onComplete(Fields trailers) {
            // the reply tells
        }

        @Override
        public void onFailure(Throwable cause) {
            // the call fails, too
        }

        @Override
        public void onCancel() {
            // the call may go on without
        }
    }
}
