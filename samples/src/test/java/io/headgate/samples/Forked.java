package io.headgate.samples;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A JVM of its own with the class path of the tests. */
final class Forked implements AutoCloseable {

    private static final long SECONDS = 30;

    private final Process process;
    private final Path errors;
    private final BufferedReader out;

    private Forked(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.out = process.inputReader(StandardCharsets.UTF_8);
    }

    static Forked java(String... args) throws IOException {
        Path errors = Files.createTempFile("forked", ".err");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED"); // as the launcher does; newer JDKs warn without it
        command.add("-XX:TieredStopAtLevel=1"); // it lives too short to earn back what the second compiler costs
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.addAll(List.of(args));
        File err = errors.toFile();
        return new Forked(new ProcessBuilder(command).redirectError(err).start(), errors);
    }

    /** Reads on to a line that has the pattern and returns its first group. */
    String awaitLine(String pattern) throws IOException {
        Pattern wanted = Pattern.compile(pattern);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            Matcher matcher = wanted.matcher(line);
            if (matcher.find()) {
                return matcher.group(1);
            }
        }
        throw new AssertionError("ended without a line like " + pattern + "; stderr: " + err());
    }

    /** Writes to its standard input, and ends it. */
    void tell(String text) throws IOException {
        try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
            in.write(text);
        }
    }

    /** Sends SIGTERM, where there are signals, and waits for the end. What it says on the way can be read afterwards. */
    int terminate() throws InterruptedException {
        process.toHandle().destroy(); // unlike the method of the process, which closes its streams
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("still running " + SECONDS + " s after SIGTERM");
        }
        return process.exitValue();
    }

    String err() throws IOException {
        return Files.readString(errors);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        Files.deleteIfExists(errors);
    }
}
