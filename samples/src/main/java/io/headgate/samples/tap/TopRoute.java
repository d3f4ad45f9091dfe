package io.headgate.samples.tap;

import java.util.ArrayDeque;
import java.util.Deque;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.IntCountsHistogram;
import org.jspecify.annotations.Nullable;

/** The last intervals of a route. */
final class TopRoute {

    private static final int DIGITS = 2;

    private final Deque<Interval> intervals = new ArrayDeque<>();
    private final int most;
    private Interval current = new Interval();
    private long last;

    TopRoute(int most) {
        this.most = most;
        intervals.addLast(current);
    }

    void add(long micros, boolean isSuccess) {
        current.add(micros, isSuccess);
        last = micros;
    }

    TopRow row(String name, double seconds) {
        Histogram all = new Histogram(DIGITS);
        long successes = 0;
        for (Interval interval : intervals) {
            successes += interval.successes;
            if (interval.latencies != null) {
                all.add(interval.latencies);
            }
        }
        long requests = all.getTotalCount();
        return new TopRow(
                name,
                requests,
                successes,
                seconds > 0 ? requests / seconds : 0,
                all.getValueAtPercentile(50),
                all.getValueAtPercentile(95),
                all.getValueAtPercentile(99),
                requests == 0 ? 0 : all.getMinValue(),
                all.getMaxValue(),
                last);
    }

    /** Begins the next interval; returns whether all that are kept are empty. */
    boolean roll() {
        boolean isIdle = intervals.stream().allMatch(interval -> interval.latencies == null);
        current = new Interval();
        intervals.addLast(current);
        if (intervals.size() > most) {
            intervals.removeFirst();
        }
        return isIdle;
    }

    private static final class Interval {
        private @Nullable IntCountsHistogram latencies;
        private long successes;

        void add(long micros, boolean isSuccess) {
            IntCountsHistogram known = latencies;
            if (known == null) {
                known = new IntCountsHistogram(DIGITS);
                latencies = known;
            }
            known.recordValue(Math.max(0, micros));
            successes += isSuccess ? 1 : 0;
        }
    }
}
