package io.headgate.function.dispatch;

import java.io.IOException;
import java.nio.file.Path;

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

    /**
     * What this machine has to give now: of memory the limit of the control group or what is available, whichever is less, without a tenth,
     * at least 256 MB and at most 5 GB, for everything else; of CPU the cores, or the quota of the control group if that is less. Where
     * there is no {@code /proc/meminfo}, 2 GB are assumed. Reads a few small files of the system: not for an event loop.
     *
     * @return the budget
     * @throws IOException when what the system says cannot be read
     * @throws IllegalStateException when 256 MB or less would be left for instances
     */
    public static MachineBudget detect() throws IOException {
        return detect(Path.of("/"), Runtime.getRuntime().availableProcessors());
    }

    static MachineBudget detect(Path root, int cores) throws IOException {
        MachineFiles files = new MachineFiles(root);
        return new MachineBudget(
                usable(Math.min(files.memoryLimit(), files.memoryAvailable())),
                Math.min(cores * 1000L, files.cpuQuota()));
    }

    private static long usable(long total) {
        long rest = Math.max(MachineFiles.LEAST, Math.min(MachineFiles.MOST_HEADROOM, total / 10));
        long usable = total - rest;
        if (usable <= MachineFiles.LEAST) {
            throw new IllegalStateException("memory for instances: " + usable + " bytes of " + total
                    + " (expected: more than " + MachineFiles.LEAST + ")");
        }
        return usable;
    }

    /**
     * A budget that is no more than another one.
     *
     * @param other the other one
     * @return the lesser memory and the lesser CPU of both
     */
    public MachineBudget atMost(MachineBudget other) {
        return new MachineBudget(Math.min(memoryBytes, other.memoryBytes), Math.min(cpuMillis, other.cpuMillis));
    }
}
