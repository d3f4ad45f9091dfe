package io.headgate.function.invoke;

import io.headgate.function.dispatch.DispatchObserver;
import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.DispatchStats;
import io.headgate.function.dispatch.Dispatcher;
import io.headgate.function.dispatch.TimeoutPolicy;
import io.headgate.function.dispatch.Timers;
import io.headgate.function.dispatch.Workload;
import io.headgate.function.driver.Driver;
import io.headgate.function.log.FunctionLogs;
import io.headgate.function.log.LogSettings;
import io.headgate.function.model.App;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FunctionException;
import io.netty.util.AsciiString;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * Runs functions: finds an instance for a call, or has one started, sends the call, watches its time, and gives the instance back when
 * the reply has been read.
 *
 * <pre>{@code
 * FunctionAgent agent = FunctionAgent.builder(DispatchSettings.of(MachineBudget.of(2048, 2)))
 *     .driver(driver)
 *     .observer(metrics)
 *     .build();
 * }</pre>
 *
 * <p><b>Replies.</b> What an instance answers with 200 is passed on. A 502 is a function that threw: the call fails with
 * {@code FUNCTION_FAILED}, what the function says goes to the log, the instance is kept. A 504 is a function that gave up in time. Any other
 * status, a call that breaks off and one that is not over in time cost the instance.
 *
 * <p><b>Cancellation.</b> A call that is cancelled while it waits leaves the queue. Cancelled before its reply it costs the instance, which
 * cannot be interrupted otherwise. When nobody wants the rest of a reply, it is read to its end, in the time that the call has, and
 * the instance is kept.
 *
 * <p><b>Ownership.</b> The payload of a call is taken when it is subscribed, and released in every case. Each reply's body must be read or
 * discarded; one that is neither costs the instance when the time of the call is over.
 *
 * <p><b>Threading.</b> Any thread may call; nothing blocks. Replies come on threads of the driver.
 */
public final class FunctionAgent implements Invoker {

    private static final Duration RETRY_AFTER = Duration.ofSeconds(15);

    private final List<Driver> drivers;
    private final AgentSettings settings;
    private final TimeoutPolicy timeouts;
    private final Observers observers;
    private final Timers timers;
    private final Clock clock;
    private final Dispatcher<LiveInstance> dispatcher;
    private final Workloads workloads = new Workloads();
    private final DeadlineText deadlines = new DeadlineText();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final Sinks.Empty<Void> closed = Sinks.empty();

    private FunctionAgent(Builder builder) {
        this.drivers = List.copyOf(builder.drivers);
        this.settings = builder.settings;
        this.timeouts = builder.timeouts;
        this.observers = new Observers(builder.observer);
        this.timers = builder.timers;
        this.clock = builder.clock;
        InstanceCrew crew =
                new InstanceCrew(drivers, builder.logs, builder.dispatch.startTimeout(), settings.stopGrace());
        this.dispatcher = Dispatcher.create(builder.dispatch, crew, timers, builder.dispatchObserver);
        crew.serve(dispatcher);
    }

    /**
     * A builder.
     *
     * @param dispatch how instances are shared out, and what all of them may take
     * @return without drivers
     */
    public static Builder builder(DispatchSettings dispatch) {
        return new Builder(Objects.requireNonNull(dispatch, "dispatch"));
    }

