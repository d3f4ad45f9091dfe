package io.headgate.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // a clock may overflow

    private RetryBudget budget(double ratio, int minPerSecond, int ttlSeconds) {
        return RetryBudget.of(new BudgetSettings(ratio, minPerSecond, Duration.ofSeconds(ttlSeconds)), () -> now.get());
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private static int withdrawAll(RetryBudget budget) {
        int count = 0;
        while (count < 100_000 && budget.tryWithdraw()) {
            count++;
        }
        return count;
    }

    private static void deposit(RetryBudget budget, int times) {
        for (int i = 0; i < times; i++) {
            budget.deposit();
        }
    }

    @Test
    void aFifthOfTheCallsMayBeRetried() {
        RetryBudget budget = budget(0.2, 0, 10);
        assertThat(budget.tryWithdraw()).isFalse();
        deposit(budget, 104);
        assertThat(budget.balance()).isEqualTo(20);
        assertThat(withdrawAll(budget)).isEqualTo(20);
        deposit(budget, 1);
        assertThat(budget.tryWithdraw()).as("what was left over counts").isTrue();
    }

    @Test
    void aRatioThatWasAFloatOnTheWireIsNotRoundedUp() {
        RetryBudget budget = budget(0.2f, 0, 10);
        deposit(budget, 100);
        assertThat(withdrawAll(budget)).isEqualTo(20);
    }

    @Test
    void theCostIsRoundedDownAsTheReferenceDoes() {
        RetryBudget budget = budget(0.3, 0, 10);
        deposit(budget, 30);
        assertThat(withdrawAll(budget)).isEqualTo(10); // floor(1 / 0.3) is 3
    }

    @Test
    void aRatioAboveOneAllowsSeveralRetriesForACall() {
        RetryBudget budget = budget(2.5, 0, 10);
        deposit(budget, 2);
        assertThat(withdrawAll(budget)).isEqualTo(5);
        RetryBudget most = budget(1000, 0, 10);
        deposit(most, 1);
        assertThat(withdrawAll(most)).isEqualTo(1000);
    }

    @Test
    void withoutARatioThereIsTheReserveAlone() {
        RetryBudget budget = budget(0, 3, 2);
        deposit(budget, 1000);
        assertThat(withdrawAll(budget)).isEqualTo(6);
    }

    @Test
    void theReserveIsThereOnTopAndComesBack() {
        RetryBudget budget = budget(0.5, 10, 10);
        deposit(budget, 20);
        assertThat(withdrawAll(budget)).isEqualTo(110);
        pass(Duration.ofSeconds(12));
        assertThat(withdrawAll(budget)).isEqualTo(100);
    }

    @Test
    void whatWasPaidInIsForgottenAfterItsTime() {
        RetryBudget budget = budget(1, 0, 10);
        deposit(budget, 5);
        pass(Duration.ofSeconds(5));
        deposit(budget, 3);
        assertThat(budget.balance()).isEqualTo(8);
        pass(Duration.ofSeconds(5));
        assertThat(budget.balance())
                .as("the slot of ten seconds ago still counts")
                .isEqualTo(8);
        pass(Duration.ofSeconds(1));
        assertThat(budget.balance()).isEqualTo(3);
        pass(Duration.ofSeconds(600));
        assertThat(budget.balance()).isZero();
    }

    @Test
    void theSameSettingsKeepWhatWasSeen() {
        RetryBudget budget = budget(1, 0, 10);
        deposit(budget, 5);
        assertThat(budget.with(new BudgetSettings(1, 0, Duration.ofSeconds(10))))
                .isSameAs(budget);
        assertThat(budget.with(BudgetSettings.DEFAULTS).balance()).isEqualTo(100);
    }

    @Test
    void aHugeBalanceDoesNotOverflow() {
        RetryBudget budget = budget(1000, Integer.MAX_VALUE, 60);
        assertThat(budget.balance()).isEqualTo(60L * Integer.MAX_VALUE);
        deposit(budget, 3_000_000);
        assertThat(budget.balance()).isEqualTo(61L * Integer.MAX_VALUE);
    }

    @Test
    void manyThreadsTakeNoMoreThanThereIs() throws Exception {
        RetryBudget budget = budget(1, 0, 10);
        deposit(budget, 10_000);
        AtomicInteger taken = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            new Thread(() -> {
                        taken.addAndGet(withdrawAll(budget));
                        done.countDown();
                    })
                    .start();
        }
        done.await();
        assertThat(taken).hasValue(10_000);
        assertThat(budget.balance()).isZero();
    }
}
