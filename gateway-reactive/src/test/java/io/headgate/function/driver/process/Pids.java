package io.headgate.function.driver.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the system says of processes. */
final class Pids {

    private Pids() {}

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
}
