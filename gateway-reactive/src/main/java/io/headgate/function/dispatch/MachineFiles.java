package io.headgate.function.dispatch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What Linux says of memory and CPU, for the machine and for the control group of this process, of version 2 or 1. A group has no more than
 * the groups above it, which are asked as well as far as they can be seen.
 */
final class MachineFiles {

    /** Least that is kept for others, and must be left for instances. */
    static final long LEAST = 256L * 1024 * 1024;

    /** Most that is kept for others. */
    static final long MOST_HEADROOM = 5L * 1024 * 1024 * 1024;

    private static final long ASSUMED = 2L * 1024 * 1024 * 1024;
    private static final long KILOBYTE = 1024;
    private static final int CONTROLLERS = 1;
    private static final int GROUP = 2;

    private final Path root;

    MachineFiles(Path root) {
        this.root = root;
    }

    long memoryAvailable() throws IOException {
        Path file = root.resolve("proc/meminfo");
        if (!Files.isReadable(file)) {
            return ASSUMED;
        }
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("MemAvailable:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * KILOBYTE;
            }
        }
        return ASSUMED;
    }

    /** Bytes, or more than there can be. */
    long memoryLimit() throws IOException {
        long limit = Long.MAX_VALUE;
        for (Path group : groups("memory")) {
            limit = Math.min(limit, number(group.resolve("memory.max")));
            limit = Math.min(limit, number(group.resolve("memory.limit_in_bytes")));
        }
        return limit;
    }

    /** Thousandths of a core, or more than there can be. */
    long cpuQuota() throws IOException {
        long quota = Long.MAX_VALUE;
        for (Path group : groups("cpu")) {
            String[] max = text(group.resolve("cpu.max")).split("\\s+");
            if (max.length == 2) {
                quota = Math.min(quota, share(parsed(max[0]), parsed(max[1])));
            }
            quota = Math.min(
                    quota,
                    share(number(group.resolve("cpu.cfs_quota_us")), number(group.resolve("cpu.cfs_period_us"))));
        }
        return quota;
    }

    private static long share(long quota, long period) {
        if (quota == Long.MAX_VALUE || period <= 0 || period == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        return Math.max(1, quota * 1000 / period);
    }

    private List<Path> groups(String controller) throws IOException {
        List<Path> groups = new ArrayList<>();
        for (String line : text(root.resolve("proc/self/cgroup")).split("\n")) {
            String[] parts = line.split(":", GROUP + 1);
            if (parts.length <= GROUP) {
                continue;
            }
            if (parts[CONTROLLERS].isEmpty()) {
                addWithParents(groups, root.resolve("sys/fs/cgroup"), parts[GROUP]);
            } else if (List.of(parts[CONTROLLERS].split(",")).contains(controller)) {
                addWithParents(groups, root.resolve("sys/fs/cgroup").resolve(controller), parts[GROUP]);
            }
        }
        return groups;
    }

    private static void addWithParents(List<Path> groups, Path mount, String name) {
        Path group = mount.resolve(name.replaceFirst("^/+", "")).normalize();
        while (group != null && group.startsWith(mount)) { // a group outside of what a container sees is its mount
            groups.add(group);
            group = group.getParent();
        }
        if (!groups.contains(mount)) {
            groups.add(mount);
        }
    }

    private static long number(Path file) throws IOException {
        return parsed(text(file));
    }

    /** No number ({@code max}), and one below zero, is no limit. */
    private static long parsed(String text) {
        try {
            long value = Long.parseLong(text.trim());
            return value < 0 ? Long.MAX_VALUE : value;
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    private static String text(Path file) throws IOException {
        return Files.isReadable(file) ? Files.readString(file) : "";
    }
}
