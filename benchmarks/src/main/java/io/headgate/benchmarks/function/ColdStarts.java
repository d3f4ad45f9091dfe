package io.headgate.benchmarks.function;

import io.headgate.benchmarks.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a start costs beyond that of the process itself; the two ways take turns. */
record ColdStarts(Report report, Path functions, int rounds) {

    private static final int WARM_UP = 3;

    void run() throws Exception {
        try (Child bare = Child.start(BareMain.class, functions.toString());
                Child gateway = Child.start(GatewayMain.class, functions.toString());
                Callers caller = new Callers(1)) {
            caller.connect(gateway.ask("port").port("port"));
            caller.call(Requests.trigger("hello1", true), 2_000, null); // the classes of calls are not what is measured
            List<Double> linked = new ArrayList<>();
            List<Double> replied = new ArrayList<>();
            List<Double> called = new ArrayList<>();
            for (int round = -WARM_UP; round < rounds; round++) {
                Child.Answer one = bare.ask("cold");
                double other = call(caller);
                if (round >= 0) {
                    linked.add(one.get("linked") / 1e6);
                    replied.add(one.get("replied") / 1e6);
                    called.add(other);
                }
                gateway.ask("stopped cold"); // after its idle timeout
            }
            print(linked, replied, called);
        }
    }

    private static double call(Callers caller) throws IOException, InterruptedException {
        Callers.Result result = caller.call(Requests.trigger("cold", true), 1, null);
        if (result.failed() > 0) {
            throw new IOException("cold call: failed (expected: status 200)");
        }
        return result.nanosAt(0.5) / 1e6;
    }

    private void print(List<Double> linked, List<Double> replied, List<Double> called) {
        report.title("A cold start, from the order to the end of the first reply: " + rounds + " each");
        report.head("way", "p50 ms", "p90 ms", "least", "most");
        row("node func.js, to its link", linked);
        row("node func.js, to its first reply on a bare socket", replied);
        row("a call through trigger and process driver", called);
        double bare = Spread.of(replied, Double::doubleValue).median();
        double gateway = Spread.of(called, Double::doubleValue).median();
        report.say(String.format(
                Locale.ROOT, "The gateway adds %.1f ms (medians). To hold: at most 15 ms.", gateway - bare));
    }

    private void row(String way, List<Double> millis) {
        Spread spread = Spread.of(millis, Double::doubleValue);
        report.row(way, spread.median(), spread.at(0.9), spread.at(0), spread.at(1));
    }
}
