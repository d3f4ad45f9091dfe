package io.headgate.concurrency;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.concurrency.Permits.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class PermitsTest {

    private final List<String> granted = new ArrayList<>();

    private Permits.Waiter waiter(String name) {
        return new Permits.Waiter() {
            @Override
            void granted() {
                granted.add(name);
            }
        };
    }

    @Test
    void grantsAsManyAsTheLimitSays() {
        Permits permits = new Permits(2, 0);

        assertThat(permits.tryTake()).isEqualTo(Answer.GRANTED);
        assertThat(permits.isFull()).isFalse();
        assertThat(permits.tryTake()).isEqualTo(Answer.GRANTED);
        assertThat(permits.isFull()).isTrue();
        assertThat(permits.tryTake()).isEqualTo(Answer.REFUSED);
        assertThat(permits.queue(waiter("a"))).isEqualTo(Answer.REFUSED);
        permits.release();
        assertThat(permits.tryTake()).isEqualTo(Answer.GRANTED);
    }

    @Test
    void firstComeFirstServed() {
        Permits permits = new Permits(1, 2);
        permits.tryTake();
        permits.queue(waiter("a"));
        permits.queue(waiter("b"));
        assertThat(permits.queue(waiter("c"))).isEqualTo(Answer.REFUSED);
        assertThat(permits.waiting()).isEqualTo(2);
        permits.release();
        assertThat(permits.tryTake()).as("one who comes later").isEqualTo(Answer.REFUSED);
        permits.release();

        assertThat(granted).containsExactly("a", "b");
        assertThat(permits.taken()).isEqualTo(1);
        permits.release();
        assertThat(permits.taken()).isZero();
    }

    @Test
    void whoLeavesGivesThePlaceBackAndIsNotGranted() {
        Permits permits = new Permits(1, 1);
        permits.tryTake();
        Permits.Waiter gone = waiter("gone");
        permits.queue(gone);
        assertThat(gone.leave()).isTrue();
        assertThat(gone.leave()).isFalse();
        assertThat(permits.waiting()).isZero();
        assertThat(permits.queue(waiter("b"))).isEqualTo(Answer.QUEUED);
        permits.release();

        assertThat(granted).containsExactly("b");
        assertThat(permits.taken()).isEqualTo(1);
    }

    @Test
    void whoLeavesBeforeItQueuesIsNotQueued() {
        Permits permits = new Permits(1, 1);
        permits.tryTake();
        Permits.Waiter gone = waiter("gone");
        assertThat(gone.leave()).isFalse();

        assertThat(permits.queue(gone)).isEqualTo(Answer.LEFT);
        assertThat(permits.waiting()).isZero();
        permits.release();
        assertThat(granted).isEmpty();
        assertThat(permits.taken()).isZero();
    }

    @Test
    void whoeverLeavesInMassesLeavesNoGarbageBehind() {
        Permits permits = new Permits(1, 10);
        permits.tryTake();
        for (int i = 0; i < 100_000; i++) {
            Permits.Waiter waiter = waiter("gone");
            permits.queue(waiter);
            waiter.leave();
            assertThat(permits.queued()).isLessThan(200);
        }
    }

    @Test
    void aHigherLimitServesThoseWhoWaitAndALowerOneKeepsWhatComesBack() {
        Permits permits = new Permits(1, 5);
        permits.tryTake();
        permits.queue(waiter("a"));
        permits.queue(waiter("b"));
        permits.queue(waiter("c"));
        permits.limit(3);
        assertThat(granted).containsExactly("a", "b");
        permits.limit(1);
        permits.release();
        permits.release();
        assertThat(granted).containsExactly("a", "b");
        permits.release();

        assertThat(granted).containsExactly("a", "b", "c");
    }

    @Test
    void aGrantThatEndsAtOnceDoesNotNest() {
        Permits permits = new Permits(1, 100_000);
        permits.tryTake();
        AtomicInteger count = new AtomicInteger();
        for (int i = 0; i < 100_000; i++) {
            permits.queue(new Permits.Waiter() {
                @Override
                void granted() {
                    count.incrementAndGet();
                    permits.release(); // would overflow the stack
                }
            });
        }
        permits.release();

        assertThat(count).hasValue(100_000);
        assertThat(permits.taken()).isZero();
    }

    @Test
    void areForgottenWhenNobodyHasOneOnly() {
        Permits permits = new Permits(1, 1);
        permits.tryTake();
        assertThat(permits.retire(0)).isFalse();
        permits.release();
        assertThat(permits.retire(0)).isTrue();

        assertThat(permits.tryTake()).isEqualTo(Answer.RETIRED);
        assertThat(permits.queue(waiter("a"))).isEqualTo(Answer.RETIRED);
        assertThat(permits.taken()).isZero();
        assertThat(permits.waiting()).isZero();
        assertThat(permits.isFull()).isFalse();
    }

    /** Threads take, wait, leave and give back; in the end everybody has been served or has left, and nothing is taken. */
    @Test
    void nobodyIsForgottenUnderStress() throws Exception {
        Stress stress = new Stress(new Permits(3, 50));
        CyclicBarrier start = new CyclicBarrier(8);
        Thread[] threads = new Thread[8];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> stress.run(start), "stress");
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        stress.giveAllBack();

        Awaitility.await().untilAsserted(() -> assertThat(stress.open).hasValue(0));
        assertThat(stress.mostAtOnce.get()).isLessThanOrEqualTo(3);
        assertThat(stress.permits.taken()).isZero();
        assertThat(stress.permits.waiting()).isZero();
        assertThat(stress.permits.tryTake()).isEqualTo(Answer.GRANTED);
        assertThat(stress.served.sum()).isPositive();
    }

    private static final class Stress {

        private static final int ROUNDS = 50_000;

        private final Permits permits;
        private final AtomicInteger open = new AtomicInteger(); // who wait and have neither been served nor left
        private final AtomicInteger held = new AtomicInteger();
        private final AtomicInteger mostAtOnce = new AtomicInteger();
        private final LongAdder served = new LongAdder();

        /** What was granted to waiters and is held until somebody gives it back. */
        private final AtomicInteger owed = new AtomicInteger();

        Stress(Permits permits) {
            this.permits = permits;
        }

        void run(CyclicBarrier start) {
            try {
                start.await();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            for (int i = 0; i < ROUNDS; i++) {
                round(ThreadLocalRandom.current().nextInt(4));
            }
        }

        private void round(int kind) {
            if (permits.tryTake() == Answer.GRANTED) {
                take();
                owed.incrementAndGet();
                if (kind == 0) {
                    giveOneBack();
                }
                return;
            }
            open.incrementAndGet();
            Permits.Waiter waiter = new Permits.Waiter() {
                @Override
                void granted() {
                    take();
                    served.increment();
                    open.decrementAndGet();
                    if (kind == 0) {
                        owed.incrementAndGet(); // somebody else gives it back
                    } else {
                        giveBack();
                    }
                }
            };
            if (permits.queue(waiter) != Answer.QUEUED || kind == 1 && waiter.leave()) {
                open.decrementAndGet();
            }
            giveOneBack();
        }

        private void take() {
            int now = held.incrementAndGet();
            mostAtOnce.accumulateAndGet(now, Math::max);
        }

        private void giveBack() {
            held.decrementAndGet();
            permits.release();
        }

        private boolean giveOneBack() {
            int before = owed.getAndUpdate(n -> Math.max(n - 1, 0));
            if (before > 0) {
                giveBack();
            }
            return before > 0;
        }

        void giveAllBack() {
            while (giveOneBack()) {
                assertThat(held.get()).isGreaterThanOrEqualTo(0);
            }
        }
    }
}
