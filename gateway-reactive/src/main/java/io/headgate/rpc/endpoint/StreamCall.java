package io.headgate.rpc.endpoint;

import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** A call whose result is a stream. */
final class StreamCall extends Flux<Object> {

    private final Caller caller;
    private final Signature signature;
    private final @Nullable Object[] arguments;

    StreamCall(Caller caller, Signature signature, @Nullable Object[] arguments) {
        this.caller = caller;
        this.signature = signature;
        this.arguments = arguments;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Object> actual) {
        Format format = signature.result();
        if (format == null) {
            throw new IllegalStateException(signature + ": a stream of nothing (expected: refused when it was read)");
        }
        Elements elements = new Elements(format);
        elements.attach(actual);
        if (!elements.isCancelled()) {
            caller.call(signature, arguments).subscribe(new ReplyReader(signature, elements, actual));
        }
    }

    /** The elements of the reply; demand waits here until there is one. */
    private static final class Elements extends Relay<ByteBuf, Object> {

        private final Format format;
        private final AtomicReference<@Nullable Subscription> call = new AtomicReference<>();

        Elements(Format format) {
            super(Context.empty());
            this.format = format;
        }

        @Override
        Object map(ByteBuf element) {
            return format.decodeElement(element);
        }

        boolean hold(Subscription subscription) {
            if (call.compareAndSet(null, subscription)) {
                return true;
            }
            subscription.cancel();
            return false;
        }

        /** The reply is there: cancelling the call would do nothing any more. */
        void begun() {
            call.set(Operators.cancelledSubscription());
        }

        @Override
        public void cancel() {
            super.cancel();
            Subscription pending = call.getAndSet(Operators.cancelledSubscription());
            if (pending != null) {
                pending.cancel();
            }
        }
    }

    /** Waits for the reply. */
    private static final class ReplyReader implements CoreSubscriber<RpcReply> {

        private final Signature signature;
        private final Elements elements;
        private final CoreSubscriber<? super Object> actual;
        private boolean done;

        ReplyReader(Signature signature, Elements elements, CoreSubscriber<? super Object> actual) {
            this.signature = signature;
            this.elements = elements;
            this.actual = actual;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            if (elements.hold(subscription)) {
                subscription.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(RpcReply reply) {
            if (done || elements.isCancelled()) {
                reply.discard();
                return;
            }
            done = true;
            elements.begun();
            RpcException objection = Caller.objection(signature, reply);
            if (objection != null) {
                reply.discard();
                elements.onError(objection);
            } else {
                reply.body().subscribe(elements);
            }
        }

        @Override
        public void onError(Throwable error) {
            if (!done) {
                done = true;
                elements.onError(error);
            }
        }

        @Override
        public void onComplete() {
            if (!done) {
                done = true;
                elements.onError(Caller.wrongReply(signature, "none", "one"));
            }
        }
    }
}
