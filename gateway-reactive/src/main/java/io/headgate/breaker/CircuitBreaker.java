package io.headgate.breaker;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.CallWatch;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * Stops calls to an endpoint that fails, and lets one at a time through after a while to see whether it works again.
 *
 * <p>A breaker is for one endpoint: make one for each target, and it stands between the balancer and the endpoint.
 *
 * <pre>{@code
 * stack.pushFor(Role.of("breaker"), "above the endpoint alone: it judges attempts", endpoint -> CircuitBreaker.create());
 * }</pre>
 *
 * <p>A call is judged when it has ended, by the {@link io.headgate.classify.Classifier} of its exchange: a gRPC status in trailers
 * counts, and so does a reply that is cut short. 429 and RESOURCE_EXHAUSTED count for the failure share, not as failures in a row. Not
 * counted at all: calls that are cancelled, those that the gateway refused, mistakes of clients, and calls that began before the
 * breaker last changed. A tunnel counts when it is opened. A timeout above must leave its mark in the deadline of the exchange to
 * be told from a cancellation; see {@link BreakerSettings#timeoutFloor}.
 *
 * <p>While it is open, and while a probe is under way, {@link Service#status} is BUSY. When the time for a probe has come it is OPEN to
 * all who ask, and the first who calls is the probe: asking reserves nothing. The others are refused, without any work, and may go
 * elsewhere. A probe that is cancelled leaves its place to the next call.
 *
 * <p><b>Threading.</b> Any; no locks. Immutable but for what it knows of its endpoint; each {@code with} method returns a copy that
 * knows nothing yet. A stage that wraps several services judges them as one.
 *
 * <p><b>Cancellation.</b> Passes; gives a probe back.
 *
 * <p><b>Errors.</b> {@link BreakerOpenException}. The body of a refused request is left to the connection.
 */
public final class CircuitBreaker implements Stage<HttpExchange, HttpReply> {

    private final BreakerSettings settings;
    private final BreakerListener listener;
    private final LongSupplier clock;
    private final DoubleSupplier dice;
    private final Breaker breaker;
    private final long timeoutFloor;

    private CircuitBreaker(
            BreakerSettings settings, BreakerListener listener, LongSupplier clock, DoubleSupplier dice) {
        this.settings = settings;
        this.listener = listener;
        this.clock = clock;
        this.dice = dice;
        this.breaker = new Breaker(settings, listener, clock, dice);
        this.timeoutFloor = settings.timeoutFloor().toNanos();
    }

    /**
     * A breaker with {@linkplain BreakerSettings#DEFAULTS default settings}.
     *
     * @return the stage, closed
     */
    public static CircuitBreaker create() {
        return of(BreakerSettings.DEFAULTS);
    }

    /**
     * A breaker.
     *
     * @param settings when it opens and when it tries again; when nothing opens it, the stage is not there at all
     * @return the stage, closed
     */
    public static CircuitBreaker of(BreakerSettings settings) {
        return new CircuitBreaker(
                Objects.requireNonNull(settings, "settings"),
                BreakerListener.NONE,
                System::nanoTime,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    /**
     * A copy whose changes are told.
     *
     * @param changed is told
     * @return the copy
     */
    public CircuitBreaker withListener(BreakerListener changed) {
        return new CircuitBreaker(settings, Objects.requireNonNull(changed, "listener"), clock, dice);
    }

    /**
     * A copy that lives by another clock.
     *
     * @param changed nanoseconds that only grow, as {@link System#nanoTime}
     * @return the copy
     */
    public CircuitBreaker withClock(LongSupplier changed) {
        return new CircuitBreaker(settings, listener, Objects.requireNonNull(changed, "clock"), dice);
    }

    /**
     * A copy with other chances for its jitter.
     *
     * @param changed 0 to 1
     * @return the copy
     */
    public CircuitBreaker withDice(DoubleSupplier changed) {
        return new CircuitBreaker(settings, listener, clock, Objects.requireNonNull(changed, "dice"));
    }

    /**
     * Where it stands.
     *
     * @return the state now
     */
    public BreakerState state() {
        return breaker.state();
    }

    /**
     * How it is and what it has done.
     *
     * @return a snapshot
     */
    public BreakerStats stats() {
        return breaker.stats();
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return wrap(next, () -> {});
    }

    /** The same, with somebody who is told when the service is closed. */
    Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next, Runnable closing) {
        if (settings.isOff()) {
            return next;
        }
        return new Layer<>("circuit-breaker", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                return new Guarded(exchange, next.call(exchange));
            }

            @Override
            public Status status() {
                Status below = next.status();
                return below == Status.CLOSED || breaker.isWelcome() ? below : Status.BUSY;
            }

            @Override
            public Mono<Void> closeAsync(Duration grace) {
                return next.closeAsync(grace).doOnSubscribe(subscribed -> closing.run());
            }
        };
    }

    private final class Guarded extends Mono<HttpReply> {

        private final HttpExchange exchange;
        private final Mono<HttpReply> call;

        Guarded(HttpExchange exchange, Mono<HttpReply> call) {
            this.exchange = exchange;
            this.call = call;
        }

        @Override
        public void subscribe(CoreSubscriber<? super HttpReply> actual) {
            Breaker.Permit permit = breaker.acquire();
            if (permit == null) {
                Operators.error(actual, BreakerOpenException.INSTANCE);
            } else {
                CallWatch.watch(call, new Judge(exchange, timeoutFloor, permit)).subscribe(actual);
            }
        }
    }

    private static final class Judge extends EndWatch {

        private final Breaker.Permit permit;

        Judge(HttpExchange exchange, long timeoutFloor, Breaker.Permit permit) {
            super(exchange, timeoutFloor);
            this.permit = permit;
        }

        @Override
        void promising() {
            permit.promise();
        }

        @Override
        void ended(Verdict verdict, @Nullable Throwable cause) {
            switch (verdict) {
                case SUCCESS -> permit.success();
                case FAILURE -> permit.failure();
                case LIMITED -> permit.limited();
                case NONE -> permit.release();
            }
        }
    }
}
