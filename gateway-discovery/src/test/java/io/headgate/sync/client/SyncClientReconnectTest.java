package io.headgate.sync.client;

import static io.headgate.sync.client.ScriptedServer.hello;
import static io.headgate.sync.client.ScriptedServer.inSync;
import static io.headgate.sync.client.ScriptedServer.kvs;
import static io.headgate.sync.client.ScriptedServer.ping;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.resolve.Endpoint;
import io.headgate.retry.Backoff;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.internal.wire.SyncMessage;
import io.headgate.sync.internal.wire.SyncMessage.ClientHello;
import io.headgate.sync.internal.wire.SyncMessage.Refusal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

class SyncClientReconnectTest {

    private static final Instant T = Instant.parse("2026-11-21T12:00:00Z");
    private static final SyncClientSettings QUICK =
            SyncClientSettings.DEFAULTS.withBackoff(Backoff.exponential(Duration.ofMillis(1), Duration.ofMillis(20)));

    private final List<ScriptedServer> servers = new ArrayList<>();
    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private SyncClient client;
    private EventProbe probe;

    @AfterEach
    void end() {
        if (probe != null) {
            probe.cancel();
        }
        servers.forEach(ScriptedServer::close);
        time.dispose();
    }

    private ScriptedServer server() {
        ScriptedServer server = new ScriptedServer();
        servers.add(server);
        return server;
    }

    private EventProbe follow(SyncClientSpec spec) {
        client = SyncClient.of(spec);
        probe = EventProbe.on(client.events());
        return probe;
    }

    private static Endpoint endpoint(ScriptedServer server) {
        return Endpoint.of("127.0.0.1", server.port());
    }

    @Test
    void aKeyThatTheNextServerDoesNotHaveIsDeletedOnlyOnceThatIsInSync() {
        ScriptedServer one = server();
        ScriptedServer two = server();
        Sinks.Many<List<Endpoint>> list = Sinks.many().replay().latest();
        list.tryEmitNext(List.of(endpoint(one)));
        follow(SyncClientSpec.of(list.asFlux()).withSettings(QUICK));
        ScriptedServer.Client first = one.accept();
        first.say(hello(), kvs(0, "/both=1", "/stale=1"), inSync(0));
        probe.awaitStatus(SyncStatus.IN_SYNC);
        list.tryEmitNext(List.of(endpoint(two)));
        first.close();

        ScriptedServer.Client second = two.accept();
        second.say(hello(), new SyncMessage.Status(SyncStatus.RESYNC), kvs(0, "/both=2", "/new=1"));
        probe.awaitLine("NEW /new=1");
        assertThat(probe.set()).isEqualTo(Map.of("/both", "2", "/new", "1", "/stale", "1"));

        second.say(inSync(0));
        probe.awaitStatus(SyncStatus.IN_SYNC);
        assertThat(probe.log())
                .containsExactly(
                        "RESYNC",
                        "NEW /both=1",
                        "NEW /stale=1",
                        "IN_SYNC",
                        "WAIT_FOR_DATASTORE",
                        "RESYNC",
                        "UPDATED /both=2",
                        "NEW /new=1",
                        "DELETED /stale",
                        "IN_SYNC");
        assertThat(client.stats().lost(SyncLoss.CLOSED)).isOne();
    }

    @Test
    void aServerThatDiesInTheMiddleOfItsSnapshotLeavesNothingBehind() {
        ScriptedServer server = server();
        follow(SyncClientSpec.of(server.address()).withSettings(QUICK));
        ScriptedServer.Client first = server.accept();
        first.say(hello(9, false), kvs(0, "/a=1", "/b=1"), inSync(5));
        probe.awaitStatus(SyncStatus.IN_SYNC);
        first.close();
        for (String entry : List.of("/a=2", "/c=3")) {
            ScriptedServer.Client next = server.accept();
            next.say(hello(9, false), kvs(0, entry));
            probe.awaitLog(log -> log.stream().anyMatch(line -> line.endsWith(entry)));
            next.close();
        }

        ScriptedServer.Client last = server.accept();
        assertThat(last.hello().resumeServer())
                .as("a position that is no longer that of the consumer")
                .isZero();
        last.say(hello(9, false), kvs(0, "/c=4"), inSync(8));
        probe.awaitStatus(SyncStatus.IN_SYNC);
        assertThat(probe.set()).isEqualTo(Map.of("/c", "4"));
    }

