package io.headgate.rpc.endpoint;

import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** A call whose result is one value, or none. */
final class ValueCall extends Mono<Object> {

    private final Caller caller;
    private final Signature signature;
    private final @Nullable Object[] arguments;

    ValueCall(Caller caller, Signature signature, @Nullable Object[] arguments) {
        this.caller = caller;
        this.signature = signature;
        this.arguments = arguments;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Object> actual) {
        actual.onSubscribe(new Calling(this, actual));
    }

    /** One subscription: first to the reply, then to its body. It begins with the first demand. */
    private static final class Calling extends ElementReader {

        private static final AtomicIntegerFieldUpdater<Calling> BEGUN =
                AtomicIntegerFieldUpdater.newUpdater(Calling.class, "begun");

        private final ValueCall call;
        private final CoreSubscriber<? super Object> actual;

        @SuppressWarnings("UnusedVariable") // by its updater
        private volatile int begun;

        Calling(ValueCall call, CoreSubscriber<? super Object> actual) {
            super(call.signature.result());
            this.call = call;
            this.actual = actual;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n) && BEGUN.compareAndSet(this, 0, 1) && !isOver()) {
                call.caller.call(call.signature, call.arguments).subscribe(new ReplyReader());
            }
        }

        @Override
        public void cancel() {
            winAndCancel();
        }

        @Override
        RpcException unexpected() {
            return Caller.wrongReply(call.signature, "a body", "none");
        }

        @Override
        void onElement(@Nullable Object element, boolean isPresent) {
            if (!win()) {
                if (element != null) {
                    Relay.drop(element);
                }
                return;
            }
            if (element != null) {
                actual.onNext(element);
            }
            actual.onComplete();
        }

        @Override
        void onFailure(Throwable error) {
            actual.onError(error);
        }

        /** Waits for the reply. */
        private final class ReplyReader implements CoreSubscriber<RpcReply> {

            private boolean done;

            @Override
            public Context currentContext() {
                return actual.currentContext();
            }

            @Override
            public void onSubscribe(Subscription subscription) {
                if (hold(subscription)) {
                    subscription.request(Long.MAX_VALUE);
                }
            }

            @Override
            public void onNext(RpcReply reply) {
                if (done || isOver()) {
                    reply.discard();
                    return;
                }
                done = true;
                RpcException objection = Caller.objection(call.signature, reply);
                if (objection != null) {
                    reply.discard();
                    fail(objection);
                } else if (reply.body().isEmpty() && reply.content() == Content.NONE) {
                    onElement(null, false);
                } else if (reply.body().isEmpty()) {
                    Calling.this.onComplete(); // no bytes are a value, too
                } else {
                    reply.body().subscribe(Calling.this);
                }
            }

            @Override
            public void onError(Throwable error) {
                if (!done) {
                    done = true;
                    fail(error);
                }
            }

            @Override
            public void onComplete() {
                if (!done) {
                    done = true;
                    fail(Caller.wrongReply(call.signature, "none", "one"));
                }
            }

            private void fail(Throwable error) {
                if (win()) {
                    actual.onError(error);
                }
            }
        }
    }
}
