package io.headgate.sync.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** A running program of {@code src/test/go/gobpeer}, in one of the generations of its structs; see the README there. */
final class GoPeer implements AutoCloseable {

    /** Which structs the program was built with. */
    enum Structs {
        V325("-tags", "v325"),
        TODAY;

        private final List<String> flags;

        Structs(String... flags) {
            this.flags = List.of(flags);
        }

        /** The file that holds what a program of this generation wrote. */
        String resource(String name) {
            return "/sync/go/" + (this == V325 ? "v325-" : "today-") + name;
        }
    }

    private static final Map<Structs, Path> BUILT = new ConcurrentHashMap<>();

    private final Process process;
    private final BufferedReader output;
    private final BufferedWriter input;
    private final List<String> lines = new ArrayList<>();

    private GoPeer(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
        this.input = process.outputWriter(StandardCharsets.UTF_8);
    }

    /** Starts the program, and skips the test loudly where there is no go to build it with. */
    static GoPeer start(Structs structs, String... arguments) throws IOException {
        return new GoPeer(new ProcessBuilder(command(structs, arguments))
                .redirectErrorStream(true)
                .start());
    }

    /** Runs the program to its end with these bytes as its input. */
    static byte[] run(Structs structs, byte[] input, String... arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command(structs, arguments))
                .redirectErrorStream(true)
                .start();
        try {
            CompletableFuture<byte[]> output = CompletableFuture.supplyAsync(() -> readAll(process.getInputStream()));
            try (var sink = process.getOutputStream()) {
                sink.write(input);
            } catch (IOException early) {
                // It has ended before it had read all; its output says why.
            }
            byte[] all = output.join();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return all;
        } finally {
            process.destroyForcibly();
        }
    }

    private static byte[] readAll(InputStream stream) {
        try {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> command(Structs structs, String... arguments) {
        require("go");
        String program = BUILT.computeIfAbsent(structs, GoPeer::build).toString();
        return Stream.concat(Stream.of(program), Stream.of(arguments)).toList();
    }

    private static Path build(Structs structs) {
        try {
            Path folder = Files.createDirectories(Path.of("target", "gobpeer")).toAbsolutePath();
            Path program = folder.resolve(structs.name());
            List<String> command = new ArrayList<>(List.of("go", "build", "-o", program.toString()));
            command.addAll(structs.flags);
            command.add(".");
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(sources().toFile()).redirectErrorStream(true);
            // Nothing is fetched, and nothing of the machine's own Go settings matters.
            builder.environment()
                    .putAll(Map.of(
                            "GO111MODULE", "on", "GOPROXY", "off", "GOFLAGS", "", "GOWORK", "off", "CGO_ENABLED", "0"));
            builder.environment().putIfAbsent("GOCACHE", folder.resolve("cache").toString());
            Process process = builder.start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(said).isZero();
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path sources() {
        return Stream.of("src/test/go/gobpeer", "gateway-discovery/src/test/go/gobpeer")
                .map(Path::of)
                .filter(Files::isDirectory)
                .findFirst()
                .orElseThrow();
    }

    private static void require(String tool) {
        boolean present = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
        String missing = tool + " is missing, so what it would prove is not proved";
        if (Boolean.parseBoolean(System.getenv("HEADGATE_REQUIRE_TOOLS"))) {
            Assertions.assertTrue(present, missing);
        }
        if (!present) {
            System.err.println("SKIPPED: " + missing);
        }
        Assumptions.assumeTrue(present, missing);
    }

    /** The next line that begins like this; the lines before it are kept in {@link #lines}. */
    String await(String beginning) throws IOException {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            lines.add(line);
            if (line.startsWith(beginning)) {
                return line;
            }
        }
        throw new AssertionError("%s: never said, but %s".formatted(beginning, lines));
    }

    /** All that the program has said and was read. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    /** Gives the program a line of input. */
    void tell(String line) throws IOException {
        input.write(line);
        input.newLine();
        input.flush();
    }

    /** The value behind {@code name=} in a line. */
    static String value(String line, String name) {
        return Stream.of(line.split(" "))
                .filter(word -> word.startsWith(name + "="))
                .map(word -> word.substring(name.length() + 1))
                .findFirst()
                .orElseThrow();
    }

    /** Bytes that a program wrote when they were recorded: one array per thing that it did not wait in between. */
    static List<byte[]> recorded(String resource) throws IOException {
        try (InputStream stream = GoPeer.class.getResourceAsStream(resource)) {
            assertThat(stream).as(resource).isNotNull();
            BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.US_ASCII));
            return reader.lines().map(HexFormat.of()::parseHex).toList();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
