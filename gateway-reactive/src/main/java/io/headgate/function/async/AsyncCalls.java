package io.headgate.function.async;

import io.headgate.function.invoke.AsyncAcceptor;
import io.headgate.function.invoke.Invocation;
import io.headgate.function.invoke.Invoker;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.function.store.Target;
import io.headgate.http.Body;
import io.headgate.http.BodyTooLargeException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Calls that outlive their callers and this process. A call is recorded in the {@link CallStore} before it is accepted; then this
 * process, or another one on the same store, leases it, runs it, and records its end. Every accepted call ends recorded. It runs at
 * least once unless its function is gone or it expires; more than once when it fails, or when the process that runs it ends or loses
 * its lease.
 *
 * <p>Function and application are looked up when the call runs, and are those of that time. A failure of the store is told to the
 * {@link AsyncObserver}, and the store is asked again; while it is down, calls are refused.
 *
 * <p><b>Threading.</b> Any thread may call; nothing blocks. Calls start on threads of the store and of the timer.
 */
public final class AsyncCalls implements AsyncAcceptor {

    private final CallStore store;
    private final AsyncSettings settings;
    private final AsyncObserver observer;
    private final Clock clock;
    private final StoreAccess access;
    private final Backlogs backlogs;
    private final CallWorker worker;

    private AsyncCalls(Builder from) {
        this.store = from.store;
        this.settings = from.settings;
        this.observer = new GuardedObserver(from.observer);
        this.clock = from.clock;
        this.access = new StoreAccess(settings, observer, from.timer, from.random);
        AsyncSetup setup = new AsyncSetup(
                store,
                from.invoker,
                from.functions,
                settings,
                observer,
                from.name,
                clock,
                from.timer,
                from.random,
                access);
        this.backlogs = new Backlogs(setup);
        this.worker = new CallWorker(setup);
    }

    /**
     * Begins to say how calls are kept and run.
     *
     * @param store keeps the calls; stays the caller's to close
     * @param invoker runs them
     * @param functions looks functions up by id
     * @return a builder
     */
    public static Builder builder(
            CallStore store, Invoker invoker, Function<? super String, ? extends Mono<Target>> functions) {
        return new Builder(store, invoker, functions);
    }

    /**
     * Records a call. When this fails, the caller is told that the call was not accepted; a store that fails after it has done its work
     * may run it nevertheless.
     *
     * <p>A cancel leaves open whether the call is recorded.
     */
    @Override
    public Mono<Void> accept(Invocation invocation) {
        return Mono.defer(() -> payload(invocation))
                .flatMap(payload -> record(queued(invocation, payload)))
                .doOnError(
                        FunctionException.class,
                        why -> observer.refused(invocation.fn().id(), why));
    }

    private Mono<byte[]> payload(Invocation invocation) {
        Body payload = invocation.payload();
        if (worker.isClosing()) {
            payload.discard();
            return Mono.error(refused("the gateway stops", null));
        }
        if (payload.length() > settings.maxPayloadBytes()) {
            payload.discard();
            return Mono.error(tooLarge(null));
        }
        return payload.asBytes(settings.maxPayloadBytes()).onErrorMap(BodyTooLargeException.class, this::tooLarge);
    }

    private FunctionException tooLarge(@Nullable Throwable cause) {
        String message = "payload: too large for an asynchronous call (expected: at most " + settings.maxPayloadBytes()
                + " bytes)";
        return new FunctionException(ErrorKind.TOO_LARGE, message, cause);
    }

    private static FunctionException refused(String why, @Nullable Throwable cause) {
        return new FunctionException(
                ErrorKind.BUSY, "call: not accepted, " + why, cause, Duration.ofSeconds(5)); // a restart takes as long
    }

