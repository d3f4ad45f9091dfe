package io.headgate.function.async;

import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Calls come to one recorded end whatever happens to processes, clocks and the store. */
class AsyncHistoryTest {

    private static final int SEEDS = Integer.getInteger("headgate.test.histories", 15);

    @TestFactory
    Stream<DynamicTest> everyCallEndsAndNoneRunsTwiceAtATime() {
        return histories(false);
    }

    @TestFactory
    Stream<DynamicTest> everyCallEndsAlthoughClocksJump() {
        return histories(true);
    }

    private static Stream<DynamicTest> histories(boolean clocksJump) {
        return LongStream.rangeClosed(1, SEEDS)
                .mapToObj(seed -> DynamicTest.dynamicTest("history " + seed, () -> {
                    try (AsyncHistory history = new AsyncHistory(seed, clocksJump)) {
                        history.live(150);
                        history.comeToAnEnd();
                        history.check();
                    }
                }));
    }
}