    @Test
    void aConnectionThatBreaksIsGoneOnWithAtTheSameServerWithoutASnapshot() {
        ScriptedServer one = server();
        ScriptedServer two = server();
        follow(SyncClientSpec.of(one.address(), two.address()).withSettings(QUICK));
        await().until(() -> one.hasClient() || two.hasClient());
        ScriptedServer home = one.hasClient() ? one : two;
        ScriptedServer.Client first = home.accept();
        first.hello();
        first.say(hello(-9, false), kvs(0, "/a=1", "/b=1"), inSync(5), kvs(6, "/a=2"));
        probe.awaitLine("UPDATED /a=2");
        assertThat(client.stats().position()).isEqualTo(6);
        first.reset();

        ScriptedServer.Client second = home.accept();
        ClientHello hello = second.hello();
        assertThat(hello.resumeServer()).isEqualTo(-9);
        assertThat(hello.resumePosition()).isEqualTo(6);
        second.say(hello(-9, true), kvs(7, "/b"), inSync(0), kvs(8, "/c=1"));
        probe.awaitLine("NEW /c=1");
        assertThat(probe.log().subList(5, probe.log().size()))
                .containsExactly("WAIT_FOR_DATASTORE", "RESYNC", "DELETED /b", "IN_SYNC", "NEW /c=1");
        assertThat(client.stats().resumed()).isOne();
        assertThat(client.stats().position()).isEqualTo(8);
    }

    @Test
    void aPositionThatIsGoneMeansTheWholeSetAgainWithDeletionsAtItsEnd() {
        ScriptedServer server = server();
        follow(SyncClientSpec.of(server.address()).withSettings(QUICK));
        ScriptedServer.Client first = server.accept();
        first.say(hello(9, false), kvs(0, "/a=1", "/b=1"), inSync(5));
        probe.awaitStatus(SyncStatus.IN_SYNC);
        first.reset();

        ScriptedServer.Client second = server.accept();
        assertThat(second.hello().resumePosition()).isEqualTo(5);
        second.say(hello(10, false), kvs(0, "/a=2"), inSync(900));
        probe.awaitLine("DELETED /b");
        probe.awaitStatus(SyncStatus.IN_SYNC);
        assertThat(probe.set()).isEqualTo(Map.of("/a", "2"));
        assertThat(client.stats().resumed()).isZero();
        assertThat(client.stats().position()).isEqualTo(900);
    }

    @Test
    void aServerThatGoesOnWhereNobodyAskedItToIsLeft() {
        ScriptedServer server = server();
        follow(SyncClientSpec.of(server.address()).withSettings(QUICK));
        server.accept().say(hello(9, true));

        await().until(() -> client.stats().lost(SyncLoss.WRONG_MESSAGE) > 0);
        assertThat(client.stats().lastReason()).contains("expected: a snapshot, as no position was asked for");
    }

    @Test
    void aRefusalIsShownWithItsReasonAndItsTimeIsKept() {
        ScriptedServer server = server();
        follow(SyncClientSpec.of(server.address())
                .withTimer(time)
                .withSettings(QUICK.withLongestRetryAfter(Duration.ofMinutes(1))));
        ScriptedServer.Client first = server.accept();
        first.hello();
        first.say(new Refusal("too many clients", Duration.ofSeconds(30)));
        first.awaitEnd();
        await().until(() -> client.stats().lastReason() != null);
        assertThat(client.stats().lastLoss()).isEqualTo(SyncLoss.REFUSED);
        assertThat(client.stats().lastReason()).isEqualTo("too many clients");
        assertThat(client.stats().retryAfter()).isEqualTo(Duration.ofSeconds(30));
        assertThat(client.stats().state()).isEqualTo(SyncClientStats.State.WAITING);

        await().until(() -> time.getScheduledTaskCount() >= 2);
        assertThat(server.hasClient()).isFalse();
    }

    @Test
    void anAttemptIsMadeAfterTheTimeThatARefusalAsksForAndNotBefore() throws Exception {
        ScriptedServer server = server();
        client = new SyncClient(
                SyncClientSpec.of(server.address())
                        .withTimer(time)
                        .withSettings(QUICK.withLongestRetryAfter(Duration.ofMinutes(1))),
                () -> time.now(TimeUnit.NANOSECONDS));
        probe = EventProbe.on(client.events());
        server.accept().say(new Refusal("go away", Duration.ofDays(100)));
        await().until(() -> client.stats().lost(SyncLoss.REFUSED) == 1);
        await().until(() -> time.getScheduledTaskCount() >= 2);
        time.advanceTimeBy(Duration.ofSeconds(1));
        time.advanceTimeBy(Duration.ofSeconds(58));
        assertThat(client.stats().attempts()).isOne();

        time.advanceTimeBy(Duration.ofSeconds(2));
        assertThat(client.stats().attempts()).isEqualTo(2);
        server.accept().say(hello(), inSync(0));
        probe.awaitStatus(SyncStatus.IN_SYNC);
    }

