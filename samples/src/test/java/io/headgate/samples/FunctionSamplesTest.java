package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(180)
class FunctionSamplesTest {

    private static final String APP = "headgate-demo";
    private static final String LISTEN = "--listen=127.0.0.1:0";

    @TempDir
    private Path folder;

    /** The sample does not touch functions of others, and has none of its own then. */
    private String withoutNode() throws IOException {
        Files.createDirectories(folder.resolve("fns").resolve("hello"));
        Files.writeString(folder.resolve("fns").resolve("hello").resolve("func.js"), "// mine");
        return "--functions=" + folder.resolve("fns");
    }

    @Test
    void aFunctionInJavaIsMadeAndCalledAndADatabaseIsUsedAgain() throws IOException {
        String functions = withoutNode();
        String database = "--database=h2:file:" + folder.resolve("db");

        Run first = Run.of("functions", "--once", LISTEN, database, functions);
        Run second = Run.of("functions", "--once", LISTEN, database, functions);

        assertThat(first.err()).isEmpty();
        assertThat(first.out())
                .containsSubsequence(
                        "functions on http://127.0.0.1:",
                        "admin on http://127.0.0.1:",
                        "database h2:file:",
                        "no npm function: ",
                        "ok   an application: headgate-demo is made",
                        "shout: a Java function in this process",
                        "ok   called by its id: POST /invoke/",
                        " -> HELLO, ADA",
                        "ok   called by its trigger: POST /t/headgate-demo/shout -> HELLO, ADA",
                        "ok   called without waiting: 202, and later success: HELLO, ADA",
                        "ok   4 calls at once: 4 answers, ",
                        "/functions\n",
                        "shout, java:shout: ",
                        "fn_calls_total{",
                        "/ready\n")
                .doesNotContain("FAIL");
        assertThat(first.exitCode()).isZero();
        assertThat(second.out()).contains("headgate-demo is made anew").doesNotContain("FAIL");
        assertThat(second.exitCode()).isZero();
        assertThat(folder.resolve("fns/hello/func.js")).hasContent("// mine");
    }

    @Test
    void anNpmFunctionIsInstalledAndOutlivesTheDeathOfAProcess() {
        ToolsTest.require("node");
        ToolsTest.require("npm");

        Run run = Run.of("functions", "--once", LISTEN);

        requireInstalled(run);
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .containsSubsequence(
                        "hello: an npm function, a process for each instance",
                        "ok   called by its id: ",
                        "{\"message\":\"Hello Ada\",\"process\":",
                        "ok   called by its trigger: POST /t/headgate-demo/hello/ada -> ",
                        "ok   called without waiting: 202, and later success: ",
                        "ok   4 calls at once: processes ",
                        "ok   a process killed: process ",
                        "ok   called again: process ",
                        "hello, node:hello: ")
                .doesNotContain("FAIL");
        assertThat(run.exitCode()).isZero();
    }

    /** The registry may be out of reach. */
    private static void requireInstalled(Run run) {
        String missing = run.out()
                .lines()
                .filter(line -> line.startsWith("no npm function: "))
                .findFirst()
                .orElse("");
        if (Boolean.parseBoolean(System.getenv("HEADGATE_REQUIRE_TOOLS"))) {
            Assertions.assertEquals("", missing);
        }
        if (!missing.isEmpty()) {
            System.err.println("SKIPPED: " + missing);
        }
        Assumptions.assumeTrue(missing.isEmpty(), missing);
    }

