package io.headgate.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BucketTest {

    private static final long INTERVAL = 100;
    private static final long BURST = 5;

    private long now = 1_000_000;
    private final Bucket bucket = new Bucket(now);

    private long take(long cost) {
        return bucket.take(cost, INTERVAL, BURST, now);
    }

    @Test
    void admitsABurstAndThenTheRate() {
        for (int i = 0; i < BURST; i++) {
            assertThat(take(1)).isEqualTo(Bucket.ADMITTED);
        }
        assertThat(take(1)).isEqualTo(INTERVAL);
        now += INTERVAL - 1;
        assertThat(take(1)).isEqualTo(1);
        now++;
        assertThat(take(1)).isEqualTo(Bucket.ADMITTED);
        assertThat(take(1)).isEqualTo(INTERVAL);
    }

    @Test
    void aRestGivesNoMoreThanABurst() {
        now += 1000 * INTERVAL;
        for (int i = 0; i < BURST; i++) {
            assertThat(take(1)).isEqualTo(Bucket.ADMITTED);
        }
        assertThat(take(1)).isEqualTo(INTERVAL);
    }

    @Test
    void aCostIsTakenWholeOrNotAtAll() {
        assertThat(take(3)).isEqualTo(Bucket.ADMITTED);
        assertThat(take(3)).isEqualTo(INTERVAL);
        assertThat(take(2)).isEqualTo(Bucket.ADMITTED);
    }

    @Test
    void moreThanABurstIsNeverAdmitted() {
        assertThat(take(BURST + 1)).isPositive();
        assertThat(take(Long.MAX_VALUE)).isPositive();
        assertThat(take(BURST)).isEqualTo(Bucket.ADMITTED);
    }

    @Test
    void whatIsGivenBackCanBeTakenAgain() {
        take(BURST);
        bucket.giveBack(2, INTERVAL);

        assertThat(take(2)).isEqualTo(Bucket.ADMITTED);
        assertThat(take(1)).isPositive();
    }

    @Test
    void isForgottenWhenItIsFullOnly() {
        take(2);
        assertThat(bucket.retire(now + 2 * INTERVAL - 1)).isFalse();
        assertThat(bucket.retire(now + 2 * INTERVAL)).isTrue();
        assertThat(take(1)).isEqualTo(Bucket.RETIRED);
        bucket.giveBack(1, INTERVAL);
        assertThat(take(1)).isEqualTo(Bucket.RETIRED);
    }

    /** The clock of the JVM may start anywhere and runs over at its end. */
    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE - 50, -50, 0, -1_000_000_000_000L})
    void worksWhereverTheClockStands(long start) {
        Bucket any = new Bucket(start);
        for (int i = 0; i < BURST; i++) {
            assertThat(any.take(1, INTERVAL, BURST, start + i)).isEqualTo(Bucket.ADMITTED);
        }
        assertThat(any.take(1, INTERVAL, BURST, start + BURST)).isEqualTo(INTERVAL - BURST);
        assertThat(any.take(1, INTERVAL, BURST, start + INTERVAL)).isEqualTo(Bucket.ADMITTED);
    }

    @Test
    void manyThreadsGetNoMoreThanThereIs() throws Exception {
        AtomicInteger admitted = new AtomicInteger();
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> {
                for (int n = 0; n < 10_000; n++) {
                    if (bucket.take(1, INTERVAL, 15_000, now) == Bucket.ADMITTED) {
                        admitted.incrementAndGet();
                    }
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(admitted).hasValue(15_000);
    }
}
