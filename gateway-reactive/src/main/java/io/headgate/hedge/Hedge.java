package io.headgate.hedge;

import io.headgate.Key;
import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.retry.RetryBudget;
import io.headgate.timeout.CoarseTimer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Makes a second attempt when the first one is slower than most are, and takes the reply that comes first. The first head that is no
 * failure wins; the other attempts are cancelled. When all attempts fail, the client gets the failure that came last. A failure does
 * not make a hedge come sooner: that is {@link io.headgate.retry.Retry}'s, which belongs above.
 *
 * <p>Each hedge is paid for from the {@link RetryBudget}, so that hedges and retries together do not overload a slow service. Calls pay
 * into it at the retry stage; where there is none, {@link #withDeposits} lets them pay in here.
 *
 * <p><b>Bodies.</b> Only a request without a body is hedged, or one whose body is kept within the bound of the policy. A body that turns
 * out to be longer goes to the attempt that has read most of it, and the others fail. Declared longer, it passes from socket to socket
 * and is not hedged, as tunnels are not.
 *
 * <p>Interim replies come from the first attempt alone.
 *
 * <p><b>Threading.</b> Any. Hedges begin on a thread of the timer. Immutable but for its counters and latencies; each {@code with} method
 * returns a copy that has its own.
 */
public final class Hedge implements Stage<HttpExchange, HttpReply> {

    /** The number of the hedge that an exchange is made for, 1 for the first one. The attempt beside which it is made has none. */
    public static final Key<Integer> NUMBER = Key.of("hedge");

    final HedgePolicy policy;
    final RetryBudget budget;
    final CoarseTimer timer;
    final LongSupplier clock;
    final boolean deposits;
    final LatencyWindow latencies;
    final LongAdder hedges = new LongAdder();
    final LongAdder won = new LongAdder();
    final LongAdder noBudget = new LongAdder();

    private Hedge(HedgePolicy policy, RetryBudget budget, CoarseTimer timer, LongSupplier clock, boolean deposits) {
        this.policy = Objects.requireNonNull(policy, "policy");
        this.budget = Objects.requireNonNull(budget, "budget");
        this.timer = Objects.requireNonNull(timer, "timer");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.deposits = deposits;
        latencies = new LatencyWindow(policy.delay(), clock);
    }

    /**
     * Hedges with a timer of its own.
     *
     * @param policy what is hedged
     * @param budget how often; usually that of the retries of the same service
     * @return the stage
     */
    public static Hedge of(HedgePolicy policy, RetryBudget budget) {
        return new Hedge(
                policy,
                budget,
                CoarseTimer.create(),
                () -> Schedulers.parallel().now(TimeUnit.NANOSECONDS),
                false);
    }

    /**
     * A copy with another timer and clock.
     *
     * @param changed the timer; better shared than not
     * @param nanoClock measures latencies, in nanoseconds
     * @return the copy
     */
    public Hedge withTimer(CoarseTimer changed, LongSupplier nanoClock) {
        return new Hedge(policy, budget, changed, nanoClock, deposits);
    }

    /**
     * A copy that pays into the budget, or does not.
     *
     * @param changed true where no retry stage with the same budget does
     * @return the copy
     */
    public Hedge withDeposits(boolean changed) {
        return new Hedge(policy, budget, timer, clock, changed);
    }

    /**
     * What this stage has done.
     *
     * @return a snapshot
     */
    public HedgeStats stats() {
        return new HedgeStats(hedges.sum(), won.sum(), noBudget.sum());
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("hedge", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                return isHedged(exchange) ? new Hedged(exchange, next) : next.call(exchange);
            }
        };
    }

    private boolean isHedged(HttpExchange exchange) {
        boolean fits = exchange.body().isEmpty()
                || policy.bodyBytes() > 0 && exchange.body().length() <= policy.bodyBytes();
        return fits && !exchange.head().wantsTunnel() && policy.requests().test(exchange);
    }

    private final class Hedged extends Mono<HttpReply> {

        private final HttpExchange exchange;
        private final Service<HttpExchange, HttpReply> next;

        Hedged(HttpExchange exchange, Service<HttpExchange, HttpReply> next) {
            this.exchange = exchange;
            this.next = next;
        }

        @Override
        public void subscribe(CoreSubscriber<? super HttpReply> actual) {
            HedgeCall call = new HedgeCall(Hedge.this, exchange, next, actual);
            actual.onSubscribe(call);
            call.start();
        }
    }
}
