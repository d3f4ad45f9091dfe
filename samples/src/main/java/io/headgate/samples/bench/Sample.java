package io.headgate.samples.bench;

import java.util.List;

/**
 * What one turn of a workload came to.
 *
 * @param amount bytes or calls
 * @param nanos how long it took
 * @param cpuNanos of both processes
 * @param allocated bytes on the heaps of both
 * @param p50 nanoseconds of a call, zero for streams
 * @param p99 nanoseconds of a call, zero for streams
 */
record Sample(long amount, long nanos, long cpuNanos, long allocated, long p50, long p99) {

    private static final double GIB = 1L << 30;

    static Sample of(long amount, List<String> answer, Figures used) {
        boolean calls = answer.size() > 1;
        return new Sample(
                amount,
                Long.parseLong(answer.get(0)),
                used.cpuNanos(),
                used.allocated(),
                calls ? Long.parseLong(answer.get(1)) : 0,
                calls ? Long.parseLong(answer.get(2)) : 0);
    }

    double gibPerSecond() {
        return amount / GIB / (nanos / 1e9);
    }

    double cpuSecondsPerGib() {
        return cpuNanos / 1e9 / (amount / GIB);
    }

    double callsPerSecond() {
        return amount / (nanos / 1e9);
    }

    double cpuSecondsPerThousand() {
        return cpuNanos / 1e9 / (amount / 1e3);
    }

    double callsPerCpuSecond() {
        return amount / (cpuNanos / 1e9);
    }

    double allocatedPerCall() {
        return allocated / (double) amount;
    }
}
