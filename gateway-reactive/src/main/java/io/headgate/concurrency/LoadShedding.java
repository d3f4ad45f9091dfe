package io.headgate.concurrency;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.concurrency.OverloadedException.Reason;
import io.headgate.http.CallWatch;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * Finds out how many calls a service can take at a time, and refuses what is more with 503: as soon as its latency
 * grows beyond what is normal for it, fewer are let in, the least important ones first.
 *
 * <p>The limit follows the gradient of latency; the law and its sources are told in {@code AdaptiveLimit} and on the
 * page of this stage. Latency is the time to the head of the reply, its median over {@code 100 ms} and 20 calls at
 * least. It belongs to the service behind: one stage for services of very different pace finds the limit of none of
 * them.
 *
 * <p>A call of {@linkplain Priority#LOW low} priority is let in while less than 60 % of the limit is taken, a
 * {@linkplain Priority#NORMAL normal} one up to 90 %, a {@linkplain Priority#HIGH high} one up to the limit, and an
 * {@linkplain Priority#EXEMPT exempt} one always. A call is under way to the end of its reply.
 *
 * <p>The limit belongs to the stage object: wherever it is wrapped, calls count together. Copies find theirs anew.
 *
 * <p><b>Threading.</b> No lock and no change of thread. <b>Errors.</b> {@link OverloadedException}.
 *
 * <p>{@link Service#status} is BUSY while a normal call would be shed. Immutable but for what it has learnt; each
 * {@code with} method returns a copy.
 */
public final class LoadShedding implements Stage<HttpExchange, HttpReply> {

    /** Never fewer: with less there is nothing to measure. */
    public static final int DEFAULT_LEAST = 10;

    /** Where it starts, well below what most services take: it doubles from there as long as latency stays. */
    public static final int DEFAULT_INITIAL = 20;

    /** Never more, whatever latency says. */
    public static final int DEFAULT_MOST = 10_000;

    /** How much more than normal is still normal. */
    public static final double DEFAULT_TOLERANCE = 1.5;

    private final Plan plan;
    private final AdaptiveLimit limit;
    private final Permits permits;
    private final LongAdder[] shed;

    /** What is shed, and how. */
    private record Plan(
            int least,
            int initial,
            int most,
            double tolerance,
            Function<? super HttpExchange, Priority> priority,
            LongSupplier clock) {

        Plan {
            Objects.requireNonNull(priority, "priority");
            if (least < 1 || initial < least || most < initial) {
                throw new IllegalArgumentException("limits: " + least + ", " + initial + ", " + most
                        + " (expected: at least 1, each no less than the one before)");
            }
            if (!(tolerance >= 1 && tolerance <= 100)) {
                throw new IllegalArgumentException("tolerance: " + tolerance + " (expected: 1..100)");
            }
        }
    }

    private LoadShedding(Plan plan) {
        this.plan = plan;
        this.limit = new AdaptiveLimit(plan.least, plan.initial, plan.most, plan.tolerance, plan.clock.getAsLong());
        this.permits = new Permits(plan.initial, 0);
        this.shed = new LongAdder[Priority.values().length];
        for (int i = 0; i < shed.length; i++) {
            shed[i] = new LongAdder();
        }
    }

    /**
     * Sheds with the defaults, and by {@link Priority#standard}.
     *
     * @return the stage
     */
    public static LoadShedding create() {
        return new LoadShedding(new Plan(
                DEFAULT_LEAST, DEFAULT_INITIAL, DEFAULT_MOST, DEFAULT_TOLERANCE, Priority::standard, System::nanoTime));
    }

    /**
     * A copy with other bounds for the limit.
     *
     * @param least never fewer, one or more
     * @param initial where it starts
     * @param most never more
     * @return the copy
     */
    public LoadShedding withLimits(int least, int initial, int most) {
        return new LoadShedding(new Plan(least, initial, most, plan.tolerance, plan.priority, plan.clock));
    }

    /**
     * A copy that takes more or less latency for normal.
     *
     * @param factor how many times the latency without load, 1 to 100
     * @return the copy
     */
    public LoadShedding withTolerance(double factor) {
        return new LoadShedding(new Plan(plan.least, plan.initial, plan.most, factor, plan.priority, plan.clock));
    }

    /**
     * A copy that takes other calls for important.
     *
     * @param changed the priority of a call; asked once when it is subscribed, must not block
     * @return the copy
     */
    public LoadShedding withPriority(Function<? super HttpExchange, Priority> changed) {
        return new LoadShedding(new Plan(plan.least, plan.initial, plan.most, plan.tolerance, changed, plan.clock));
    }

    /** For tests: time as they like it, in nanoseconds. */
    LoadShedding withClock(LongSupplier changed) {
        return new LoadShedding(new Plan(plan.least, plan.initial, plan.most, plan.tolerance, plan.priority, changed));
    }

    /**
     * How things stand.
     *
     * @return a snapshot
     */
    public LoadStats stats() {
        return new LoadStats(
                permits.limit(),
                permits.taken(),
                Duration.ofNanos(limit.baseline()),
                shed[Priority.HIGH.ordinal()].sum(),
                shed[Priority.NORMAL.ordinal()].sum(),
                shed[Priority.LOW.ordinal()].sum());
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("load-shedding", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                return new Measured(exchange, next);
            }

            @Override
            public Status status() {
                Status below = next.status();
                boolean full = permits.taken() >= Priority.NORMAL.room(permits.limit());
                return below == Status.OPEN && full ? Status.BUSY : below;
            }
        };
    }

    private final class Measured extends Mono<HttpReply> {

        private final HttpExchange exchange;
        private final Service<HttpExchange, HttpReply> next;

        Measured(HttpExchange exchange, Service<HttpExchange, HttpReply> next) {
            this.exchange = exchange;
            this.next = next;
        }

        @Override
        public void subscribe(CoreSubscriber<? super HttpReply> actual) {
            MeasuredPermit permit = null;
            try {
                permit = permitFor(plan.priority.apply(exchange));
                if (permit == null) {
                    Operators.error(actual, new OverloadedException(Reason.SHED));
                } else {
                    CallWatch.watch(next.call(exchange), permit).subscribe(actual);
                }
            } catch (RuntimeException e) {
                if (permit != null) {
                    permit.back();
                }
                Operators.reportThrowInSubscribe(actual, e);
            }
        }
    }

    private @Nullable MeasuredPermit permitFor(Priority priority) {
        if (permits.tryTake(priority.room(permits.limit())) == Permits.Answer.GRANTED) {
            return new MeasuredPermit(permits, limit, plan.clock);
        }
        shed[priority.ordinal()].increment();
        return null;
    }
}
