package io.headgate.function.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Thousands of histories drawn by chance, each from a seed that a failure names. */
class DispatcherHistoriesTest {

    private static final int HISTORIES = Integer.getInteger("headgate.dispatch.histories", 2000);
    private static final int FIRST = Integer.getInteger("headgate.dispatch.seed", 1);

    @Test
    void everyCallIsAnsweredAndEverythingComesBackWhateverHappens() {
        int granted = 0;
        int refused = 0;
        int cancelled = 0;
        for (int seed = FIRST; seed < FIRST + HISTORIES; seed++) {
            History history = new History(seed);
            try {
                history.run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
            granted += history.granted();
            refused += history.refused();
            cancelled += history.cancelled();
        }
        assertThat(granted).isGreaterThan(HISTORIES);
        assertThat(refused).isGreaterThan(HISTORIES / 10);
        assertThat(cancelled).isGreaterThan(HISTORIES / 10);
    }

    private static final class History {

        private final Random random;
        private final MachineBudget budget;
        private final DispatchSettings settings;
        private final ManualTimers timers = new ManualTimers();
        private final ManualCrew crew;
        private final Gauges gauges;
        private final Dispatcher<Worker> dispatcher;
        private final List<Workload> workloads = new ArrayList<>();
        private final List<Caller> callers = new ArrayList<>();

        History(int seed) {
            random = new Random(seed);
            budget = new MachineBudget((1 + random.nextInt(8)) * 128L * 1024 * 1024, 1000 * (1 + random.nextInt(4)));
            DispatchSettings base = DispatchSettings.of(budget).withPatience(Duration.ofMillis(random.nextInt(600)));
            Duration[] freezes = {null, Duration.ZERO, Duration.ofMillis(50)};
            settings = base.withFreezeAfter(freezes[random.nextInt(3)])
                    .withQueueKeep(random.nextBoolean() ? Duration.ofSeconds(5) : Duration.ofMinutes(60));
            crew = new ManualCrew(budget);
            gauges = new Gauges(crew.faults);
            dispatcher =
                    Dispatcher.create(settings, crew, timers, random.nextInt(4) == 0 ? DispatchObserver.NONE : gauges);
            int functions = 1 + random.nextInt(6);
            long kept = budget.memoryBytes() / (1024 * 1024) / 128 - 1;
            for (int i = 0; i < functions; i++) {
                workloads.add(workload(i, kept-- > functions));
            }
        }

        private Workload workload(int number, boolean mayBeKept) {
            Fn fn = Fn.of("app", "fn" + number, "image");
            int units = (int) (budget.memoryBytes() / (128L * 1024 * 1024));
            int memory = mayBeKept ? 128 : 128 * (1 + random.nextInt(Math.min(3, units)));
            fn = new Fn(
                    "id" + number,
                    "app",
                    fn.name(),
                    fn.image(),
                    memory,
                    30,
                    1 + random.nextInt(10),
                    fn.config(),
                    fn.annotations(),
                    fn.createdAt(),
                    fn.updatedAt());
            int cpu = mayBeKept ? 0 : random.nextInt(3) * 250;
            FnLimits limits = new FnLimits(
                    cpu,
                    mayBeKept ? random.nextInt(2) : 0,
                    random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(3),
                    random.nextInt(3) == 0 ? 1 + random.nextInt(4) : Integer.MAX_VALUE,
                    random.nextInt(3) == 0 ? Duration.ofSeconds(1) : Duration.ofDays(365),
                    random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 1);
            return Workload.of(App.named("app"), fn, limits);
        }

        void run() {
            int steps = 20 + random.nextInt(150);
            for (int i = 0; i < steps; i++) {
                step();
                check();
            }
            boolean abrupt = random.nextInt(3) == 0;
            if (!abrupt) {
                calmDown();
            }
            close();
        }

        private void step() {
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> acquire();
                case 3, 4 -> with(Caller::holds, Caller::release);
                case 5 -> end();
                case 6, 7, 8 -> answer();
                case 9 -> timers.advanceMillis(random.nextInt(200));
                case 10 -> timers.advanceMillis(random.nextInt(20) == 0 ? 20_000 : 1);
                default -> rare();
            }
        }

        private void acquire() {
            Workload workload = workloads.get(random.nextInt(workloads.size()));
            long deadline = random.nextInt(4) == 0 ? timers.nanoTime() + random.nextInt(2_000_000_000) : Long.MAX_VALUE;
            callers.add(Caller.of(dispatcher, workload, deadline, crew.faults));
        }

        private void end() {
            if (random.nextInt(3) == 0) {
                with(Caller::holds, Caller::fail);
            } else {
                with(Caller::waits, Caller::cancel);
            }
        }

        private void rare() {
            switch (random.nextInt(5)) {
                case 0 -> dispatcher.warm(workloads.get(random.nextInt(workloads.size())));
                case 1 -> dispatcher.forget("id" + random.nextInt(workloads.size()));
                case 2 -> {
                    Worker worker =
                            crew.workers.isEmpty() ? null : crew.workers.get(random.nextInt(crew.workers.size()));
                    if (worker != null) {
                        worker.ended = true;
                        dispatcher.ended(worker, "crashed");
                    }
                }
                default -> answer();
            }
        }

        private void answer() {
            if (crew.orders.isEmpty()) {
                return;
            }
            ManualCrew.Order order = crew.orders.remove(random.nextInt(crew.orders.size()));
            if (random.nextInt(8) == 0) {
                order.fail();
            } else {
                order.succeed();
            }
        }

        private void with(java.util.function.Predicate<Caller> which, java.util.function.Consumer<Caller> what) {
            List<Caller> some = callers.stream().filter(which).toList();
            if (!some.isEmpty()) {
                what.accept(some.get(random.nextInt(some.size())));
            }
        }

        private void check() {
            crew.faults.assertNone();
            DispatchStats stats = dispatcher.stats();
            assertThat(stats.memoryBytes()).isEqualTo(crew.memory).isBetween(0L, budget.memoryBytes());
            assertThat(stats.cpuMillis()).isEqualTo(crew.cpu).isBetween(0L, budget.cpuMillis());
            int waiting = stats.queues().stream()
                    .mapToInt(DispatchStats.QueueStats::waiting)
                    .sum();
            assertThat(waiting)
                    .isEqualTo((int) callers.stream().filter(Caller::waits).count());
            for (DispatchStats.QueueStats queue : stats.queues()) {
                int instances = queue.starting() + queue.idle() + queue.paused() + queue.busy() + queue.stopping();
                assertThat(instances)
                        .isLessThanOrEqualTo(queue.workload().limits().maxInstances());
                assertThat(queue.waiting())
                        .isLessThanOrEqualTo(queue.workload().limits().maxWaiting());
            }
        }

        /** From now on all goes well, so that nobody waits for long. */
        private void calmDown() {
            for (int i = 0; i < 400 && (i < 3 || callers.stream().anyMatch(Caller::waits)); i++) {
                while (!crew.orders.isEmpty()) {
                    crew.succeed();
                }
                callers.stream().filter(Caller::holds).toList().forEach(Caller::release);
                timers.advanceMillis(50);
                check();
            }
            assertThat(callers.stream().filter(Caller::waits))
                    .as("calls that nobody serves")
                    .isEmpty();
        }

        private void close() {
            boolean[] closed = new boolean[1];
            dispatcher.close(Duration.ofSeconds(random.nextInt(3)), () -> closed[0] = true);
            assertThat(callers.stream().filter(Caller::waits))
                    .as("calls that wait")
                    .isEmpty();
            callers.add(Caller.of(dispatcher, workloads.get(0), Long.MAX_VALUE, crew.faults));
            assertThat(callers.get(callers.size() - 1).error).isNotNull();
            for (int i = 0; i < 10_000 && !closed[0]; i++) {
                with(Caller::holds, random.nextInt(4) == 0 ? Caller::release : caller -> {});
                answer();
                timers.advanceMillis(100);
            }
            assertThat(closed[0]).as("closed").isTrue();
            assertThat(crew.workers).isEmpty();
            assertThat(crew.memory).isZero();
            assertThat(crew.cpu).isZero();
            assertThat(dispatcher.stats().memoryBytes()).isZero();
            callers.stream().filter(Caller::holds).toList().forEach(Caller::release);
            callers.forEach(caller -> assertThat(caller.waits()).isFalse());
            gauges.checkEmpty();
            crew.faults.assertNone();
        }

        int granted() {
            return (int) callers.stream().filter(caller -> caller.slot != null).count();
        }

        int refused() {
            return (int) callers.stream().filter(caller -> caller.error != null).count();
        }

        int cancelled() {
            return (int) callers.stream().filter(caller -> caller.cancelled).count();
        }
    }

