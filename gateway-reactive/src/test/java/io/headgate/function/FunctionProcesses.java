package io.headgate.function;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What the system says of processes of functions. */
final class FunctionProcesses {

    private FunctionProcesses() {}

    /** All that were told to listen below a directory, what they have started among them. */
    static List<Long> below(Path base) {
        String told = "FN_LISTENER=unix:" + base + "/";
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .map(process -> process.getFileName().toString())
                    .filter(name -> name.chars().allMatch(Character::isDigit))
                    .map(Long::valueOf)
                    .filter(pid -> environment(pid).contains(told))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String environment(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "environ"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // gone, or not ours
        }
    }

    /** {@code S} asleep, {@code R} running, {@code T} stopped, {@code Z} ended but not yet asked for, {@code X} not there. */
    static char state(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            return 'X';
        }
    }

    static boolean isGone(long pid) {
        return "XZ".indexOf(state(pid)) >= 0;
    }

    /** Sends a signal as anybody can. */
    static void signal(String name, long pid) throws IOException, InterruptedException {
        new ProcessBuilder("sh", "-c", "kill -s " + name + " " + pid)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
