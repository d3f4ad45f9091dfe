package io.headgate.samples.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A {@link Worker} seen from the process that gives it orders. */
final class WorkerProcess implements AutoCloseable {

    private final String name;
    private final Process process;
    private final BufferedWriter orders;
    private final BufferedReader answers;

    /** Starts one on a processor, or on any when that is negative; what it says beside its answers goes to the file. */
    WorkerProcess(String contender, String role, int processor, List<String> jvmOptions, Path said) throws IOException {
        this.name = contender + " " + role;
        List<String> command = new ArrayList<>();
        if (processor >= 0) {
            command.addAll(List.of("taskset", "-c", String.valueOf(processor)));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Worker.class.getName(), contender));
        this.process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(said.toFile()))
                .directory(new File("").getAbsoluteFile())
                .start();
        this.orders = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** The words of the answer. */
    List<String> ask(String order) {
        try {
            orders.write(order + "\n");
            orders.flush();
            String answer = answers.readLine();
            if (answer == null || !(answer.equals("ok") || answer.startsWith("ok "))) {
                throw new IllegalStateException(name + ": " + order + ": " + (answer == null ? "gone" : answer));
            }
            return List.of(answer.split(" ")).subList(1, answer.split(" ").length);
        } catch (IOException e) {
            throw new IllegalStateException(name + ": " + order + ": gone", e);
        }
    }

    long number(String order) {
        return Long.parseLong(ask(order).get(0));
    }

    Figures figures() {
        List<String> words = ask("figures");
        return new Figures(Long.parseLong(words.get(0)), Long.parseLong(words.get(1)));
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
