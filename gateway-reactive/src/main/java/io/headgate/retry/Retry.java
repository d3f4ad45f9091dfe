package io.headgate.retry;

import io.headgate.Key;
import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.timeout.CoarseTimer;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * Makes requests again that failed. Two kinds of failures are tried again:
 *
 * <ul>
 *   <li>what no upstream can have processed ({@link io.headgate.Trait#RETRYABLE}), whatever the method;
 *   <li>what the {@linkplain io.headgate.classify.Classifier classifier} of the exchange calls a failure, by status, gRPC status or
 *       lost connection, as far as the {@link RetryPolicy} is for it.
 * </ul>
 *
 * Each retry is paid for from the {@link RetryBudget}. Not tried again are refusals, mistakes of the client, what comes after the
 * deadline of the exchange, replies that came before the request body was whole, and tunnels (upgrades, CONNECT).
 *
 * <p><b>Bodies.</b> A request body that another attempt may need is kept while it is sent, up to a bound; see the docs page. One that is
 * longer passes from socket to socket as ever, and only what was refused before a byte was read is tried again. The body is read
 * as fast as the attempt takes it, never faster.
 *
 * <p><b>gRPC.</b> A status in the head decides at once. Otherwise the head waits for the first data, which lets all pass, or for
 * trailers, which decide.
 *
 * <p><b>Attempts below.</b> The upstream tries by itself what it could not send ({@link io.headgate.mux.MuxSettings#maxAttempts}), without
 * budget and unseen from here; what it gives up with counts as one attempt. Stages below find the number of a retry at
 * {@link #ATTEMPT}.
 *
 * <p><b>Interim replies</b> pass as they come, from each attempt.
 *
 * <p><b>Threading.</b> Any. Retries after a wait or a timeout begin on a thread of the timer; upstreams bring them back to the event
 * loop of the exchange. Immutable but for its counters; each {@code with} method returns a copy that counts for itself.
 */
public final class Retry implements Stage<HttpExchange, HttpReply> {

    /** The number of the attempt that an exchange is made for: 2 for the first retry. The first attempt has none. */
    public static final Key<Integer> ATTEMPT = Key.of("attempt");

    final RetryPolicy policy;
    final RetryBudget budget;
    final CoarseTimer timer;
    final RetryListener listener;
    final DoubleSupplier random;
    final RetryTally tally = new RetryTally();

    private Retry(
            RetryPolicy policy, RetryBudget budget, CoarseTimer timer, RetryListener listener, DoubleSupplier random) {
        this.policy = Objects.requireNonNull(policy, "policy");
        this.budget = Objects.requireNonNull(budget, "budget");
        this.timer = Objects.requireNonNull(timer, "timer");
        this.listener = Objects.requireNonNull(listener, "listener");
        this.random = random;
    }

    /**
     * Retries with a timer of its own.
     *
     * @param policy what is tried again
     * @param budget how often; usually shared by all routes of a service
     * @return the stage
     */
    public static Retry of(RetryPolicy policy, RetryBudget budget) {
        return new Retry(
                policy,
                budget,
                CoarseTimer.create(),
                RetryListener.NONE,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    /**
     * A copy with another timer, for waits and timeouts.
     *
     * @param changed the timer; better shared than not
     * @return the copy
     */
    public Retry withTimer(CoarseTimer changed) {
        return new Retry(policy, budget, changed, listener, random);
    }

    /**
     * A copy that tells somebody.
     *
     * @param changed is told of retries
     * @return the copy
     */
    public Retry withListener(RetryListener changed) {
        return new Retry(policy, budget, timer, changed, random);
    }

    /** For tests: the jitter. */
    Retry withRandom(DoubleSupplier changed) {
        return new Retry(policy, budget, timer, listener, changed);
    }

    /**
     * The number of the attempt that an exchange is made for.
     *
     * @param exchange the exchange
     * @return 1 for the first attempt, and where there is no retry stage above
     */
    public static int attempt(HttpExchange exchange) {
        Integer number = exchange.attributes().get(ATTEMPT);
        return number == null ? 1 : number;
    }

    /**
     * What this stage has done.
     *
     * @return a snapshot
     */
    public RetryStats stats() {
        return tally.stats();
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        if (policy.maxAttempts() == 1 && policy.perTry() == null) {
            return next;
        }
        return new Layer<>("retry", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                return exchange.head().wantsTunnel() ? next.call(exchange) : new Retried(exchange, next);
            }
        };
    }

    private final class Retried extends Mono<HttpReply> {

        private final HttpExchange exchange;
        private final Service<HttpExchange, HttpReply> next;

        Retried(HttpExchange exchange, Service<HttpExchange, HttpReply> next) {
            this.exchange = exchange;
            this.next = next;
        }

        @Override
        public void subscribe(CoreSubscriber<? super HttpReply> actual) {
            RetryCall call = new RetryCall(Retry.this, exchange, next, actual);
            actual.onSubscribe(call);
            call.start();
        }
    }
}
