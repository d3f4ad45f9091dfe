package io.headgate.samples.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;

/**
 * What a process has used so far.
 *
 * @param cpuNanos time on processors, user and system, all threads
 * @param allocated bytes that its living threads have allocated on the heap
 */
record Figures(long cpuNanos, long allocated) {

    static Figures now() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = 0;
        for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
            allocated += Math.max(0, bytes);
        }
        return new Figures(system.getProcessCpuTime(), allocated);
    }

    /** How long compilers have worked so far; zero where the JVM does not tell. */
    static long compiledMillis() {
        CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        return compiler != null && compiler.isCompilationTimeMonitoringSupported()
                ? compiler.getTotalCompilationTime()
                : 0;
    }

    /** Bytes of live objects and direct buffers; collects garbage first. */
    static long live() {
        System.gc();
        long direct = Math.max(0, PlatformDependent.usedDirectMemory());
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            direct += pool.getName().equals("direct") ? pool.getMemoryUsed() : 0;
        }
        return direct + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    Figures plus(Figures other) {
        return new Figures(cpuNanos + other.cpuNanos, allocated + other.allocated);
    }

    Figures minus(Figures other) {
        return new Figures(cpuNanos - other.cpuNanos, allocated - other.allocated);
    }
}
