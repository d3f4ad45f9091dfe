package io.headgate.samples.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Where it was measured.
 *
 * @param processor its model
 * @param processors how many there are
 * @param system name and version of the kernel
 * @param java the virtual machine
 * @param load how many processes wanted to run in the last minute before, negative when unknown
 */
record Machine(String processor, int processors, String system, String java, double load) {

    static Machine now() {
        return new Machine(
                processorName(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static String processorName() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown processor");
        } catch (IOException notLinux) {
            return "unknown processor";
        }
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "%s, %d cores; %s; %s; load before: %.2f", processor, processors, system, java, load);
    }
}
