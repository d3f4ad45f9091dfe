package io.headgate.samples;

import io.headgate.samples.tap.HarFile;
import io.headgate.samples.tap.Recording;
import io.headgate.samples.tap.Seen;
import io.headgate.samples.tap.TapJson;
import io.headgate.samples.tap.TapLines;
import io.headgate.tap.TapHeaders;
import io.headgate.tap.TapRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows what goes through a gateway while it does. */
@Command(
        name = "tap",
        description = "Shows what goes through a gateway, live; records it, for browsers too.",
        sortOptions = false,
        abbreviateSynopsis = true)
final class TapCommand implements Callable<Integer> {

    /** Ways to show an event. */
    enum Output {
        SHORT,
        WIDE,
        JSON
    }

    @Option(names = "--gateway", paramLabel = "HOST:PORT", description = "Where the gateway serves its tap.")
    private @Nullable ListenAddress gateway;

    @Option(names = "--replay", paramLabel = "FILE", description = "Show a recording instead.")
    private @Nullable Path replay;

    @Mixin
    private final TapOptions options = new TapOptions();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            description = "wide: with labels and header fields; json: an object of JSON on each line.")
    private Output output = Output.SHORT;

    @Option(names = "--headers", description = "Show header fields and trailers, secrets redacted.")
    private boolean headers;

    @Option(
            names = "--bodies",
            paramLabel = "BYTES",
            description = "Show up to so many bytes of each body, in both directions.")
    private int bodies;

    @Option(names = "--record", paramLabel = "FILE", description = "Write all to a file for --replay, too.")
    private @Nullable Path record;

    @Option(
            names = "--har",
            paramLabel = "FILE",
            description = "Write HAR 1.2 for the network panel of a browser, too; with header fields.")
    private @Nullable Path har;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    private final PrintWriter out;
    private final TapDial dial;

    TapCommand(PrintWriter out, TapDial dial) {
        this.out = out;
        this.dial = dial;
    }

    @Override
    public Integer call() throws IOException {
        if ((gateway == null) == (replay == null)) {
            throw new UserMistake("--gateway: " + (gateway == null ? "missing" : gateway)
                    + " (expected: either --gateway or --replay)");
        }
        TapRequest request = request();
        TapWatch watch = new TapWatch(spec);
        try (Recording recording = record == null ? null : Recording.create(record);
                HarFile archive = har == null ? null : HarFile.create(har, Instant.now())) {
            Consumer<Seen> files = files(recording, archive);
            return gateway == null ? replay(files, watch) : observe(gateway, request, files, watch);
        } catch (IOException e) {
            return watch.failed(String.valueOf(e));
        }
    }

    private TapRequest request() {
        boolean wanted = headers || har != null || output == Output.WIDE;
        return UserMistake.ifRefused(() -> options.request()
                .withHeaders(wanted ? TapHeaders.SHOWN : TapHeaders.NONE)
                .withBodyBytes(bodies));
    }

    private static Consumer<Seen> files(@Nullable Recording recording, @Nullable HarFile archive) {
        return seen -> {
            if (recording != null) {
                recording.accept(seen);
            }
            if (archive != null) {
                archive.accept(seen);
            }
        };
    }

    private int observe(ListenAddress address, TapRequest request, Consumer<Seen> files, TapWatch watch) {
        Function<Seen, String> format = format();
        try (TapDial.Opened source = dial.open(address)) {
            return watch.until(source, request, seen -> {
                files.accept(seen);
                out.println(format.apply(seen));
                return !out.checkError(); // nobody reads any more
            });
        }
    }

    private int replay(Consumer<Seen> files, TapWatch watch) throws IOException {
        Function<Seen, String> format = format();
        try {
            Recording.replay(Objects.requireNonNull(replay), seen -> {
                files.accept(seen);
                out.println(format.apply(seen));
            });
            return 0;
        } catch (IllegalArgumentException broken) {
            return watch.failed(String.valueOf(broken.getMessage()));
        } catch (UncheckedIOException file) {
            throw file.getCause();
        }
    }

    private Function<Seen, String> format() {
        return output == Output.JSON
                ? new TapJson()
                : new TapLines(output == Output.WIDE, headers || output == Output.WIDE);
    }
}
