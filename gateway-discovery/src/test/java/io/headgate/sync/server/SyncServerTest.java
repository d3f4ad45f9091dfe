package io.headgate.sync.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import io.headgate.sync.internal.wire.SyncMessage;
import io.headgate.sync.internal.wire.SyncMessage.Kvs;
import io.headgate.sync.server.Visitor.Hello;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients are sent: hello, snapshot, status, deltas. */
class SyncServerTest {

    private final Feed bgp = new Feed();
    private final Served served = Served.of(spec -> spec.withTopic("bgp", bgp.events())
            .withVersion("7.1")
            .withSettings(SyncServerSettings.builder()
                    .pingInterval(Duration.ofMillis(50))
                    .pongTimeout(Duration.ofSeconds(30))
                    .maxPrefixes(3)
                    .build()));
    private final Feed feed = served.feed();

    @AfterEach
    void everyGaugeReturnsToZero() {
        served.close();
    }

    private static Hello hello(boolean snappy) {
        return snappy ? Hello.SNAPPY : Hello.PLAIN;
    }

    /** Until the cache has it, so that it comes with the snapshot. */
    private void awaitEntries(int count) {
        Awaitility.await()
                .atMost(Served.PATIENCE)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> served.stats().topics().get("felix").entries() == count);
    }

    private void awaitInSync() {
        Awaitility.await()
                .atMost(Served.PATIENCE)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> served.stats().topics().get("felix").status() == SyncStatus.IN_SYNC);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientGetsTheSnapshotThenTheStatusThenWhatChanges(boolean snappy) {
        feed.put("/a", "1").change("/b", "2").inSync();
        awaitInSync();
        Visitor visitor = served.visitor(hello(snappy)).untilInSync();
        assertThat(visitor.serverHello().version()).isEqualTo("7.1");
        assertThat(visitor.serverHello().syncerType()).isEqualTo("felix");
        assertThat(visitor.serverHello().nodeResourceUpdates()).isTrue();
        assertThat(visitor.serverHello().resumed()).isFalse();
        assertThat(visitor.serverHello().filtered()).isFalse();
        assertThat(visitor.values()).isEqualTo(Map.of("/a", "1", "/b", "2"));
        assertThat(visitor.entries().values()).allMatch(update -> update.type() == UpdateType.NEW);
        feed.change("/a", "3").put("/c", "4").delete("/b");
        visitor.until(seen -> !seen.entries().containsKey("/b"));
        assertThat(visitor.values()).isEqualTo(Map.of("/a", "3", "/c", "4"));
        assertThat(visitor.entries().get("/a").type()).isEqualTo(UpdateType.UPDATED);
        assertThat(visitor.received(SyncMessage.Status.class)).hasSize(1);
    }

    @Test
    void theServersHelloComesFirstAndOnce() {
        feed.put("/a", "1").inSync();
        Visitor visitor = served.visitor(Hello.PLAIN).untilInSync();
        assertThat(visitor.received().get(0)).isInstanceOf(SyncMessage.ServerHello.class);
        assertThat(visitor.received(SyncMessage.ServerHello.class)).hasSize(1);
        assertThat(visitor.serverHello().connectionId()).isNotZero();
    }

    @Test
    void connectionsHaveIdsOfTheirOwn() {
        Visitor one = served.visitor(Hello.PLAIN);
        Visitor other = served.visitor(Hello.PLAIN);
        one.next(SyncMessage.ServerHello.class);
        other.next(SyncMessage.ServerHello.class);
        assertThat(one.serverHello().connectionId())
                .isNotEqualTo(other.serverHello().connectionId());
    }

    @Test
    void compressionIsSwitchedOnWhenTheClientSaysThatItIsReady() {
        feed.put("/a", "1").inSync();
        Visitor visitor = served.keep(Visitor.connect(served.port())).silent().hello(Hello.SNAPPY);
        visitor.next(SyncMessage.ServerHello.class);
        SyncMessage.DecoderRestart restart = visitor.next(SyncMessage.DecoderRestart.class);
        assertThat(restart.compression()).isEqualTo("snappy");
        assertThat(visitor.isQuietFor(Duration.ofMillis(200))).isTrue();
        assertThat(served.seen("streaming felix compressed")).isEqualTo(1);
    }

    @Test
    void withoutRestartsThereIsNoCompression() {
        feed.put("/a", "1").inSync();
        Visitor visitor = served.visitor(Hello.SNAPPY.withoutRestart()).untilInSync();
        assertThat(visitor.received(SyncMessage.DecoderRestart.class)).isEmpty();
        assertThat(visitor.values()).containsEntry("/a", "1");
    }

    @Test
    void compressedBytesAreFewer() {
        feed.putAll(200, i -> "/calico/v1/host/node-" + i + "/workload", "same ".repeat(50))
                .inSync();
        awaitInSync();
        Visitor plain = served.visitor(Hello.PLAIN).untilInSync();
        Visitor snappy = served.visitor(Hello.SNAPPY).untilInSync();
        assertThat(snappy.entries()).isEqualTo(plain.entries()).hasSize(200);
        assertThat(snappy.bytes()).isLessThan(plain.bytes() / 3);
        assertThat(served.stats().topics().get("felix").snapshotsGenerated()).isEqualTo(2);
    }

    @Test
    void aClientThatComesWhileTheServerWaitsIsToldNoStatus() {
        Visitor visitor = served.visitor(Hello.PLAIN);
        visitor.next(SyncMessage.ServerHello.class);
        visitor.next(SyncMessage.Ping.class);
        feed.status(SyncStatus.RESYNC).put("/a", "1").inSync();
        visitor.untilInSync();
        assertThat(visitor.values()).containsEntry("/a", "1");
    }

    @Test
    void aSnapshotTakenDuringAResyncSaysSo() {
        feed.status(SyncStatus.RESYNC).put("/a", "1");
        awaitEntries(1);
        Visitor visitor = served.visitor(Hello.PLAIN);
        visitor.until(seen -> seen.status() == SyncStatus.RESYNC);
        visitor.until(seen -> seen.entries().size() == 1);
        feed.put("/b", "2").inSync();
        visitor.untilInSync();
        assertThat(visitor.entries()).hasSize(2);
    }

    @Test
    void whatChangesNothingIsNotSentAndDeletionsAlwaysAre() {
        feed.put("/a", "1").inSync();
        Visitor visitor = served.visitor(Hello.PLAIN).untilInSync();
        int before = visitor.received(Kvs.class).size();
        feed.change("/a", "1").delete("/nothing").put("/b", "2");
        visitor.until(seen -> seen.entries().containsKey("/b"));
        assertThat(visitor.received(Kvs.class).stream()
                        .skip(before)
                        .flatMap(kvs -> kvs.updates().stream())
                        .map(SyncUpdate::key))
                .containsExactly("/nothing", "/b");
    }

    @Test
    void aDeletedKeyIsNotAPrefixOfAnother() {
        feed.put("/foobar", "1").put("/foobar2", "2").inSync();
        Visitor visitor = served.visitor(Hello.PLAIN).untilInSync();
        feed.delete("/foobar").put("/end", "3");
        visitor.until(seen -> seen.entries().containsKey("/end"));
        assertThat(visitor.values()).isEqualTo(Map.of("/foobar2", "2", "/end", "3"));
    }

    @Test
    void aFreshClientSeesExactlyWhatIsLeftOfManyKeys() {
        feed.putAll(10_000, i -> "/key/" + i, "value");
        for (int i = 0; i < 10_000; i += 2) {
            feed.delete("/key/" + i);
        }
        feed.inSync();
        Visitor visitor = served.visitor(Hello.PLAIN).untilInSync();
        assertThat(visitor.entries()).hasSize(5_000).containsKey("/key/9999").doesNotContainKey("/key/0");
    }

    @Test
    void topicsAreApart() {
        feed.put("/a", "felix").inSync();
        bgp.put("/a", "bgp").inSync();
        assertThat(served.visitor(Hello.PLAIN).untilInSync().values()).isEqualTo(Map.of("/a", "felix"));
        Visitor other = served.visitor(Hello.PLAIN.withType("bgp")).untilInSync();
        assertThat(other.values()).isEqualTo(Map.of("/a", "bgp"));
        assertThat(other.serverHello().syncerType()).isEqualTo("bgp");
        assertThat(served.stats().topics().get("bgp").streaming()).isEqualTo(1);
        assertThat(served.stats().isReady()).isTrue();
    }

    // ---- prefixes

    @Test
    void aClientGetsTheKeysOfItsPrefixesOnly() {
        feed.put("/a/1", "1").put("/b/1", "2").put("/c/1", "3").inSync();
        Visitor visitor =
                served.visitor(Hello.PLAIN.withPrefixes("/b/", "/a/", "/a/1")).untilInSync();
        assertThat(visitor.serverHello().filtered()).isTrue();
        assertThat(visitor.values()).isEqualTo(Map.of("/a/1", "1", "/b/1", "2"));
        feed.put("/c/2", "4").delete("/c/1").delete("/a/1").put("/b/2", "5");
        visitor.until(seen -> seen.entries().containsKey("/b/2"));
        assertThat(visitor.values()).isEqualTo(Map.of("/b/1", "2", "/b/2", "5"));
        assertThat(visitor.received(Kvs.class).stream().flatMap(kvs -> kvs.updates().stream()))
                .noneMatch(update -> update.key().startsWith("/c"));
    }

    @Test
    void clientsOfTheSamePrefixesShareAView() {
        feed.put("/a/1", "1").inSync();
        served.visitor(Hello.PLAIN.withPrefixes("/a/", "/b")).untilInSync();
        Visitor second =
                served.visitor(Hello.SNAPPY.withPrefixes("/b", "/bc", "/a/")).untilInSync();
        assertThat(served.stats().topics().get("felix").views()).isEqualTo(1);
        assertThat(second.values()).isEqualTo(Map.of("/a/1", "1"));
    }

    @Test
    void anEmptyPrefixIsEverything() {
        feed.put("/a/1", "1").inSync();
        Visitor visitor = served.visitor(Hello.PLAIN.withPrefixes("/x", "")).untilInSync();
        assertThat(visitor.serverHello().filtered()).isFalse();
        assertThat(visitor.entries()).hasSize(1);
    }

    @Test
    void tooManyPrefixesAreRefused() {
        Visitor visitor =
                served.visitor(Hello.PLAIN.withPrefixes("1", "2", "3", "4").withRefusals());
        assertThat(visitor.next(SyncMessage.Refusal.class).reason()).isEqualTo("prefixes: 4 (expected: at most 3)");
        visitor.untilClosed();
        served.awaitEnded(SyncEnd.TOO_MANY_PREFIXES, 1);
    }

    // ---- coming back

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientThatComesBackGetsWhatItHasMissed(boolean snappy) {
        feed.putAll(100, i -> "/key/" + i, "value").inSync();
        Visitor first = served.visitor(hello(snappy)).untilInSync();
        feed.change("/key/7", "seven").delete("/key/8");
        first.until(seen -> !seen.entries().containsKey("/key/8"));
        first.close();
        feed.delete("/key/9").put("/new", "1");
        Visitor again = served.visitor(
                        hello(snappy).resuming(first.serverHello().serverId(), first.position()))
                .untilInSync();
        assertThat(again.serverHello().resumed()).isTrue();
        assertThat(again.serverHello().serverId()).isEqualTo(first.serverHello().serverId());
        again.until(seen -> seen.entries().containsKey("/new"));
        assertThat(again.received(Kvs.class).stream()
                        .flatMap(kvs -> kvs.updates().stream())
                        .map(SyncUpdate::key))
                .containsExactly("/key/9", "/new");
        feed.put("/newer", "1");
        again.until(seen -> seen.entries().containsKey("/newer"));
        assertThat(served.stats().resumed()).isEqualTo(1);
    }

    @Test
    void theStatusOfAClientThatComesBackIsToldWhenItHasAll() {
        feed.put("/a", "1").inSync();
        Visitor first = served.visitor(Hello.PLAIN).untilInSync();
        feed.status(SyncStatus.RESYNC).put("/b", "2");
        first.until(seen -> seen.entries().containsKey("/b") && seen.status() == SyncStatus.RESYNC);
        Visitor again = served.visitor(Hello.PLAIN.resuming(first.serverHello().serverId(), first.position()));
        again.until(seen -> seen.status() == SyncStatus.RESYNC);
        feed.put("/c", "3").inSync();
        again.untilInSync();
        assertThat(again.values()).isEqualTo(Map.of("/c", "3"));
    }

    @Test
    void aPositionOfAnotherServerGetsASnapshot() {
        feed.put("/a", "1").inSync();
        Visitor first = served.visitor(Hello.PLAIN).untilInSync();
        long server = first.serverHello().serverId();
        assertThat(served.visitor(Hello.PLAIN.resuming(server + 2, first.position()))
                        .untilInSync()
                        .serverHello()
                        .resumed())
                .isFalse();
        assertThat(served.visitor(Hello.PLAIN.resuming(server, first.position() + 1000))
                        .untilInSync()
                        .values())
                .isEqualTo(Map.of("/a", "1"));
        assertThat(served.stats().resumed()).isZero();
    }

    // ---- pings, chains, ends

    @Test
    void pingsTellHowFreshTheSourceIsAndWhereTheClientStands() {
        Instant heard = Instant.parse("2026-08-01T10:00:00Z");
        feed.put("/a", "1").inSync().heard(heard);
        Visitor visitor = served.visitor(Hello.SNAPPY).untilInSync();
        visitor.until(seen -> seen.received(SyncMessage.Ping.class).stream()
                .anyMatch(ping -> heard.equals(ping.fresh()) && ping.position() == visitor.position()));
        Awaitility.await().atMost(Served.PATIENCE).until(() -> served.seen("ponged") > 0);
    }

    @Test
    void serversCanBeChained() {
        feed.put("/a", "1").inSync();
        Instant heard = Instant.parse("2026-08-01T10:00:00Z");
        try (Served second =
                Served.of(spec -> spec.withTopic("copy", served.server().events("felix"))
                        .withSettings(SyncServerSettings.builder()
                                .pingInterval(Duration.ofMillis(50))
                                .build()))) {
            Visitor visitor = second.visitor(Hello.PLAIN.withType("copy")).untilInSync();
            feed.change("/a", "2").delete("/b").heard(heard);
            visitor.until(seen -> seen.values().containsValue("2"));
            visitor.until(seen ->
                    seen.received(SyncMessage.Ping.class).stream().anyMatch(ping -> heard.equals(ping.fresh())));
        }
    }

    @Test
    void aTopicThatIsNotServedCannotBeFollowedHere() {
        assertThatThrownBy(() -> served.server().events("node-status"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("type: node-status (expected: one of [bgp, felix])");
    }

    @Test
    void anAddressThatIsTakenIsAnErrorThatNamesIt() {
        SyncServerSpec same = SyncServerSpec.of("127.0.0.1", served.port());
        assertThatThrownBy(() -> SyncServer.bind(same).block(Served.PATIENCE))
                .hasRootCauseInstanceOf(IOException.class)
                .hasMessageContaining("cannot listen on 127.0.0.1")
                .hasMessageContaining(String.valueOf(served.port()));
    }

    @Test
    void aClientThatLeavesIsGone() {
        feed.put("/a", "1").inSync();
        Visitor visitor = served.visitor(Hello.PLAIN).untilInSync();
        assertThat(served.stats().streaming()).isEqualTo(1);
        visitor.close();
        served.awaitEnded(SyncEnd.LEFT, 1);
        assertThat(served.stats().streaming()).isZero();
        assertThat(served.seen("ended felix LEFT")).isEqualTo(1);
    }

    @Test
    void theObserverSeesWhatIsSent() {
        feed.put("/a", "1").inSync();
        awaitInSync();
        Visitor visitor = served.visitor(Hello.PLAIN).untilInSync();
        feed.put("/b", "1");
        visitor.until(seen -> seen.entries().size() == 2);
        Awaitility.await().atMost(Served.PATIENCE).until(() -> served.seen("written") >= 2);
        assertThat(served.seen("snapshot")).isEqualTo(1);
        assertThat(served.seen("sending")).isEqualTo(1);
        assertThat(served.seen("streaming felix")).isEqualTo(1);
        assertThat(served.stats().bytesWritten()).isPositive();
    }
}
