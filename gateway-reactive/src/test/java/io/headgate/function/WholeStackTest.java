package io.headgate.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headgate.function.async.MemoryCallStore;
import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.DispatchStats.QueueStats;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.driver.process.ProcessDriver;
import io.headgate.function.driver.process.ProcessDriverSpec;
import io.headgate.function.invoke.AgentSettings;
import io.headgate.function.log.FunctionLogs;
import io.headgate.function.log.LogSettings;
import io.headgate.function.store.MemoryFunctionStore;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.Listener;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * Unmodified functions of the npm package {@code @fnproject/fdk} in processes, called over HTTP/1.1 through a listener by clients that
 * know nothing else.
 */
@Timeout(120)
class WholeStackTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MIB = 1024 * 1024;
    private static final String JSON = "application/json";

    @TempDir
    private static Path base;

    private static Gateway gateway;
    private static Functions functions;
    private static Listener listener;
    private static String app;

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void open() throws Exception {
        NodeKit.require();
        Path root = NodeKit.root("echo", "string", "buffer", "web", "moods", "stream");
        ProcessDriver driver = ProcessDriver.open(
                        ProcessDriverSpec.DEFAULTS.withBase(base).withNodeRoot(root))
                .block(PATIENCE);
        functions = Functions.builder(
                        MemoryFunctionStore.create(),
                        DispatchSettings.of(MachineBudget.of(8192, 64)).withStartTimeout(PATIENCE))
                .agent(agent ->
                        agent.driver(driver).settings(AgentSettings.DEFAULTS.withStopGrace(Duration.ofMillis(500))))
                .logs(FunctionLogs.create(LogSettings.DEFAULTS.withFrames(true)))
                .calls(new MemoryCallStore())
                .open()
                .block(PATIENCE);
        gateway = Gateway.create();
        listener = gateway.listen("127.0.0.1", 0, functions).block(PATIENCE);
        app = new WholeStackTest().create("/v2/apps", "{\"name\":\"stack\"}");
    }

    @AfterAll
    static void close() {
        if (functions != null) {
            functions.closeAsync(PATIENCE).block(PATIENCE);
            gateway.closeAsync().block(PATIENCE);
            assertThat(FunctionProcesses.below(base)).isEmpty();
            assertThat(base).isEmptyDirectory();
        }
    }

    // ---- what a client does

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + path))
                .timeout(PATIENCE);
    }

    private <T> HttpResponse<T> post(String path, BodyPublisher body, BodyHandler<T> as, String type, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = to(path).POST(body).header("content-type", type);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), as);
    }

    private HttpResponse<String> json(String path, String input, String... headers)
            throws IOException, InterruptedException {
        return post(path, BodyPublishers.ofString(input), BodyHandlers.ofString(), JSON, headers);
    }

    private String create(String path, String json) throws IOException, InterruptedException {
        HttpResponse<String> created = json(path, json);
        assertThat(created.statusCode()).as(created.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(created.body()).get("id").asString();
    }

    private String fn(String name, String image, String rest) throws IOException, InterruptedException {
        return create(
                "/v2/fns",
                "{\"app_id\":\"" + app + "\",\"name\":\"" + name + "\",\"image\":\"node:" + image + "\"" + rest + "}");
    }

    /** A function of moods of one's own, called well once; tells its path. */
    private String moods(String name, String rest) throws IOException, InterruptedException {
        String path = "/invoke/" + fn(name, "moods", rest);
        pid(path);
        return path;
    }

    /** Of the process that answers. */
    private long pid(String path) throws IOException, InterruptedException {
        HttpResponse<String> fine = json(path, "{}");
        assertThat(fine.statusCode()).as(fine.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(fine.body()).get("pid").asLong();
    }

    private int count(String path, ToIntFunction<QueueStats> figure) {
        String id = path.substring(path.lastIndexOf('/') + 1);
        return functions.stats().queues().stream()
                .filter(queue -> queue.workload().fn().id().equals(id))
                .mapToInt(figure)
                .sum();
    }

    // ---- inputs and outputs

    @Test
    void jsonTextAndBytesGoInAndComeOut() throws Exception {
        String echo = "/invoke/" + fn("echo", "echo", "");
        HttpResponse<String> said = json(echo, "{\"say\":\"ahoj, světe\"}", "x-asked", "why", "connection-x", "no");
        assertThat(said.statusCode()).as(said.body()).isEqualTo(200);
        assertThat(said.body()).contains("\"said\":\"ahoj, světe\"", "\"asked\":\"why\"", "\"type\":\"" + JSON + "\"");
        assertThat(said.headers().firstValue("fn-call-id")).isPresent();
        assertThat(said.headers().firstValue("fn-fdk-version").orElseThrow()).startsWith("fdk-node/");
        HttpResponse<String> string = post(
                "/invoke/" + fn("string", "string", ""),
                BodyPublishers.ofString("quiet"),
                BodyHandlers.ofString(),
                "text/plain");
        assertThat(string.body()).isEqualTo("QUIET");
        assertThat(string.headers().firstValue("content-type")).contains("text/plain");
        HttpResponse<byte[]> bytes = post(
                "/invoke/" + fn("bytes", "buffer", ""),
                BodyPublishers.ofByteArray(new byte[] {0, 1, (byte) 0xff}),
                BodyHandlers.ofByteArray(),
                "application/octet-stream");
        assertThat(bytes.body()).containsExactly(0xff, 1, 0);
    }

    @Test
    void tenMebibytesGoBothWaysBufferedAndStreamed() throws Exception {
        byte[] input = new byte[10 * MIB];
        new Random(7).nextBytes(input);
        for (String annotations : List.of("", ",\"annotations\":{\"headgate.io/stream\":true}")) {
            String path = "/invoke/" + fn("ten" + annotations.length(), "buffer", annotations);
            for (BodyPublisher body : List.of(
                    BodyPublishers.ofByteArray(input),
                    BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(input)))) { // chunked
                byte[] output = post(path, body, BodyHandlers.ofByteArray(), "application/octet-stream")
                        .body();
                assertThat(output).hasSize(input.length);
                for (int i = 0; i < input.length; i += 4099) {
                    assertThat(output[input.length - 1 - i]).isEqualTo(input[i]);
                }
            }
        }
    }

    @Test
    void aTriggerGetsTheRequestAndSaysStatusAndFields() throws Exception {
        String fn = fn("web", "web", "");
        create(
                "/v2/triggers",
                "{\"app_id\":\"" + app + "\",\"fn_id\":\"" + fn
                        + "\",\"name\":\"web\",\"type\":\"http\",\"source\":\"/web\"}");
        for (int status : new int[] {202, 404, 500}) {
            HttpResponse<String> reply = http.send(
                    to("/t/stack/web?x=1&y=%20")
                            .method("PUT", BodyPublishers.ofString("{\"a\":1}"))
                            .headers("content-type", JSON, "x-status", "" + status, "x-asked", "for it")
                            .build(),
                    BodyHandlers.ofString());
            assertThat(reply.statusCode()).as(reply.body()).isEqualTo(status);
            assertThat(reply.body())
                    .isEqualTo("{\"method\":\"PUT\",\"url\":\"http://127.0.0.1:" + listener.port()
                            + "/t/stack/web?x=1&y=%20\",\"input\":{\"a\":1}}");
            assertThat(reply.headers().firstValue("x-seen")).contains("for it");
            assertThat(reply.headers().allValues("set-cookie")).containsExactly("a=1", "b=2");
            assertThat(reply.headers().firstValue("fn-call-id")).isPresent();
            assertThat(reply.headers().map()).doesNotContainKeys("x-between-us", "fn-fdk-version", "fn-http-status");
        }
    }

    // ---- failures

    @Test
    void whatIsThrownIsHiddenAndTheInstanceKept() throws Exception {
        String path = moods("throws", "");
        long pid = pid(path);
        for (String mood : List.of("angry", "sulking")) {
            HttpResponse<String> reply = json(path, "{\"mood\":\"" + mood + "\"}");
            assertThat(reply.statusCode()).isEqualTo(502);
            assertThat(reply.body())
                    .contains("\"message\"")
                    .doesNotContain("told")
                    .doesNotContain("consult");
            assertThat(reply.headers().firstValue("fn-call-id")).isPresent();
            assertThat(pid(path)).isEqualTo(pid);
        }
    }

    @Test
    void whoAnswersNothingOrLeavesIsReplaced() throws Exception {
        String path = moods("leaves", "");
        for (String mood : List.of("empty", "leaving")) {
            long pid = pid(path);
            assertThat(json(path, "{\"mood\":\"" + mood + "\"}").statusCode()).isEqualTo(502);
            assertThat(pid(path)).isNotEqualTo(pid);
            await().atMost(PATIENCE).until(() -> FunctionProcesses.isGone(pid));
        }
    }

    @Test
    void whoHangsIsKilledWhenItsTimeIsOver() throws Exception {
        String path = moods("hangs", ",\"timeout\":1");
        long pid = pid(path);
        HttpResponse<String> late = json(path, "{\"mood\":\"lost in thought\"}");
        assertThat(late.statusCode()).as(late.body()).isEqualTo(504);
        assertThat(pid(path)).isNotEqualTo(pid);
        await().atMost(PATIENCE).until(() -> FunctionProcesses.isGone(pid));
    }

    @Test
    void fieldsThatAreTooLongAreRefusedBothWays() throws Exception {
        String path = moods("fields", "");
        long pid = pid(path);
        assertThat(json(path, "{}", "x-long", "a".repeat(15_000)).statusCode()).isEqualTo(200);
        HttpResponse<String> sent = json(path, "{}", "x-long", "a".repeat(20_000));
        assertThat(sent.statusCode()).as(sent.body()).isEqualTo(413);
        assertThat(pid(path)).as("nothing was sent").isEqualTo(pid);
        HttpResponse<String> received = json(path, "{\"mood\":\"boasting\",\"bytes\":100000}");
        assertThat(received.statusCode()).as(received.body()).isEqualTo(502);
        assertThat(pid(path)).as("was killed").isNotEqualTo(pid);
    }

    @Test
    void bodiesThatAreTooLongAreRefusedBothWays() throws Exception {
        String path = moods("bodies", "");
        long pid = pid(path);
        int bytes = 17 * MIB;
        String head = "POST " + path + " HTTP/1.1\r\nhost: test\r\nconnection: close\r\n";
        assertThat(answer(head + "content-length: " + bytes + "\r\n\r\n")).startsWith("HTTP/1.1 413");
        String chunk = Integer.toHexString(bytes) + "\r\n" + " ".repeat(bytes);
        assertThat(answer(head + "transfer-encoding: chunked\r\n\r\n" + chunk)).startsWith("HTTP/1.1 413");
        assertThat(pid(path)).isEqualTo(pid);
        HttpResponse<String> received = json(path, "{\"mood\":\"talkative\",\"bytes\":" + bytes + "}");
        assertThat(received.statusCode()).as(received.body()).isEqualTo(502);
        await().atMost(PATIENCE).until(() -> count(path, QueueStats::busy) == 0);
        assertThat(pid(path)).as("has said all, and is kept").isEqualTo(pid);
    }

    // ---- streams

    private Socket send(String request) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port());
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String request(String path, String input) {
        return "POST " + path + " HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: "
                + input.length() + "\r\nconnection: close\r\n\r\n" + input;
    }

    private String answer(String request) throws IOException {
        try (Socket socket = send(request)) {
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void aStreamThatFailsLateIsCutAndNeverLooksWhole() throws Exception {
        String streamed = "/invoke/" + fn("streamed", "stream", ",\"annotations\":{\"headgate.io/stream\":true}");
        String whole = answer(request(streamed, "{\"pieces\":100}"));
        assertThat(whole).startsWith("HTTP/1.1 200").endsWith("\r\n0\r\n\r\n").contains("sss");

        String cut = answer(request(streamed, "{\"pieces\":100,\"leaves\":true}"));
        assertThat(cut).startsWith("HTTP/1.1 200").contains("transfer-encoding: chunked", "sss");
        assertThat(cut).doesNotEndWith("0\r\n\r\n");
        assertThatThrownBy(() -> json(streamed, "{\"pieces\":100,\"leaves\":true}"))
                .isInstanceOf(IOException.class);
        assertThat(answer(request(streamed, "{\"pieces\":1}"))).endsWith("sss\n");

        String buffered = "/invoke/" + fn("buffered", "stream", "");
        HttpResponse<String> failed = json(buffered, "{\"pieces\":100,\"leaves\":true}");
        assertThat(failed.statusCode()).as(failed.body()).isEqualTo(502);
        assertThat(json(buffered, "{\"pieces\":100}").body()).hasSize(100 * 1001);
    }

    @Test
    void aClientThatLeavesCostsTheInstanceAndNothingElse() throws Exception {
        String path = moods("left", "");
        long pid = pid(path);
        try (Socket socket = send(request(path, "{\"mood\":\"lost in thought\"}"))) {
            await().atMost(PATIENCE).until(() -> count(path, QueueStats::busy) == 1);
            assertThat(socket.isConnected()).isTrue();
        }
        await().atMost(PATIENCE).until(() -> FunctionProcesses.isGone(pid));
        assertThat(pid(path)).isNotEqualTo(pid);
        assertThat(count(path, QueueStats::waiting)).isZero();
    }

    // ---- idle instances, and logs

    @Test
    void anIdleInstanceStandsStillUntilItIsCalledAgain() throws Exception {
        String path = moods("idle", "");
        long pid = pid(path);
        for (int i = 0; i < 3; i++) {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> FunctionProcesses.state(pid) == 'T' && count(path, QueueStats::paused) == 1);
            assertThat(pid(path)).isEqualTo(pid);
        }
    }

    @Test
    void theLogOfACallHasItsLinesAndNoOthers() throws Exception {
        String fn = fn("logged", "echo", ",\"annotations\":{\"headgate.io/max-instances\":1}");
        String[] calls = new String[20];
        for (int i = 0; i < calls.length; i++) {
            HttpResponse<String> accepted =
                    json("/invoke/" + fn, "{\"say\":\"number " + i + "\"}", "fn-invoke-type", "async");
            assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
            calls[i] = accepted.headers().firstValue("fn-call-id").orElseThrow();
        }
        for (int i = 0; i < calls.length; i++) {
            String path = "/v2/fns/" + fn + "/calls/" + calls[i];
            await().atMost(PATIENCE).until(() -> get(path).contains("\"success\""));
            assertThat(get(path + "/log").lines())
                    .as("call %d", i)
                    .containsExactly("one line: number " + i, "another line: number " + i);
        }
    }

    private String get(String path) throws IOException, InterruptedException {
        HttpResponse<String> found = http.send(
                to(path).header("accept", path.endsWith("/log") ? "text/plain" : JSON)
                        .GET()
                        .build(),
                BodyHandlers.ofString());
        assertThat(found.statusCode()).as(found.body()).isEqualTo(200);
        return found.body();
    }

    // ---- the end

    @Test
    void whatRunsEndsWhatWaitsIsRefusedAndNothingIsLeft(@TempDir Path ownBase) throws Exception {
        ProcessDriver driver = ProcessDriver.open(
                        ProcessDriverSpec.DEFAULTS.withBase(ownBase).withNodeRoot(NodeKit.root("moods")))
                .block(PATIENCE);
        Functions own = Functions.builder(
                        MemoryFunctionStore.create(),
                        DispatchSettings.of(MachineBudget.of(128, 1)).withStartTimeout(PATIENCE))
                .agent(agent -> agent.driver(driver))
                .open()
                .block(PATIENCE);
        Listener ownListener = gateway.listen("127.0.0.1", 0, own).block(PATIENCE);
        Listener shared = listener;
        listener = ownListener;
        try {
            String ownApp = create("/v2/apps", "{\"name\":\"own\"}");
            String fn = create(
                    "/v2/fns",
                    "{\"app_id\":\"" + ownApp + "\",\"name\":\"m\",\"image\":\"node:moods\",\"memory\":128}");
            var running = sendAsync(fn, "{\"mood\":\"slow\",\"ms\":700}");
            await().atMost(PATIENCE).until(() -> own.stats().queues().stream().anyMatch(queue -> queue.busy() == 1));
            var waiting = sendAsync(fn, "{}");
            await().atMost(PATIENCE).until(() -> own.stats().queues().stream().anyMatch(queue -> queue.waiting() == 1));
            long pid = FunctionProcesses.below(ownBase).get(0);

            var closed = own.closeAsync(PATIENCE).toFuture();

            assertThat(waiting.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
            assertThat(running).isNotDone();
            assertThat(running.get(30, TimeUnit.SECONDS).body()).isEqualTo("{\"pid\":" + pid + "}");
            assertThat(closed).succeedsWithin(PATIENCE);
            assertThat(FunctionProcesses.isGone(pid)).isTrue();
            assertThat(ownBase).isEmptyDirectory();
        } finally {
            listener = shared;
            ownListener.closeAsync().block(PATIENCE);
        }
    }

    private CompletableFuture<HttpResponse<String>> sendAsync(String fn, String input) {
        return http.sendAsync(
                to("/invoke/" + fn)
                        .header("content-type", JSON)
                        .POST(BodyPublishers.ofString(input))
                        .build(),
                BodyHandlers.ofString());
    }
}
