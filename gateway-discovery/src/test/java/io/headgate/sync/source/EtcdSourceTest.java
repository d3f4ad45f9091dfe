package io.headgate.sync.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.resolve.SourceObserver;
import io.headgate.sync.SyncStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against the etcd of the system. */
@Timeout(60)
class EtcdSourceTest {

    private static final Duration SHORT = Duration.ofMillis(20);

    @TempDir
    private static Path folder;

    private static Etcd etcd;

    private SetProbe probe;

    @BeforeAll
    static void start() throws Exception {
        etcd = Etcd.start(folder);
    }

    @AfterAll
    static void end() throws Exception {
        if (etcd != null) {
            etcd.close();
        }
    }

    @AfterEach
    void cancel() {
        if (probe != null) {
            probe.cancel();
            assertThat(probe.mistakes()).isEmpty();
            assertThat(probe.failure()).isNull();
        }
    }

    @Test
    void tenThousandKeysAreListedInPagesAndThenFollowed() throws Exception {
        Map<String, String> expected = keys("/many/", 10_000);
        etcd.putAll(expected);
        etcd.put("/man", "before the prefix");
        etcd.put("/many0", "behind it");

        follow(EtcdSpec.of(etcd.url()).withPrefix("/many/").withPageSize(700));
        probe.awaitSet(expected);
        assertThat(probe.updates()).isEqualTo(10_000);
        assertThat(probe.statuses()).containsExactly(SyncStatus.RESYNC, SyncStatus.IN_SYNC);

        etcd.put("/many/00007", "changed");
        etcd.put("/many/new", "");
        etcd.delete("/many/05000", "/many/1");
        expected.keySet().removeIf(key -> key.compareTo("/many/05000") >= 0);
        expected.put("/many/00007", "changed");
        expected.put("/many/new", "");
        probe.awaitSet(expected);
    }

    @Test
    void whatHappensWhileItIsAwayIsFoundWhenItIsBack() throws Exception {
        Map<String, String> expected = keys("/away/", 100);
        etcd.putAll(expected);
        List<String> seen = new CopyOnWriteArrayList<>();
        try (Relay relay = new Relay(etcd.port())) {
            follow(EtcdSource.of(quick(relay.url(), "/away/")).withObserver(new Seen(seen)));
            probe.awaitSet(expected);
            await().until(() -> !seen.isEmpty());

            relay.cut();
            probe.awaitThat(it -> it.status() == SyncStatus.WAIT_FOR_DATASTORE);
            assertThat(probe.set()).isEqualTo(expected);
            etcd.delete("/away/00050", "/away/1");
            etcd.put("/away/00001", "changed");
            etcd.put("/away/new", "1");
            etcd.compact();
            etcd.kill();
            etcd.start();
            etcd.put("/away/after", "1");
            assertThat(probe.set()).isEqualTo(expected);
            relay.restore();

            expected.keySet().removeIf(key -> key.compareTo("/away/00050") >= 0);
            expected.putAll(Map.of("/away/00001", "changed", "/away/new", "1", "/away/after", "1"));
            probe.awaitSet(expected);
            await().until(() -> seen.equals(List.of("current", "away", "current")));
        }
        assertThat(probe.statuses())
                .startsWith(
                        SyncStatus.RESYNC,
                        SyncStatus.IN_SYNC,
                        SyncStatus.WAIT_FOR_DATASTORE,
                        SyncStatus.RESYNC,
                        SyncStatus.IN_SYNC);
    }

    @Test
    void killedAndRestartedManyTimesItEndsWithTheExactSet() throws Exception {
        Map<String, String> expected = new HashMap<>();
        follow(quick(etcd.url(), "/kill/"));
        for (int round = 0; round < 3; round++) {
            etcd.put("/kill/" + round, "there");
            etcd.put("/kill/gone", "round " + round);
            etcd.kill();
            etcd.start();
            etcd.delete("/kill/gone");
            etcd.compact();
            expected.put("/kill/" + round, "there");
        }
        probe.awaitSet(expected);
    }

    @Test
    void aWatchThatIsCutAgainAndAgainMissesNothing() throws Exception {
        Map<String, String> expected = new HashMap<>();
        try (Relay relay = new Relay(etcd.port())) {
            follow(quick(relay.url(), "/cut/"));
            for (int i = 0; i < 60; i++) {
                etcd.put("/cut/" + i % 20, "" + i);
                expected.put("/cut/" + i % 20, "" + i);
                if (i % 3 == 0) {
                    etcd.delete("/cut/" + i % 20);
                    expected.remove("/cut/" + i % 20);
                }
                if (i % 10 == 9) {
                    relay.drop();
                }
            }
            probe.awaitSet(expected);
        }
    }

