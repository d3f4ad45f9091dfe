package io.headgate.sync.source;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** The etcd of the system, as a process on loopback that can be killed and started again. It is spoken to in JSON. */
final class Etcd implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Path folder;
    private final int clients;
    private final int peers;
    private Process process;
    private String token = "";

    private Etcd(Path folder) throws IOException {
        this.folder = folder;
        try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket second = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            clients = first.getLocalPort();
            peers = second.getLocalPort();
        }
    }

    /** Skips the test, loudly, where there is no etcd, and fails it where there must be one. */
    static Etcd start(Path folder) throws Exception {
        boolean present = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(part -> Files.isExecutable(Path.of(part, "etcd")));
        String missing = "etcd is missing, so what it would prove is not proved";
        if (Boolean.parseBoolean(System.getenv("HEADGATE_REQUIRE_TOOLS"))) {
            Assertions.assertTrue(present, missing);
        }
        if (!present) {
            System.err.println("SKIPPED: " + missing);
        }
        Assumptions.assumeTrue(present, missing);
        Etcd etcd = new Etcd(folder);
        etcd.start();
        return etcd;
    }

    void start() throws IOException {
        String peer = "http://127.0.0.1:" + peers;
        process = new ProcessBuilder(
                        "etcd",
                        "--name=one",
                        "--data-dir=" + folder.resolve("data"),
                        "--listen-client-urls=" + url(),
                        "--advertise-client-urls=" + url(),
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=one=" + peer,
                        "--heartbeat-interval=10",
                        "--election-timeout=100",
                        "--max-txn-ops=10000",
                        "--bcrypt-cost=4",
                        "--logger=zap",
                        "--log-outputs=" + folder.resolve("log"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(this::isHealthy);
    }

    private boolean isHealthy() throws InterruptedException {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(url() + "/health")).build();
            return HTTP.send(request, HttpResponse.BodyHandlers.ofString())
                    .body()
                    .contains("true");
        } catch (IOException notYet) {
            Assertions.assertTrue(process.isAlive(), "etcd has ended, see " + folder.resolve("log"));
            return false;
        }
    }

    /** As kill -9 does. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        Assertions.assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "etcd cannot be killed");
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    int port() {
        return clients;
    }

    String url() {
        return "http://127.0.0.1:" + clients;
    }

    void put(String key, String value) throws Exception {
        post("/v3/kv/put", "{\"key\":\"" + base64(key) + "\",\"value\":\"" + base64(value) + "\"}");
    }

    void delete(String key) throws Exception {
        post("/v3/kv/deleterange", "{\"key\":\"" + base64(key) + "\"}");
    }

    /** From one key to before another. */
    void delete(String from, String to) throws Exception {
        post("/v3/kv/deleterange", "{\"key\":\"" + base64(from) + "\",\"range_end\":\"" + base64(to) + "\"}");
    }

    void putAll(Map<String, String> entries) throws Exception {
        List<Map.Entry<String, String>> all = new ArrayList<>(entries.entrySet());
        for (int at = 0; at < all.size(); at += 5_000) {
            String puts = all.subList(at, Math.min(at + 5_000, all.size())).stream()
                    .map(entry -> "{\"requestPut\":{\"key\":\"" + base64(entry.getKey()) + "\",\"value\":\""
                            + base64(entry.getValue()) + "\"}}")
                    .collect(Collectors.joining(","));
            post("/v3/kv/txn", "{\"success\":[" + puts + "]}");
        }
    }

    /** Forgets all but the last revision. */
    void compact() throws Exception {
        String answer = post("/v3/kv/range", "{\"key\":\"AA==\",\"limit\":1}");
        String revision = answer.replaceAll("(?s).*\"revision\":\"(\\d+)\".*", "$1");
        post("/v3/kv/compaction", "{\"revision\":\"" + revision + "\",\"physical\":true}");
    }

    /** Lets nobody in but root with a password. */
    void lock(String password) throws Exception {
        post("/v3/auth/user/add", "{\"name\":\"root\",\"password\":\"" + password + "\"}");
        post("/v3/auth/role/add", "{\"name\":\"root\"}");
        post("/v3/auth/user/grant", "{\"user\":\"root\",\"role\":\"root\"}");
        post("/v3/auth/enable", "{}");
        String answer = post("/v3/auth/authenticate", "{\"name\":\"root\",\"password\":\"" + password + "\"}");
        token = answer.replaceAll("(?s).*\"token\":\"([^\"]+)\".*", "$1");
    }

    private String post(String path, String json) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url() + path))
                .timeout(PATIENCE)
                .POST(HttpRequest.BodyPublishers.ofString(json));
        if (!token.isEmpty()) {
            request.header("Authorization", token);
        }
        HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        Assertions.assertEquals(200, response.statusCode(), response::body);
        return response.body();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
