package io.headgate.function.driver.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where programs are. */
final class Programs {

    private static final String USUAL_PATH = "/usr/local/bin:/usr/bin:/bin";

    private Programs() {}

    /** The one variable that functions have of this process. */
    static String path() {
        String path = System.getenv("PATH");
        return path == null || path.isEmpty() ? USUAL_PATH : path;
    }

    /** Finds a program that must be there. */
    static String find(String name, String expected) throws IOException {
        for (String directory : path().split(File.pathSeparator, -1)) {
            Path program = Path.of(directory, name);
            if (program.isAbsolute() && Files.isExecutable(program)) {
                return program.toString();
            }
        }
        throw new IOException(name + ": not in PATH (expected: " + expected + ")");
    }
}
