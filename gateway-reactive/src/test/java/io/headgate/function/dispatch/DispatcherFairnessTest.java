package io.headgate.function.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnLimits;
import io.headgate.function.model.FunctionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Far more functions than instances, in virtual time: nobody waits for ever, however greedy the others are. */
class DispatcherFairnessTest {

    private static final long MILLI = 1_000_000;

    private final ManualTimers timers = new ManualTimers();
    private final MachineBudget budget = MachineBudget.of(8 * 128, 8);
    private final Random random = new Random(8);
    private final PacedCrew crew = new PacedCrew();
    private final Dispatcher<Worker> dispatcher =
            Dispatcher.create(DispatchSettings.of(budget), crew, timers, DispatchObserver.NONE);
    private final List<Long> waits = new ArrayList<>();
    private long longestWait;
    private int granted;
    private int refused;

    @Test
    void fiveHundredFunctionsShareEightInstances() {
        for (int i = 0; i < 500; i++) {
            callsByChance(workload("fn" + i, 128), 3_000);
        }
        timers.advance(Duration.ofMinutes(1).toNanos());
        DispatchStats stats = dispatcher.stats();
        assertThat(granted).isGreaterThan(5000);
        assertThat(refused).isZero();
        assertThat(longestWait).isLessThan(1_000 * MILLI);
        assertThat(stats.memoryBytes()).isEqualTo(crew.memory).isLessThanOrEqualTo(budget.memoryBytes());
        assertThat(stats.evictions()).isPositive();
    }

    @Test
    void aFunctionThatIsNeverWithoutCallsLeavesRoomForAnother() {
        Workload greedy = workload("greedy", 128);
        for (int i = 0; i < 100; i++) {
            callsForEver(greedy, 20);
        }
        Workload large = workload("large", 512);
        callsByChance(large, 5_000);
        timers.advance(Duration.ofMinutes(1).toNanos());
        assertThat(waits)
                .as("waits of the large function")
                .hasSizeGreaterThan(5)
                .allMatch(wait -> wait < 1_000 * MILLI);
    }

    private static Workload workload(String name, int memoryMb) {
        Fn fn = Fn.of("a", name, "image");
        return Workload.of(
                App.named("app"),
                new Fn(
                        name,
                        "a",
                        name,
                        "image",
                        memoryMb,
                        30,
                        30,
                        fn.config(),
                        fn.annotations(),
                        fn.createdAt(),
                        fn.updatedAt()),
                FnLimits.DEFAULTS);
    }

    private void callsByChance(Workload workload, int meanMillis) {
        long pause = (long) (-Math.log(1 - random.nextDouble()) * meanMillis * MILLI);
        timers.schedule(
                () -> {
                    call(workload, 1 + random.nextInt(20), () -> {});
                    callsByChance(workload, meanMillis);
                },
                pause);
    }

    private void callsForEver(Workload workload, int millis) {
        call(workload, millis, () -> callsForEver(workload, millis));
    }

    private void call(Workload workload, int millis, Runnable after) {
        long since = timers.nanoTime();
        dispatcher.acquire(workload, Long.MAX_VALUE, new Waiter<>() {
            @Override
            public void granted(Slot<Worker> slot, Grant grant) {
                granted++;
                long wait = timers.nanoTime() - since;
                longestWait = Math.max(longestWait, wait);
                if (workload.fn().memoryMb() > 128) {
                    waits.add(wait);
                }
                timers.schedule(
                        () -> {
                            slot.release();
                            after.run();
                        },
                        millis * MILLI);
            }

            @Override
            public void refused(FunctionException error) {
                refused++;
            }
        });
    }

    /** Starts within 30 ms, stops within 5, freezes within 1. */
    private final class PacedCrew implements Crew<Worker> {

        private long memory;

        @Override
        public void launch(Launch<Worker> launch) {
            memory += launch.workload().memoryBytes();
            timers.schedule(() -> launch.ready(new Worker(launch.workload(), 0)), 30 * MILLI);
        }

        @Override
        public void freeze(Worker instance, Outcome outcome) {
            timers.schedule(outcome::done, MILLI);
        }

        @Override
        public void unfreeze(Worker instance, Outcome outcome) {
            timers.schedule(outcome::done, MILLI);
        }

        @Override
        public void stop(Worker instance, String why, Outcome outcome) {
            timers.schedule(
                    () -> {
                        memory -= instance.workload.memoryBytes();
                        outcome.done();
                    },
                    5 * MILLI);
        }
    }
}
