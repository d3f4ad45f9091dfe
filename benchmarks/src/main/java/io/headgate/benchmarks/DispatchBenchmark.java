package io.headgate.benchmarks;

import io.headgate.function.dispatch.Crew;
import io.headgate.function.dispatch.DispatchObserver;
import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.Dispatcher;
import io.headgate.function.dispatch.Grant;
import io.headgate.function.dispatch.Launch;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.dispatch.Slot;
import io.headgate.function.dispatch.Ticket;
import io.headgate.function.dispatch.Timers;
import io.headgate.function.dispatch.Waiter;
import io.headgate.function.dispatch.Workload;
import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnLimits;
import io.headgate.function.model.FunctionException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.infra.Blackhole;

/** What the dispatcher costs a call: a slot taken and given back. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DispatchBenchmark {

    private static final int QUEUED = 64;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Workload hot = workload("hot", 8);
    private final Workload narrow = workload("narrow", 1);
    private final Dispatcher<Object> dispatcher = Dispatcher.create(
            DispatchSettings.of(MachineBudget.of(4096, 4)).withFreezeAfter(null),
            new Instantly(),
            Timers.of(timer),
            DispatchObserver.NONE);

    private static Workload workload(String name, int maxInstances) {
        FnLimits limits = new FnLimits(0, 0, maxInstances, Integer.MAX_VALUE, Duration.ofDays(365), 1);
        return Workload.of(App.named("app"), Fn.of("app", name, "image"), limits);
    }

    /** Starts an instance of each. */
    @Setup
    public void setUp() {
        Holder holder = new Holder();
        dispatcher.acquire(hot, Long.MAX_VALUE, holder);
        holder.release();
        dispatcher.acquire(narrow, Long.MAX_VALUE, holder);
        holder.release();
    }

    /** Stops them and the timers. */
    @TearDown
    public void tearDown() {
        dispatcher.close(Duration.ZERO, timer::shutdown);
    }

    /** A slot that is free. */
    @Benchmark
    public Ticket hot() {
        Holder holder = new Holder();
        Ticket ticket = dispatcher.acquire(hot, Long.MAX_VALUE, holder);
        holder.release();
        return ticket;
    }

    /** The same by two threads, which push to and pop from one stack. */
    @Benchmark
    @Threads(2)
    public Ticket hotByTwo() {
        return hot();
    }

    /** 64 calls for one instance, for all of them together: all but one wait in line. */
    @Benchmark
    public void queued(Blackhole hole) {
        Holder first = new Holder();
        hole.consume(dispatcher.acquire(narrow, Long.MAX_VALUE, first));
        for (int i = 1; i < QUEUED; i++) {
            hole.consume(dispatcher.acquire(narrow, Long.MAX_VALUE, new AtOnce()));
        }
        first.release();
    }

    private static final class Holder implements Waiter<Object> {

        private @Nullable Slot<Object> slot;

        @Override
        public void granted(Slot<Object> granted, Grant grant) {
            slot = granted;
        }

        @Override
        public void refused(FunctionException error) {
            throw error;
        }

        void release() {
            Objects.requireNonNull(slot, "slot").release();
        }
    }

    private static final class AtOnce implements Waiter<Object> {

        @Override
        public void granted(Slot<Object> granted, Grant grant) {
            granted.release();
        }

        @Override
        public void refused(FunctionException error) {
            throw error;
        }
    }

    private static final class Instantly implements Crew<Object> {

        @Override
        public void launch(Launch<Object> launch) {
            launch.ready(new Object());
        }

        @Override
        public void freeze(Object instance, Outcome outcome) {
            outcome.done();
        }

        @Override
        public void unfreeze(Object instance, Outcome outcome) {
            outcome.done();
        }

        @Override
        public void stop(Object instance, String why, Outcome outcome) {
            outcome.done();
        }
    }
}
