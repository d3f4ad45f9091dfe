package io.headgate.function.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.App;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnLimits;
import io.headgate.function.model.FunctionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Real threads, a bounded number of calls, and the same rules as for the histories. */
class DispatcherStressTest {

    private static final int THREADS = 4;
    private static final int CALLS = Integer.getInteger("headgate.dispatch.calls", 5_000);
    private static final int OPEN = 8;

    private final MachineBudget budget = MachineBudget.of(6 * 128, 4);
    private final Faults faults = new Faults();
    private final ExecutorService crewThreads = Executors.newFixedThreadPool(2);
    private final ScheduledExecutorService timerThread = Executors.newSingleThreadScheduledExecutor();
    private final CountDownLatch closed = new CountDownLatch(1);
    private int closeAfter = Integer.MAX_VALUE;
    private final AtomicLong memory = new AtomicLong();
    private final AtomicInteger live = new AtomicInteger();
    private final AtomicInteger granted = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger cancelled = new AtomicInteger();
    private final Dispatcher<Busy> dispatcher = Dispatcher.create(
            DispatchSettings.of(budget)
                    .withFreezeAfter(Duration.ZERO)
                    .withHotPoll(Duration.ofMillis(5))
                    .withPatience(Duration.ofMillis(2)),
            new RealCrew(),
            Timers.of(timerThread),
            DispatchObserver.NONE);

    @Test
    void everyCallIsAnsweredOnceAndNoSlotIsUsedTwice() throws InterruptedException {
        run();
        assertThat(granted.get()).isGreaterThan(THREADS * CALLS / 2);
    }

    @Test
    void closingWhileCallsComeAnswersThemAll() throws InterruptedException {
        closeAfter = THREADS * CALLS / 8;
        run();
        assertThat(refused.get()).isGreaterThan(THREADS * CALLS / 4);
    }

    private void run() throws InterruptedException {
        List<Workload> workloads = List.of(
                workload("plain", 128, new FnLimits(0, 0, 3, 99_999, Duration.ofDays(1), 1)),
                workload("large", 256, new FnLimits(100, 1, 2, 99_999, Duration.ofDays(1), 1)),
                workload("shared", 128, new FnLimits(0, 0, 2, 99_999, Duration.ofDays(1), 3)),
                workload("impatient", 384, new FnLimits(0, 0, 1, 10, Duration.ofMillis(20), 1)));
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int seed = i;
            threads.add(new Thread(() -> calls(new Random(seed), workloads)));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join(60_000);
            assertThat(thread.isAlive())
                    .as("a call was never answered: %s", dispatcher.stats())
                    .isFalse();
        }
        dispatcher.close(Duration.ofSeconds(30), closed::countDown);
        assertThat(closed.await(60, TimeUnit.SECONDS))
                .as("closed: %s", dispatcher.stats())
                .isTrue();
        timerThread.shutdownNow();
        crewThreads.shutdown();
        assertThat(crewThreads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        faults.assertNone();
        assertThat(granted.get() + refused.get() + cancelled.get()).isEqualTo(THREADS * CALLS);
        assertThat(memory.get()).isZero();
        assertThat(live.get()).isZero();
        assertThat(dispatcher.stats().memoryBytes()).isZero();
        assertThat(dispatcher.stats().cpuMillis()).isZero();
    }

    private void calls(Random random, List<Workload> workloads) {
        Semaphore open = new Semaphore(OPEN);
        for (int i = 0; i < CALLS; i++) {
            open.acquireUninterruptibly();
            Workload workload = workloads.get(Math.min(random.nextInt(6), workloads.size() - 1) % workloads.size());
            RealCall call = new RealCall(workload, open, random.nextInt(50), random.nextInt(200));
            Ticket ticket = dispatcher.acquire(workload, Long.MAX_VALUE, call);
            if (random.nextInt(10) == 0 && ticket.cancel()) {
                call.ends(cancelled);
            }
        }
        open.acquireUninterruptibly(OPEN);
    }

