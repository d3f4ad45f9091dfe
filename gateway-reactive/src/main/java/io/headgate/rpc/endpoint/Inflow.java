package io.headgate.rpc.endpoint;

import io.headgate.http.Body;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * The elements of a body as values: the stream parameter of a handler, or the stream that a caller gets. It can be read once.
 * Whoever made it ends it with {@link #finish}, whether it was read or not.
 */
final class Inflow extends Flux<Object> {

    /** Is given what comes before the stream. */
    interface Head {

        /** Takes the first element. What it throws goes to {@link #failed}. */
        void read(ByteBuf element);

        /** The body ended without one. */
        void missing();

        /** The body failed without one. */
        void failed(Throwable error);
    }

    private final Body body;
    private final Reading reading;
    private boolean connected;

    private Inflow(Format format, Body body, @Nullable Head head, Context context) {
        this.body = body;
        this.reading = new Reading(format, head, context);
    }

    /** A stream that fills its body; nothing is read before it is subscribed. */
    static Inflow of(Format format, Body body) {
        return new Inflow(format, body, null, Context.empty());
    }

    /** A stream behind a head. */
    static Inflow behind(Head head, Format format, Body body, Context context) {
        return new Inflow(format, body, head, context);
    }

    /** Reads the head, after which the stream may be subscribed. */
    void readHead() {
        connected = true;
        reading.request(1);
        body.subscribe(reading);
    }

    @Override
    public void subscribe(CoreSubscriber<? super Object> actual) {
        if (reading.isCancelled()) {
            Operators.error(actual, new IllegalStateException("stream: the call has ended (expected: one under way)"));
            return;
        }
        reading.attach(actual);
        if (!connected && !reading.isCancelled()) {
            connected = true;
            body.subscribe(reading);
        }
    }

    /** The call is over: what was not read is dropped. */
    void finish() {
        reading.cancel();
        body.discard();
    }

    private static final class Reading extends Relay<ByteBuf, Object> {

        private final Format format;
        private @Nullable Head head;

        Reading(Format format, @Nullable Head head, Context context) {
            super(context);
            this.format = format;
            this.head = head;
        }

        @Override
        Object map(ByteBuf element) {
            return format.decodeElement(element);
        }

        @Override
        public void onNext(ByteBuf element) {
            Head first = head;
            if (first == null || isCancelled()) {
                super.onNext(element);
            } else {
                head = null;
                first.read(element);
            }
        }

        @Override
        public void onError(Throwable error) {
            Head first = head;
            head = null;
            if (first == null) {
                super.onError(error);
            } else if (!isCancelled()) {
                end(error);
                first.failed(error);
            }
        }

        @Override
        public void onComplete() {
            Head first = head;
            head = null;
            if (first == null) {
                super.onComplete();
            } else if (!isCancelled()) {
                end(null);
                first.missing();
            }
        }
    }
}
