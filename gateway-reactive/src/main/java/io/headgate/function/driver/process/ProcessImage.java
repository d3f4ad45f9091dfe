package io.headgate.function.driver.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What a process of a function is started from.
 *
 * @param directory where it is started, with the function's files; made absolute
 * @param command the program, looked up in {@code PATH} unless it has a slash, and its arguments
 */
public record ProcessImage(Path directory, List<String> command) {

    /** Copies the list. */
    public ProcessImage {
        directory = Objects.requireNonNull(directory, "directory").toAbsolutePath();
        command = List.copyOf(command);
        if (command.isEmpty()) {
            throw new IllegalArgumentException("command: none (expected: a program and its arguments)");
        }
    }

    /**
     * A function for Node.js.
     *
     * @param directory the directory of {@code func.js}, where its packages are found too
     * @return {@code node func.js} in that directory
     */
    public static ProcessImage node(Path directory) {
        return new ProcessImage(directory, List.of("node", "func.js"));
    }
}
