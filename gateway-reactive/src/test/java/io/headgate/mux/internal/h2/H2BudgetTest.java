package io.headgate.mux.internal.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.mux.H2Limits;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What time gives back to a peer, and what only work does. */
class H2BudgetTest {

    private static final int LIMIT = 10;

    /** So far ahead that the clock of the machine adds nothing. */
    private final long start = System.nanoTime() + TimeUnit.HOURS.toNanos(1);

    private final H2Budget budget = new H2Budget(
            H2Limits.builder().resetsPerSecond(LIMIT).earlyResets(LIMIT).build());

    H2BudgetTest() {
        budget.age(start);
    }

    private void takes(H2Meter meter, int count) {
        for (int i = 0; i < count; i++) {
            assertThat(budget.exceeds(meter)).as("%s of %s", i, meter).isFalse();
        }
    }

    private void takesNoMore(H2Meter meter) {
        assertThat(budget.exceeds(meter)).as("%s", meter).isTrue();
    }

    @Test
    void resetsOfASecondAreHalvedAtItsEnd() {
        takes(budget.resets, LIMIT);
        budget.age(start + TimeUnit.SECONDS.toNanos(1));
        takes(budget.resets, LIMIT / 2);
        takesNoMore(budget.resets);
    }

    @Test
    void earlyResetsAreNotForgottenWithTime() {
        takes(budget.earlyResets, LIMIT);
        budget.age(start + TimeUnit.DAYS.toNanos(1));
        takesNoMore(budget.earlyResets);
    }

    @Test
    void earlyResetsAreForgivenForWork() {
        takes(budget.earlyResets, LIMIT);
        budget.served();
        takes(budget.earlyResets, 1);
        takesNoMore(budget.earlyResets);
    }

    @Test
    void workIsCreditedUpToTheLimit() {
        for (int i = 0; i < 100 * LIMIT; i++) {
            budget.served();
        }
        takes(budget.earlyResets, 2 * LIMIT);
        takesNoMore(budget.earlyResets);
    }
}
