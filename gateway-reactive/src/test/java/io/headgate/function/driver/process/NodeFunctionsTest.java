package io.headgate.function.driver.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.function.driver.Instance;
import io.headgate.function.driver.InstanceFailure;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.headgate.function.driver.InstanceSpec;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** Unmodified functions of the npm package {@code @fnproject/fdk}, which {@code .ci/run} installs. */
@Timeout(60)
class NodeFunctionsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int TEN_MIB = 10 * 1024 * 1024;

    private static final AtomicInteger NUMBER = new AtomicInteger();

    @TempDir
    private static Path base;

    private static ProcessDriver driver;

    private final Printed printed = new Printed();

    @BeforeAll
    static void open() throws IOException {
        Path module = Files.isDirectory(Path.of("gateway-reactive")) ? Path.of("gateway-reactive") : Path.of("");
        Path node = module.resolve("target").resolve("node").toAbsolutePath();
        boolean present = Files.isDirectory(node.resolve("node_modules").resolve("@fnproject"))
                && Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(part -> Files.isExecutable(Path.of(part, "node")));
        String missing = "Node.js with @fnproject/fdk is missing, so functions of others are not proved";
        if (Boolean.parseBoolean(System.getenv("HEADGATE_REQUIRE_TOOLS"))) {
            Assertions.assertTrue(present, missing);
        }
        if (!present) {
            System.err.println("SKIPPED: " + missing);
        }
        Assumptions.assumeTrue(present, missing);
        Path root = node.resolve("functions");
        for (String name : new String[] {"hello", "text", "bytes", "gateway", "moods"}) {
            try (InputStream script = NodeFunctionsTest.class.getResourceAsStream(name + "/func.js")) {
                Files.createDirectories(root.resolve(name));
                Files.copy(script, root.resolve(name).resolve("func.js"), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        driver = ProcessDriver.open(ProcessDriverSpec.DEFAULTS
                        .withNodeRoot(root)
                        .withBase(base)
                        .withMaxReply(8 * 1024, TEN_MIB + 1024))
                .block(PATIENCE);
    }

    @AfterAll
    static void close() throws IOException {
        if (driver != null) {
            driver.close().block(PATIENCE);
            assertThat(base).isEmptyDirectory();
        }
    }

    private Instance start(String name) {
        InstanceSpec spec = new InstanceSpec(
                "test-" + NUMBER.incrementAndGet(),
                "node:" + name,
                128,
                Map.of("FN_APP_NAME", "demo", "FN_FN_NAME", name, "GREETING", "ahoj, světe", "not-a-shell.name", "x"),
                PATIENCE,
                printed);
        return driver.start(spec).block(PATIENCE);
    }

    private static void stop(Instance instance) {
        instance.stop(Duration.ofSeconds(2)).block(PATIENCE);
    }

    private static InstanceReply call(Instance instance, Fields fields, Body body) {
        return instance.call(new InstanceRequest(fields, body)).block(PATIENCE);
    }

    private static InstanceReply json(Instance instance, String input) {
        return call(instance, Fields.of("content-type", "application/json", "fn-call-id", "01CALL"), Body.utf8(input));
    }

    private static String text(InstanceReply reply) {
        return reply.body().asString(TEN_MIB + 1024).block(PATIENCE);
    }

    @Test
    void jsonGoesInAndComesOut() {
        Instance hello = start("hello");
        InstanceReply reply = json(hello, "{\"name\":\"Fn\"}");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.fields().get("content-type")).isEqualTo("application/json");
        assertThat(reply.fields().get("fn-fdk-version")).startsWith("fdk-node/0.0.76");
        assertThat(reply.fields().contains("connection")).isFalse();
        assertThat(text(reply))
                .isEqualTo("{\"message\":\"Hello Fn\",\"call\":\"01CALL\",\"app\":\"demo\","
                        + "\"type\":\"application/json\",\"greeting\":\"ahoj, světe\"}");
        assertThat(printed.line("saying hello to ")).isEqualTo("Fn");
        for (int i = 0; i < 100; i++) {
            assertThat(text(json(hello, "{}"))).contains("Hello World");
        }
        stop(hello);
        assertThat(hello.ended().block(PATIENCE)).isEqualTo("stopped");
    }

    @Test
    void textAndBytesGoInAndComeOut() {
        Instance shouting = start("text");
        InstanceReply loud = call(shouting, Fields.of("content-type", "text/plain"), Body.utf8("quiet"));
        assertThat(loud.fields().get("content-type")).isEqualTo("text/plain");
        assertThat(text(loud)).isEqualTo("QUIET");
        stop(shouting);

        Instance reversing = start("bytes");
        byte[] reply = call(
                        reversing,
                        Fields.of("content-type", "application/octet-stream"),
                        Body.of(Unpooled.wrappedBuffer(new byte[] {0, 1, (byte) 0xff})))
                .body()
                .asBytes(16)
                .block(PATIENCE);
        assertThat(reply).containsExactly(0xff, 1, 0);
        stop(reversing);
    }

    @Test
    void tenMebibytesGoBothWays() {
        Instance reversing = start("bytes");
        byte[] input = new byte[TEN_MIB];
        new Random(7).nextBytes(input);
        Flux<ByteBuf> pieces = Flux.range(0, 160).map(i -> Unpooled.wrappedBuffer(input, i * 65536, 65536));
        byte[] output = call(reversing, Fields.empty(), Body.of(pieces))
                .body()
                .asBytes(TEN_MIB)
                .block(PATIENCE);
        assertThat(output).hasSize(TEN_MIB);
        for (int i = 0; i < TEN_MIB; i += 4099) {
            assertThat(output[TEN_MIB - 1 - i]).isEqualTo(input[i]);
        }
        stop(reversing);
    }

    @Test
    void headersOfTheHttpGatewayGoBothWays() {
        Instance gateway = start("gateway");
        InstanceReply reply = call(
                gateway,
                Fields.of(
                        "fn-intent", "httprequest",
                        "fn-http-method", "PUT",
                        "fn-http-request-url", "http://demo/t/app/x?y=1",
                        "fn-http-h-X-Asked", "for it",
                        "content-type", "application/json"),
                Body.utf8("{}"));
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.fields().get("Fn-Http-Status")).isEqualTo("202");
        assertThat(reply.fields().get("Fn-Http-H-X-Seen")).isEqualTo("for it");
        assertThat(reply.fields().all("Fn-Http-H-X-Many")).containsExactly("one", "two");
        assertThat(text(reply)).isEqualTo("{\"method\":\"PUT\",\"url\":\"http://demo/t/app/x?y=1\"}");
        stop(gateway);
    }

    @Test
    void exceptionsAreRepliesAndTheInstanceGoesOn() {
        Instance moods = start("moods");
        for (String mood : new String[] {"angry", "sulking"}) {
            InstanceReply reply = json(moods, "{\"mood\":\"" + mood + "\"}");
            assertThat(reply.status()).isEqualTo(502);
            assertThat(text(reply)).contains("consult logs");
        }
        assertThat(text(json(moods, "{}"))).isEqualTo("\"fine\"");
        stop(moods);
    }

    @Test
    void nothingReturnedEndsTheProcess() {
        Instance moods = start("moods");
        assertThat(text(json(moods, "{}"))).isEqualTo("\"fine\"");
        assertThatThrownBy(() -> json(moods, "{\"mood\":\"empty\"}"))
                .isInstanceOfSatisfying(FunctionException.class, error -> {
                    assertThat(error.status()).isEqualTo(502);
                    assertThat(InstanceFailure.leavesUsable(error)).isFalse();
                });
        assertThat(moods.ended().block(PATIENCE)).isEqualTo("exited with 1");
    }

    @Test
    void anExitEndsTheCallAndTellsTheCode() {
        Instance moods = start("moods");
        assertThatThrownBy(() -> json(moods, "{\"mood\":\"leaving\"}")).isInstanceOf(FunctionException.class);
        assertThat(moods.ended().block(PATIENCE)).isEqualTo("exited with 7");
    }

    private static InstanceReply raving(Instance moods, int call, boolean fatal) {
        String input = "{\"mood\":\"raving\",\"lines\":40,\"call\":" + call + ",\"fatal\":" + fatal + "}";
        Fields fields = Fields.of("content-type", "application/json");
        return moods.call(new InstanceRequest(fields, Body.utf8(input), true)).block(PATIENCE);
    }

    @Test
    void whatACallPrintsIsThereWhenItsReplyEndsIfItIsToBe() {
        Instance moods = start("moods");
        for (int call = 1; call <= 100; call++) {
            assertThat(text(raving(moods, call, false))).isEqualTo("\"said\"");
            assertThat(printed.text()).contains("\nline 40 of " + call + "\n").endsWith("last words of " + call + "\n");
        }
        assertThatThrownBy(() -> raving(moods, 101, true)).isInstanceOf(FunctionException.class);
        assertThat(printed.text()).endsWith("last words of 101\n");
        assertThat(printed.text().lines()).hasSize(101 * 41);
    }

    @Test
    void aHangingCallCanBeGivenUpAndItsProcessEnded() {
        Instance moods = start("moods");
        assertThatThrownBy(() -> moods.call(new InstanceRequest(
                                Fields.of("content-type", "application/json"),
                                Body.utf8("{\"mood\":\"lost in thought\"}")))
                        .timeout(Duration.ofMillis(100))
                        .block(PATIENCE))
                .hasRootCauseInstanceOf(TimeoutException.class);
        stop(moods);
        assertThat(moods.ended().block(PATIENCE)).isEqualTo("stopped");
    }

    @Test
    void requestHeadersBeyondWhatNodeReadsAreRefusedAndTheInstanceGoesOn() {
        Instance moods = start("moods");
        Fields long16 = Fields.of("content-type", "application/json", "x-long", "a".repeat(16 * 1024));
        assertThatThrownBy(() -> call(moods, long16, Body.utf8("{}")))
                .isInstanceOfSatisfying(FunctionException.class, error -> {
                    assertThat(error.status()).isEqualTo(413);
                    assertThat(error).hasMessageContaining("16384");
                    assertThat(InstanceFailure.leavesUsable(error)).isTrue();
                });
        Fields long15 = Fields.of("content-type", "application/json", "x-long", "a".repeat(15 * 1024));
        assertThat(text(call(moods, long15, Body.utf8("{}")))).isEqualTo("\"fine\"");
        stop(moods);
    }

    @Test
    void repliesBeyondTheCapsAreRefused() {
        Instance moods = start("moods");
        assertThatThrownBy(() -> text(json(moods, "{\"mood\":\"talkative\",\"bytes\":" + 2 * TEN_MIB + "}")))
                .isInstanceOfSatisfying(
                        FunctionException.class,
                        error -> assertThat(InstanceFailure.leavesUsable(error)).isTrue());
        assertThat(text(json(moods, "{}"))).isEqualTo("\"fine\"");
        assertThatThrownBy(() -> json(moods, "{\"mood\":\"boasting\",\"bytes\":10000}"))
                .isInstanceOfSatisfying(FunctionException.class, error -> {
                    assertThat(error).hasMessageContaining("reply headers").hasMessageContaining("8192");
                    assertThat(InstanceFailure.leavesUsable(error)).isFalse();
                });
        stop(moods);
    }

    @Test
    void aFrozenFunctionAnswersWhenItGoesOn() {
        Instance text = start("text");
        text.freeze().block(PATIENCE);
        var call = text.call(new InstanceRequest(Fields.empty(), Body.utf8("late")))
                .flatMap(reply -> reply.body().asString(TEN_MIB))
                .toFuture();
        text.unfreeze().block(PATIENCE);
        assertThat(call).succeedsWithin(PATIENCE).isEqualTo("LATE");
        stop(text);
    }

    @Test
    void anotherFormatThanTheKitSpeaksFailsTheStartAndSaysHow() {
        InstanceSpec spec =
                new InstanceSpec("test-format", "node:hello", 128, Map.of("FN_FORMAT", "json"), PATIENCE, printed);
        assertThatThrownBy(() -> driver.start(spec).block(PATIENCE))
                .isInstanceOfSatisfying(
                        FunctionException.class,
                        error -> assertThat(error.kind()).isEqualTo(ErrorKind.START_FAILED))
                .hasMessage("instance of node:hello: exited with 2 before it was ready");
        assertThat(printed.text()).contains("does not support the 'json' format");
    }
}