    @Test
    void aWatchThatFallsSilentIsGivenUp() throws Exception {
        etcd.put("/mute/a", "1");
        try (Relay relay = new Relay(etcd.port())) {
            follow(quick(relay.url(), "/mute/").withTimes(Duration.ofSeconds(2), Duration.ofMillis(100)));
            probe.awaitSet(Map.of("/mute/a", "1"));
            probe.awaitThat(it -> it.heard() != null);

            relay.mute();
            probe.awaitThat(it -> it.status() == SyncStatus.WAIT_FOR_DATASTORE);
            etcd.delete("/mute/a");
            relay.restore();
            relay.drop();

            probe.awaitSet(Map.of());
        }
    }

    @Test
    void progressIsHeardOfWhileNothingChanges() {
        follow(quick(etcd.url(), "/idle/").withTimes(Duration.ofSeconds(2), Duration.ofMillis(100)));
        probe.awaitThat(it -> it.heard() != null);
        var first = probe.heard();

        probe.awaitThat(it -> it.heard().isAfter(first.plusMillis(150)));

        assertThat(probe.updates()).isZero();
    }

    @Test
    void pagesThatAreTooLongAreReadInSmallerOnes() throws Exception {
        Map<String, String> expected = new HashMap<>();
        for (int i = 0; i < 50; i++) {
            expected.put("/long/" + i, "x".repeat(1_000));
        }
        etcd.putAll(expected);

        follow(quick(etcd.url(), "/long/").withPageSize(40).withMaxMessageBytes(12_000));

        probe.awaitSet(expected);
    }

    @Test
    void keysCanBeToldWithoutTheirPrefix() throws Exception {
        etcd.put("/short/x/y", "1");

        follow(quick(etcd.url(), "").withPrefixCutOff("/short"));

        probe.awaitSet(Map.of("/x/y", "1"));
        assertThat(Long.parseLong(probe.entry("/x/y").revision())).isPositive();
    }

    @Test
    void anEndpointThatIsAwayIsPassedOver() throws Exception {
        etcd.put("/next/a", "1");
        String nobody;
        try (Relay relay = new Relay(1)) {
            nobody = relay.url();
        }
        EtcdSpec spec = EtcdSpec.of(nobody, etcd.url()).withPrefix("/next/").withBackoff(SHORT, SHORT);

        follow(spec);

        probe.awaitSet(Map.of("/next/a", "1"));
    }

    @Test
    void itsEventLoopEndsWithTheSubscriber() {
        follow(quick(etcd.url(), "/loop/"));
        probe.awaitSet(Map.of());
        assertThat(loops()).isPositive();

        probe.cancel();

        await().until(() -> loops() == 0);
    }

    private static long loops() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("headgate-etcd"))
                .count();
    }

    @Test
    void whoHasToLogInDoesSo(@TempDir Path other) throws Exception {
        try (Etcd locked = Etcd.start(other)) {
            locked.put("/in/a", "1");
            locked.lock("secret");
            SetProbe stranger =
                    SetProbe.on(EtcdSource.of(quick(locked.url(), "/in/").withLogin("root", "wrong"))
                            .events());
            follow(quick(locked.url(), "/in/").withLogin("root", "secret"));

            probe.awaitSet(Map.of("/in/a", "1"));
            locked.put("/in/b", "2");
            probe.awaitSet(Map.of("/in/a", "1", "/in/b", "2"));
            assertThat(stranger.set()).isEmpty();
            assertThat(stranger.status()).isEqualTo(SyncStatus.WAIT_FOR_DATASTORE);
            stranger.cancel();
            probe.cancel();
        }
    }

    private void follow(EtcdSpec spec) {
        follow(EtcdSource.of(spec));
    }

    private void follow(EtcdSource source) {
        probe = SetProbe.on(source.events());
    }

    private static EtcdSpec quick(String url, String prefix) {
        return EtcdSpec.of(url).withPrefix(prefix).withBackoff(SHORT, SHORT.multipliedBy(5));
    }

    private static Map<String, String> keys(String prefix, int count) {
        Map<String, String> entries = new HashMap<>();
        IntStream.range(0, count).forEach(i -> entries.put(prefix + "%05d".formatted(i), "value " + i));
        return entries;
    }

    private record Seen(List<String> seen) implements SourceObserver {

        @Override
        public void current(String name) {
            if (seen.isEmpty() || !seen.get(seen.size() - 1).equals("current")) {
                seen.add("current");
            }
        }

        @Override
        public void away(String name, Throwable cause) {
            if (seen.isEmpty() || !seen.get(seen.size() - 1).equals("away")) {
                seen.add("away");
            }
        }
    }
}
