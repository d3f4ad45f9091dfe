package io.headgate.function;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.driver.process.ProcessDriver;
import io.headgate.function.driver.process.ProcessDriverSpec;
import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnLimits;
import io.headgate.function.model.Trigger;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.MemoryFunctionStore;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.Listener;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Unmodified functions of the npm package {@code @fnproject/fdk} behind a listener, with more callers than they can take. */
@Timeout(60)
class ManyCallersTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int CALLERS = 200;
    private static final int CALLS = 600;
    private static final int INSTANCES = 4;

    @TempDir
    private Path sockets;

    private static Path functions() throws IOException {
        Path module = Files.isDirectory(Path.of("gateway-reactive")) ? Path.of("gateway-reactive") : Path.of("");
        Path node = module.resolve("target").resolve("node").toAbsolutePath();
        boolean present = Files.isDirectory(node.resolve("node_modules").resolve("@fnproject"))
                && Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(part -> Files.isExecutable(Path.of(part, "node")));
        String missing =
                "Node.js with @fnproject/fdk is missing, so it is not proved that instances get one call at a time";
        if (Boolean.parseBoolean(System.getenv("HEADGATE_REQUIRE_TOOLS"))) {
            Assertions.assertTrue(present, missing);
        }
        if (!present) {
            System.err.println("SKIPPED: " + missing);
        }
        Assumptions.assumeTrue(present, missing);
        Path root = node.resolve("functions");
        try (InputStream script = ManyCallersTest.class.getResourceAsStream("overlap/func.js")) {
            Files.createDirectories(root.resolve("overlap"));
            Files.copy(script, root.resolve("overlap").resolve("func.js"), StandardCopyOption.REPLACE_EXISTING);
        }
        return root;
    }

    private static void addFunction(FunctionStore store) {
        App app = store.createApp(App.named("crowd")).block(LONG);
        Fn plain = Fn.of(app.id(), "overlap", "node:overlap");
        Fn fn = store.createFn(new Fn(
                        "",
                        app.id(),
                        plain.name(),
                        plain.image(),
                        128,
                        30,
                        30,
                        Map.of(),
                        new Annotations(Map.of(FnLimits.MAX_INSTANCES, Integer.toString(INSTANCES))),
                        plain.createdAt(),
                        plain.updatedAt()))
                .block(LONG);
        store.createTrigger(Trigger.of(app.id(), fn.id(), "overlap", "/overlap"))
                .block(LONG);
    }

    @Test
    void noInstanceGetsASecondCallBeforeTheEndOfTheFirst() throws IOException {
        ProcessDriver driver = ProcessDriver.open(
                        ProcessDriverSpec.DEFAULTS.withNodeRoot(functions()).withBase(sockets))
                .block(LONG);
        FunctionStore store = MemoryFunctionStore.create();
        addFunction(store);
        Functions service = Functions.builder(store, DispatchSettings.of(MachineBudget.of(1024, 8)))
                .agent(agent -> agent.driver(driver))
                .open()
                .block(LONG);
        Gateway gateway = Gateway.create();
        try {
            Listener listener = gateway.listen("127.0.0.1", 0, service).block(LONG);
            List<JsonNode> replies = callAll(listener.port());
            assertThat(replies).hasSize(CALLS);
            assertThat(replies.stream().map(reply -> reply.get("most").asInt()).distinct())
                    .as("calls at one time in one process")
                    .containsExactly(1);
            assertThat(replies.stream().map(reply -> reply.get("pid").asInt()).distinct())
                    .as("processes")
                    .hasSize(INSTANCES);
        } finally {
            service.closeAsync(LONG).block(LONG);
            gateway.closeAsync().block(LONG);
        }
        assertThat(sockets).isEmptyDirectory();
    }

    private static List<JsonNode> callAll(int port) {
        HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/t/crowd/overlap"))
                .timeout(LONG)
                .build();
        return Flux.range(0, CALLS)
                .flatMap(
                        call -> Mono.fromFuture(() -> http.sendAsync(request, BodyHandlers.ofString()))
                                .map(ManyCallersTest::json),
                        CALLERS)
                .collectList()
                .block(LONG);
    }

    private static JsonNode json(HttpResponse<String> reply) {
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(reply.body());
    }
}
