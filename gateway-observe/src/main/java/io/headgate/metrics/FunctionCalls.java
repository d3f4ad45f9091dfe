package io.headgate.metrics;

import io.headgate.function.invoke.Invocation;
import io.headgate.function.invoke.InvocationEnd;
import io.headgate.function.invoke.InvocationObserver;
import io.headgate.function.model.ErrorKind.Blame;
import io.headgate.function.model.FunctionException;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Calls of functions: how many, how they end, and the time of their phases. */
final class FunctionCalls implements InvocationObserver {

    private final FunctionTable<Key, Series> functions;
    private final LongAdder
            queued; // of all functions: one that makes room, or finds it, must not leave its calls behind
    private final LongAdder running;

    private record Key(String appId, String fnId) {}

    FunctionCalls(FunctionMeters meters, int most, LongSupplier clock) {
        queued = meters.upDown("queued", "Calls that wait for an instance, of all functions");
        running = meters.upDown("running", "Calls that an instance has, of all functions");
        functions = new FunctionTable<>(
                most,
                new Key(FunctionTable.OTHER, FunctionTable.OTHER),
                key -> new Series(meters.part(Tags.of("app_id", key.appId, "fn_id", key.fnId))),
                clock);
    }

    private Series of(Invocation call) {
        return functions.of(new Key(call.app().id(), call.fn().id()));
    }

    @Override
    public void queued(Invocation call) {
        of(call).calls.increment();
        queued.increment();
    }

    @Override
    public void started(Invocation call, boolean cold, long waitedNanos) {
        Series series = of(call);
        queued.decrement();
        running.increment();
        (cold ? series.coldQueue : series.warmQueue).record(waitedNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void ended(Invocation call, InvocationEnd end) {
        Series series = of(call);
        if (end.ran()) {
            running.decrement();
            (end.cold() ? series.coldRun : series.warmRun).record(end.ranNanos(), TimeUnit.NANOSECONDS);
        } else {
            queued.decrement();
            series.noQueue.record(end.waitedNanos(), TimeUnit.NANOSECONDS);
        }
        switch (end.outcome()) {
            case COMPLETED -> series.completed.increment();
            case CANCELLED -> series.canceled.increment();
            case TIMED_OUT -> series.timeouts.increment();
            case BUSY -> series.busy.increment();
            case FAILED -> series.errors[blame(end).ordinal()].increment();
        }
    }

    private static Blame blame(InvocationEnd end) {
        return end.error() instanceof FunctionException known ? known.kind().blame() : Blame.SERVICE;
    }

    void close() {
        functions.close();
    }

    private static final class Series extends FunctionTable.Series {

        private static final String QUEUE = "Time until a call had an instance; with start=none, until it was given up";
        private static final String RUN = "Time from when a call was sent to an instance until its reply had been read";

        final FunctionMeters meters;
        final LongAdder calls;
        final LongAdder completed;
        final LongAdder canceled;
        final LongAdder timeouts;
        final LongAdder busy;
        final LongAdder[] errors;
        final Timer coldQueue;
        final Timer warmQueue;
        final Timer noQueue;
        final Timer coldRun;
        final Timer warmRun;

        Series(FunctionMeters meters) {
            this.meters = meters;
            calls = meters.counter(
                    "calls", Tags.empty(), "Calls, those among them that were dropped before they began");
            completed = meters.counter("completed", Tags.empty(), "Calls that the function has answered");
            canceled = meters.counter("canceled", Tags.empty(), "Calls whose callers have left");
            timeouts = meters.counter("timeouts", Tags.empty(), "Calls that took too long, or whose instance did");
            busy = meters.counter("server.busy", Tags.empty(), "Calls that were refused because nothing was free");
            errors = new LongAdder[Blame.values().length];
            for (Blame blame : Blame.values()) {
                Tags whose = Tags.of("blame", blame.name().toLowerCase(Locale.ROOT));
                errors[blame.ordinal()] = meters.counter("errors", whose, "Calls that failed, by whose fault it was");
            }
            coldQueue = meters.timer("call.queue.duration", Tags.of("start", "cold"), QUEUE);
            warmQueue = meters.timer("call.queue.duration", Tags.of("start", "warm"), QUEUE);
            noQueue = meters.timer("call.queue.duration", Tags.of("start", "none"), QUEUE);
            coldRun = meters.timer("call.run.duration", Tags.of("start", "cold"), RUN);
            warmRun = meters.timer("call.run.duration", Tags.of("start", "warm"), RUN);
        }

        @Override
        void close() {
            meters.close();
        }
    }
}
