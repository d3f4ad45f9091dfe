package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.accesslog.AccessLog;
import io.headgate.accesslog.AccessLogSpec;
import io.headgate.accesslog.AccessSink;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that people use, through the proxy, in all four pairs of protocols. */
@Timeout(120)
class ToolsTest {

    private static final int BIG = 3 << 20;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "--http1.1, http, 1.1",
        "--http1.1, h2c, 1.1",
        "--http2-prior-knowledge, http, 2",
        "--http2-prior-knowledge, h2c, 2"
    })
    void curlGets(String protocol, String scheme, String version) throws Exception {
        require("curl");
        try (Echo echo = new Echo();
                Running proxy = Proxies.start(echo.url(scheme))) {
            // One URL only: curl 7.88 cannot use a connection with prior knowledge twice, whatever the server.
            String url = proxy.url() + "/a?b=c";
            assertThat(run("curl", "-sS", "-m", "30", protocol, "-w", " %{http_version} %{http_code}", url))
                    .isEqualTo("/a?b=c " + version + " 200");
        }
    }

    @ParameterizedTest
    @CsvSource({"--http1.1, 1.1", "--http2, 2"})
    void curlGetsByTls(String protocol, String version) throws Exception {
        require("curl");
        TestCertificates files = TestCertificates.create(folder);
        String certificate = files.chain().toString();
        try (Echo echo = new Echo();
                Running proxy = Proxies.start(
                        echo.url("http"),
                        "--tls-cert",
                        certificate,
                        "--tls-key",
                        files.key().toString())) {
            String url = proxy.url() + "/a?b=c";
            String root = files.root().toString();
            String format = " %{http_version} %{http_code}";
            assertThat(run("curl", "-sS", "-m", "30", "--cacert", root, protocol, "-w", format, url, url))
                    .isEqualTo("/a?b=c " + version + " 200/a?b=c " + version + " 200");
        }
    }

    @ParameterizedTest
    @CsvSource({"--http1.1, http", "--http1.1, h2c", "--http2-prior-knowledge, http", "--http2-prior-knowledge, h2c"})
    void curlGetsBackAllThatItUploads(String protocol, String scheme) throws Exception {
        require("curl");
        byte[] bytes = new byte[BIG];
        new Random(1).nextBytes(bytes);
        Path sent = Files.write(folder.resolve("sent"), bytes);
        Path received = folder.resolve("received");
        try (Echo echo = new Echo();
                Running proxy = Proxies.start(echo.url(scheme))) {
            String data = "@" + sent;
            run(
                    "curl",
                    "-sS",
                    "-f",
                    "-m",
                    "60",
                    protocol,
                    "--data-binary",
                    data,
                    "-o",
                    received.toString(),
                    proxy.url());
        }
        assertThat(received).hasBinaryContent(bytes);
    }

    @ParameterizedTest
    @CsvSource({"--http1.1, http", "--http1.1, h2c"})
    void curlUploadsInChunks(String protocol, String scheme) throws Exception {
        require("curl");
        Path sent = Files.writeString(folder.resolve("sent"), "some text");
        try (Echo echo = new Echo();
                Running proxy = Proxies.start(echo.url(scheme))) {
            assertThat(run(
                            "curl",
                            "-sS",
                            "-f",
                            "-m",
                            "30",
                            protocol,
                            "-T",
                            sent.toString(),
                            "-H",
                            "Transfer-Encoding: chunked",
                            "-H",
                            "Expect: 100-continue",
                            proxy.url() + "/"))
                    .isEqualTo("some text");
        }
    }

    @ParameterizedTest
    @CsvSource({"--h1, http, 1", "--h1, h2c, 1", "-ph2c, http, 10", "-ph2c, h2c, 10"})
    void h2loadGets(String protocol, String scheme, String streams) throws Exception {
        assertAllSucceed(protocol, scheme, streams);
    }

    @ParameterizedTest
    @CsvSource({"--h1, http, 1", "--h1, h2c, 1", "-ph2c, http, 10", "-ph2c, h2c, 10"})
    void h2loadPosts(String protocol, String scheme, String streams) throws Exception {
        Path body = Files.write(folder.resolve("body"), new byte[20_000]);
        assertAllSucceed(protocol, scheme, streams, "-d", body.toString());
    }

    private static void assertAllSucceed(String protocol, String scheme, String streams, String... more)
            throws Exception {
        require("h2load");
        StringWriter log = new StringWriter();
        String report;
        try (AccessLog exchanges = AccessLog.start(AccessLogSpec.DEFAULTS.withSink(AccessSink.to(log)));
                Echo echo = new Echo();
                Running proxy = Proxies.start(exchanges, echo.url(scheme))) {
            Stream<String> fixed =
                    Stream.of("h2load", "-n", "2000", "-c", "8", "-t", "1", "-m", streams, "-N", "60", protocol);
            report = run(Stream.of(fixed, Stream.of(more), Stream.of(proxy.url() + "/"))
                    .flatMap(args -> args)
                    .toArray(String[]::new));
        }
        assertThat(log.toString().lines().filter(line -> !line.contains("\"status\":200,\"outcome\":\"complete\"")))
                .isEmpty();
        assertThat(report)
                .contains("2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout")
                .contains("status codes: 2000 2xx, 0 3xx, 0 4xx, 0 5xx");
    }

    static void require(String tool) {
        boolean present = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
        String missing = tool + " is missing, so what it would prove is not proved";
        if (Boolean.parseBoolean(System.getenv("HEADGATE_REQUIRE_TOOLS"))) {
            Assertions.assertTrue(present, missing);
        }
        if (!present) {
            System.err.println("SKIPPED: " + missing);
        }
        Assumptions.assumeTrue(present, missing);
    }

    static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue())
                    .as("%s: %s", List.of(command), output)
                    .isZero();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
