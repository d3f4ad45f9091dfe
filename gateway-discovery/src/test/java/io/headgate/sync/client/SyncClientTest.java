package io.headgate.sync.client;

import static io.headgate.sync.client.ScriptedServer.hello;
import static io.headgate.sync.client.ScriptedServer.inSync;
import static io.headgate.sync.client.ScriptedServer.kvs;
import static io.headgate.sync.client.ScriptedServer.ping;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.internal.wire.Generation;
import io.headgate.sync.internal.wire.SyncMessage;
import io.headgate.sync.internal.wire.SyncMessage.ClientHello;
import io.headgate.sync.internal.wire.SyncMessage.Pong;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

class SyncClientTest {

    private static final Instant T = Instant.parse("2026-11-21T12:00:00Z");

    private final ScriptedServer server = new ScriptedServer();
    private EventProbe probe;

    @AfterEach
    void end() {
        if (probe != null) {
            probe.cancel();
        }
        server.close();
    }

    private SyncClientSpec spec() {
        return SyncClientSpec.of(server.address());
    }

    private EventProbe follow(SyncClientSpec spec) {
        probe = EventProbe.on(SyncClient.of(spec).events());
        return probe;
    }

    @Test
    void theHelloSaysWhoTheClientIsWhatItWantsAndWhatItCanDo() {
        follow(spec().withName("node-1", "gateway", "1.2").withPrefixes(List.of("/a/", "/b/")));
        ClientHello hello = server.accept().hello();

        assertThat(hello.connectionId()).isNotZero();
        assertThat(hello)
                .isEqualTo(new ClientHello(
                        "node-1",
                        "gateway",
                        "1.2",
                        "felix",
                        true,
                        List.of("snappy"),
                        true,
                        hello.connectionId(),
                        true,
                        List.of("/a/", "/b/"),
                        0,
                        0));
    }

    @Test
    void aSnapshotThenItsStatusThenWhatChanges() {
        SyncClient client = SyncClient.of(spec());
        probe = EventProbe.on(client.events());
        ScriptedServer.Client peer = server.accept();
        peer.say(
                hello(),
                kvs(0, "/a=1", "/b=1"),
                kvs(0),
                new SyncMessage.Status(SyncStatus.IN_SYNC),
                kvs(0, "/a=2", "/b"));

        probe.awaitLine("DELETED /b");
        assertThat(probe.log())
                .containsExactly("RESYNC", "NEW /a=1", "NEW /b=1", "IN_SYNC", "UPDATED /a=2", "DELETED /b");
        SyncClientStats stats = client.stats();
        assertThat(stats.isInSync()).isTrue();
        assertThat(stats.state()).isEqualTo(SyncClientStats.State.FOLLOWING);
        assertThat(stats.streams()).isOne();
        assertThat(stats.server()).isEqualTo(Endpoint.of("127.0.0.1", server.port()));
        assertThat(stats.serverVersion()).isEqualTo("scripted");
        assertThat(stats.connectionId()).isEqualTo(peer.hello().connectionId());
        assertThat(stats.serverConnectionId()).isEqualTo(7);
        assertThat(stats.updates()).isEqualTo(4);
        assertThat(stats.bytes()).isPositive();
        assertThat(stats.attempts()).isOne();
        assertThat(stats.connected()).isOne();
        assertThat(stats.losses()).isEmpty();
    }

    @Test
    void nothingHappensBeforeTheFirstSubscriberAndNothingOutlivesTheLast() {
        SyncClient client = SyncClient.of(spec());
        assertThat(client.stats().state()).isEqualTo(SyncClientStats.State.IDLE);
        probe = EventProbe.on(client.events());
        EventProbe other = EventProbe.on(client.events());
        ScriptedServer.Client one = server.accept();
        ScriptedServer.Client two = server.accept();
        assertThat(one.hello().connectionId()).isNotEqualTo(two.hello().connectionId());
        assertThat(client.stats().streams()).isEqualTo(2);

        probe.cancel();
        other.cancel();
        one.awaitEnd();
        two.awaitEnd();
        assertThat(client.stats().state()).isEqualTo(SyncClientStats.State.IDLE);
        assertThat(client.stats().streams()).isZero();
    }