    /** Counts what the observer is told, which must add up to nothing. */
    private static final class Gauges implements DispatchObserver {

        private final int[] states = new int[InstanceState.values().length];
        private final Faults faults;
        private int waiting;

        Gauges(Faults faults) {
            this.faults = faults;
        }

        @Override
        public void moved(Workload workload, InstanceState from, InstanceState to, long nanos) {
            faults.check(from.mayBecome(to), from + " became " + to);
            faults.check(nanos >= 0, "a state that lasted " + nanos);
            states[from.ordinal()]--;
            states[to.ordinal()]++;
        }

        @Override
        public void waits(Workload workload) {
            waiting++;
        }

        @Override
        public void granted(Workload workload, Grant grant) {
            waiting -= grant.waitedNanos() > 0 ? 1 : 0;
        }

        @Override
        public void refused(Workload workload, boolean waited, io.headgate.function.model.FunctionException error) {
            waiting -= waited ? 1 : 0;
        }

        @Override
        public void left(Workload workload) {
            waiting--;
        }

        void checkEmpty() {
            assertThat(waiting).as("calls that wait, as observed").isZero();
            for (InstanceState state : InstanceState.values()) {
                if (state != InstanceState.NONE && state != InstanceState.DONE) {
                    assertThat(states[state.ordinal()]).as("instances " + state).isZero();
                }
            }
        }
    }
}
