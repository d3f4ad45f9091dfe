package io.headgate.retry;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * Decides whether a retry may be made: calls that end well pay in, retries pay out, and what has been paid in is forgotten after a
 * time. A service that fails altogether is so spared a storm of retries, however many clients it has. All routes of a profile share
 * one budget.
 *
 * <p>Accounts are kept in ten slots of a tenth of the time to live, and one for the present. What a call and a retry are worth
 * follows from the ratio: at most 1, a call pays 1 and a retry costs {@code floor(1 / ratio)}; above 1, a call pays 1000 and a retry
 * costs {@code floor(1000 / ratio)}; 0, a call pays nothing and a retry costs 1. {@link BudgetSettings#minPerSecond} for the whole
 * time to live is always there on top. A retry is allowed when all this together covers its cost.
 *
 * <p><b>Threading.</b> Any; lock-free. Nothing is allocated after the making, and there is nothing to close.
 */
public final class RetryBudget {

    private static final int SLOTS = 10;
    private static final int LANES = SLOTS + 1; // the present one comes on top

    private final BudgetSettings settings;
    private final LongSupplier clock;
    private final long start;
    private final long slotNanos;
    private final int deposit;
    private final int cost;
    private final long reserve;

    /** In each lane the number of its slot in the upper half, its balance in the lower. */
    private final AtomicLongArray lanes = new AtomicLongArray(LANES);

    private RetryBudget(BudgetSettings settings, LongSupplier clock) {
        this.settings = Objects.requireNonNull(settings, "settings");
        this.clock = Objects.requireNonNull(clock, "clock");
        start = clock.getAsLong();
        slotNanos = settings.ttl().toNanos() / SLOTS;
        float ratio = (float) settings.ratio(); // on the wire it is a float, and 1 / 0.2 is to be 5 and not 4.99
        if (ratio == 0) {
            deposit = 0;
            cost = 1;
        } else if (ratio <= 1) {
            deposit = 1;
            cost = (int) (1 / ratio);
        } else {
            deposit = 1000;
            cost = Math.max(1, (int) (1000 / ratio));
        }
        reserve = settings.minPerSecond() * settings.ttl().toSeconds() * cost;
    }

    /**
     * A budget that has seen no calls yet.
     *
     * @param settings how many retries it allows
     * @return the budget
     */
    public static RetryBudget of(BudgetSettings settings) {
        return of(settings, System::nanoTime);
    }

    /**
     * A budget with a clock of its own.
     *
     * @param settings how many retries it allows
     * @param nanoClock a clock of nanoseconds that does not go back
     * @return the budget
     */
    public static RetryBudget of(BudgetSettings settings, LongSupplier nanoClock) {
        return new RetryBudget(settings, nanoClock);
    }

    /**
     * The budget for other settings: this one, with all it has seen, when they say the same.
     *
     * @param changed the settings
     * @return this, or a new budget with the same clock
     */
    public RetryBudget with(BudgetSettings changed) {
        return changed.equals(settings) ? this : new RetryBudget(changed, clock);
    }

    /**
     * What the budget was made of.
     *
     * @return the settings
     */
    public BudgetSettings settings() {
        return settings;
    }

    /** A call has come to an end that is not tried again, or cannot be: pays in. */
    public void deposit() {
        if (deposit == 0) {
            return;
        }
        long slot = slot();
        int lane = lane(slot);
        long seen;
        do {
            seen = lanes.get(lane);
        } while (!lanes.compareAndSet(lane, seen, pack(slot, present(seen, slot) + deposit)));
    }

    /**
     * Pays for a retry.
     *
     * @return whether it may be made; if not, nothing was paid
     */
    public boolean tryWithdraw() {
        long slot = slot();
        int lane = lane(slot);
        while (true) {
            long seen = lanes.get(lane); // before the sum: who pays in between makes us look again
            if (sum(slot) < cost) {
                return false;
            }
            if (lanes.compareAndSet(lane, seen, pack(slot, present(seen, slot) - cost))) {
                return true;
            }
        }
    }

    /**
     * How many retries would be allowed if they were made now.
     *
     * @return zero or more
     */
    public long balance() {
        return Math.max(0, sum(slot()) / cost);
    }

    private long sum(long slot) {
        long sum = reserve;
        for (int i = 0; i < LANES; i++) {
            long seen = lanes.get(i);
            if ((int) slot - slotOf(seen) <= SLOTS) {
                sum += balanceOf(seen);
            }
        }
        return sum;
    }

    private long slot() {
        return (clock.getAsLong() - start) / slotNanos;
    }

    private static int lane(long slot) {
        return (int) Math.floorMod(slot, (long) LANES);
    }

    /** The balance of a lane in a slot: nothing when the lane is still of an earlier one. */
    private static long present(long seen, long slot) {
        return slotOf(seen) == (int) slot ? balanceOf(seen) : 0;
    }

    private static int slotOf(long seen) {
        return (int) (seen >>> 32);
    }

    private static int balanceOf(long seen) {
        return (int) seen;
    }

    private static long pack(long slot, long balance) {
        long within = Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, balance));
        return slot << 32 | within & 0xFFFFFFFFL;
    }

    @Override
    public String toString() {
        return settings + ", " + balance() + " left";
    }
}
