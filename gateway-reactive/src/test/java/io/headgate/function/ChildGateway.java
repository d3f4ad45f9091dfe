package io.headgate.function;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A {@link GatewayProcess} as its parent sees it. What it prints goes to a file. */
final class ChildGateway {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final Path output;
    private final HttpClient http;
    private int port;

    private ChildGateway(Process process, Path output, HttpClient http) {
        this.process = process;
        this.output = output;
        this.http = http;
    }

    /** Begins to start one; {@link #awaitReady} waits for it. */
    static ChildGateway start(HttpClient http, Path output, String database, Path base, Path nodeRoot, Duration lease)
            throws IOException, URISyntaxException {
        List<String> command = List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Dio.netty.leakDetection.level=paranoid",
                "-cp",
                classPath(),
                GatewayProcess.class.getName(),
                database,
                base.toString(),
                nodeRoot.toString(),
                lease.toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new ChildGateway(process, output, http);
    }

    /** Of whoever runs the tests: a path, or a loader that was made of one. */
    private static String classPath() throws URISyntaxException {
        Set<String> places = new LinkedHashSet<>();
        for (ClassLoader at = ChildGateway.class.getClassLoader(); at != null; at = at.getParent()) {
            if (at instanceof URLClassLoader loader) {
                for (URL url : loader.getURLs()) {
                    places.add(Path.of(url.toURI()).toString());
                }
            }
        }
        places.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        return String.join(File.pathSeparator, places);
    }

    ChildGateway awaitReady() {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10)).until(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("a gateway has ended: " + output());
            }
            return output().contains("port=");
        });
        String text = output();
        int at = text.indexOf("port=") + "port=".length();
        port = Integer.parseInt(text.substring(at, text.indexOf('\n', at)));
        return this;
    }

    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Zero until it is ready. */
    int port() {
        return port;
    }

    Process process() {
        return process;
    }

    /** By SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(PATIENCE);
    }

    HttpResponse<String> post(String path, String json, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                to(path).header("content-type", "application/json").POST(BodyPublishers.ofString(json));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return JsonMapper.shared().readTree(get(path, "application/json"));
    }

    /** In the form that is asked for. */
    String get(String path, String type) throws IOException, InterruptedException {
        HttpResponse<String> found =
                http.send(to(path).header("accept", type).GET().build(), BodyHandlers.ofString());
        if (found.statusCode() != 200) {
            throw new IOException(path + ": " + found.statusCode() + " " + found.body());
        }
        return found.body();
    }

    /** Through the API; tells its id. */
    String create(String path, String json) throws IOException, InterruptedException {
        HttpResponse<String> created = post(path, json);
        if (created.statusCode() != 200) {
            throw new IOException(path + ": " + created.statusCode() + " " + created.body());
        }
        return JsonMapper.shared().readTree(created.body()).get("id").asString();
    }
}
