package io.headgate.samples.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The sample {@code proxy} in a JVM of its own with little memory: 64 MiB of heap, and as much outside of it. */
final class GatewayProcess implements AutoCloseable {

    private static final long MEMORY = 64L << 20;
    private static final long END_SECONDS = 10;
    private static final Pattern READY = Pattern.compile("listening on http://127\\.0\\.0\\.1:(\\d+) ");

    private final Process process;
    private final Queue<String> output = new ConcurrentLinkedQueue<>();
    private final Thread reading;
    private int port;
    private String peakMemory = "peak memory unknown";

    private GatewayProcess(Process process) {
        this.process = process;
        this.reading = new Thread(this::read, "output of the gateway");
        reading.setDaemon(true);
    }

    static GatewayProcess start(String upstream) throws IOException {
        return start(MEMORY, upstream);
    }

    /** With other memory, and more options of the sample. */
    static GatewayProcess start(long memory, String upstream, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + memory,
                // Netty takes its direct memory from the JVM, whose bound this is, or by Unsafe, for which it
                // has
                // a bound of its own; which of the two depends on its version and on that of the JVM.
                "-XX:MaxDirectMemorySize=" + memory,
                "-Dio.netty.maxDirectMemory=" + memory,
                "-XX:+ExitOnOutOfMemoryError",
                "-Dio.netty.leakDetection.level=simple",
                "-cp",
                System.getProperty("java.class.path"),
                "io.headgate.samples.Main",
                "proxy",
                "--listen",
                "127.0.0.1:0",
                "--upstream",
                upstream));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        GatewayProcess started = new GatewayProcess(process);
        started.awaitReady();
        return started;
    }

    private void awaitReady() throws IOException {
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            output.add(line);
            Matcher ready = READY.matcher(line);
            if (ready.find()) {
                port = Integer.parseInt(ready.group(1));
                reading.start();
                return;
            }
        }
        throw new AssertionError("ended before it was ready:\n" + text());
    }

    private void read() {
        try {
            process.inputReader(StandardCharsets.UTF_8).lines().forEach(output::add);
        } catch (UncheckedIOException e) {
            output.add("output broke off: " + e.getMessage()); // closed with the process
        }
    }

    int port() {
        return port;
    }

    /** The most memory that the process has had, where the system tells. */
    String peakMemory() {
        return peakMemory;
    }

    private void measure() throws IOException {
        Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
        if (Files.exists(status)) {
            try (Stream<String> lines = Files.lines(status)) {
                peakMemory = lines.filter(line -> line.startsWith("VmHWM")).collect(Collectors.joining());
            }
        }
    }

    /** Stops it; it must have run until now, and have lost no buffer. */
    void assertGoodEnd() throws Exception {
        assertThat(process.isAlive()).as(text()).isTrue();
        measure();
        process.destroy();
        assertThat(process.waitFor(END_SECONDS, TimeUnit.SECONDS))
                .as("ends in time")
                .isTrue();
        reading.join(TimeUnit.SECONDS.toMillis(END_SECONDS));
        assertThat(List.copyOf(output)).noneMatch(line -> line.contains("LEAK") || line.contains("OutOfMemory"));
    }

    private String text() {
        return String.join("\n", output);
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
