package io.headgate.samples.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Runs a plan: all contenders stay up, and take turns in each round, so that what the machine does meanwhile meets them all alike. */
public final class Bench {

    private final BenchPlan plan;
    private final PrintWriter progress;
    private final Results results = new Results();

    private Bench(BenchPlan plan, PrintWriter progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /**
     * Measures, which takes a while and blocks.
     *
     * @param plan what to measure
     * @param progress is told what goes on, line by line
     * @return tables in Markdown
     * @throws IOException when a process cannot be started
     * @throws IllegalStateException when a contender fails; the message says which and how
     */
    public static String run(BenchPlan plan, PrintWriter progress) throws IOException {
        Machine machine = Machine.now();
        Path folder = Files.createTempDirectory("rpc-bench");
        Bench bench = new Bench(plan, progress);
        List<Pair> pairs = new ArrayList<>();
        try {
            for (String key : plan.contenders()) {
                pairs.add(new Pair(Contenders.of(key), plan, folder));
            }
            bench.measure(pairs);
            return new Report(plan, bench.results, machine).toMarkdown();
        } catch (IllegalStateException failed) {
            complaints(folder).forEach(progress::println);
            throw failed;
        } finally {
            pairs.forEach(Pair::close);
            complaints(folder).filter(line -> line.contains("LEAK")).forEach(progress::println);
            delete(folder);
        }
    }

    private void measure(List<Pair> pairs) {
        for (Link link : plan.links()) {
            List<Pair> taking = pairs.stream()
                    .filter(pair -> pair.contender().links().contains(link))
                    .toList();
            taking.forEach(pair -> pair.open(link));
            warmUp(link, taking);
            for (int round = 1; round <= plan.rounds(); round++) {
                progress.println(link.title() + ": round " + round + " of " + plan.rounds());
                round(link, taking);
            }
            if (link != Link.LOCAL && results.footprints().isEmpty()) {
                progress.println(link.title() + ": memory");
                taking.forEach(
                        pair -> results.add(pair.contender().name(), pair.footprint(link, plan.idleConnections())));
            }
            taking.forEach(pair -> pair.close(link));
        }
    }

    private void warmUp(Link link, List<Pair> pairs) {
        for (Pair pair : pairs) {
            progress.println(link.title() + ": warming up " + pair.contender().name());
            plan.workloads().forEach(workload -> pair.warmUp(link, workload, plan.warmUp(), plan.turn()));
        }
    }

    private void round(Link link, List<Pair> pairs) {
        for (Workload workload : plan.workloads()) {
            for (Pair pair : pairs) {
                String name = pair.contender().name();
                results.add(new Results.Key(link, workload, name), pair.measure(link, workload));
            }
        }
    }

    /** What the processes said beside their answers. */
    private static Stream<String> complaints(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> said = Files.list(folder)) {
            for (Path file :
                    said.filter(one -> one.toString().endsWith(".said")).toList()) {
                Files.readAllLines(file).forEach(line -> lines.add(file.getFileName() + ": " + line));
            }
        }
        return lines.stream();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
