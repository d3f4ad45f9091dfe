package io.headgate.function.dispatch;

/**
 * What all instances together may take of the machine.
 *
 * @param memoryBytes memory
 * @param cpuMillis CPU, in thousandths of a core
 */
public record MachineBudget(long memoryBytes, long cpuMillis) {

    /** Checks the values. */
    public MachineBudget {
        DispatchSettings.check("memoryBytes", memoryBytes, memoryBytes > 0, "more than 0");
        DispatchSettings.check("cpuMillis", cpuMillis, cpuMillis > 0, "more than 0");
    }

    /**
     * A budget of so many megabytes and cores.
     *
     * @param megabytes memory
     * @param cores CPU
     * @return the budget
     */
    public static MachineBudget of(int megabytes, int cores) {
        return new MachineBudget(megabytes * 1024L * 1024, cores * 1000L);
    }
}
