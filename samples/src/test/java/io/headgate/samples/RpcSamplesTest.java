package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class RpcSamplesTest {

    private static final int BYTES = 3_000_000;

    @TempDir
    private Path folder;

    private Path served;
    private Path dump;
    private Forked server;
    private String tcp;
    private String unix;

    @BeforeEach
    void start() throws IOException {
        served = Files.createDirectory(folder.resolve("served"));
        dump = folder.resolve("dump");
        unix = "unix:" + folder.resolve("s");
        server = Forked.java(
                "-Dlogback.configurationFile=logback.xml", // that of the samples; the one of the tests would win
                Main.class.getName(),
                "rpc-server",
                "--listen=tcp://127.0.0.1:0",
                "--listen=" + unix,
                "--files=" + served,
                "--log",
                "--dump=" + dump);
        tcp = server.awaitLine("listening on (tcp://.*)");
        server.awaitLine("listening on (unix:.*)");
    }

    @AfterEach
    void stop() throws Exception {
        System.err.println(server.err()); // for the leak gate
        server.close();
    }

    private static Run client(String address, String command, String... args) {
        List<String> all = new ArrayList<>(List.of("rpc-client", command, "--server", address));
        all.addAll(List.of(args));
        return Run.of(all.toArray(String[]::new));
    }

    private static void assertPrinted(Run run, String... lines) {
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines()).containsExactly(lines);
    }

    @ParameterizedTest
    @ValueSource(strings = {"headgate", "zrepl"})
    void listsEndpointsInBothDialectsOnOnePort(String dialect) {
        Run run = client(tcp, "list", "--dialect", dialect);
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines())
                .contains("demo/count(from: int, to: int): Flux<Integer>", "files/read(path: String): Flux<ByteBuf>");
    }

    @Test
    void callsEachShapeWithJson() {
        assertPrinted(client(tcp, "call", "demo/echo", "\"hi\""), "\"hi\"");
        assertPrinted(client(unix, "call", "demo/count", "1", "3"), "1", "2", "3");
        assertPrinted(client(tcp, "call", "demo/sum", "1", "2", "3"), "6");
        assertPrinted(client(unix, "call", "demo/reverse", "\"abc\"", "\"de\""), "\"cba\"", "\"ed\"");
    }

    @Test
    void failureInTheMiddleOfAStreamIsOneLineAndExitCode1() {
        Run run = client(tcp, "call", "demo/fail", "2");
        assertThat(run.out().lines()).containsExactly("1", "2");
        assertThat(run.err().lines())
                .containsExactly("rpc-client: FAILED_PRECONDITION: after: 2 (expected: to fail there)");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void whatDoesNotSuitTheSignatureIsAMistakeThatNamesIt() {
        Run few = client(tcp, "call", "demo/count", "1");
        assertThat(few.exitCode()).isEqualTo(2);
        assertThat(few.err()).contains("values: 1 (expected: 2, for demo/count(from: int, to: int): Flux<Integer>)");
        Run noJson = client(tcp, "call", "demo/echo", "hi");
        assertThat(noJson.err()).contains("value: hi (expected: JSON; a text stands in quotes)");
        Run noPath = client(tcp, "call", "files/list", "null");
        assertThat(noPath.err()).contains("INVALID_ARGUMENT: path: null (expected: a path)");
        Run nosuch = client(tcp, "call", "demo/nosuch");
        assertThat(nosuch.err()).contains("endpoint: demo/nosuch (expected: one that list shows)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix"})
    void filesGoThereAndComeBackTheSame(String link) throws IOException {
        String address = link.equals("tcp") ? tcp : unix;
        Path local = folder.resolve("local.bin");
        byte[] bytes = new byte[BYTES];
        new Random(7).nextBytes(bytes);
        Files.write(local, bytes);
        Run put = client(address, "put", local.toString(), "far.bin", "--checksum", "sha256");
        assertThat(put.err()).contains("far.bin 100 % [========================] 2.9 of 2.9 MiB");
        assertThat(put.out()).contains(local + " -> far.bin, " + BYTES + " bytes");
        assertThat(served.resolve("far.bin")).hasBinaryContent(bytes);

        Path back = folder.resolve("back.bin");
        Run get = client(address, "get", "far.bin", back.toString());
        assertThat(get.exitCode()).as(get.err()).isZero();
        assertThat(back).hasBinaryContent(bytes);
        assertThat(namesOf(folder)).contains("back.bin").noneMatch(name -> name.endsWith(".part"));
        assertThat(dump).isNotEmptyDirectory();
    }

    @Test
    void getGoesOnWhereAConnectionWasCut() throws Exception {
        byte[] bytes = new byte[BYTES];
        new Random(8).nextBytes(bytes);
        Files.write(served.resolve("far.bin"), bytes);
        Path back = folder.resolve("back.bin");
        try (CuttingRelay relay = CuttingRelay.to(tcp, BYTES / 2)) {
            Run get = client(relay.address(), "get", "far.bin", back.toString());
            assertThat(get.exitCode()).as(get.err()).isZero();
            assertThat(get.err()).contains("files/read: goes on at byte ");
            assertThat(relay.connections()).isEqualTo(2);
        }
        assertThat(back).hasBinaryContent(bytes);
    }

    private static List<String> namesOf(Path where) throws IOException {
        try (Stream<Path> files = Files.list(where)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void getThatFailsLeavesNothing() throws IOException {
        Files.createDirectory(served.resolve("sub"));
        Run get = client(tcp, "get", "sub", folder.resolve("x").toString());
        assertThat(get.err()).contains("NOT_FOUND: file: not a regular one");
        assertThat(get.exitCode()).isEqualTo(1);
        Run nowhere =
                client(tcp, "get", "sub", folder.resolve("no").resolve("x").toString());
        assertThat(nowhere.err()).contains("(expected: a file in a folder that exists)");
        assertThat(nowhere.exitCode()).isEqualTo(2);
        assertThat(namesOf(folder)).noneMatch(name -> name.startsWith("x"));
    }

    @Test
    void putThatLeadsNowhereIsRefusedBeforeItIsSent() throws IOException {
        Path local = Files.write(folder.resolve("local.bin"), new byte[BYTES]);
        Run put = client(tcp, "put", local.toString(), "no/far.bin");
        assertThat(put.err().lines())
                .containsExactly("rpc-client: NOT_FOUND: path: no/far.bin (expected: one that exists)");
        assertThat(put.exitCode()).isEqualTo(1);
        assertThat(served.resolve(".uploads")).isEmptyDirectory();
    }

    @Test
    void ofTwoPutsOfAFileAtTheSameTimeNoneLies() throws Exception {
        byte[] bytes = new byte[5 * BYTES];
        new Random(9).nextBytes(bytes);
        Path local = Files.write(folder.resolve("local.bin"), bytes);
        CompletableFuture<Run> other =
                CompletableFuture.supplyAsync(() -> client(unix, "put", local.toString(), "far.bin"));
        Run one = client(tcp, "put", local.toString(), "far.bin");
        List<Run> both = List.of(one, other.get());
        assertThat(both).anyMatch(run -> run.exitCode() == 0);
        assertThat(both)
                .filteredOn(run -> run.exitCode() != 0)
                .allSatisfy(run -> assertThat(run.err())
                        .containsPattern(
                                "ABORTED: files/write: upload [0-9a-f]{64}: (taken over by a later|another) call"));
        assertThat(served.resolve("far.bin")).hasBinaryContent(bytes);
        assertThat(served.resolve(".uploads")).isEmptyDirectory();
    }

    @Test
    void pathsLeadNowhereElse() {
        Run get = client(tcp, "get", "../dump", folder.resolve("x").toString());
        assertThat(get.exitCode()).isEqualTo(1);
        assertThat(get.err()).contains("PERMISSION_DENIED: path: ../dump (expected: one inside of the served folder)");
        assertThat(client(tcp, "get", "nosuch.bin", folder.resolve("x").toString())
                        .err())
                .contains("NOT_FOUND: path: nosuch.bin (expected: one that exists)");
    }

    @Test
    void serverThatIsNotThereIsOneLine() throws IOException {
        Run run = client("unix:" + folder.resolve("nobody"), "list");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).hasSize(1).allMatch(line -> line.startsWith("rpc-client: UNAVAILABLE: unix:"));
        Path local = Files.write(folder.resolve("local.bin"), new byte[1]);
        Run put = client("unix:" + folder.resolve("nobody"), "put", local.toString());
        assertThat(put.exitCode()).isEqualTo(1);
        assertThat(put.err().lines()).hasSize(1).allMatch(line -> line.startsWith("rpc-client: UNAVAILABLE: unix:"));
    }

    @Test
    void serverDrainsWhenItIsTold() throws Exception {
        client(tcp, "list");
        assertThat(server.terminate()).isZero();
        assertThat(server.err()).contains("open after").doesNotContain("LOST");
    }
}
