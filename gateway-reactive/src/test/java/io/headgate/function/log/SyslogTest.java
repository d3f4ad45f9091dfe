package io.headgate.function.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.retry.Backoff;
import io.headgate.tls.ClientTls;
import io.headgate.tls.Pki;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.resources.LoopResources;

class SyslogTest {

    private static final LoopResources LOOPS = LoopResources.create("syslog-test", 1, true);
    private static final SyslogSettings SETTINGS = SyslogSettings.DEFAULTS
            .withLoops(LOOPS)
            .withHostName("gate.example.org")
            .withBackoff(Backoff.exponential(Duration.ofMillis(2), Duration.ofMillis(20)))
            .withClock(Clock.fixed(Instant.parse("2026-11-21T18:06:21Z"), ZoneOffset.UTC));
    private static final String HEAD = "1 2026-11-21T18:06:21.000Z gate.example.org shop ";
    private static Pki pki;

    private final List<FunctionLogs> open = new ArrayList<>();
    private @TempDir Path directory;

    @BeforeAll
    static void makeCertificates() {
        pki = new Pki();
    }

    @AfterAll
    static void disposeLoops() {
        LOOPS.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block();
    }

    @AfterEach
    void closeLogs() {
        open.forEach(logs -> logs.closeAsync().block());
    }

    private FunctionLogs logs(SyslogSettings settings) {
        FunctionLogs logs = FunctionLogs.create(LogSettings.DEFAULTS.withSyslog(settings));
        open.add(logs);
        return logs;
    }

    private static OutputRouter router(FunctionLogs logs, String url) {
        return logs.router(Printed.app(url), Printed.FN, "i-1");
    }

    private SyslogServer server(String scheme) throws Exception {
        return switch (scheme) {
            case "tcp" -> SyslogServer.tcp();
            case "udp" -> SyslogServer.udp();
            case "unix" -> SyslogServer.unix(directory.resolve("log"));
            case "unixgram" -> SyslogServer.unixgram(directory.resolve("log"));
            default -> SyslogServer.tls(certificate("127.0.0.1"));
        };
    }

    private static SslContext certificate(String name) throws Exception {
        X509Bundle bundle = pki.issue("server", name);
        return SslContextBuilder.forServer(bundle.getKeyPair().getPrivate(), bundle.getCertificatePath())
                .build();
    }

    private static SyslogSettings trusting() {
        return SETTINGS.withTls(ClientTls.DEFAULTS.withTrust(pki.trust()));
    }

