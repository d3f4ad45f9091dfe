package io.headgate.function;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Functions of the npm package {@code @fnproject/fdk}, which {@code .ci/run} installs. */
final class NodeKit {

    private static final String MISSING =
            "Node.js with @fnproject/fdk is missing, so functions of others are not proved";

    private NodeKit() {}

    static boolean isPresent() {
        boolean present = Files.isDirectory(directory().resolve("node_modules").resolve("@fnproject"))
                && Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(part -> Files.isExecutable(Path.of(part, "node")));
        if (Boolean.parseBoolean(System.getenv("HEADGATE_REQUIRE_TOOLS"))) {
            Assertions.assertTrue(present, MISSING);
        }
        if (!present) {
            System.err.println("SKIPPED: " + MISSING);
        }
        return present;
    }

    /** Skips the test, loudly, where there is no kit. */
    static void require() {
        Assumptions.assumeTrue(isPresent(), MISSING);
    }

    private static Path directory() {
        Path module = Files.isDirectory(Path.of("gateway-reactive")) ? Path.of("gateway-reactive") : Path.of("");
        return module.resolve("target").resolve("node").toAbsolutePath();
    }

    /** Where the functions of the resources are that these tests use, beside the package. */
    static Path root(String... names) throws IOException {
        Path root = directory().resolve("stack");
        for (String name : names) {
            Path function = Files.createDirectories(root.resolve(name));
            Path copy = Files.createTempFile(function, "func", ".copy");
            try (InputStream script = NodeKit.class.getResourceAsStream("stack/" + name + "/func.js")) {
                Files.copy(script, copy, StandardCopyOption.REPLACE_EXISTING);
            }
            // Tests of another process may start this function just now.
            Files.move(copy, function.resolve("func.js"), StandardCopyOption.ATOMIC_MOVE);
        }
        return root;
    }
}