    @Test
    void aPingIsAnsweredWithItsOwnTimeAndTellsHowFreshTheServerIs() {
        SyncClient client = SyncClient.of(spec());
        probe = EventProbe.on(client.events());
        ScriptedServer.Client peer = server.accept();
        peer.hello();
        peer.say(hello(), ping(T, null), ping(T.plusSeconds(1), T.minusSeconds(3)));

        assertThat(peer.next(Pong.class).ping().instant()).isEqualTo(T);
        assertThat(peer.next(Pong.class).ping().instant()).isEqualTo(T.plusSeconds(1));
        probe.awaitLine("heard " + T.minusSeconds(3));
        assertThat(probe.log()).containsExactly("RESYNC", "heard " + T.minusSeconds(3));
        assertThat(client.stats().fresh()).isEqualTo(T.minusSeconds(3));
    }

    @Test
    void aSubscriberWithoutDemandKeepsPingsAnsweredAndIsToldOneUpdateForEachKey() {
        SyncClient client = SyncClient.of(spec());
        probe = EventProbe.on(client.events(), 0);
        ScriptedServer.Client peer = server.accept();
        peer.hello();
        peer.say(hello());
        for (int i = 0; i < 1_000; i++) {
            peer.say(kvs(0, "/a=" + i, "/b=" + i, "/c=" + i));
        }
        peer.say(kvs(0, "/b"), inSync(0), ping(T, null));
        peer.next(Pong.class);
        assertThat(probe.log()).isEmpty();
        assertThat(client.stats().waiting()).isEqualTo(2);

        probe.request(Long.MAX_VALUE);
        probe.awaitStatus(SyncStatus.IN_SYNC);
        assertThat(probe.log()).containsExactly("RESYNC", "NEW /a=999", "NEW /c=999", "IN_SYNC");
    }

    @Test
    void oneEventIsToldForEachThatIsAskedFor() {
        probe = EventProbe.on(SyncClient.of(spec()).events(), 1);
        server.accept().say(hello(), kvs(0, "/a=1"), inSync(0));
        probe.awaitLine("RESYNC");
        assertThat(probe.events()).isOne();
        probe.request(1);
        probe.awaitLine("NEW /a=1");
        assertThat(probe.events()).isEqualTo(2);
    }

    @Test
    void keysThatMakeNoSenseAreLeftOutAndValuesThatMakeNoneAreDeletions() {
        SyncClient client = SyncClient.of(spec().withKeys(key -> {
                    if (key.equals("/unreadable")) {
                        throw new IllegalArgumentException(key);
                    }
                    return !key.startsWith("/new/");
                })
                .withValues(update -> Integer.parseInt(update.value().toStringUtf8()) >= 0));
        probe = EventProbe.on(client.events());
        server.accept()
                .say(
                        hello(),
                        kvs(0, "/a=1", "/new/kind=1", "/b=1", "/unreadable=1"),
                        inSync(0),
                        kvs(0, "/a=x", "/b=-1", "/c=3"));

        probe.awaitLine("NEW /c=3");
        assertThat(probe.log())
                .containsExactly("RESYNC", "NEW /a=1", "NEW /b=1", "IN_SYNC", "DELETED /a", "DELETED /b", "NEW /c=3");
        assertThat(client.stats().skippedKeys()).isEqualTo(2);
        assertThat(client.stats().badValues()).isEqualTo(2);
    }

    @Test
    void keysThatWereNotAskedForAreLeftOutWhenTheServerCannotChoose() {
        follow(spec().withPrefixes(List.of("/a/")));
        server.accept().say(hello(), kvs(0, "/a/1=1", "/b/1=1"), inSync(0));

        probe.awaitStatus(SyncStatus.IN_SYNC);
        assertThat(probe.set()).isEqualTo(Map.of("/a/1", "1"));
    }

    @Test
    void theStreamChangesToSnappyAndBackOnAnAcknowledgement() {
        follow(spec());
        ScriptedServer.Client peer = server.accept();
        peer.hello();
        peer.say(hello())
                .restart(true)
                .say(kvs(0, "/a=1", "/b=1"))
                .restart(true)
                .say(inSync(0), ping(T, null));
        peer.next(Pong.class);
        peer.restart(false).say(kvs(0, "/a=2"));

        probe.awaitLine("UPDATED /a=2");
        assertThat(probe.log()).containsExactly("RESYNC", "NEW /a=1", "NEW /b=1", "IN_SYNC", "UPDATED /a=2");
    }

