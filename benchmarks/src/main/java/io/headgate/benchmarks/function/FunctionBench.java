package io.headgate.benchmarks.function;

import io.headgate.benchmarks.Report;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What it costs to call functions through the gateway: the experiments of {@code docs/function-bench.md}, as tables in Markdown. This
 * process is the client; what is measured runs in processes of its own.
 */
public final class FunctionBench {

    private static final List<String> ALL = List.of("hot", "cold", "overlap", "throughput");

    private FunctionBench() {}

    /**
     * Measures and prints.
     *
     * @param args {@code --quick} for a short run that says little, {@code --node DIR} for where {@code @fnproject/fdk} is installed
     *     ({@code benchmarks/target/node} without), and which experiments: {@code hot}, {@code cold}, {@code overlap},
     *     {@code throughput}; all of them without
     * @throws Exception when a process fails, or calls overlap in an instance
     */
    public static void main(String[] args) throws Exception {
        boolean quick = false;
        Path node = Path.of("benchmarks", "target", "node");
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--quick" -> quick = true;
                case "--node" -> node = Path.of(args[++i]);
                default -> wanted.add(known(args[i]));
            }
        }
        run(wanted.isEmpty() ? ALL : wanted, NodeFunction.install(node), quick);
        System.exit(0);
    }

    private static String known(String name) {
        if (!ALL.contains(name)) {
            throw new IllegalArgumentException("experiment: " + name + " (expected: some of " + ALL + ")");
        }
        return name;
    }

    private static void run(List<String> wanted, Path functions, boolean quick) throws Exception {
        Report report = new Report();
        report.say("%s %s, %d processors%s"
                .formatted(
                        System.getProperty("java.vm.name"),
                        System.getProperty("java.runtime.version"),
                        Runtime.getRuntime().availableProcessors(),
                        quick ? "; a quick run, which says little" : ""));
        for (String name : wanted) {
            switch (name) {
                case "hot" -> new HotCalls(report, functions, quick ? 10_000 : 20_000, quick ? 3 : 7).run();
                case "cold" -> new ColdStarts(report, functions, quick ? 5 : 25).run();
                case "overlap" -> new Overlap(report, functions, 200, quick ? 2_000 : 10_000).run();
                default -> new Throughput(report, functions, quick ? 5_000 : 20_000, quick ? 1 : 3).run();
            }
        }
    }
}
