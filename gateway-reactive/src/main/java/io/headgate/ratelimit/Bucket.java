package io.headgate.ratelimit;

import io.headgate.limit.internal.KeyTable;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one key has used of a limit: the generic cell rate algorithm (ITU-T I.371, annex A) in its form with a virtual
 * schedule. The one number is the time at which all that was taken has come back; a limit admits as long as that is
 * no more than a burst ahead. A bucket is full, and as good as new, when that time is over.
 */
final class Bucket extends AtomicLong implements KeyTable.Entry {

    static final long ADMITTED = 0;

    /** The answer of a bucket that was forgotten. */
    static final long RETIRED = -1;

    private static final long serialVersionUID = 1L;
    private static final long GONE = Long.MIN_VALUE;

    Bucket(long now) {
        super(now);
    }

    /**
     * Takes, or takes nothing.
     *
     * @param cost how much, zero or more
     * @param interval nanoseconds in which one comes back
     * @param burst how many there are at most
     * @param now the time in nanoseconds
     * @return {@link #ADMITTED}, {@link #RETIRED}, or after how many nanoseconds to ask again
     */
    long take(long cost, long interval, long burst, long now) {
        long whole = burst * interval;
        long price = cost >= burst ? cost == burst ? whole : Long.MAX_VALUE / 2 : cost * interval;
        while (true) {
            long back = get();
            if (back == GONE) {
                return RETIRED;
            }
            long used = Math.max(back - now, 0);
            long over = used + price - whole;
            if (over > 0) {
                return cost > burst ? Math.max(used, 1) : over; // more than a burst never fits
            }
            if (compareAndSet(back, now + used + price)) {
                return ADMITTED;
            }
        }
    }

    /** Puts back what was taken a moment ago. */
    void giveBack(long cost, long interval) {
        while (true) {
            long back = get();
            if (back == GONE || compareAndSet(back, back - cost * interval)) {
                return; // a bucket that is gone was full
            }
        }
    }

    @Override
    public boolean retire(long now) {
        long back = get();
        return back == GONE || back - now <= 0 && compareAndSet(back, GONE);
    }
}
