package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The WebSocket library of Node.js, client and server, through the proxy; {@code .ci/run} installs it. */
@Timeout(60)
class WebSocketTest {

    private static final Path MODULES =
            Path.of("target", "node", "node_modules").toAbsolutePath();
    private static final Path SCRIPTS = Path.of("src", "test", "resources", "websocket");

    @BeforeAll
    static void require() {
        boolean present = Files.isDirectory(MODULES.resolve("ws"));
        String missing = "Node.js with ws is missing, so WebSockets of others are not proved";
        if (Boolean.parseBoolean(System.getenv("HEADGATE_REQUIRE_TOOLS"))) {
            Assertions.assertTrue(present, missing);
        }
        if (!present) {
            System.err.println("SKIPPED: " + missing);
        }
        Assumptions.assumeTrue(present, missing);
    }

    private static Process node(String script, String... args) throws IOException {
        String[] command = new String[args.length + 2];
        command[0] = "node";
        command[1] = SCRIPTS.resolve(script).toString();
        System.arraycopy(args, 0, command, 2, args.length);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("NODE_PATH", MODULES.toString());
        return builder.start();
    }

    @ParameterizedTest
    @ValueSource(strings = {"h1", "h2"})
    void messagesComeBackThroughTheGateway(String client) throws Exception {
        Process server = node("server.js");
        try (BufferedReader printed =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            String port = printed.readLine();
            assertThat(port).matches("\\d+");
            try (Running proxy = Proxies.start("http://127.0.0.1:" + port)) {
                String listening = proxy.url().replaceAll(".*:(\\d+).*", "$1");
                Process talking = node("client.js", client, listening);
                try {
                    String said = new String(talking.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    assertThat(said.strip()).isEqualTo("all came back");
                    assertThat(talking.waitFor(10, TimeUnit.SECONDS)).isTrue();
                    assertThat(talking.exitValue()).isZero();
                } finally {
                    talking.destroyForcibly();
                }
            }
        } finally {
            server.destroyForcibly();
        }
    }
}
