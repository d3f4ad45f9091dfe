package io.headgate.function.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnLimits;
import io.headgate.function.model.FunctionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A slot is given back in the very moment in which a call looks for one, on threads of their own. No timer ever fires and no other call
 * comes, so that nothing finds what was missed: when all threads have done their part, every call must have its slot.
 */
class DispatcherHandoffTest {

    private static final int ROUNDS = 5_000;

    private static final Timers NEVER = new Timers() {
        @Override
        public long nanoTime() {
            return 1;
        }

        @Override
        public Task schedule(Runnable task, long delayNanos) {
            return () -> {};
        }
    };

    private final ConcurrentLinkedQueue<Slot<Object>> held = new ConcurrentLinkedQueue<>();
    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicInteger waited = new AtomicInteger();
    private final AtomicInteger arrived = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger go = new AtomicInteger();
    private volatile boolean failed;
    private final Dispatcher<Object> dispatcher = Dispatcher.create(
            DispatchSettings.of(MachineBudget.of(512, 4)).withFreezeAfter(null),
            new ReadyCrew(),
            NEVER,
            DispatchObserver.NONE);

    @ParameterizedTest(name = "{0} instances of {1} calls")
    @CsvSource({"1, 1", "2, 1", "1, 2", "2, 2"})
    void aCallThatComesWhenASlotIsGivenBackGetsIt(int instances, int concurrency) throws InterruptedException {
        Workload workload = Workload.of(
                App.named("app"),
                Fn.of("a", "f", "image"),
                new FnLimits(0, 0, instances, 100, Duration.ofDays(1), concurrency));
        int slots = instances * concurrency;
        for (int i = 0; i < slots; i++) {
            acquire(workload);
        }
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2 * slots; i++) {
            boolean gives = i % 2 == 0;
            SplittableRandom random = new SplittableRandom(i);
            threads.add(new Thread(() -> rounds(gives, workload, 2 * slots, random)));
        }
        threads.forEach(Thread::start);
        for (int round = 1; round <= ROUNDS; round++) {
            spinUntil(done, round * 2 * slots);
            failed = held.size() != slots;
            go.set(round);
            assertThat(failed)
                    .as("a call waits beside a free slot in round %s: %s", round, dispatcher.stats())
                    .isFalse();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(atOnce).as("calls that found a free slot").hasPositiveValue();
        assertThat(waited).as("calls that were given one in line").hasPositiveValue();
        assertThat(atOnce.get() + waited.get()).isEqualTo((ROUNDS + 1) * slots);
        held.forEach(Slot::release);
        assertThat(dispatcher.stats().queues()).allMatch(queue -> queue.waiting() == 0 && queue.busy() == 0);
    }

    private void rounds(boolean gives, Workload workload, int all, SplittableRandom random) {
        for (int round = 1; round <= ROUNDS; round++) {
            spinUntil(go, round - 1);
            if (failed) {
                return;
            }
            Slot<Object> mine = gives ? held.remove() : null;
            arrived.incrementAndGet();
            spinUntil(arrived, round * all);
            for (int i = random.nextInt(40); i > 0; i--) {
                Thread.onSpinWait();
            }
            if (mine == null) {
                acquire(workload);
            } else {
                mine.release();
            }
            done.incrementAndGet();
        }
    }

    private void acquire(Workload workload) {
        dispatcher.acquire(workload, Long.MAX_VALUE, new Waiter<>() {
            @Override
            public void granted(Slot<Object> slot, Grant grant) {
                (grant == Grant.AT_ONCE ? atOnce : waited).incrementAndGet();
                held.add(slot);
            }

            @Override
            public void refused(FunctionException error) {
                throw new AssertionError(error);
            }
        });
    }

    /** The others may have to share a processor with this thread. */
    private static void spinUntil(AtomicInteger counter, int value) {
        for (int i = 0; counter.get() < value; i++) {
            if (i % 200 == 199) {
                Thread.yield();
            } else {
                Thread.onSpinWait();
            }
        }
    }

    /** Does at once what it is told. */
    private static final class ReadyCrew implements Crew<Object> {

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