    private QueuedCall queued(Invocation invocation, byte[] payload) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        return new QueuedCall(
                invocation.id(),
                invocation.app().id(),
                invocation.fn().id(),
                invocation.trigger() == null ? null : invocation.trigger().id(),
                AsyncAnnotations.priority(invocation.fn(), invocation.trigger()),
                invocation.fields(),
                payload,
                now,
                now,
                now.plus(settings.maxAge()));
    }

    private Mono<Void> record(QueuedCall call) {
        return backlogs.admit(call.fnId())
                .then(access.once("add", () -> store.add(call)))
                .onErrorMap(
                        error -> !(error instanceof FunctionException),
                        error -> refused("it may not have been recorded", error))
                .then(Mono.fromRunnable(() -> {
                    observer.accepted(call);
                    worker.accepted();
                }));
    }

    /** Looks for calls now: somebody has revived one, or knows of another one in the store. */
    public void wake() {
        worker.wake();
    }

    /**
     * How many calls this process has a lease on.
     *
     * @return zero or more
     */
    public int running() {
        return worker.running();
    }

    /**
     * Stops: accepts no call any more and leases none, lets those that run go on for a while, then gives them up and their leases back,
     * so that others can take them at once. May be called again.
     *
     * @return completes when nothing runs here any more; each subscription stops. Cancelling it changes nothing
     */
    public Mono<Void> closeAsync() {
        return closeAsync(settings.closeGrace());
    }

    /**
     * Stops as {@link #closeAsync()} with another time than {@link AsyncSettings#closeGrace()}. When it stops already, this changes
     * nothing.
     *
     * @param grace how long calls that run may go on
     * @return completes when nothing runs here any more; each subscription stops. Cancelling it changes nothing
     */
    public Mono<Void> closeAsync(Duration grace) {
        Objects.requireNonNull(grace, "grace");
        return Mono.defer(() -> worker.close(grace));
    }

    /** Says how calls are kept and run. */
    public static final class Builder {

        final CallStore store;
        final Invoker invoker;
        final Function<? super String, ? extends Mono<Target>> functions;
        AsyncSettings settings = AsyncSettings.DEFAULTS;
        AsyncObserver observer = AsyncObserver.NONE;
        String name = "gateway-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
        Clock clock = Clock.systemUTC();
        Scheduler timer = Schedulers.parallel();
        DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();

        private Builder(CallStore store, Invoker invoker, Function<? super String, ? extends Mono<Target>> functions) {
            this.store = Objects.requireNonNull(store, "store");
            this.invoker = Objects.requireNonNull(invoker, "invoker");
            this.functions = Objects.requireNonNull(functions, "functions");
        }

        /**
         * Sets how calls are taken and run; {@link AsyncSettings#DEFAULTS} otherwise.
         *
         * @param value the settings
         * @return this
         */
        public Builder settings(AsyncSettings value) {
            settings = Objects.requireNonNull(value, "settings");
            return this;
        }

        /**
         * Sets who is told; nobody otherwise.
         *
         * @param value the observer
         * @return this
         */
        public Builder observer(AsyncObserver value) {
            observer = Objects.requireNonNull(value, "observer");
            return this;
        }

        /**
         * Sets how this process is called where people look at leases; by default a name that no other one has.
         *
         * @param value the name
         * @return this
         */
        public Builder name(String value) {
            name = Objects.requireNonNull(value, "name");
            return this;
        }

        /**
         * Sets what tells when calls are due and leases end. The clocks of all processes on one store must agree to a sixth of a lease.
         *
         * @param value the clock
         * @return this
         */
        public Builder clock(Clock value) {
            clock = Objects.requireNonNull(value, "clock");
            return this;
        }

        /**
         * Sets what waits; {@link Schedulers#parallel()} otherwise.
         *
         * @param value the scheduler
         * @return this
         */
        public Builder timer(Scheduler value) {
            timer = Objects.requireNonNull(value, "timer");
            return this;
        }

        /**
         * Sets where jitter comes from.
         *
         * @param value gives numbers from 0 to 1
         * @return this
         */
        public Builder random(DoubleSupplier value) {
            random = Objects.requireNonNull(value, "random");
            return this;
        }

        /**
         * Begins to accept and to run calls.
         *
         * @return the calls
         */
        public AsyncCalls start() {
            AsyncCalls calls = new AsyncCalls(this);
            calls.worker.start();
            return calls;
        }
    }
}
