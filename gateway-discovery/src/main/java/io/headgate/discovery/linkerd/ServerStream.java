package io.headgate.discovery.linkerd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicLong;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The messages that a server streams in answer to one request. Each subscriber makes a call of its own. What it has demand for
 * is asked of the transport, so flow control reaches the server; cancelling it cancels the call.
 */
final class ServerStream<Q, R> extends Flux<R> {

    private final Channel channel;
    private final MethodDescriptor<Q, R> method;
    private final CallOptions options;
    private final Q question;

    ServerStream(Channel channel, MethodDescriptor<Q, R> method, CallOptions options, Q question) {
        this.channel = channel;
        this.method = method;
        this.options = options;
        this.question = question;
    }

    @Override
    public void subscribe(CoreSubscriber<? super R> actual) {
        Exchange<Q, R> exchange = new Exchange<>(actual, channel.newCall(method, options));
        actual.onSubscribe(exchange);
        exchange.begin(question);
    }

    private static final class Exchange<Q, R> extends ClientCall.Listener<R> implements Subscription {

        /** How far a call is ahead of a subscriber that takes whatever comes. */
        private static final int AHEAD = 64;

        private final CoreSubscriber<? super R> actual;
        private final ClientCall<Q, R> call;
        private final AtomicLong wanted = new AtomicLong();

        private volatile boolean unbounded;
        private volatile boolean begun;
        private volatile boolean cancelled;

        Exchange(CoreSubscriber<? super R> actual, ClientCall<Q, R> call) {
            this.actual = actual;
            this.call = call;
        }

        /** A call takes neither requests nor a cancellation before it is started, so those have to wait for it. */
        void begin(Q question) {
            if (cancelled) {
                return;
            }
            call.start(this, new Metadata());
            call.sendMessage(question);
            call.halfClose();
            begun = true;
            ask();
            if (cancelled) {
                end();
            }
        }

        @Override
        public void request(long count) {
            if (!Operators.validate(count)) {
                return;
            }
            if (count == Long.MAX_VALUE) {
                if (unbounded) {
                    return;
                }
                unbounded = true;
                wanted.addAndGet(AHEAD);
            } else if (!unbounded) {
                wanted.accumulateAndGet(count, Operators::addCap);
            }
            ask();
        }

        private void ask() {
            if (begun) {
                for (long count = wanted.getAndSet(0); count > 0; count -= Integer.MAX_VALUE) {
                    call.request((int) Math.min(count, Integer.MAX_VALUE));
                }
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            if (begun) {
                end();
            }
        }

        private void end() {
            call.cancel("nobody wants to know any more", null);
        }

        @Override
        public void onMessage(R message) {
            if (!cancelled) {
                actual.onNext(message);
                if (unbounded) {
                    call.request(1);
                }
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (cancelled) {
                return;
            }
            cancelled = true;
            if (status.isOk()) {
                actual.onComplete();
            } else {
                actual.onError(status.asRuntimeException(trailers));
            }
        }
    }
}
