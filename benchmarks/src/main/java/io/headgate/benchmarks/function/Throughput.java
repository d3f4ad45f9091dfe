package io.headgate.benchmarks.function;

import io.headgate.benchmarks.Report;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How many calls go through with one instance and with four; client, gateway and functions share the machine. */
record Throughput(Report report, Path functions, int calls, int rounds) {

    private static final int[][] INSTANCES_AND_CALLERS = {{1, 1}, {1, 8}, {4, 4}, {4, 16}, {4, 64}};

    private record Round(double rate, double p50, double p99, double cpu) {}

    void run() throws Exception {
        Map<String, List<Round>> figures = new LinkedHashMap<>();
        try (Child gateway = Child.start(GatewayMain.class, functions.toString());
                Child one = Child.start(BareMain.class, functions.toString());
                Child four = Child.start(BareMain.class, functions.toString())) {
            one.ask("start 1");
            four.ask("start 4");
            int port = gateway.ask("port").port("port");
            for (int round = -1; round < rounds; round++) {
                bare(figures, one, 1, round);
                bare(figures, four, 4, round);
                for (int[] pair : INSTANCES_AND_CALLERS) {
                    gateway(figures, gateway, port, pair, round);
                }
            }
        }
        report.title("Calls per second, POST: " + rounds + " rounds of " + calls + ", medians (least–most)");
        report.head("way", "instances", "callers", "calls/s", "p50 µs", "p99 µs", "client or gateway CPU µs per call");
        figures.forEach((name, taken) -> {
            String[] words = name.split(" ");
            report.row(
                    words[0],
                    words[1],
                    words[2],
                    Spread.of(taken, Round::rate).text(0),
                    Spread.of(taken, Round::p50).median(),
                    Spread.of(taken, Round::p99).median(),
                    Spread.of(taken, Round::cpu).median());
        });
    }

    private void bare(Map<String, List<Round>> figures, Child bare, int instances, int round) throws Exception {
        Child.Answer values = bare.ask("call true " + calls);
        keep(
                figures,
                "bare " + instances + " " + instances,
                round,
                new Round(
                        calls * 1e9 / values.get("nanos"),
                        values.get("p50") / 1e3,
                        values.get("p99") / 1e3,
                        values.get("cpu") / 1e3 / calls));
    }

    private void gateway(Map<String, List<Round>> figures, Child gateway, int port, int[] pair, int round)
            throws Exception {
        try (Callers callers = new Callers(1)) {
            for (int i = 0; i < pair[1]; i++) {
                callers.connect(port);
            }
            Usage before = gateway.usage();
            Callers.Result result = callers.call(Requests.trigger("hello" + pair[0], true), calls, null);
            Usage after = gateway.usage();
            keep(
                    figures,
                    "gateway " + pair[0] + " " + pair[1],
                    round,
                    new Round(
                            result.callsPerSecond(),
                            result.nanosAt(0.5) / 1e3,
                            result.nanosAt(0.99) / 1e3,
                            (after.cpuNanos() - before.cpuNanos()) / 1e3 / calls));
        }
    }

    private static void keep(Map<String, List<Round>> figures, String name, int round, Round taken) {
        if (round >= 0) {
            figures.computeIfAbsent(name, any -> new ArrayList<>()).add(taken);
        }
    }
}
