package io.headgate.benchmarks.function;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** A process of Node.js without anybody around it. */
final class NodeFunction implements AutoCloseable {

    private static final long LOOK_NANOS = 50_000;

    private final Process process;
    private final Path directory;

    private NodeFunction(Process process, Path directory) {
        this.process = process;
        this.directory = directory;
    }

    /**
     * Lays the functions of the benchmark beside the packages that they need.
     *
     * @return the directory of their directories
     */
    static Path install(Path node) throws IOException {
        if (!Files.isDirectory(node.resolve("node_modules/@fnproject/fdk"))) {
            throw new IOException(
                    node.toAbsolutePath() + ": no node_modules/@fnproject/fdk (expected: npm install --prefix " + node
                            + " @fnproject/fdk@0.0.76)");
        }
        Path root = node.toAbsolutePath().normalize().resolve("functions");
        for (String name : new String[] {"hello", "overlap"}) {
            Files.createDirectories(root.resolve(name));
            try (InputStream script = NodeFunction.class.getResourceAsStream(name + ".js")) {
                if (script == null) {
                    throw new IOException(name + ".js: not in the class path (expected: beside this class)");
                }
                Files.copy(script, root.resolve(name).resolve("func.js"), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return root;
    }

    /** Starts it and waits for its link, looking often: nobody can know it much sooner. */
    static NodeFunction start(Path function) throws IOException {
        Path directory = Files.createTempDirectory("hgb");
        ProcessBuilder builder = new ProcessBuilder("node", "func.js")
                .directory(function.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        String path = System.getenv("PATH");
        Path socket = directory.resolve("lsnr.sock");
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", path);
        environment.put("FN_FORMAT", "http-stream");
        environment.put("FN_LISTENER", "unix:" + socket);
        environment.put("FN_APP_NAME", "bench");
        environment.put("FN_FN_NAME", "bare");
        environment.put("FN_MEMORY", "128");
        Process process = builder.start();
        while (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            if (!process.isAlive()) {
                throw new IOException("node: exited with " + process.exitValue() + " (expected: a socket)");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return new NodeFunction(process, directory);
    }

    Path socket() {
        return directory.resolve("lsnr.sock");
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(socket());
        Files.deleteIfExists(directory.resolve("lsnr.sock.tmp"));
        Files.delete(directory);
    }
}
