package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {

    private static final String NOWHERE = "http://127.0.0.1:9";
    private static final String TAP = "tap --gateway 127.0.0.1:9 ";

    @Test
    void listsEachSampleWithALine() {
        Run run = Run.of();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines())
                .anyMatch(line -> line.matches("quickstart +\\w.*"))
                .anyMatch(line -> line.matches("proxy +\\w.*"));
        assertThat(run.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "quickstart --help", "proxy --help", "proxy -h"})
    void helpIsEverywhere(String args) {
        Run run = Run.of(args.split(" "));
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("Usage: samples/run");
        assertThat(run.err()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource
    void mistakeIsOneLineAndExitCode2(String args, String message) {
        assertMistake(Run.of(args.split(" ")), message);
    }

    static Stream<Arguments> mistakeIsOneLineAndExitCode2() {
        String proxy = "proxy --upstream " + NOWHERE + " ";
        return Stream.of(
                Arguments.of(
                        "nosuch",
                        "sample: nosuch (expected: one of quickstart, proxy, stages, discovery, profiles, observe, tap, top,"
                                + " rpc-server, rpc-client, rpc-bench, sync-server, sync-client, sync-fleet, functions, fn)"),
                Arguments.of("functions --memory 0", "--memory: 0 (expected: 1 or more)"),
                Arguments.of("functions --database here", "--database: url: without a scheme (expected: "),
                Arguments.of("fn", "command: missing (expected: one of "),
                Arguments.of("fn apps", "command: missing (expected: one of create, delete, list, show, update)"),
                Arguments.of("fn --url here apps list", "url: here (expected: http://HOST:PORT"),
                Arguments.of("fn apps create a --annotation x=y", "--annotation: x=y (expected: JSON; a text stands"),
                Arguments.of("fn calls list a f -n 0", "--most: 0 (expected: 1 or more)"),
                Arguments.of("fn invoke a f -d @nosuch", "--data: @nosuch (expected: @ and a file that can be read)"),
                Arguments.of("fn invoke a f --async --detached", "are mutually exclusive"),
                Arguments.of("sync-server --listen here", "here (expected: HOST:PORT"),
                Arguments.of("sync-server --dir /no/such/folder", "--dir: /no/such/folder (expected: a directory"),
                Arguments.of("sync-server --etcd here", "endpoint: here (expected: http://host:port"),
                Arguments.of("sync-server --dir /tmp --upstream 127.0.0.1:1", "are mutually exclusive"),
                Arguments.of("sync-server --tls-cert a.pem", "--tls-key: missing (expected: a certificate, its key"),
                Arguments.of("sync-client --connect 127.0.0.1:x", "server: 127.0.0.1:x (expected: host:port"),
                Arguments.of("sync-client --tls-ca a.pem", "--tls-cert: missing (expected: a certificate, its key"),
                Arguments.of("sync-fleet --rate 0", "--rate: 0 (expected: 1..10000)"),
                Arguments.of("--nosuch", "Unknown option: '--nosuch'"),
                Arguments.of("rpc-server --listen here", "address: here (expected: tcp://host:port"),
                Arguments.of("rpc-server --listen tls://127.0.0.1:0", "--tls-cert: missing (expected: for tls://"),
                Arguments.of("rpc-server --files /no/such/folder", "--files: /no/such/folder (expected: a folder"),
                Arguments.of("rpc-client", "command: missing (expected: one of list, call, get, put)"),
                Arguments.of("rpc-client list --server here", "address: here (expected: tcp://host:port"),
                Arguments.of("rpc-client put nosuch.bin", "local: nosuch.bin (expected: a file that can be read)"),
                Arguments.of("quickstart --nosuch", "Unknown option: '--nosuch'"),
                Arguments.of("quickstart more", "'more'"),
                Arguments.of("quickstart --listen here", "here (expected: HOST:PORT"),
                Arguments.of("proxy", "Missing required option: '--upstream=URL'"),
                Arguments.of(proxy + "--nosuch", "Unknown option: '--nosuch'"),
                Arguments.of(proxy + "--listen 127.0.0.1:65536", "127.0.0.1:65536 (expected: HOST:PORT"),
                Arguments.of(proxy + "--listen ::1:80", "::1:80 (expected: HOST:PORT"),
                Arguments.of(proxy + "--listen 127.0.0.1:", "127.0.0.1: (expected: HOST:PORT"),
                Arguments.of(proxy + "--listen host.invalid:0", "host.invalid:0 (expected: a host that resolves)"),
                Arguments.of(
                        proxy + "--upstream nonsense",
                        "upstream: nonsense (expected: http, h2c, https or h2, then ://host:port"),
                Arguments.of(proxy + "--upstream http://a:1/path", "upstream: http://a:1/path (expected:"),
                Arguments.of(proxy + "--upstream http://a:99999", "upstream: http://a:99999 (expected:"),
                Arguments.of(proxy + "--tls-cert a.pem", "--tls-key: missing (expected: both"),
                Arguments.of(proxy + "--tls-key a.pem", "--tls-cert: missing (expected: both"),
                Arguments.of(proxy + "--tls-cert a.pem --tls-key b.pem", "a.pem (expected: a file that can be read)"),
                Arguments.of(proxy + "--tls-client-ca a.pem", "--tls-client-ca: a.pem (expected: with --tls-cert"),
                Arguments.of(proxy + "--upstream-ca a.pem", "a.pem (expected: a file that can be read)"),
                Arguments.of(proxy + "--upstream-cert a.pem", "--upstream-key: missing (expected: both"),
                Arguments.of(proxy + "--tls-provider rot13", "'rot13'"),
                Arguments.of(proxy + "--event-loops many", "'--event-loops': 'many' is not an int"),
                Arguments.of(proxy + "--event-loops 0", "eventLoops: 0 (expected: 1..1024)"),
                Arguments.of(proxy + "--transport pigeon", "'pigeon'"),
                Arguments.of(proxy + "--idle-timeout soon", "soon (expected: a time such as"),
                Arguments.of(proxy + "--idle-timeout 0s", "idle: PT0S (expected: 1 millisecond to 24 days)"),
                Arguments.of(proxy + "--metrics otel", "--metrics: OTEL (expected: with --admin"),
                Arguments.of(proxy + "--tracing 2", "--tracing: 2.0 (expected: above 0, up to 1)"),
                Arguments.of(proxy + "--trace-log", "--trace-log: on (expected: with --tracing)"),
                Arguments.of(
                        proxy + "--tap 192.0.2.1:0 --listen 127.0.0.1:0", "--tap: 192.0.2.1:0: address: 192.0.2.1:0"),
                Arguments.of(
                        proxy + "--admin 192.0.2.1:0 --listen 127.0.0.1:0", "--admin: 192.0.2.1:0: host: 192.0.2.1"),
                Arguments.of("tap", "--gateway: missing (expected: either --gateway or --replay)"),
                Arguments.of("tap --gateway here", "here (expected: HOST:PORT"),
                Arguments.of(TAP + "--limit 0", "limit: 0 (expected: 1..4294967295)"),
                Arguments.of(TAP + "--probability 2", "probability: 2.0 (expected: above 0, up to 1)"),
                Arguments.of(TAP + "--bodies -1", "bodyBytes: -1 (expected: 0..1048576)"),
                Arguments.of(TAP + "--to 10.0.0.0/33", "network: 10.0.0.0/33 (expected:"),
                Arguments.of(TAP + "--to 10.0.0.1:99999", "10.0.0.1:99999 (expected: HOST:PORT"),
                Arguments.of(TAP + "--to-label zone=", "value: empty (expected: a text)"),
                Arguments.of("top", "Missing required option: '--gateway=HOST:PORT'"),
                Arguments.of(
                        "top --gateway 127.0.0.1:9 --interval 1ms", "--interval: PT0.001S (expected: PT0.1S..PT1H)"),
                Arguments.of("top --gateway 127.0.0.1:9 --rows 0", "--rows: 0 (expected: 1 or more)"),
                Arguments.of(proxy + "--max-fields 0", "maxFields: 0 (expected: 1..65536)"),
                Arguments.of(proxy + "--max-fields 9999999999", "'--max-fields': '9999999999' is not an int"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "quickstart",
                "proxy --transport nio --upstream http://127.0.0.1:9",
                "discovery",
                "profiles",
                "observe",
                "functions --functions /dev/null"
            })
    void portInUseIsOneLineAndExitCode2(String sample) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            Run run = Run.of((sample + " --listen " + address).split(" "));
            assertMistake(run, "listen: " + address + ": ");
            assertThat(run.err()).contains("Address already in use");
        }
    }

    private static void assertMistake(Run run, String message) {
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(message).startsWith("samples/run");
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.out()).isEmpty();
    }
}
