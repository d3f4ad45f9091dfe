package io.headgate.samples.function;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * A function in JavaScript: written into a directory of its own, with the kit {@code @fnproject/fdk} that npm gets from its registry, unless
 * it is there.
 */
final class NpmFunction {

    static final String IMAGE = "node:hello";

    private static final String NAME = "hello";
    private static final String SCRIPT = "func.js";
    private static final String MANIFEST = "package.json";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Path folder;

    private NpmFunction(Path root) {
        this.folder = root.resolve(NAME);
    }

    /**
     * Sees to it that the function can be run.
     *
     * @param root where functions are, a directory each
     * @return how it came there, in one line
     * @throws FnFailure when it cannot be run; the message says what is missing
     */
    static String install(Path root) throws InterruptedException {
        return new NpmFunction(root).install();
    }

    private String install() throws InterruptedException {
        need("node");
        try {
            write();
            if (isInstalled()) {
                return "the kit is in " + folder;
            }
            need("npm");
            long began = System.nanoTime();
            npm();
            long millis = (System.nanoTime() - began) / 1_000_000;
            return "npm has put the kit into " + folder + ", " + millis + " ms";
        } catch (IOException e) {
            throw new FnFailure(folder + ": " + e + " (expected: a folder that can be written)", e);
        }
    }

    private static void need(String program) {
        boolean present = Stream.of(
                        Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator))
                .anyMatch(part -> Files.isExecutable(Path.of(part, program)));
        if (!present) {
            throw new FnFailure(program + " is missing (expected: in PATH)");
        }
    }

    private void write() throws IOException {
        Files.createDirectories(folder);
        Path script = folder.resolve(SCRIPT);
        if (Files.exists(script) && !firstLine(Files.readString(script)).equals(firstLine(resource(SCRIPT)))) {
            throw new FnFailure(script + " is somebody else's (expected: that of this sample, or none)");
        }
        Files.writeString(folder.resolve(MANIFEST), resource(MANIFEST));
        Files.writeString(script, resource(SCRIPT));
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    private static String resource(String file) {
        try (InputStream in = NpmFunction.class.getResourceAsStream(NAME + "/" + file)) {
            return new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isInstalled() throws IOException {
        Path there = folder.resolve("node_modules")
                .resolve("@fnproject")
                .resolve("fdk")
                .resolve(MANIFEST);
        JsonMapper json = JsonMapper.shared();
        String wanted = json.readTree(resource(MANIFEST))
                .path("dependencies")
                .path("@fnproject/fdk")
                .asString();
        return Files.exists(there)
                && json.readTree(Files.readString(there))
                        .path("version")
                        .asString("")
                        .equals(wanted);
    }

    private void npm() throws IOException, InterruptedException {
        Path said = Files.createTempFile("headgate-npm", ".log");
        try {
            Process npm = new ProcessBuilder(
                            "npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            npm.getOutputStream().close();
            try {
                if (!npm.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    throw new FnFailure("npm was not done (expected: within " + PATIENCE + ")");
                }
            } finally {
                npm.descendants().forEach(ProcessHandle::destroyForcibly);
                npm.destroyForcibly();
            }
            if (npm.exitValue() != 0) {
                throw new FnFailure(
                        "npm: exit code " + npm.exitValue() + " (expected: 0): " + firstLine(Files.readString(said)));
            }
        } finally {
            Files.deleteIfExists(said);
        }
    }
}
