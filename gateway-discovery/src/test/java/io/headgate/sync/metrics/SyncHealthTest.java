package io.headgate.sync.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.server.SyncServerStats;
import io.headgate.sync.server.SyncServerStats.Topic;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;
import reactor.test.scheduler.VirtualTimeScheduler;

class SyncHealthTest {

    private static final Duration LONG = Duration.ofSeconds(10);

    private SyncServerStats stats = stats(true, Map.of("felix", topic(SyncStatus.IN_SYNC)));
    private final AtomicInteger probes = new AtomicInteger();
    private final VirtualTimeScheduler timer = VirtualTimeScheduler.create();
    private Mono<String> probe = Mono.empty();

    private final SyncHealth health =
            SyncHealth.of(() -> stats, Mono.defer(() -> probe.doOnSubscribe(s -> probes.incrementAndGet())), timer);

    private static Topic topic(SyncStatus status) {
        return SyncMetricsStats.topic(status);
    }

    private static SyncServerStats stats(boolean listening, Map<String, Topic> topics) {
        return SyncMetricsStats.of(listening, topics);
    }

    private String ask(String method, String path) {
        HttpReply reply = Objects.requireNonNull(
                health.call(HttpExchange.of(RequestHead.of(method, "localhost", path), Body.empty()))
                        .block(LONG));
        String body = reply.body().asString(1000).defaultIfEmpty("").block(LONG);
        return reply.status() + (Objects.requireNonNull(body).isEmpty() ? "" : " " + body.strip());
    }

    @Test
    void readyWhenEveryTopicIsInSync() {
        assertThat(ask("GET", "/readiness")).isEqualTo("200 felix: in sync, 7 entries");
        stats = stats(true, Map.of("felix", topic(SyncStatus.IN_SYNC), "bgp", topic(SyncStatus.RESYNC)));
        assertThat(ask("GET", "/readiness"))
                .isEqualTo("503 bgp: resync (expected: in sync), 7 entries\nfelix: in sync, 7 entries");
        assertThat(health.notReady().block(LONG)).startsWith("bgp: resync");
    }

    @Test
    void aServerThatShutsDownIsNotReadyAndOneWithoutTopicsHasNothingToSay() {
        stats = stats(false, Map.of("felix", topic(SyncStatus.IN_SYNC)));
        assertThat(ask("GET", "/readiness")).startsWith("503 listening: no (expected: yes)");
        stats = stats(true, Map.of());
        assertThat(ask("GET", "/readiness")).isEqualTo("204");
        assertThat(health.notReady().blockOptional(LONG)).isEmpty();
    }

    @Test
    void aliveIsTriedOnceInASecondForAllWhoAsk() {
        assertThat(ask("GET", "/liveness")).isEqualTo("204");
        probe = Mono.just("accept: stuck");
        assertThat(ask("HEAD", "/liveness")).isEqualTo("204");
        assertThat(probes).hasValue(1);
        timer.advanceTimeBy(Duration.ofSeconds(1));
        assertThat(ask("GET", "/liveness")).isEqualTo("503 accept: stuck");
        assertThat(health.notAlive().block(LONG)).isEqualTo("accept: stuck");
        assertThat(probes).hasValue(2);
    }

    @ParameterizedTest
    @CsvSource({"GET,/,404", "GET,/liveness/x,404", "POST,/liveness,405", "DELETE,/readiness,405"})
    void nothingElseIsThere(String method, String path, int status) {
        assertThat(ask(method, path)).startsWith(String.valueOf(status));
        assertThat(probes).hasValue(0);
    }

    @Test
    void probeIsAnsweredByAServerThatAccepts() {
        DisposableServer server = TcpServer.create().host("127.0.0.1").port(0).bindNow();
        Mono<String> alive = AcceptProbe.of((InetSocketAddress) server.address(), LONG, Schedulers.parallel());
        assertThat(alive.blockOptional(LONG)).isEmpty();
        server.disposeNow();
        assertThat(alive.block(LONG)).startsWith("accept: /127.0.0.1:" + server.port() + ": ");
    }

    @Test
    void probeIsNotFooledByASystemThatCompletesConnectionsForNobody() throws Exception {
        try (ServerSocket stuck = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Mono<String> alive = AcceptProbe.of(
                    (InetSocketAddress) stuck.getLocalSocketAddress(), Duration.ofMillis(50), Schedulers.parallel());
            assertThat(alive.block(LONG)).endsWith(": no answer within PT0.05S");
        }
    }
}
