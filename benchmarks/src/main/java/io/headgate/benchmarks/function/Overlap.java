package io.headgate.benchmarks.function;

import io.headgate.benchmarks.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Many callers on few instances: the functions themselves say how many calls they had at one time. */
record Overlap(Report report, Path functions, int callers, int calls) {

    private static final Pattern REPLY = Pattern.compile("\\{\"pid\":(\\d+),\"most\":(\\d+)}");

    void run() throws Exception {
        Map<String, Integer> mostByPid = new ConcurrentHashMap<>();
        Callers.Result result;
        try (Child gateway = Child.start(GatewayMain.class, functions.toString());
                Callers many = new Callers(2)) {
            int port = gateway.ask("port").port("port");
            for (int i = 0; i < callers; i++) {
                many.connect(port);
            }
            result = many.call(Requests.trigger("overlap", true), calls, body -> {
                Matcher reply = REPLY.matcher(body);
                if (reply.matches()) {
                    mostByPid.merge(reply.group(1), Integer.valueOf(reply.group(2)), Math::max);
                }
            });
        }
        int most = mostByPid.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        report.title(callers + " callers of one function with at most 4 instances, each call 1 to 5 ms");
        report.head(
                "calls",
                "failed",
                "calls/s",
                "p50 ms",
                "p99 ms",
                "longest ms",
                "instances",
                "calls at one time in one");
        report.row(
                calls,
                result.failed(),
                result.callsPerSecond(),
                result.nanosAt(0.5) / 1e6,
                result.nanosAt(0.99) / 1e6,
                result.nanosAt(1) / 1e6,
                mostByPid.size(),
                most);
        if (most != 1 || mostByPid.size() > 4 || result.failed() > 0) {
            throw new IOException("overlap: " + mostByPid + ", " + result.failed()
                    + " failed (expected: at most 4 processes, 1 call at a time in each, none failed)");
        }
    }
}
