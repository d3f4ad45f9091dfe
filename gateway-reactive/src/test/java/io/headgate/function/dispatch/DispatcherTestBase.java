package io.headgate.function.dispatch;

import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** A dispatcher on a small machine, under a clock and a crew that do what a test says. */
abstract class DispatcherTestBase {

    static final long FOREVER = Long.MAX_VALUE;
    static final App APP = App.named("app");

    final ManualTimers timers = new ManualTimers();
    final MachineBudget budget = MachineBudget.of(512, 4);
    final ManualCrew crew = new ManualCrew(budget);
    final DispatchSettings settings = DispatchSettings.of(budget).withFreezeAfter(null);
    Dispatcher<Worker> dispatcher = with(settings);

    final Workload small = workload("small", 128, FnLimits.DEFAULTS);
    final Workload other = workload("other", 128, FnLimits.DEFAULTS);
    final Workload large = workload("large", 512, FnLimits.DEFAULTS);

    @AfterEach
    void nothingIsOutOfPlace() {
        crew.faults.assertNone();
    }

    Dispatcher<Worker> with(DispatchSettings changed) {
        dispatcher = Dispatcher.create(changed, crew, timers, DispatchObserver.NONE);
        return dispatcher;
    }

    static Workload workload(String name, int memoryMb, FnLimits limits) {
        Fn fn = Fn.of("a", name, "image");
        return Workload.of(
                APP,
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
                limits);
    }

    static FnLimits limits(int min, int max, int maxWaiting, Duration maxWait, int concurrency) {
        return new FnLimits(0, min, max, maxWaiting, maxWait, concurrency);
    }

    Caller call(Workload workload) {
        return Caller.of(dispatcher, workload, FOREVER, crew.faults);
    }

    List<Caller> calls(int count, Workload workload) {
        List<Caller> callers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            callers.add(call(workload));
        }
        return callers;
    }

    DispatchStats.QueueStats stats(Workload workload) {
        return dispatcher.stats().queues().stream()
                .filter(queue -> queue.workload().equals(workload))
                .findFirst()
                .orElseThrow();
    }

    Caller warm(Workload workload) {
        Caller caller = call(workload);
        crew.succeed();
        caller.release();
        return caller;
    }
}