    private static Workload workload(String name, int memoryMb, FnLimits limits) {
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
                        1,
                        fn.config(),
                        fn.annotations(),
                        fn.createdAt(),
                        fn.updatedAt()),
                limits);
    }

    private final class RealCall implements Waiter<Busy> {

        private final Workload workload;
        private final Semaphore open;
        private final int way;
        private final int spins;
        private final AtomicInteger answers = new AtomicInteger();

        RealCall(Workload workload, Semaphore open, int way, int spins) {
            this.workload = workload;
            this.open = open;
            this.way = way;
            this.spins = spins;
        }

        void ends(AtomicInteger how) {
            faults.check(answers.getAndIncrement() == 0, "answered twice");
            if (how.incrementAndGet() == closeAfter && how == granted) {
                dispatcher.close(Duration.ofSeconds(30), () -> {});
            }
            open.release();
        }

        @Override
        public void granted(Slot<Busy> slot, Grant grant) {
            Busy instance = slot.instance();
            faults.check(instance.workload.equals(workload), "a slot of another function");
            faults.check(!instance.frozen, "a slot of a frozen instance");
            faults.check(
                    instance.calls.incrementAndGet() <= workload.limits().concurrency(), "a slot used twice at once");
            if (way < 25) {
                run(slot);
            } else {
                crewThreads.execute(() -> run(slot));
            }
        }

        private void run(Slot<Busy> slot) {
            Busy instance = slot.instance();
            for (int i = 0; i < spins; i++) {
                Thread.onSpinWait();
            }
            faults.check(!instance.stopped || instance.crashed, "stopped while it had a call");
            instance.calls.decrementAndGet();
            if (way == 1) {
                slot.fail("failed");
            } else if (way == 2) {
                instance.crashed = true;
                dispatcher.ended(instance, "crashed");
                slot.fail("crashed");
            } else {
                slot.release();
            }
            slot.release();
            ends(granted);
        }

        @Override
        public void refused(FunctionException error) {
            faults.check(
                    error.kind() == ErrorKind.BUSY
                            || error.kind() == ErrorKind.TOO_MANY_CALLS
                            || error.kind() == ErrorKind.START_FAILED,
                    "refused with " + error);
            ends(refused);
        }
    }

    private static final class Busy {

        final Workload workload;
        final AtomicInteger calls = new AtomicInteger();
        volatile boolean frozen;
        volatile boolean stopped;
        volatile boolean crashed;

        Busy(Workload workload) {
            this.workload = workload;
        }
    }

    private final class RealCrew implements Crew<Busy> {

        private final AtomicInteger launches = new AtomicInteger();

        @Override
        public void launch(Launch<Busy> launch) {
            long bytes = launch.workload().memoryBytes();
            faults.check(memory.addAndGet(bytes) <= budget.memoryBytes(), "more is launched than fits");
            live.incrementAndGet();
            boolean fails = launches.incrementAndGet() % 10 == 0;
            crewThreads.execute(() -> {
                if (fails) {
                    memory.addAndGet(-bytes);
                    live.decrementAndGet();
                    launch.failed(new FunctionException(ErrorKind.START_FAILED, "does not start"));
                } else {
                    launch.ready(new Busy(launch.workload()));
                }
            });
        }

        @Override
        public void freeze(Busy instance, Outcome outcome) {
            faults.check(!instance.frozen, "frozen twice");
            instance.frozen = true;
            crewThreads.execute(outcome::done);
        }

        @Override
        public void unfreeze(Busy instance, Outcome outcome) {
            faults.check(instance.frozen, "not frozen");
            crewThreads.execute(() -> {
                instance.frozen = false;
                outcome.done();
            });
        }

        @Override
        public void stop(Busy instance, String why, Outcome outcome) {
            faults.check(!instance.stopped, "stopped twice");
            instance.stopped = true;
            crewThreads.execute(() -> {
                memory.addAndGet(-instance.workload.memoryBytes());
                live.decrementAndGet();
                outcome.done();
            });
        }
    }
}
