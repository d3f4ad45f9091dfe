package io.headgate.concurrency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;

/** A service of some workers with a queue before them, in simulated time; calls come faster than it can serve. */
class AdaptiveLimitTest {

    private static final long MS = 1_000_000;
    private static final long SECOND = 1000 * MS;

    private record Call(long started, long ends) {}

    private static final class Simulation {

        private final AdaptiveLimit limit = new AdaptiveLimit(10, 20, 10_000, 1.5, 0);
        private final PriorityQueue<Call> running = new PriorityQueue<>(java.util.Comparator.comparingLong(Call::ends));
        private final ArrayDeque<Long> queue = new ArrayDeque<>();
        private int workers = 40;
        private long service = 10 * MS;
        private long now;
        private long answered;
        private long shed;
        private long lastLatency;
        private int lowest = Integer.MAX_VALUE;

        /** Calls come evenly, so many a second. */
        void run(long time, long rate) {
            long end = now + time;
            long gap = SECOND / rate;
            answered = 0;
            shed = 0;
            lowest = Integer.MAX_VALUE;
            for (; now < end; now += gap) {
                finish();
                if (running.size() + queue.size() >= limit.limit()) {
                    shed++;
                } else {
                    queue.add(now);
                    begin(now);
                }
                lowest = Math.min(lowest, limit.limit());
            }
        }

        private void begin(long at) {
            while (running.size() < workers && !queue.isEmpty()) {
                running.add(new Call(queue.poll(), at + service));
            }
        }

        private void finish() {
            while (!running.isEmpty() && running.peek().ends <= now) {
                Call call = running.poll();
                lastLatency = call.ends - call.started;
                limit.add(call.started, call.ends, running.size() + queue.size() + 1);
                answered++;
                begin(call.ends);
            }
        }
    }

    private final Simulation service = new Simulation();

    @Test
    void growsAsLongAsLatencyStays() {
        service.run(5 * SECOND, 3000); // of 4000
        assertThat(service.limit.limit()).isGreaterThan(40);
        service.run(5 * SECOND, 3000);

        assertThat(service.shed).isZero();
        assertThat(service.limit.baseline()).isBetween(9 * MS, 11 * MS);
    }

    @Test
    void keepsLatencyUnderOverloadAndServesWhatCanBeServed() {
        service.run(SECOND, 3000);
        service.run(5 * SECOND, 12_000); // three times what it can do
        service.run(20 * SECOND, 12_000);

        assertThat(service.answered / 20.0).as("calls a second").isBetween(3800.0, 4001.0);
        assertThat(service.lastLatency).isLessThan(25 * MS);
        assertThat(service.limit.limit()).isBetween(40, 100);
    }

    @Test
    void findsTheLimitWhenItStartsUnderOverload() {
        service.run(10 * SECOND, 12_000);
        service.run(10 * SECOND, 12_000);

        assertThat(service.answered / 10.0).isBetween(3800.0, 4001.0);
        assertThat(service.lastLatency).isLessThan(30 * MS);
    }

    @Test
    void lowersTheLimitWhenTheServiceLosesWorkers() {
        service.run(5 * SECOND, 3000);
        service.workers = 10; // a thousand a second
        service.run(5 * SECOND, 3000);
        service.run(5 * SECOND, 3000);

        assertThat(service.limit.limit()).isLessThan(40);
        assertThat(service.lastLatency).isLessThan(40 * MS);
        assertThat(service.answered / 5.0).isBetween(900.0, 1001.0);
    }

    @Test
    void recoversWhenTheServiceDoes() {
        service.run(5 * SECOND, 3000);
        service.workers = 10;
        service.run(10 * SECOND, 3000);
        service.workers = 40;
        service.run(10 * SECOND, 3000);
        service.run(5 * SECOND, 3000);

        assertThat(service.shed).isZero();
    }

    /** What has become normal is found out by a probe, and until then too much is shed. */
    @Test
    void acceptsThatAServiceHasBecomeSlowerForGood() {
        service.run(5 * SECOND, 2000);
        service.service = 40 * MS;
        service.workers = 200;
        service.run(150 * SECOND, 4000);
        service.run(10 * SECOND, 4000);

        assertThat(service.limit.baseline()).isGreaterThan(35 * MS);
        assertThat(service.shed).isZero();
    }

    @Test
    void aMedianIsExactToASixteenth() {
        LatencyWindow window = new LatencyWindow();
        for (long latency : new long[] {0, 1, 15, 16, 17, 1000, 12_345_678, SECOND, 3600 * SECOND}) {
            window.clear();
            assertThat(window.median()).isZero();
            window.add(latency);
            long expected = Math.min(latency, (1L << 41) - 1);
            assertThat((double) window.median()).isBetween(expected - expected / 16.0, expected + expected / 16.0);
        }
        window.clear();
        for (int i = 1; i <= 99; i++) {
            window.add(i * MS);
        }
        assertThat(window.median()).isBetween(47 * MS, 53 * MS);
    }
}
