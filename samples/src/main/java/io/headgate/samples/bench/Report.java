package io.headgate.samples.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The tables. */
final class Report {

    private static final double KIB = 1024;

    private final BenchPlan plan;
    private final Results results;
    private final Machine machine;
    private final List<String> names;
    private final StringBuilder text = new StringBuilder();

    Report(BenchPlan plan, Results results, Machine machine) {
        this.plan = plan;
        this.results = results;
        this.machine = machine;
        this.names =
                plan.contenders().stream().map(key -> Contenders.of(key).name()).toList();
    }

    String toMarkdown() {
        line("Machine: " + machine + ".");
        line(format(
                "%d interleaved rounds of about %d ms each after %d ms of warm-up; the median, and the least and the most in brackets.",
                plan.rounds(), plan.turn().toMillis(), plan.warmUp().toMillis()));
        line("Two processes, server and client" + (plan.pinned() ? ", each on a processor of its own" : "")
                + ", and one in process; CPU time is that of both together. JVM options: "
                + (plan.jvmOptions().isEmpty() ? "none" : String.join(" ", plan.jvmOptions())) + ".");
        for (Link link : plan.links()) {
            for (Source source : plan.sources()) {
                streams(link, source);
            }
            calls(link);
        }
        footprints();
        return text.toString();
    }

    private void streams(Link link, Source source) {
        String touched = source == Source.ZERO ? "each frame filled with zeros" : "the same bytes again";
        heading("Raw stream, " + link.title() + ", " + touched);
        List<String> head = new ArrayList<>(List.of("Contender"));
        for (int frame : plan.frames()) {
            head.add(size(frame) + ": GiB/s");
            head.add("CPU s per GiB");
        }
        head(head);
        for (String name : names) {
            List<String> cells = new ArrayList<>(List.of(name));
            for (int frame : plan.frames()) {
                List<Sample> rounds = results.of(link, new Workload.Stream(source, frame), name);
                cells.add(spread(rounds, Sample::gibPerSecond, "%.2f"));
                cells.add(median(rounds, Sample::cpuSecondsPerGib, "%.2f"));
            }
            rowUnlessEmpty(cells);
        }
    }

    private void calls(Link link) {
        heading("Small calls, " + link.title() + ", " + plan.callBytes() + " bytes each way on one connection");
        head(List.of(
                "Contender",
                plan.inFlight() + " in flight: calls/s",
                "CPU s per 1,000",
                "calls per CPU s",
                "p50 µs",
                "p99 µs",
                "heap bytes per call",
                "1 in flight: p50 µs",
                "p99 µs"));
        for (String name : names) {
            List<Sample> many = results.of(link, new Workload.Small(plan.inFlight(), plan.callBytes()), name);
            List<Sample> one = results.of(link, new Workload.Small(1, plan.callBytes()), name);
            rowUnlessEmpty(List.of(
                    name,
                    spread(many, Sample::callsPerSecond, "%,.0f"),
                    median(many, Sample::cpuSecondsPerThousand, "%.4f"),
                    median(many, Sample::callsPerCpuSecond, "%,.0f"),
                    median(many, sample -> sample.p50() / 1e3, "%.0f"),
                    median(many, sample -> sample.p99() / 1e3, "%.0f"),
                    median(many, Sample::allocatedPerCall, "%,.0f"),
                    median(one, sample -> sample.p50() / 1e3, "%.0f"),
                    median(one, sample -> sample.p99() / 1e3, "%.0f")));
        }
    }

    private void footprints() {
        if (results.footprints().isEmpty()) {
            return;
        }
        heading("Memory: live heap and direct buffers");
        head(List.of(
                "Contender",
                "server, KiB per idle connection",
                "client, KiB per idle connection",
                "server with a stalled reader, KiB",
                "that reader, KiB"));
        results.footprints()
                .forEach((name, held) -> rowUnlessEmpty(List.of(
                        name,
                        format("%.1f", held.serverIdle() / KIB),
                        format("%.1f", held.clientIdle() / KIB),
                        format("%.0f", held.serverStalled() / KIB),
                        format("%.0f", held.clientStalled() / KIB))));
    }

    private static String spread(List<Sample> rounds, ToDoubleFunction<Sample> figure, String format) {
        if (rounds.isEmpty()) {
            return "-";
        }
        Spread spread = Spread.of(rounds, figure);
        return format(format, spread.median()) + " (" + format(format, spread.least()) + ".."
                + format(format, spread.most()) + ")";
    }

    private static String median(List<Sample> rounds, ToDoubleFunction<Sample> figure, String format) {
        return rounds.isEmpty() ? "-" : format(format, Spread.of(rounds, figure).median());
    }

    static String size(int bytes) {
        return bytes >= 1 << 20 && bytes % (1 << 20) == 0
                ? (bytes >> 20) + " MiB"
                : bytes >= 1024 && bytes % 1024 == 0 ? (bytes >> 10) + " KiB" : bytes + " B";
    }

    private void heading(String title) {
        line("");
        line("### " + title);
        line("");
    }

    private void head(List<String> cells) {
        row(cells);
        line(cells.stream().map(cell -> "---").collect(Collectors.joining("|", "|", "|")));
    }

    private void rowUnlessEmpty(List<String> cells) {
        if (cells.stream().skip(1).anyMatch(cell -> !cell.equals("-"))) {
            row(cells);
        }
    }

    private void row(List<String> cells) {
        line(cells.stream().collect(Collectors.joining(" | ", "| ", " |")));
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