    @Test
    void aServerOf2019IsFollowedByAClientWithoutFeatures() {
        try (ScriptedServer old = new ScriptedServer(Generation.V3_2_5, null)) {
            probe = EventProbe.on(SyncClient.of(SyncClientSpec.of(old.address())
                            .withName("node-1", "felix", "v3.2.5")
                            .withSettings(SyncClientSettings.DEFAULTS.withFeatures(Set.of())))
                    .events());
            ScriptedServer.Client peer = old.accept();
            assertThat(peer.hello()).isEqualTo(new ClientHello("node-1", "felix", "v3.2.5"));
            peer.say(kvs(0, "/a=1"), new SyncMessage.ServerHello("v3.2.5"), new SyncMessage.Status(SyncStatus.IN_SYNC));

            probe.awaitStatus(SyncStatus.IN_SYNC);
            assertThat(probe.log()).containsExactly("RESYNC", "NEW /a=1", "IN_SYNC");
        }
    }

    @Test
    void aClientOfTodayLeavesAServerOf2019() {
        try (ScriptedServer old = new ScriptedServer(Generation.V3_2_5, null)) {
            SyncClient client = SyncClient.of(SyncClientSpec.of(old.address()));
            probe = EventProbe.on(client.events());
            ScriptedServer.Client peer = old.accept();
            peer.say(new SyncMessage.ServerHello("v3.2.5"));
            peer.awaitEnd();

            await().until(() -> client.stats().lost(SyncLoss.WRONG_SERVER) > 0);
            assertThat(client.stats().lastReason())
                    .isEqualTo("nodeResourceUpdates: false, version v3.2.5 (expected: a server of today)");
            assertThat(probe.log()).isEmpty();
        }
    }

    @Test
    void serversCanBeThoseThatAResolverKnows() {
        probe = EventProbe.on(SyncClient.of(
                        SyncClientSpec.of(Resolver.fixed(Endpoint.of("127.0.0.1", server.port())), "typha"))
                .events());
        server.accept().say(hello(), inSync(0));

        assertThat(probe.awaitStatus(SyncStatus.IN_SYNC).failure()).isNull();
    }

    @Test
    void aClientFeedsAGateway() {
        SyncDiscovery discovery = SyncDiscovery.of(SyncClient.of(spec()).events());
        StepVerifier.create(discovery.resolve("orders").take(2))
                .then(() -> server.accept()
                        .say(
                                hello(),
                                kvs(0, SyncDiscovery.ENDPOINTS + "orders=[\"10.0.0.1:80\"]"),
                                inSync(0),
                                kvs(0, SyncDiscovery.ENDPOINTS + "orders")))
                .expectNextMatches(update -> update.toString().contains("10.0.0.1"))
                .expectNextCount(1)
                .expectComplete()
                .verify(Duration.ofSeconds(10));
        assertThat(discovery.stats().subscribers()).isZero();
    }

    @Test
    void aSpecThatMakesNoSenseIsRefused() {
        assertThatThrownBy(SyncClientSpec::of).hasMessage("servers: none (expected: at least one host:port)");
        assertThatThrownBy(() -> SyncClientSpec.of("a:b:c"))
                .hasMessage("server: a:b:c (expected: host:port, [address]:port or a host)");
        assertThatThrownBy(() -> SyncClientSpec.of("a:0")).hasMessageContaining("a:0");
        assertThatThrownBy(() -> spec().withSyncerType(""))
                .hasMessage("syncerType: '' (expected: a name such as felix)");
        assertThatThrownBy(() -> spec().withSettings(SyncClientSettings.DEFAULTS.withFeatures(Set.of()))
                        .withSyncerType("bgp"))
                .hasMessageContaining("without features");
        assertThatThrownBy(() -> SyncClientSettings.DEFAULTS.withReadTimeout(Duration.ZERO))
                .hasMessage("readTimeout: PT0S (expected: 1 millisecond to 1 day)");
        for (String server : List.of("host", "host:1", "[fd00::1]:1", "fd00::1", "[fd00::1]", "10.0.0.1")) {
            assertThat(SyncClientSpec.of(server).servers().blockFirst()).hasSize(1);
        }
    }

    @Test
    void theStreamIsAStateStreamWithoutAnEnd() {
        StepVerifier.create(SyncClient.of(spec()).events())
                .then(() -> server.accept().say(hello(), inSync(0)))
                .expectNext(new SyncEvent.Status(SyncStatus.RESYNC), new SyncEvent.Status(SyncStatus.IN_SYNC))
                .thenCancel()
                .verify(Duration.ofSeconds(10));
    }
}