    @Override
    public Mono<InvocationReply> invoke(Invocation invocation) {
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super InvocationReply> actual) {
                run(invocation, actual);
            }
        };
    }

    @Override
    public void dropped(Invocation invocation, @Nullable Throwable why) {
        observers.queued(invocation);
        observers.ended(invocation, InvocationEnd.ofDropped(why));
    }

    private void run(Invocation invocation, CoreSubscriber<? super InvocationReply> actual) {
        Workload workload;
        try {
            workload = workloads.of(invocation.app(), invocation.fn());
        } catch (RuntimeException e) {
            invocation.payload().discard();
            Operators.error(actual, e);
            return;
        }
        new AgentCall(this, invocation, workload, actual).begin();
    }

    /**
     * Keeps the least number of instances of a function warm that its limits ask for, from now on. The first call does the same.
     *
     * @param app the application
     * @param fn the function
     */
    public void warm(App app, Fn fn) {
        dispatcher.warm(workloads.of(app, fn));
    }

    /**
     * Keeps no instance of a function warm any more: it has been deleted. Calls that wait are served.
     *
     * @param fnId the function
     */
    public void forget(String fnId) {
        workloads.forget(fnId);
        dispatcher.forget(fnId);
    }

    /**
     * How instances and queues are.
     *
     * @return the figures
     */
    public DispatchStats stats() {
        return dispatcher.stats();
    }

    /**
     * Closes the agent with the {@linkplain AgentSettings#closeGrace() grace} of its settings.
     *
     * @return as {@link #closeAsync(Duration)}
     */
    public Mono<Void> closeAsync() {
        return closeAsync(settings.closeGrace());
    }

    /**
     * Closes the agent: new calls and those that wait fail with {@code BUSY}, idle instances are stopped, calls that run have some time
     * to end, and fail with {@code STOPPED} when they have not; then the drivers are closed. May be called again, which changes nothing.
     *
     * @param grace how long calls may go on
     * @return completes when no instance is left, nor anything of one; each subscription closes. Cancelling it changes nothing
     */
    public Mono<Void> closeAsync(Duration grace) {
        Objects.requireNonNull(grace, "grace");
        return Mono.defer(() -> {
            if (closing.compareAndSet(false, true)) {
                dispatcher.close(grace, this::closeDrivers);
            }
            return closed.asMono();
        });
    }

    private void closeDrivers() {
        Flux.fromIterable(drivers)
                .flatMapDelayError(Driver::close, Integer.MAX_VALUE, 1)
                .subscribe(null, closed::tryEmitError, closed::tryEmitEmpty);
    }

    // ---- for calls

    AgentSettings settings() {
        return settings;
    }

    TimeoutPolicy timeouts() {
        return timeouts;
    }

    Observers observers() {
        return observers;
    }

    Timers timers() {
        return timers;
    }

    /** What a function is told of a call that may run for so long from now on. */
    AsciiString deadline(long nanos) {
        return deadlines.of(clock.millis() + TimeUnit.NANOSECONDS.toMillis(nanos));
    }

    Dispatcher<LiveInstance> dispatcher() {
        return dispatcher;
    }

    FunctionException tooLate() {
        return new FunctionException(ErrorKind.BUSY, "no instance was free in time", null, RETRY_AFTER);
    }

    /** Collects the parts; not for use by several threads at once. */
    public static final class Builder {

        private final DispatchSettings dispatch;
        private final List<Driver> drivers = new ArrayList<>();
        private AgentSettings settings = AgentSettings.DEFAULTS;
        private TimeoutPolicy timeouts = TimeoutPolicy.RUN;
        private FunctionLogs logs = FunctionLogs.create(LogSettings.DEFAULTS);
        private InvocationObserver observer = InvocationObserver.NONE;
        private DispatchObserver dispatchObserver = DispatchObserver.NONE;
        private Timers timers = new CoarseTimers(Schedulers.parallel());
        private Clock clock = Clock.systemUTC();

        private Builder(DispatchSettings dispatch) {
            this.dispatch = dispatch;
        }

        /**
         * One more driver; an image is run by the first that knows it.
         *
         * @param driver closed with the agent
         * @return this
         */
        public Builder driver(Driver driver) {
            drivers.add(Objects.requireNonNull(driver, "driver"));
            return this;
        }

        /**
         * What functions are allowed.
         *
         * @param changed {@link AgentSettings#DEFAULTS} unless set
         * @return this
         */
        public Builder settings(AgentSettings changed) {
            this.settings = Objects.requireNonNull(changed, "settings");
            return this;
        }

        /**
         * What the timeout of a function bounds.
         *
         * @param changed {@link TimeoutPolicy#RUN} unless set
         * @return this
         */
        public Builder timeouts(TimeoutPolicy changed) {
            this.timeouts = Objects.requireNonNull(changed, "timeouts");
            return this;
        }

        /**
         * What becomes of what functions print.
         *
         * @param changed to the calls and to a logger unless set; stays the caller's to close
         * @return this
         */
        public Builder logs(FunctionLogs changed) {
            this.logs = Objects.requireNonNull(changed, "logs");
            return this;
        }

        /**
         * Who is told of calls.
         *
         * @param changed nobody unless set
         * @return this
         */
        public Builder observer(InvocationObserver changed) {
            this.observer = Objects.requireNonNull(changed, "observer");
            return this;
        }

        /**
         * Who is told of instances and queues.
         *
         * @param changed nobody unless set
         * @return this
         */
        public Builder dispatchObserver(DispatchObserver changed) {
            this.dispatchObserver = Objects.requireNonNull(changed, "dispatchObserver");
            return this;
        }

        /**
         * Times everything: waits, runs, freezing.
         *
         * @param changed a coarse timer on Reactor's parallel scheduler unless set
         * @return this
         */
        public Builder timers(Timers changed) {
            this.timers = Objects.requireNonNull(changed, "timers");
            return this;
        }

        /**
         * Says the time of day, for the deadlines that functions are told.
         *
         * @param changed that of the system unless set
         * @return this
         */
        public Builder clock(Clock changed) {
            this.clock = Objects.requireNonNull(changed, "clock");
            return this;
        }

        /**
         * The agent.
         *
         * @return without instances
         */
        public FunctionAgent build() {
            return new FunctionAgent(this);
        }
    }
}
