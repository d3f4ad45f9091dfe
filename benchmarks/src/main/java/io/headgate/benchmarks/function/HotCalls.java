package io.headgate.benchmarks.function;

import io.headgate.benchmarks.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a call of an instance that is there costs, one call at a time; ways to call take turns. */
record HotCalls(Report report, Path functions, int calls, int rounds) {

    /**
     * One round of one way to call.
     *
     * @param cpuMicros per call, of the process that is measured
     * @param allocated bytes per call
     */
    private record Round(double cpuMicros, double allocated, double p50Micros, double p99Micros, long failed) {}

    private enum Way {
        BARE("bare socket to node"),
        PLAIN("listener alone, the same reply"),
        LOCAL("trigger, a function in Java"),
        NODE("trigger, process driver, node");

        final String title;

        Way(String title) {
            this.title = title;
        }
    }

    private record Row(Way way, boolean withBody) {}

    void run() throws Exception {
        try (Child bare = Child.start(BareMain.class, functions.toString());
                Child gateway = Child.start(GatewayMain.class, functions.toString())) {
            bare.ask("start 1");
            Child.Answer ports = gateway.ask("port");
            Map<Row, List<Round>> figures = new LinkedHashMap<>();
            for (int round = -1; round < rounds; round++) {
                for (Way way : Way.values()) {
                    for (boolean withBody : new boolean[] {false, true}) {
                        Row row = new Row(way, withBody);
                        int port = ports.port(way == Way.PLAIN ? "plain" : "port");
                        int count = round < 0 ? calls * 2 : calls; // the first warms up
                        Round taken = way == Way.BARE
                                ? bare(bare, withBody, count)
                                : gateway(gateway, port, way == Way.LOCAL ? "local" : "hello1", withBody, count);
                        if (round >= 0) {
                            figures.computeIfAbsent(row, any -> new ArrayList<>())
                                    .add(taken);
                        }
                    }
                }
            }
            print(figures);
        }
    }

    private static Round bare(Child bare, boolean withBody, int count) throws IOException {
        Child.Answer values = bare.ask("call " + withBody + " " + count);
        return new Round(
                values.get("cpu") / 1e3 / count,
                (double) values.get("allocated") / count,
                values.get("p50") / 1e3,
                values.get("p99") / 1e3,
                values.get("failed"));
    }

    /** On a connection of its own: one that is kept would be closed by the gateway while others have their turns. */
    private static Round gateway(Child gateway, int port, String path, boolean withBody, int count) throws Exception {
        try (Callers callers = new Callers(1)) {
            callers.connect(port);
            Usage before = gateway.usage();
            Callers.Result result = callers.call(Requests.trigger(path, withBody), count, null);
            Usage after = gateway.usage();
            return new Round(
                    (after.cpuNanos() - before.cpuNanos()) / 1e3 / count,
                    (double) (after.allocatedBytes() - before.allocatedBytes()) / count,
                    result.nanosAt(0.5) / 1e3,
                    result.nanosAt(0.99) / 1e3,
                    result.failed());
        }
    }

    private void print(Map<Row, List<Round>> figures) {
        report.title(
                "A hot call, one at a time: " + rounds + " rounds of " + calls + " calls each, medians (least–most)");
        report.head(
                "request",
                "way",
                "CPU µs per call",
                "over bare",
                "bytes allocated per call",
                "p50 µs",
                "p99 µs",
                "failed");
        figures.forEach((row, taken) -> {
            List<Round> ofBare = figures.getOrDefault(new Row(Way.BARE, row.withBody), taken);
            double bare = Spread.of(ofBare, Round::cpuMicros).median();
            Spread cpu = Spread.of(taken, Round::cpuMicros);
            report.row(
                    row.withBody ? "POST, 13 bytes" : "GET",
                    row.way.title,
                    cpu.text(1),
                    row.way == Way.BARE ? "" : cpu.median() - bare,
                    (long) Spread.of(taken, Round::allocated).median(),
                    Spread.of(taken, Round::p50Micros).text(0),
                    Spread.of(taken, Round::p99Micros).text(0),
                    taken.stream().mapToLong(Round::failed).sum());
        });
        report.say("To hold: the last way takes at most 100 µs over bare.");
    }
}
