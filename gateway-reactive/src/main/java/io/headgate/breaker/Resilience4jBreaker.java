package io.headgate.breaker;

import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.CallWatch;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * Mounts a circuit breaker of Resilience4j, for those who have their settings and metrics there. It is told of calls when they have
 * ended, judged as {@link CircuitBreaker} does it: a failure by status reaches it as a {@link FailedReplyException}, one without a reply
 * as what it was, and limited calls count as failures. Calls that say nothing give their permission back.
 *
 * <p>Needs {@code io.github.resilience4j:resilience4j-circuitbreaker}, which Headgate does not bring along.
 *
 * <p>{@link Service#status} is BUSY while the breaker is forced open, and while it is open when it becomes half open by itself
 * ({@code automaticTransitionFromOpenToHalfOpenEnabled}). One that becomes half open only by being called stays OPEN here, or no
 * balancer would ever call it again; its calls are refused and may be made elsewhere.
 *
 * <p><b>Threading.</b> As the breaker; by default Resilience4j takes a lock for each result.
 *
 * <p><b>Errors.</b> {@link BreakerOpenException}.
 */
public final class Resilience4jBreaker implements Stage<HttpExchange, HttpReply> {

    private final io.github.resilience4j.circuitbreaker.CircuitBreaker breaker;
    private final boolean returnsByItself;

    private Resilience4jBreaker(io.github.resilience4j.circuitbreaker.CircuitBreaker breaker) {
        this.breaker = breaker;
        this.returnsByItself = breaker.getCircuitBreakerConfig().isAutomaticTransitionFromOpenToHalfOpenEnabled();
    }

    /**
     * Mounts a breaker.
     *
     * @param breaker for one endpoint
     * @return the stage
     */
    public static Resilience4jBreaker of(io.github.resilience4j.circuitbreaker.CircuitBreaker breaker) {
        return new Resilience4jBreaker(Objects.requireNonNull(breaker, "breaker"));
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("circuit-breaker", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                return new Guarded(exchange, next.call(exchange));
            }

            @Override
            public Status status() {
                Status below = next.status();
                return below == Status.CLOSED || !isShut() ? below : Status.BUSY;
            }
        };
    }

    private boolean isShut() {
        State state = breaker.getState();
        return state == State.FORCED_OPEN || state == State.OPEN && returnsByItself;
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
            if (breaker.tryAcquirePermission()) {
                CallWatch.watch(call, new Judge(exchange)).subscribe(actual);
            } else {
                Operators.error(actual, BreakerOpenException.INSTANCE);
            }
        }
    }

    private final class Judge extends EndWatch {

        private final long start = breaker.getCurrentTimestamp();

        Judge(HttpExchange exchange) {
            super(exchange, BreakerSettings.DEFAULTS.timeoutFloor().toNanos());
        }

        @Override
        void ended(Verdict verdict, @Nullable Throwable cause) {
            if (verdict == Verdict.NONE) {
                breaker.releasePermission();
                return;
            }
            long took = breaker.getCurrentTimestamp() - start;
            if (verdict == Verdict.SUCCESS) {
                breaker.onSuccess(took, breaker.getTimestampUnit());
            } else {
                Throwable why = cause == null ? FailedReplyException.INSTANCE : cause;
                breaker.onError(took, breaker.getTimestampUnit(), why);
            }
        }
    }

    /** There was a whole reply, and it says that the call has failed. One instance for all, without a stack trace. */
    public static final class FailedReplyException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        static final FailedReplyException INSTANCE = new FailedReplyException();

        private FailedReplyException() {
            super("reply: classified as a failure", null, false, false);
        }
    }
}
