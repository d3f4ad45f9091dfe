package io.headgate.samples;

import io.headgate.accesslog.AccessFormat;
import io.headgate.accesslog.AccessLog;
import io.headgate.accesslog.AccessLogSpec;
import io.headgate.accesslog.AccessSink;
import java.io.PrintWriter;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether exchanges are logged, and how. */
final class AccessLogOption {

    /** What a line looks like. */
    enum Format {
        JSON(AccessFormat::json),
        COMMON(AccessFormat::common),
        COMBINED(AccessFormat::combined);

        private final Supplier<AccessFormat> lines;

        Format(Supplier<AccessFormat> lines) {
            this.lines = lines;
        }
    }

    @Option(
            names = "--access-log",
            paramLabel = "FORMAT",
            arity = "0..1",
            fallbackValue = "JSON",
            description = "Print a line for each exchange: json, common or combined. Without a FORMAT it is json.")
    private @Nullable Format format;

    /** The log, running, or null when none is wanted. */
    @Nullable AccessLog start(PrintWriter out) {
        return format == null
                ? null
                : AccessLog.start(
                        AccessLogSpec.DEFAULTS.withFormat(format.lines.get()).withSink(AccessSink.to(out)));
    }
}
