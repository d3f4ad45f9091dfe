package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SyncSamplesTest {

    private static final String CHECKSUM = "checksum ([0-9a-f]{16})";

    @TempDir
    private Path folder;

    private static Forked sample(String... args) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "-Dlogback.configurationFile=logback.xml", // that of the samples; the one of the tests would win
                Main.class.getName()));
        all.addAll(List.of(args));
        return Forked.java(all.toArray(String[]::new));
    }

    private static Run client(String address, String... args) {
        List<String> all = new ArrayList<>(List.of("sync-client", "--connect", address));
        all.addAll(List.of(args));
        return Run.of(all.toArray(String[]::new));
    }

    private static String get(String url) throws IOException, InterruptedException {
        HttpResponse<String> reply = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
        return reply.statusCode() + " " + reply.body();
    }

    private void put(String key, String value) throws IOException {
        Path file = folder.resolve(key);
        Files.createDirectories(file.getParent());
        Path next = Files.writeString(folder.resolveSibling(folder.getFileName() + ".next"), value);
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void aDirectoryIsServedAndWatchedThroughAChainOfServers() throws Exception {
        put("config/LogLevel", "info");
        put("config/name", "a b");
        try (Forked first = sample("sync-server", "--listen=127.0.0.1:0", "--dir=" + folder)) {
            String origin = first.awaitLine("listening on (.*)");
            try (Forked second = sample("sync-server", "--listen=127.0.0.1:0", "--upstream=" + origin);
                    Forked watcher =
                            sample("sync-client", "--connect=" + second.awaitLine("listening on (.*)"), "--watch")) {
                watcher.awaitLine("(in sync: 2 entries, 35 bytes), " + CHECKSUM);

                put("config/LogLevel", "debug");
                watcher.awaitLine("(~ /config/LogLevel = debug)");
                put("config/x", "1");
                watcher.awaitLine("(\\+ /config/x = 1)");
                Files.delete(folder.resolve("config/name"));
                watcher.awaitLine("(- /config/name)");

                assertThat(watcher.terminate()).isZero();
                String chained = watcher.awaitLine("at the end: 2 entries, .* " + CHECKSUM);
                Run direct = client(origin);
                assertThat(direct.exitCode()).as(direct.err()).isZero();
                assertThat(direct.out()).contains("in sync: 2 entries").contains("checksum " + chained);
                assertThat(direct.err()).startsWith("snapshot [========================] 2 entries");
                assertThat(second.terminate()).isZero();
            }
            assertThat(first.terminate()).isZero();
            assertThat(first.err()).doesNotContain("LEAK");
        }
    }

    /** What both ends are told: they have the same certificate. */
    private static List<String> tls(TestCertificates certificates, String peer) {
        return List.of(
                "--tls-cert=" + certificates.chain(),
                "--tls-key=" + certificates.key(),
                "--tls-ca=" + certificates.root(),
                "--tls-peer-cn=" + peer);
    }

    private static String[] with(List<String> more, String... args) {
        return Stream.concat(Stream.of(args), more.stream()).toArray(String[]::new);
    }

    @Test
    void withoutASourceThereIsASetThatChangesAndPrefixesSelectByTls() throws Exception {
        TestCertificates certificates = TestCertificates.create(folder);
        List<String> tls = tls(certificates, "localhost");
        try (Forked server =
                sample(with(tls, "sync-server", "--listen=127.0.0.1:0", "--type=felix,bgp", "--metrics=127.0.0.1:0"))) {
            String address = server.awaitLine("listening on (.*)");
            String pages = server.awaitLine("metrics on (.*)/metrics");
            Run some = client(address, with(tls, "--prefix", "/demo/item/000", "--type", "bgp"));
            assertThat(some.exitCode()).as(some.err()).isZero();
            assertThat(some.out()).contains("in sync: 10 entries");
            Run other = client(address, with(tls, "--type", "nosuch", "--timeout", "2s"));
            assertThat(other.exitCode()).isEqualTo(1);
            assertThat(other.err()).contains("syncer type: nosuch (expected: one of [bgp, felix])");
            Run wrong = client(address, with(tls(certificates, "somebody"), "--timeout", "2s"));
            assertThat(wrong.exitCode()).isEqualTo(1);
            assertThat(wrong.err()).contains("somebody");

            assertThat(get(pages + "/liveness")).isEqualTo("204 ");
            assertThat(get(pages + "/readiness"))
                    .startsWith("200 bgp: in sync, 100")
                    .contains("\nfelix: in sync, 100");
            assertThat(get(pages + "/metrics"))
                    .startsWith("200 ")
                    .contains("typha_connections_active ", "typha_cache_size{syncer=\"bgp\"} 100");
            assertThat(server.terminate()).isZero();
        }
    }

    @Test
    void aServerThatIsNotThereIsSaidSoAndExitCode1() {
        Run run = client("127.0.0.1:1", "--timeout", "1s");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("sync-client: ", "refused", " (expected: in sync within PT1S)");
    }
}
