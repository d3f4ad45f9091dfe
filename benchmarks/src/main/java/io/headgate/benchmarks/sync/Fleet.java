package io.headgate.benchmarks.sync;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Clients in a process of their own. */
final class Fleet implements AutoCloseable {

    /**
     * What the clients answered.
     *
     * @param values numbers by name
     */
    record Answer(Map<String, Long> values) {

        long value(String name) {
            return values.getOrDefault(name, 0L);
        }

        double millis(String name) {
            return value(name) / 1e6;
        }
    }

    private final Process process;
    private final BufferedReader output;
    private final BufferedWriter input;

    private Fleet(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
        this.input = process.outputWriter(StandardCharsets.UTF_8);
    }

    static Fleet start() throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx2g",
                "-cp",
                System.getProperty("java.class.path"),
                FleetMain.class.getName());
        return new Fleet(
                new ProcessBuilder(command).redirectError(Redirect.INHERIT).start());
    }

    /** Opens clients and waits until each knows the whole set. */
    Answer connect(int port, int count, boolean compressed, int sampled) throws IOException {
        return ask("connect " + port + " " + count + " " + compressed + " " + sampled);
    }

    Answer ask(String command) throws IOException {
        input.write(command);
        input.newLine();
        input.flush();
        String line = output.readLine();
        if (line == null) {
            throw new IOException(command + ": no answer (expected: one line)");
        }
        Map<String, Long> values = new HashMap<>();
        for (String word : line.split(" ")) {
            int at = word.indexOf('=');
            if (at > 0) {
                values.put(word.substring(0, at), Long.valueOf(word.substring(at + 1)));
            }
        }
        return new Answer(values);
    }

    /** Processor time of the clients so far, in seconds. */
    double processorSeconds() {
        return process.info()
                .totalCpuDuration()
                .map(time -> time.toNanos() / 1e9)
                .orElse(0.0);
    }

    @Override
    public void close() throws IOException {
        input.close();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
