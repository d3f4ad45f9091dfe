package io.headgate.limit.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyTableTest {

    /** In use until told otherwise. */
    private static final class State implements KeyTable.Entry {

        private final AtomicBoolean retired = new AtomicBoolean();
        private volatile boolean used;

        @Override
        public boolean retire(long now) {
            return !used && retired.compareAndSet(false, true) || retired.get();
        }
    }

    private final KeyTable<State> table = new KeyTable<>(10, now -> new State(), 0);

    private State use(Object key) {
        State state = table.get(key, 0);
        state.used = true;
        return state;
    }

    @Test
    void aKeyKeepsItsEntry() {
        State first = use("a");

        assertThat(table.get("a", 0)).isSameAs(first).isNotSameAs(use("b"));
        assertThat(table.size()).isEqualTo(2);
    }

    @Test
    void keysForWhichThereIsNoRoomShareOneEntry() {
        IntStream.range(0, 10).forEach(this::use);

        assertThat(table.get("x", 0)).isSameAs(table.get("y", 0)).isSameAs(table.strangers());
        assertThat(table.size()).isEqualTo(10);
        assertThat(table.shared()).isEqualTo(2);
    }

    @Test
    void entriesInUseStayAndIdleOnesMakeRoom() {
        State kept = use("kept");
        for (int i = 0; i < 1000; i++) {
            assertThat(table.get(i, 0)).isNotSameAs(table.strangers());
        }

        assertThat(table.get("kept", 0)).isSameAs(kept);
        assertThat(table.size()).isLessThanOrEqualTo(10);
    }

    @Test
    void aRetiredEntryThatIsForgottenIsMadeAnew() {
        State old = table.get("a", 0);
        assertThat(old.retire(0)).isTrue();
        table.forget("a", old);
        table.forget("a", old);

        assertThat(table.get("a", 0)).isNotSameAs(old);
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void manyThreadsNeverMakeItLargerThanItMayBe() throws Exception {
        AtomicBoolean tooLarge = new AtomicBoolean();
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> {
                for (int n = 0; n < 20_000; n++) {
                    table.get(ThreadLocalRandom.current().nextInt(50), 0);
                    if (table.size() > 10 + threads.length) { // one each may be on its way out again
                        tooLarge.set(true);
                    }
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(tooLarge).isFalse();
        assertThat(table.size()).isBetween(1, 10);
    }
}
