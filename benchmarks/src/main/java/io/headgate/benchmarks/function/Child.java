package io.headgate.benchmarks.function;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A Java process of its own, which does what it is told by lines and answers each with a line. */
final class Child implements AutoCloseable {

    /** Does what a line says. */
    @FunctionalInterface
    interface Commands {

        /**
         * Does it.
         *
         * @return the answer, words of the form {@code name=number}
         */
        String perform(String[] words) throws Exception;
    }

    /** Before each answer, because options of the virtual machine may have it print, too. */
    private static final String ANSWER = "= ";

    /**
     * What was answered.
     *
     * @param values numbers by name
     */
    record Answer(Map<String, Long> values) {

        long get(String name) {
            Long value = values.get(name);
            if (value == null) {
                throw new IllegalStateException(name + ": not among " + values.keySet() + " (expected: a number)");
            }
            return value;
        }

        int port(String name) {
            return Math.toIntExact(get(name));
        }
    }

    private final Process process;
    private final BufferedReader output;
    private final BufferedWriter input;

    private Child(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
        this.input = process.outputWriter(StandardCharsets.UTF_8);
    }

    /** Starts a main class with the class path of this process, and the options that {@code headgate.bench.java} has. */
    static Child start(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xms512m", "-Xmx512m"));
        for (String option : System.getProperty("headgate.bench.java", "").split(" ")) {
            if (!option.isEmpty()) {
                command.add(option);
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return new Child(
                new ProcessBuilder(command).redirectError(Redirect.INHERIT).start());
    }

    /** The other side: runs until the input ends. */
    static void serve(Commands commands) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println(ANSWER + commands.perform(line.split(" ")));
        }
    }

    Answer ask(String command) throws IOException {
        input.write(command);
        input.newLine();
        input.flush();
        String line = output.readLine();
        while (line != null && !line.startsWith(ANSWER)) {
            line = output.readLine();
        }
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

    Usage usage() throws IOException {
        Answer answer = ask("usage");
        return new Usage(answer.get("cpu"), answer.get("allocated"));
    }

    @Override
    public void close() throws IOException {
        input.close();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
