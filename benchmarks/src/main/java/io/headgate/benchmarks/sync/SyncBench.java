package io.headgate.benchmarks.sync;

import io.headgate.benchmarks.Report;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What it costs to keep a set the same in many processes: the experiments of {@code docs/sync-bench.md}, in one run, as tables in
 * Markdown. The server is in this process, its clients are in another one.
 */
public final class SyncBench {

    private static final List<String> ALL = List.of("loopback", "e1", "e2", "e3", "e4", "e5", "e6", "idle");

    private final Report report = new Report();
    private final List<String> wanted;
    private final boolean quick;
    private final Map<Integer, Double> loopback = new HashMap<>();

    private SyncBench(List<String> wanted, boolean quick) {
        this.wanted = wanted;
        this.quick = quick;
    }

    /**
     * Measures and prints.
     *
     * @param args {@code --quick} for a short run that says little, and which experiments: {@code loopback}, {@code e1} to
     *     {@code e6}, {@code idle}; all of them without
     * @throws Exception when a client process fails
     */
    public static void main(String[] args) throws Exception {
        List<String> wanted =
                List.of(args).stream().filter(arg -> !arg.startsWith("--")).toList();
        for (String name : wanted) {
            if (!ALL.contains(name)) {
                throw new IllegalArgumentException("experiment: " + name + " (expected: some of " + ALL + ")");
            }
        }
        new SyncBench(wanted.isEmpty() ? ALL : wanted, List.of(args).contains("--quick")).run();
        System.exit(0);
    }

    private void run() throws Exception {
        report.say("%s %s, %d processors, heap %,d MiB%s"
                .formatted(
                        System.getProperty("java.vm.name"),
                        System.getProperty("java.runtime.version"),
                        Runtime.getRuntime().availableProcessors(),
                        Runtime.getRuntime().maxMemory() >> 20,
                        quick ? "; a quick run, which says little" : ""));
        if (wants("loopback") || wants("e2")) {
            loopback();
        }
        if (wants("e1")) {
            Encodings.run(report, quick);
        }
        if (wants("e2")) {
            snapshots();
        }
        fanOut();
        if (wants("e5")) {
            new Resync(report).run(quick ? 100 : 1000, quick ? 100 : 1000);
        }
        if (wants("e6")) {
            new SlowConsumer(report).run(quick ? 10_000 : 100_000, quick ? 100_000 : 1_000_000);
        }
        if (wants("idle")) {
            new IdleClients(report).run(quick ? 200 : 1000);
        }
    }

    private boolean wants(String name) {
        return wanted.contains(name);
    }

    private void loopback() throws Exception {
        report.title("Loopback: blocks of 64 KiB, written and thrown away");
        report.head("connections", "GB", "GB/s");
        long bytes = quick ? 1L << 30 : 8L << 30;
        try (Fleet fleet = Fleet.start()) {
            Loopback.measure(fleet, 10, bytes / 4);
            for (int connections : new int[] {1, 100, 1000}) {
                double rate = Loopback.measure(fleet, connections, bytes);
                loopback.put(connections, rate);
                report.row(connections, bytes / 1e9, rate / 1e9);
            }
        }
    }

    private void snapshots() throws Exception {
        SnapshotStorm storm = new SnapshotStorm(report, quick ? 10_000 : 100_000, quick ? 1 : 3);
        storm.head();
        storm.run(10, false, rate(100));
        storm.run(100, false, rate(100));
        storm.run(100, true, rate(100));
        storm.run(1000, true, rate(1000));
    }

    private double rate(int connections) {
        return loopback.getOrDefault(connections, Double.NaN);
    }

    private void fanOut() throws Exception {
        FanOut changes = new FanOut(report, 10_000, quick ? 1 : 5);
        if (wants("e3")) {
            changes.head();
            for (int clients : new int[] {100, 500, 1000}) {
                for (int burst : new int[] {1, 100}) {
                    changes.run(clients, burst);
                }
            }
        }
        if (wants("e4")) {
            changes.stalled(100, 20_000);
        }
    }
}
