package io.headgate.samples;

import io.headgate.accesslog.AccessLog;
import io.headgate.metrics.HttpConvention;
import io.headgate.metrics.LinkerdConvention;
import io.headgate.metrics.OtelConvention;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What to switch on to see what a gateway does. Nothing is on unless asked for. */
final class ObservabilityOptions {

    /** Names of metrics. */
    enum Names {
        OTEL(OtelConvention.DEFAULTS),
        LINKERD(LinkerdConvention.DEFAULTS);

        private final HttpConvention convention;

        Names(HttpConvention convention) {
            this.convention = convention;
        }
    }

    @Option(
            names = "--tap",
            paramLabel = "HOST:PORT",
            description =
                    "Serve the live tap there, by the API of Linkerd: see the samples tap and top. Loopback only.")
    private @Nullable ListenAddress tap;

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            description = "Serve the admin pages there: /metrics, /stack, /pools, /tap and others. Loopback only.")
    private @Nullable ListenAddress admin;

    @Option(
            names = "--metrics",
            paramLabel = "NAMES",
            description = "Measure, by the names of otel or linkerd, for /metrics of --admin.")
    private @Nullable Names metrics;

    @Option(
            names = "--tracing",
            paramLabel = "SHARE",
            description = "Trace a share of the exchanges, above 0 up to 1; spans go nowhere without --trace-log.")
    private double tracing;

    @Option(names = "--trace-log", description = "Print a line for each span.")
    private boolean traceLog;

    ObservedSpec spec(@Nullable AccessLog log, PrintWriter out) {
        if (metrics != null && admin == null) {
            throw new UserMistake("--metrics: " + metrics + " (expected: with --admin, where they can be seen)");
        }
        if (!(tracing >= 0 && tracing <= 1)) {
            throw new UserMistake("--tracing: " + tracing + " (expected: above 0, up to 1)");
        }
        if (traceLog && tracing == 0) {
            throw new UserMistake("--trace-log: on (expected: with --tracing)");
        }
        return new ObservedSpec(
                log, tap, admin, metrics == null ? null : metrics.convention, tracing, traceLog ? out::println : null);
    }
}
