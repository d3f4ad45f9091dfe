package io.headgate.sync.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.headgate.resolve.Endpoint;
import io.headgate.retry.Backoff;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.server.SyncEnd;
import io.headgate.sync.server.SyncServer;
import io.headgate.sync.server.SyncServerSettings;
import io.headgate.sync.server.SyncServerSpec;
import io.headgate.sync.source.SyncStore;
import io.headgate.test.UpdateProbe;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;

/** The client against our server, and both sides looked at. */
class SyncClientServerTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final SyncClientSettings QUICK =
            SyncClientSettings.DEFAULTS.withBackoff(Backoff.exponential(Duration.ofMillis(1), Duration.ofMillis(20)));

    private final SyncStore store = SyncStore.create();
    private final List<SyncServer> servers = new ArrayList<>();
    private final List<EventProbe> probes = new ArrayList<>();
    private final List<Cable> cables = new ArrayList<>();

    @AfterEach
    void everybodyLeavesAndNothingStays() {
        probes.forEach(EventProbe::cancel);
        for (SyncServer server : servers) {
            await().until(() -> server.stats().connections() == 0);
            server.closeAsync(Duration.ZERO).block(PATIENCE);
        }
        await().until(() -> store.subscribers() == 0);
        cables.forEach(Cable::close);
    }

    private SyncServer serve(SyncStore what) {
        return serve(SyncServerSpec.of("127.0.0.1", 0).withTopic("felix", what.events()));
    }

    private SyncServer serve(SyncServerSpec spec) {
        SyncServer server = SyncServer.bind(spec.withSettings(SyncServerSettings.builder()
                        .pingInterval(Duration.ofMillis(100))
                        .policyKeysRequired(false) // as a client of 2019 does not know them
                        .build()))
                .block(PATIENCE);
        servers.add(server);
        return server;
    }

    private Cable cable(SyncServer server) {
        Cable cable = new Cable(server.port());
        cables.add(cable);
        return cable;
    }

    private static String address(SyncServer server) {
        return "127.0.0.1:" + server.port();
    }

    private EventProbe follow(SyncClient client) {
        EventProbe probe = EventProbe.on(client.events());
        probes.add(probe);
        return probe;
    }

    private static ByteString value(Object text) {
        return ByteString.copyFromUtf8(String.valueOf(text));
    }

    private static void fill(SyncStore store, int count) {
        Map<String, ByteString> entries = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            entries.put("/key/" + i, value(i));
        }
        store.putAll(entries);
    }

    static Stream<Set<SyncFeature>> dialects() {
        return Stream.of(
                EnumSet.allOf(SyncFeature.class),
                EnumSet.complementOf(EnumSet.of(SyncFeature.SNAPPY)),
                EnumSet.of(SyncFeature.POLICY_KEYS),
                EnumSet.noneOf(SyncFeature.class));
    }

    @ParameterizedTest
    @MethodSource("dialects")
    void aSnapshotAndWhatChangesInEveryDialect(Set<SyncFeature> features) {
        fill(store, 2_500);
        SyncServer server = serve(store);
        SyncClient client =
                SyncClient.of(SyncClientSpec.of(address(server)).withSettings(QUICK.withFeatures(features)));
        EventProbe probe = follow(client);
        probe.awaitStatus(SyncStatus.IN_SYNC);
        assertThat(probe.set()).hasSize(2_500).containsEntry("/key/42", "42");
        assertThat(probe.log()).doesNotContain("UPDATED");

        store.put("/key/0", value("changed"));
        store.delete("/key/1");
        store.put("/new", value("1"));
        probe.awaitLine("NEW /new=1");
        assertThat(probe.log()).contains("UPDATED /key/0=changed", "DELETED /key/1");
        assertThat(client.stats().losses()).isEmpty();
        assertThat(server.stats().streaming()).isOne();
        assertThat(server.stats().ends()).isEmpty();
    }

    @Test
    void aConnectionThatIsCutIsGoneOnWithWithoutASnapshot() {
        fill(store, 500);
        SyncServer server = serve(store);
        Cable cable = cable(server);
        SyncClient client = SyncClient.of(SyncClientSpec.of(cable.address()).withSettings(QUICK));
        EventProbe probe = follow(client);
        probe.awaitStatus(SyncStatus.IN_SYNC);
        long before = client.stats().updates();
        cable.cut();
        store.put("/key/0", value("changed"));
        store.delete("/key/1");
        probe.awaitLine("DELETED /key/1");
        probe.awaitStatus(SyncStatus.IN_SYNC);

        assertThat(client.stats().resumed()).isOne();
        assertThat(server.stats().resumed()).isOne();
        assertThat(client.stats().updates() - before).as("entries that came").isEqualTo(2);
        Map<String, String> expected = new TreeMap<>();
        for (int i = 2; i < 500; i++) {
            expected.put("/key/" + i, "" + i);
        }
        expected.put("/key/0", "changed");
        assertThat(probe.set()).isEqualTo(expected);
    }

    @Test
    void aServerThatNothingIsHeardOfAnyMoreIsLeftForAnother() {
        fill(store, 10);
        SyncServer server = serve(store);
        Cable hole = cable(server);
        SyncClient client = SyncClient.of(
                SyncClientSpec.of(hole.address()).withSettings(QUICK.withReadTimeout(Duration.ofMillis(500))));
        EventProbe probe = follow(client);
        probe.awaitStatus(SyncStatus.IN_SYNC);
        hole.swallow();
        store.put("/missed", value(1));
        await().until(() -> client.stats().lost(SyncLoss.SILENT) > 0);
        assertThat(probe.set()).doesNotContainKey("/missed");
        hole.cut();

        probe.awaitLine("NEW /missed=1");
        probe.awaitStatus(SyncStatus.IN_SYNC);
        assertThat(probe.set()).hasSize(11);
    }

    @Test
    void anotherServerThatHasNotAllKeysMakesThemVanishAtItsEnd() {
        SyncStore other = SyncStore.create();
        fill(store, 200);
        fill(other, 100);
        other.put("/key/0", value("other"));
        SyncServer first = serve(store);
        SyncServer second = serve(other);
        SyncClient client = SyncClient.of(SyncClientSpec.of(Flux.just(List.of(
                        Endpoint.of("127.0.0.1", first.port()).withLabels(Map.of("zone", "b")),
                        Endpoint.of("127.0.0.1", second.port()))))
                .withLocal("zone", "b")
                .withSettings(QUICK));
        EventProbe probe = follow(client);
        probe.awaitStatus(SyncStatus.IN_SYNC);
        assertThat(probe.set()).hasSize(200);
        int before = probe.log().size();
        first.closeAsync(Duration.ZERO).block(PATIENCE);
        await().until(() -> probe.set().size() == 100);

        List<String> since = probe.awaitStatus(SyncStatus.IN_SYNC)
                .log()
                .subList(before, probe.log().size());
        assertThat(since).startsWith("WAIT_FOR_DATASTORE", "RESYNC").contains("UPDATED /key/0=other");
        assertThat(since.stream().filter(line -> line.startsWith("DELETED"))).hasSize(100);
        assertThat(since.indexOf("IN_SYNC")).isEqualTo(since.size() - 1);
        assertThat(since.stream().filter(line -> line.startsWith("NEW"))).isEmpty();
    }

    @Test
    void whatTheServerRefusesIsShownToTheClientWithItsReason() {
        SyncServer server = serve(store);
        SyncClient client = SyncClient.of(
                SyncClientSpec.of(address(server)).withSyncerType("bgp").withSettings(QUICK));
        EventProbe probe = follow(client);
        await().until(() -> client.stats().lost(SyncLoss.REFUSED) > 0);

        assertThat(client.stats().lastReason()).contains("bgp");
        assertThat(probe.log()).isEmpty();
        assertThat(server.stats().ended(SyncEnd.UNKNOWN_TYPE)).isPositive();
    }

    @Test
    void aClientThatWantsSomeKeysIsSentNoOthers() {
        fill(store, 100);
        store.put("/headgate/v1/endpoints/orders", value("[\"10.0.0.1:80\"]"));
        SyncServer server = serve(store);
        SyncClientSpec spec = SyncClientSpec.of(address(server)).withSettings(QUICK);
        SyncClient client = SyncClient.of(spec.withPrefixes(List.of("/headgate/v1/")));
        SyncDiscovery discovery = SyncDiscovery.of(client.events());
        UpdateProbe orders = UpdateProbe.on(discovery.resolve("orders"));
        orders.awaitSet(List.of(Endpoint.of("10.0.0.1", 80)));
        store.put("/headgate/v1/endpoints/orders", value("[\"10.0.0.2:80\"]"));
        orders.awaitSet(List.of(Endpoint.of("10.0.0.2", 80)));
        store.delete("/headgate/v1/endpoints/orders");
        orders.awaitAbsent();

        assertThat(client.stats().updates()).isEqualTo(3);
        orders.cancel();
        await().until(() -> server.stats().connections() == 0);
    }

    @Test
    void serversChainAndTellHowFreshTheFirstSourceIs() {
        fill(store, 300);
        SyncServer first = serve(store);
        SyncClient between = SyncClient.of(SyncClientSpec.of(address(first)).withSettings(QUICK));
        SyncServer second = serve(SyncServerSpec.of("127.0.0.1", 0).withTopic("felix", between.events()));
        SyncClient last = SyncClient.of(SyncClientSpec.of(address(second)).withSettings(QUICK));
        EventProbe probe = follow(last);
        probe.awaitStatus(SyncStatus.IN_SYNC);
        await().until(() -> probe.set().size() == 300);
        store.put("/through", value(1));
        probe.awaitLine("NEW /through=1");

        Instant heard = Instant.parse("2026-11-21T12:00:00Z");
        store.heard(heard);
        probe.awaitLine("heard " + heard);
        assertThat(last.stats().fresh()).isEqualTo(heard);
        probe.cancel();
        second.closeAsync(Duration.ZERO).block(PATIENCE);
        await().until(() -> between.stats().streams() == 0);
    }

    @Test
    void aConsumerThatIsSlowerThanTheStreamIsToldTheLastOfEachKey() {
        fill(store, 1_000);
        SyncServer server = serve(store);
        SyncClient client = SyncClient.of(SyncClientSpec.of(address(server)).withSettings(QUICK));
        EventProbe quick = follow(SyncClient.of(SyncClientSpec.of(address(server))));
        EventProbe probe = EventProbe.on(client.events(), 3);
        probes.add(probe);
        await().until(() -> client.stats().isInSync());
        for (int round = 1; round <= 20; round++) {
            for (int i = 0; i < 1_000; i++) {
                store.put("/key/" + i, value(round + "." + i));
            }
        }
        store.put("/last", value(1));
        await().until(() -> quick.set().containsKey("/last"));
        assertThat(client.stats().waiting()).as("keys that wait").isLessThanOrEqualTo(1_001);
        assertThat(client.stats().losses()).isEmpty();

        probe.request(Long.MAX_VALUE);
        await().until(() -> probe.set().containsKey("/last"));
        probe.awaitStatus(SyncStatus.IN_SYNC);
        assertThat(probe.set()).hasSize(1_001).containsEntry("/key/7", "20.7");
    }

    @Test
    void manyClientsComeAndGoWhileTheSetChangesAndTheLastStateIsTheSameForAllWhoStay() {
        fill(store, 200);
        SyncServer server = serve(store);
        SyncClient client = SyncClient.of(SyncClientSpec.of(address(server)).withSettings(QUICK));
        List<EventProbe> staying = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            EventProbe probe = follow(client);
            store.put("/key/" + i, value("x" + i));
            if (i % 2 == 0) {
                staying.add(probe);
            } else if (i % 3 == 0) {
                probe.cancel();
            }
        }
        store.put("/last", value(1));
        staying.forEach(probe -> await().until(() -> probe.set().containsKey("/last")));

        Map<String, String> expected = staying.get(0).set();
        assertThat(expected).hasSize(201).containsEntry("/key/99", "x99");
        assertThat(staying).allSatisfy(probe -> assertThat(probe.set()).isEqualTo(expected));
        probes.forEach(EventProbe::cancel);
        await().until(() -> server.stats().connections() == 0 && server.stats().streaming() == 0);
        assertThat(client.stats().streams()).isZero();
    }
}
