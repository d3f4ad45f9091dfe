package io.headgate.samples;

import io.headgate.samples.bench.Bench;
import io.headgate.samples.bench.BenchPlan;
import io.headgate.samples.bench.Link;
import io.headgate.samples.bench.Source;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares the RPC with plain Netty, java.nio, rsocket-java and grpc-java. */
@Command(
        name = "rpc-bench",
        description = "Compares the RPC with plain Netty, java.nio, rsocket-java and grpc-java, as tables in Markdown.",
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {"", "A TIME is a number and ms, s, m or h, such as 250ms or 30s, or ISO 8601, such as PT30S."})
final class RpcBench implements Callable<Integer> {

    @Option(names = "--quick", description = "Fewer workloads, rounds and less time: about two minutes.")
    private boolean quick;

    @Option(
            names = "--contenders",
            paramLabel = "NAME",
            split = ",",
            description = "Who takes part, in the order of the tables. Default: all.")
    private List<String> contenders = List.of();

    @Option(
            names = "--transports",
            paramLabel = "TRANSPORT",
            split = ",",
            description = "Any of ${COMPLETION-CANDIDATES}. Default: all.")
    private List<Link> links = List.of(Link.values());

    @Option(
            names = "--sources",
            paramLabel = "SOURCE",
            split = ",",
            description = "What a sender does for a frame: zero fills it with zeros, noop sends the same again."
                    + " Default: both; with --quick zero.")
    private @Nullable List<Source> sources;

    @Option(
            names = "--frames",
            paramLabel = "BYTES",
            split = ",",
            description = "Frames of the raw stream. Default: 16384,131072,1048576; with --quick the last two.")
    private @Nullable List<Integer> frames;

    @Option(
            names = "--call-bytes",
            paramLabel = "BYTES",
            description = "Bytes of a small call, each way. Default: ${DEFAULT-VALUE}.")
    private int callBytes = 100;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            description = "Small calls in flight on the connection. Default: ${DEFAULT-VALUE}.")
    private int inFlight = 64;

    @Option(names = "--rounds", paramLabel = "N", description = "Turns of each. Default: 5; with --quick 3.")
    private @Nullable Integer rounds;

    @Option(
            names = "--turn",
            paramLabel = "TIME",
            description = "How long a turn is. Default: 400ms; with --quick 200ms.")
    private @Nullable Duration turn;

    @Option(
            names = "--warm-up",
            paramLabel = "TIME",
            description = "At least, before the first turn, for each; up to ten times as long while compilers are busy."
                    + " Default: 1s; with --quick 400ms.")
    private @Nullable Duration warmUp;

    @Option(
            names = "--idle-connections",
            paramLabel = "N",
            description = "How many to measure the memory of one. Default: ${DEFAULT-VALUE}.")
    private int idleConnections = 500;

    @Option(names = "--pin", description = "Servers on the first processor, clients on the second (Linux, taskset).")
    private boolean pin;

    @Option(
            names = "--jvm-option",
            paramLabel = "OPTION",
            description = "An option of the processes, several times. Default: -Xmx1g.")
    private List<String> jvmOptions = List.of("-Xmx1g");

    @Option(names = "--output", paramLabel = "FILE", description = "Writes the tables there, too.")
    private @Nullable Path output;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    private final PrintWriter out;

    RpcBench(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws IOException {
        BenchPlan plan = UserMistake.ifRefused(this::plan);
        PrintWriter progress = spec.commandLine().getErr();
        try {
            String tables = Bench.run(plan, progress);
            out.print(tables);
            out.flush();
            if (output != null) {
                Files.writeString(output, tables);
            }
            return 0;
        } catch (IllegalStateException failed) {
            progress.println("rpc-bench: " + failed.getMessage());
            return 1;
        }
    }

    private BenchPlan plan() {
        return new BenchPlan(
                contenders,
                links,
                or(sources, quick ? List.of(Source.ZERO) : List.of(Source.ZERO, Source.NOOP)),
                or(frames, quick ? List.of(128 << 10, 1 << 20) : List.of(16 << 10, 128 << 10, 1 << 20)),
                callBytes,
                inFlight,
                or(rounds, quick ? 3 : 5),
                or(turn, Duration.ofMillis(quick ? 200 : 400)),
                or(warmUp, Duration.ofMillis(quick ? 400 : 1000)),
                idleConnections,
                pin,
                jvmOptions);
    }

    private static <T> T or(@Nullable T given, T otherwise) {
        return given == null ? otherwise : given;
    }
}