    // ---- lines

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "udp", "unix", "unixgram", "tcp+tls"})
    void shipsEachLineAsAMessage(String scheme) throws Exception {
        try (SyslogServer server = server(scheme)) {
            OutputRouter output = router(logs(trusting()), server.url());
            Printed.Call call = new Printed.Call("CALL1");
            output.begin(call);
            Printed.print(output, "one\ntwo é");
            output.end(call);
            Printed.print(output, "three\n");
            String element = "[fn@32473 app_id=\"APP1\" fn_id=\"FN1\" fn=\"hello\" image=\"node:hello\"";
            assertThat(server.next()).isEqualTo("<14>" + HEAD + "i-1 output " + element + " call_id=\"CALL1\"] one");
            assertThat(server.next()).isEqualTo("<14>" + HEAD + "i-1 output " + element + " call_id=\"CALL1\"] two é");
            assertThat(server.next()).isEqualTo("<14>" + HEAD + "i-1 output " + element + "] three");
            output.close();
        }
    }

    @Test
    void namesOfServersAreResolved() throws Exception {
        try (SyslogServer server = SyslogServer.tcp()) {
            OutputRouter output = router(logs(SETTINGS), "tcp://localhost:" + server.port());
            Printed.print(output, "hello\n");
            assertThat(server.next()).endsWith("] hello");
            output.close();
        }
    }

    // ---- servers that are away

    @ParameterizedTest
    @ValueSource(strings = {"unix", "unixgram"})
    void linesWaitForAServerThatIsAway(String scheme) throws Exception {
        FunctionLogs logs = logs(SETTINGS);
        OutputRouter output = router(logs, scheme + "://" + directory.resolve("log"));
        Printed.print(output, "one\ntwo\n");
        try (SyslogServer server = server(scheme)) {
            assertThat(server.next()).endsWith("] one");
            assertThat(server.next()).endsWith("] two");
            output.close();
        }
        logs.closeAsync().block();
    }

    @Test
    void aConnectionThatIsCutIsMadeAgain() throws Exception {
        try (SyslogServer server = SyslogServer.tcp()) {
            OutputRouter output = router(logs(SETTINGS), server.url());
            Printed.print(output, "one\n");
            assertThat(server.next()).endsWith("] one");
            server.connection().close().sync();
            server.ending();
            // A line may be lost with the connection: the system takes it before it knows.
            String last;
            int i = 0;
            do {
                Printed.print(output, "again " + i++ + "\n");
                last = server.messages.poll(50, java.util.concurrent.TimeUnit.MILLISECONDS);
            } while (last == null);
            assertThat(last).contains("] again ");
            assertThat(server.connection().isOpen()).isTrue();
            output.close();
        }
    }

    @Test
    void aServerThatNobodyVouchesForGetsNothing() throws Exception {
        try (SyslogServer stranger = SyslogServer.tls(certificate("other.example.org"))) {
            FunctionLogs logs = logs(trusting().withGrace(Duration.ofMillis(100)));
            OutputRouter output = router(logs, stranger.url());
            Printed.print(output, "secret\n");
            stranger.connection();
            List<SyslogStats> before = logs.syslog();
            output.close();
            logs.closeAsync().block();
            assertThat(before).singleElement().satisfies(stats -> {
                assertThat(stats.shipped()).isZero();
                assertThat(stats.connected()).isFalse();
            });
            assertThat(stranger.messages).isEmpty();
        }
    }

    // ---- servers that are slow

    @Test
    void aSlowServerCostsLinesAndIsToldHowMany() throws Exception {
        try (SyslogServer server = SyslogServer.unix(directory.resolve("log"))) {
            FunctionLogs logs = logs(SETTINGS.withQueueBytes(64 * 1024).withGrace(Duration.ofSeconds(20)));
            OutputRouter output = router(logs, server.url());
            Printed.print(output, "first\n");
            server.next();
            server.pause();
            String text = "x".repeat(1000) + "\n";
            int lines = 0;
            while (logs.syslog().get(0).dropped() < 10) {
                Printed.print(output, text);
                lines++;
            }
            server.resume();
            output.close();
            logs.closeAsync().block();
            server.ending();
            Pattern notice = Pattern.compile("<12>.* - dropped \\[fn@32473 app_id=\"APP1\" dropped=\"(\\d+)\"] .*");
            int come = 0;
            int told = 0;
            for (String message : server.messages) {
                Matcher matcher = notice.matcher(message);
                if (matcher.matches()) {
                    told += Integer.parseInt(matcher.group(1));
                } else {
                    come++;
                }
            }
            assertThat(told).isGreaterThanOrEqualTo(10);
            assertThat(come + told).isEqualTo(lines);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "tcp+tls"})
    void theEndDoesNotWaitForAServerThatTakesNothing(String scheme) throws Exception {
        try (SyslogServer server = server(scheme)) {
            FunctionLogs logs = logs(trusting().withGrace(Duration.ofMillis(50)));
            OutputRouter output = router(logs, server.url());
            Printed.print(output, "first\n");
            server.next();
            server.pause();
            String text = "x".repeat(8000) + "\n";
            while (logs.syslog().get(0).dropped() < 5000) {
                Printed.print(output, text);
            }
            output.close();
            logs.closeAsync().block();
            assertThat(logs.syslog()).isEmpty();
            server.resume();
            server.ending();
        }
    }

    // ---- one for all

    @Test
    void instancesOfAnApplicationShareAShipperThatEndsWithTheLast() throws Exception {
        try (SyslogServer server = SyslogServer.tcp()) {
            FunctionLogs logs = logs(SETTINGS);
            OutputRouter one = router(logs, server.url());
            OutputRouter two = router(logs, server.url());
            Printed.print(one, "one\n");
            Printed.print(two, "two\n");
            assertThat(List.of(server.next(), server.next()))
                    .satisfiesExactlyInAnyOrder(
                            line -> assertThat(line).endsWith("] one"),
                            line -> assertThat(line).endsWith("] two"));
            assertThat(logs.syslog()).hasSize(1);
            server.connection();
            one.close();
            one.close();
            Printed.print(two, "still there\n");
            assertThat(server.next()).endsWith("] still there");
            Printed.print(two, "bye");
            two.close();
            assertThat(server.next()).endsWith("] bye");
            server.ending();
            assertThat(server.opened).isEmpty();
        }
    }

    @Test
    void aUrlThatIsNoneShipsNothingAndStopsNobody() {
        FunctionLogs logs = logs(SETTINGS);
        OutputRouter output = router(logs, "smtp://mail");
        Printed.Call call = new Printed.Call("CALL1");
        output.begin(call);
        Printed.print(output, "hello\n");
        output.end(call);
        output.close();
        assertThat(call.text()).isEqualTo("hello\n");
        assertThat(logs.syslog()).isEmpty();
    }
}
