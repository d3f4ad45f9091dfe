package io.headgate.rpc.endpoint;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** A body of values, each of which is encoded when it comes. */
final class EncodedBody extends Body {

    private final Outflow outflow;

    private EncodedBody(Outflow outflow) {
        this.outflow = outflow;
    }

    /**
     * The arguments of a caller: nothing happens before the body is subscribed.
     *
     * @param first goes before all others; takes ownership
     */
    static EncodedBody ofCaller(Format format, Publisher<?> source, @Nullable ByteBuf first) {
        return new EncodedBody(new Outflow(format, source, first, Context.empty(), () -> {}));
    }

    /**
     * The results of a handler, which is subscribed at once, so that what it fails with there fails the call.
     *
     * @param over is told when the handler has ended or nobody wants more of it
     */
    static EncodedBody ofHandler(Format format, Publisher<?> source, Context context, Runnable over) {
        EncodedBody body = new EncodedBody(new Outflow(format, source, null, context, over));
        body.outflow.connect();
        return body;
    }

    /** What the source failed with before anybody asked it for anything, or null. */
    @Nullable Throwable failure() {
        return outflow.failure();
    }

    @Override
    public long length() {
        return UNKNOWN_LENGTH;
    }

    @Override
    public Mono<Fields> trailers() {
        return Mono.empty();
    }

    @Override
    public void discard() {
        outflow.discard();
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        outflow.read(actual);
    }

    private static final class Outflow extends Relay<Object, ByteBuf> {

        private final Format format;
        private final Flux<Object> source;
        private final AtomicReference<@Nullable ByteBuf> first;
        private final boolean begins; // with an element of its own
        private final Runnable over;
        private boolean connected;
        private @Nullable CoreSubscriber<? super ByteBuf> actual;

        Outflow(Format format, Publisher<?> source, @Nullable ByteBuf first, Context context, Runnable over) {
            super(context);
            this.format = format;
            this.source = Flux.from(source);
            this.first = new AtomicReference<>(first);
            this.begins = first != null;
            this.over = over;
        }

        void connect() {
            connected = true;
            source.subscribe(this);
        }

        void read(CoreSubscriber<? super ByteBuf> reader) {
            if (actual == null) {
                actual = reader;
            }
            attach(reader);
            if (!connected && !begins && actual == reader && !isCancelled()) {
                connect();
            }
        }

        @Override
        ByteBuf map(Object value) {
            return format.encode(value);
        }

        @Override
        void over() {
            over.run();
        }

        @Override
        public void request(long n) {
            ByteBuf element = begins && Operators.validate(n) ? first.getAndSet(null) : null;
            if (element == null) {
                super.request(n);
                return;
            }
            CoreSubscriber<? super ByteBuf> reader = actual;
            if (reader != null) {
                reader.onNext(element);
            }
            if (n > 1) {
                super.request(n == Long.MAX_VALUE ? n : n - 1);
            }
            if (!isCancelled()) {
                connect(); // not before: what the source says must not overtake the first element
            }
        }

        @Override
        public void cancel() {
            super.cancel();
            ByteBuf element = first.getAndSet(null);
            if (element != null) {
                element.release();
            }
        }
    }
}