    private static Forked sample(String... args) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "-Dlogback.configurationFile=logback.xml", // that of the samples; the one of the tests would win
                Main.class.getName()));
        all.addAll(List.of(args));
        return Forked.java(all.toArray(String[]::new));
    }

    /** Speaks to a server, and expects success. */
    private record Client(String url) {

        Run tries(String... args) {
            List<String> all = new ArrayList<>(List.of("fn"));
            all.addAll(List.of(args));
            all.addAll(List.of("--url", url));
            return Run.of(all.toArray(String[]::new));
        }

        String says(String... args) {
            Run run = tries(args);
            assertThat(run.err()).isEmpty();
            assertThat(run.exitCode()).isZero();
            return run.out().strip();
        }

        JsonNode entity(String... args) {
            return JsonMapper.shared().readTree(says(args));
        }

        void fails(String message, String... args) {
            Run run = tries(args);
            assertThat(run.err().lines()).hasSize(1);
            assertThat(run.err()).startsWith("fn: ").contains(message);
            assertThat(run.exitCode()).isEqualTo(1);
        }
    }

    @Test
    void theClientDoesWhatTheApiCanAndTheServerDrains() throws Exception {
        try (Forked server = sample("functions", LISTEN, withoutNode())) {
            Client fn = new Client(server.awaitLine("functions on (.*)"));
            server.awaitLine("(Try it)");

            entities(fn);
            calls(fn);
            failures(fn);

            assertThat(server.terminate()).isZero();
            assertThat(server.awaitLine("(drained)")).isNotEmpty();
            assertThat(server.err()).doesNotContain("LEAK", "ERROR");
        }
    }

    private static void entities(Client fn) {
        assertThat(fn.entity("apps", "create", "shop", "--config", "A=1", "--config", "B=2")
                        .at("/config/B")
                        .asString())
                .isEqualTo("2");
        assertThat(fn.entity("apps", "update", "shop", "--config", "A=").path("config"))
                .hasSize(1);
        assertThat(fn.says("apps", "list").lines())
                .hasSize(3)
                .first()
                .asString()
                .matches("name +id +updated_at");
        assertThat(fn.entity("apps", "show", "shop").at("/name").asString()).isEqualTo("shop");

        JsonNode made = fn.entity(
                "functions",
                "create",
                "shop",
                "loud",
                "java:shout",
                "--memory",
                "64",
                "--annotation",
                "headgate.io/max-instances=2");
        assertThat(made.at("/annotations/headgate.io~1max-instances").asInt()).isEqualTo(2);
        assertThat(fn.entity("functions", "update", "shop", "loud", "--timeout", "5")
                        .path("timeout")
                        .asInt())
                .isEqualTo(5);
        assertThat(fn.says("functions", "list", "shop")).contains("loud  java:shout  64");
        assertThat(fn.entity("functions", "show", "shop", "loud")
                        .path("timeout")
                        .asInt())
                .isEqualTo(5);

        fn.says("triggers", "create", "shop", "loud", "t", "/loud/{word}");
        assertThat(fn.entity("triggers", "update", "shop", "loud", "t", "--source", "/l/*")
                        .path("source")
                        .asString())
                .isEqualTo("/l/*");
        assertThat(fn.entity("triggers", "show", "shop", "loud", "t").path("fn_id"))
                .isEqualTo(made.path("id"));
        assertThat(fn.says("triggers", "list", "shop"))
                .isEqualTo(fn.says("triggers", "list", "shop", "loud"))
                .contains("t     /l/*");
        assertThat(fn.says("triggers", "delete", "shop", "loud", "t")).isEqualTo("deleted t");
        assertThat(fn.says("triggers", "list", "shop").lines()).hasSize(1);
    }

    private void calls(Client fn) throws Exception {
        assertThat(fn.says("invoke", "shop", "loud", "-d", "a b", "--content-type", "text/plain"))
                .isEqualTo("A B");
        Path file = Files.writeString(folder.resolve("in"), "from a file");
        Path result = folder.resolve("out");
        assertThat(fn.says("invoke", "shop", "loud", "-d", "@" + file, "-o", result.toString()))
                .isEqualTo("11 bytes -> " + result);
        assertThat(result).hasContent("FROM A FILE");
        try (Forked piped = sample("fn", "--url", fn.url(), "invoke", "shop", "loud", "-d", "-")) {
            piped.tell("from a pipe");
            assertThat(piped.awaitLine("(.*PIPE)")).isEqualTo("FROM A PIPE");
        }
        assertThat(fn.says("invoke", "shop", "loud", "--detached", "-d", "x")).hasSize(26);

        String call = fn.says("invoke", "shop", "loud", "--async", "-d", "later");
        await().until(
                        () -> fn.entity("calls", "show", "shop", "loud", call)
                                .path("status")
                                .asString(),
                        "success"::equals);
        assertThat(fn.says("calls", "result", "shop", "loud", call)).isEqualTo("LATER");
        assertThat(fn.says("logs", "shop", "loud", call)).isEmpty();
        assertThat(fn.says("calls", "list", "shop", "loud", "--status", "success", "-n", "1")
                        .lines())
                .hasSize(2)
                .last()
                .asString()
                .startsWith(call);
        fn.fails("409: status: success (expected: queued)", "calls", "cancel", "shop", "loud", call);
        fn.fails("409: status: success (expected: error or timeout)", "calls", "revive", "shop", "loud", call);
    }

    private static void failures(Client fn) {
        fn.fails("app: nosuch (expected: one that is there)", "apps", "show", "nosuch");
        fn.fails("function: nosuch (expected: one that is there)", "invoke", "shop", "nosuch");
        fn.fails("409: ", "apps", "create", "shop");
        fn.fails("400: memory: 9999 (expected: ", "functions", "update", "shop", "loud", "--memory", "9999");
        fn.says("functions", "update", "shop", "loud", "--config", "PAUSE_MS=soon");
        fn.fails("502: ", "invoke", "shop", "loud", "-d", "x");
        assertThat(fn.says("functions", "delete", "shop", "loud")).isEqualTo("deleted loud");
        assertThat(fn.says("apps", "delete", "shop")).isEqualTo("deleted shop");
        assertThat(fn.says("invoke", APP, "shout", "-d", "still here")).isEqualTo("STILL HERE");
    }

    @Test
    void aServerThatIsNotThereIsOneLine() {
        new Client("http://127.0.0.1:1").fails("http://127.0.0.1:1: nobody listens", "apps", "list");
    }
}
