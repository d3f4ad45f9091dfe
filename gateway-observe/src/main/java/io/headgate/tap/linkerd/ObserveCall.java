package io.headgate.tap.linkerd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.headgate.tap.linkerd.internal.wire.ObserveRequest;
import io.headgate.tap.linkerd.internal.wire.TapEvent;
import io.headgate.tap.linkerd.internal.wire.TapGrpc;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The events that a server streams in answer to a request. Each subscriber makes a call of its own. What it has demand for is
 * asked of the transport, so flow control reaches the server; cancelling it cancels the call.
 */
final class ObserveCall extends Flux<TapEvent> {

    /** A call has failed, before the server was heard or after it. Has no stack trace. */
    static final class CallFailure extends RuntimeException {

        private static final long serialVersionUID = 1L;

        final transient Status status;
        final boolean heard;

        CallFailure(Status status, boolean heard) {
            super(status.toString(), status.getCause(), false, false);
            this.status = status;
            this.heard = heard;
        }
    }

    private final Channel channel;
    private final ObserveRequest question;
    private final Consumer<Metadata> heads;
    private final Set<Runnable> open;

    /**
     * A call for each subscriber.
     *
     * @param heads gets the head of each reply
     * @param open has a way to fail each call that goes on
     */
    ObserveCall(Channel channel, ObserveRequest question, Consumer<Metadata> heads, Set<Runnable> open) {
        this.channel = channel;
        this.question = question;
        this.heads = heads;
        this.open = open;
    }

    @Override
    public void subscribe(CoreSubscriber<? super TapEvent> actual) {
        Exchange exchange =
                new Exchange(actual, channel.newCall(TapGrpc.getObserveMethod(), CallOptions.DEFAULT), heads, open);
        actual.onSubscribe(exchange);
        exchange.begin(question);
    }

    private static final class Exchange extends ClientCall.Listener<TapEvent> implements Subscription {

        /** How far a call is ahead of a subscriber that takes whatever comes. */
        private static final int AHEAD = 64;

        private final CoreSubscriber<? super TapEvent> actual;
        private final ClientCall<ObserveRequest, TapEvent> call;
        private final Consumer<Metadata> heads;
        private final Set<Runnable> open;
        private final Runnable failing = this::fail;
        private final AtomicLong wanted = new AtomicLong();

        private boolean heard;
        private volatile boolean unbounded;
        private volatile boolean begun;
        private volatile boolean drains;
        private volatile boolean ended;

        Exchange(
                CoreSubscriber<? super TapEvent> actual,
                ClientCall<ObserveRequest, TapEvent> call,
                Consumer<Metadata> heads,
                Set<Runnable> open) {
            this.actual = actual;
            this.call = call;
            this.heads = heads;
            this.open = open;
        }

        /** A call takes neither requests nor a cancellation before it is started, so those have to wait for it. */
        void begin(ObserveRequest question) {
            if (ended) {
                return;
            }
            open.add(failing);
            call.start(this, new Metadata());
            call.sendMessage(question);
            call.halfClose();
            begun = true;
            ask();
            if (ended) {
                end();
            } else if (drains) {
                drain();
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
            ended = true;
            if (begun) {
                end();
            }
        }

        /** The channel closes. Its calls fail of that, but not those that have messages nobody has asked for yet. */
        private void fail() {
            drains = true;
            if (begun) {
                drain();
            }
        }

        private void end() {
            open.remove(failing);
            call.cancel("nobody wants to know any more", null);
            drain();
        }

        /** Once its connection is gone a call keeps what it has received until that is asked for, even when it is cancelled. */
        private void drain() {
            call.request(Integer.MAX_VALUE);
        }

        @Override
        public void onHeaders(Metadata head) {
            heard = true;
            heads.accept(head);
        }

        @Override
        public void onMessage(TapEvent event) {
            if (!ended && !drains) {
                actual.onNext(event);
                if (unbounded) {
                    call.request(1);
                }
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            open.remove(failing);
            if (ended) {
                return;
            }
            ended = true;
            if (status.isOk()) {
                actual.onComplete();
            } else {
                actual.onError(new CallFailure(status, heard));
            }
        }
    }
}
