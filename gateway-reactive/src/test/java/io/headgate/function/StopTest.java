package io.headgate.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gateway process is ended by SIGTERM while calls run, wait and are queued. */
@Timeout(120)
class StopTest {

    /** No operation of the store is late for it on a busy machine. */
    private static final Duration LEASE = Duration.ofMinutes(1);

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private ChildGateway gateway;

    @AfterEach
    void end() throws Exception {
        if (gateway != null) {
            gateway.kill();
        }
    }

    private ChildGateway start(int number) throws Exception {
        Path output = directory.resolve("output-" + number);
        String database = "h2:file:" + directory.resolve("calls");
        gateway = ChildGateway.start(http, output, database, directory.resolve("fn"), NodeKit.root("record"), LEASE);
        return gateway.awaitReady();
    }

    private CompletableFuture<HttpResponse<String>> call(String fn, String input) {
        return http.sendAsync(
                gateway.to("/invoke/" + fn)
                        .POST(BodyPublishers.ofString(input))
                        .header("content-type", "application/json")
                        .build(),
                BodyHandlers.ofString());
    }

    private List<String> runs() throws Exception {
        Path runs = directory.resolve("runs");
        return Files.exists(runs) ? Files.readAllLines(runs) : List.of();
    }

    @Test
    void whatRunsEndsWhatWaitsIsRefusedAndNothingIsLeft() throws Exception {
        String image = NodeKit.isPresent() ? "node:record" : GatewayProcess.RECORDER;
        Path base = directory.resolve("fn");
        start(0);
        String app = gateway.create("/v2/apps", "{\"name\":\"stop\"}");
        String fn = gateway.create(
                "/v2/fns",
                "{\"app_id\":\"" + app + "\",\"name\":\"record\",\"image\":\"" + image
                        + "\",\"annotations\":{\"headgate.io/max-instances\":2},\"config\":{\"RUNS\":\""
                        + directory.resolve("runs") + "\"}}");
        Path refusals = directory.resolve("refusals");
        String untilRefused = "{\"until\":\"" + refusals + "\"}";
        HttpResponse<String> async = gateway.post("/invoke/" + fn, untilRefused, "fn-invoke-type", "async");
        await().atMost(PATIENCE).until(() -> runs().size() == 1);
        CompletableFuture<HttpResponse<String>> running = call(fn, untilRefused);
        await().atMost(PATIENCE).until(() -> runs().size() == 2);
        List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            waiting.add(call(fn, "{}"));
        }
        await().atMost(PATIENCE).until(() -> gateway.output().split("queued ", -1).length > 2 + waiting.size());
        HttpResponse<String> later = gateway.post("/invoke/" + fn, "{\"ms\":0}", "fn-invoke-type", "async");
        assertThat(FunctionProcesses.below(base)).hasSize(2);

        gateway.process().destroy(); // SIGTERM

        for (CompletableFuture<HttpResponse<String>> one : waiting) {
            HttpResponse<String> refused = one.get(60, TimeUnit.SECONDS);
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
        }
        assertThat(running).as("refused before the running call has ended").isNotDone();
        Files.createFile(refusals);
        assertThat(running.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(gateway.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(gateway.output())
                .contains("ended")
                .doesNotContain("ERROR")
                .doesNotContain("LEAK:")
                .doesNotContain("store failed");
        assertThat(FunctionProcesses.below(base)).isEmpty();
        assertThat(base).isEmptyDirectory();

        start(1);
        String calls = "/v2/fns/" + fn + "/calls/";
        assertThat(gateway.get(calls + async.headers().firstValue("fn-call-id").orElseThrow())
                        .get("status")
                        .asString())
                .isEqualTo("success");
        assertThat(runs()).as("each of them once").doesNotHaveDuplicates();
        String second = later.headers().firstValue("fn-call-id").orElseThrow();
        await().atMost(PATIENCE)
                .until(() ->
                        gateway.get(calls + second).get("status").asString().equals("success"));
    }
}
