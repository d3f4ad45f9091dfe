package io.headgate.benchmarks.function;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * What this process has used so far.
 *
 * @param cpuNanos processor time, user and system, of all threads, those of the compiler and the collector among them
 * @param allocatedBytes by all threads that live
 */
record Usage(long cpuNanos, long allocatedBytes) {

    static Usage now() {
        long cpu = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = 0;
        for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
            allocated += Math.max(0, bytes);
        }
        return new Usage(cpu, allocated);
    }

    String text() {
        return "cpu=" + cpuNanos + " allocated=" + allocatedBytes;
    }
}
