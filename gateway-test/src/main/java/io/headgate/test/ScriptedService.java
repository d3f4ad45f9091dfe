package io.headgate.test;

import io.headgate.Service;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.util.context.ContextView;

/**
 * The next service of a stage under test, driven by hand: each subscription becomes a {@link Call} that waits for the test
 * to reply or to fail, and counts what reaches it.
 *
 * <p>It is as hard on a stage as a connection can be: a reply is emitted even when the caller has cancelled after its
 * demand, because on a wire the two may cross. As a connection does, it discards the request body when a call is over.
 *
 * <p><b>Threading.</b> Any thread may call, drive and ask; one thread at a time drives one call.
 */
public final class ScriptedService implements Service<HttpExchange, HttpReply> {

    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final AtomicInteger closes = new AtomicInteger();
    private final Sinks.Empty<Void> closed = Sinks.empty();
    private volatile Status status = Status.OPEN;

    private ScriptedService() {}

    /**
     * A service that has not been called yet.
     *
     * @return the service
     */
    public static ScriptedService create() {
        return new ScriptedService();
    }

    @Override
    public Mono<HttpReply> call(HttpExchange exchange) {
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super HttpReply> actual) {
                Call call = new Call(exchange, actual);
                calls.add(call);
                call.begin();
            }
        };
    }

    @Override
    public Status status() {
        return status;
    }

    /**
     * Makes the service say how it is.
     *
     * @param changed what {@link #status()} returns from now on
     */
    public void status(Status changed) {
        status = changed;
    }

    /**
     * Says {@link io.headgate.Service.Status#CLOSED} from the subscription on and completes when no call is in flight; the
     * grace is up to the test.
     */
    @Override
    public Mono<Void> closeAsync(Duration grace) {
        return closed.asMono().doOnSubscribe(subscription -> {
            closes.incrementAndGet();
            status = Status.CLOSED;
            completeClose();
        });
    }

    /**
     * How often {@link #closeAsync} was subscribed.
     *
     * @return zero or more
     */
    public int closes() {
        return closes.get();
    }

    /**
     * The calls so far, one for each subscription.
     *
     * @return a snapshot, in order of subscription
     */
    public List<Call> calls() {
        return List.copyOf(calls);
    }

    /**
     * The one call so far.
     *
     * @return the call
     * @throws AssertionError when there were more calls or none
     */
    public Call onlyCall() {
        if (calls.size() != 1) {
            throw new AssertionError("calls of next: " + calls.size() + " (expected: 1)");
        }
        return calls.get(0);
    }

    private void completeClose() {
        if (status == Status.CLOSED && calls.stream().noneMatch(Call::isInFlight)) {
            closed.tryEmitEmpty();
        }
    }

    /** One subscription to the service. */
    public final class Call {

        private final HttpExchange exchange;
        private final CoreSubscriber<? super HttpReply> actual;
        private final AtomicInteger cancels = new AtomicInteger();
        private final AtomicReference<@Nullable HttpReply> waiting = new AtomicReference<>();
        private volatile boolean requested;
        private volatile boolean answered;
        private volatile boolean over;

        private Call(HttpExchange exchange, CoreSubscriber<? super HttpReply> actual) {
            this.exchange = exchange;
            this.actual = actual;
        }

        private void begin() {
            actual.onSubscribe(new HeadDemand());
        }

        /**
         * What the service was called with.
         *
         * @return the exchange; until the call is over a test may read its body
         */
        public HttpExchange exchange() {
            return exchange;
        }

        /**
         * The Reactor context that reaches the service.
         *
         * @return the context of the subscriber
         */
        public ContextView context() {
            return actual.currentContext();
        }

        /**
         * Replies with a head; the body follows by hand.
         *
         * @param code the status
         * @param fields the header fields
         * @return the body of the reply
         */
        public ScriptedBody reply(int code, Fields fields) {
            ScriptedBody body = ScriptedBody.create();
            reply(HttpReply.of(code, fields, body));
            return body;
        }

        /**
         * Replies, as soon as there is demand for it, and even when the caller has cancelled after its demand.
         *
         * @param reply the reply; takes ownership
         */
        public void reply(HttpReply reply) {
            answered = true;
            if (reply.body() instanceof ScriptedBody body) {
                body.onEnd(this::finish);
            } else {
                finish();
            }
            waiting.set(reply);
            emit();
        }

        /**
         * Fails before the head, unless the caller has cancelled.
         *
         * @param error the error
         */
        public void fail(Throwable error) {
            answered = true;
            finish();
            if (cancels.get() == 0) {
                actual.onError(error);
            }
        }

        /**
         * How often the caller cancelled before there was a head or an error.
         *
         * @return zero or more
         */
        public int cancels() {
            return cancels.get();
        }

        /**
         * Tells whether anything of the call is left: its head or a scripted body is outstanding.
         *
         * @return false when it has ended in any way
         */
        public boolean isInFlight() {
            return !over;
        }

        private void emit() {
            if (!requested && cancels.get() == 0) {
                return;
            }
            HttpReply reply = waiting.getAndSet(null);
            if (reply == null) {
                return;
            }
            if (requested) {
                actual.onNext(reply);
                actual.onComplete();
            } else {
                reply.discard();
            }
        }

        private void finish() {
            if (!over) {
                over = true;
                exchange.body().discard();
                completeClose();
            }
        }

        private final class HeadDemand implements Subscription {

            @Override
            public void request(long n) {
                if (Operators.validate(n)) {
                    requested = true;
                    emit();
                }
            }

            @Override
            public void cancel() {
                if (!answered) {
                    cancels.incrementAndGet();
                    finish();
                } else if (waiting.get() != null) {
                    cancels.incrementAndGet();
                    emit();
                }
            }
        }
    }
}