    @Test
    void waitsGrowWhileNoServerWorksAndNeverBeyondTheLongest() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        client = new SyncClient(
                SyncClientSpec.of("127.0.0.1:" + port)
                        .withTimer(time)
                        .withRandom(() -> 0)
                        .withSettings(SyncClientSettings.DEFAULTS.withBackoff(
                                Backoff.exponential(Duration.ofMillis(100), Duration.ofSeconds(1)))),
                () -> time.now(TimeUnit.NANOSECONDS));
        probe = EventProbe.on(client.events());
        int attempts = 1;
        for (int wait : List.of(100, 200, 400, 800, 1_000, 1_000)) {
            long scheduled = 2L * attempts; // the deadline of each attempt, and the wait behind it
            await().until(() -> time.getScheduledTaskCount() == scheduled);
            time.advanceTimeBy(Duration.ofMillis(wait - 1));
            assertThat(client.stats().attempts()).isEqualTo(attempts);
            time.advanceTimeBy(Duration.ofMillis(1));
            assertThat(client.stats().attempts()).isEqualTo(++attempts);
        }
        assertThat(client.stats().lost(SyncLoss.UNREACHABLE)).isPositive();
        assertThat(probe.log()).isEmpty();
    }

    @Test
    void clientsThatLostTheSameServerComeBackSpreadOverTheWait() {
        int many = 40;
        ScriptedServer server = server();
        client = new SyncClient(
                SyncClientSpec.of(server.address()).withTimer(time), () -> time.now(TimeUnit.NANOSECONDS));
        List<EventProbe> probes = IntStream.range(0, many)
                .mapToObj(each -> EventProbe.on(client.events()))
                .toList();
        List<ScriptedServer.Client> peers =
                IntStream.range(0, many).mapToObj(each -> server.accept()).toList();
        peers.forEach(ScriptedServer.Client::hello);
        peers.forEach(peer -> peer.say(hello(), inSync(0)));
        probes.forEach(each -> each.awaitStatus(SyncStatus.IN_SYNC));
        peers.forEach(ScriptedServer.Client::close);
        await().until(() -> time.getScheduledTaskCount() == 2L * many);

        time.advanceTimeBy(Duration.ofMillis(49));
        assertThat(client.stats().attempts()).isEqualTo(many);
        long most = 0;
        for (int step = 0; step < 10; step++) {
            long before = client.stats().attempts();
            time.advanceTimeBy(Duration.ofMillis(6));
            most = Math.max(most, client.stats().attempts() - before);
        }
        assertThat(client.stats().attempts()).isEqualTo(2 * many);
        assertThat(most).isLessThan(many / 2);
        probes.forEach(EventProbe::cancel);
        assertThat(client.stats().streams()).isZero();
    }

    @Test
    void aServerThatLostTheSourceIsLeftForOneThatHasNot() {
        ScriptedServer one = server();
        ScriptedServer two = server();
        follow(SyncClientSpec.of(one.address(), two.address())
                .withSettings(QUICK.withMaxStaleness(Duration.ofMinutes(1))));
        await().until(() -> one.hasClient() || two.hasClient());
        ScriptedServer stale = one.hasClient() ? one : two;
        ScriptedServer.Client first = stale.accept();
        first.say(hello(9, false), kvs(0, "/a=1"), inSync(1), ping(T, T.minusSeconds(60)));
        probe.awaitLine("heard " + T.minusSeconds(60));
        assertThat(first.isOpen()).isTrue();
        first.say(ping(T, T.minusSeconds(61)));
        first.awaitEnd();

        ScriptedServer.Client second = (stale == one ? two : one).accept();
        second.say(hello(8, false), kvs(0, "/a=2"), inSync(1), ping(T, T.minusSeconds(90)));
        probe.awaitLine("heard " + T.minusSeconds(90));
        second.say(kvs(2, "/b=1"));
        probe.awaitLine("NEW /b=1");
        assertThat(client.stats().lost(SyncLoss.STALE))
                .as("no server is better")
                .isOne();
        assertThat(client.stats().lastReason())
                .isEqualTo("last heard of the source: PT1M1S ago (expected: within PT1M)");
    }

    @Test
    void serversThatAreKnownLaterAreTriedAtOnce() {
        Sinks.Many<List<Endpoint>> list = Sinks.many().replay().latest();
        follow(SyncClientSpec.of(list.asFlux()).withTimer(time));
        list.tryEmitNext(List.of());
        assertThat(client.stats().state()).isEqualTo(SyncClientStats.State.WAITING);
        ScriptedServer server = server();
        list.tryEmitNext(List.of(endpoint(server)));

        server.accept().say(hello(), inSync(0));
        assertThat(probe.awaitStatus(SyncStatus.IN_SYNC).failure()).isNull();
    }

    @Test
    void theLastListStaysWhenItsSourceFails() {
        ScriptedServer server = server();
        follow(SyncClientSpec.of(Flux.concat(
                        Flux.just(List.of(endpoint(server))), Flux.error(new IllegalStateException("no more"))))
                .withSettings(QUICK));
        server.accept().close();

        server.accept().say(hello(), inSync(0));
        assertThat(probe.awaitStatus(SyncStatus.IN_SYNC).failure()).isNull();
    }
}
