package io.headgate.sync.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.client.SyncClient;
import io.headgate.sync.client.SyncClientSettings;
import io.headgate.sync.client.SyncClientSpec;
import io.headgate.sync.client.SyncLoss;
import io.headgate.sync.server.SyncEnd;
import io.headgate.sync.server.SyncServer;
import io.headgate.sync.server.SyncServerSettings;
import io.headgate.sync.server.SyncServerSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our clients at our servers, over sockets. {@code docs/sync-acceptance.md} says what else shows what is asked for. */
@Timeout(60)
class FollowingTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** More than 200,000 make sense on a machine that does nothing else. */
    private static final int MANY = Integer.getInteger("headgate.sync.entries", 20_000);

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final List<SyncServer> servers = new ArrayList<>();

    private SyncServer serve(Source source) {
        return serve(source, settings -> settings);
    }

    private SyncServer serve(Source source, UnaryOperator<SyncServerSettings.Builder> settings) {
        SyncServer server = SyncServer.bind(SyncServerSpec.of("127.0.0.1", 0)
                        .withTopic(SyncServerSpec.FELIX, source.events())
                        .withSettings(
                                settings.apply(SyncServerSettings.builder()).build()))
                .block(LIMIT);
        servers.add(server);
        return server;
    }

    private <T extends AutoCloseable> T open(T what) {
        opened.add(what);
        return what;
    }

    @AfterEach
    void everythingIsOver() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        for (SyncServer server : servers) {
            server.closeAsync(Duration.ZERO).block(LIMIT);
            assertThat(server.stats().connections()).isZero();
            assertThat(server.stats().streaming()).isZero();
        }
    }

    @Test
    void anEntryAndItsStatusReachAClientAndALaterOne() {
        Source source = new Source();
        SyncServer server = serve(source);
        Witness early = open(Witness.follow(server.port()));
        Eventually.holds(() -> server.stats().streaming() == 1);
        source.tell(SyncUpdate.added("/foobar", ByteString.copyFromUtf8("bazzbiff"), "1234"))
                .status(SyncStatus.IN_SYNC);
        early.awaitChecksum(source.sum().checksum());
        Witness late = open(Witness.follow(server.port()));
        late.awaitChecksum(source.sum().checksum());
        assertThat(late.updates()).isEqualTo(1);
    }

    @Test
    void anEmptyValueIsAValueAndNoValueIsADeletion() {
        Source source = new Source();
        SyncServer server = serve(source);
        source.tell(
                        SyncUpdate.added("/foobar", ByteString.copyFromUtf8("1"), "1"),
                        SyncUpdate.added("/foobar2", ByteString.EMPTY, "2"))
                .status(SyncStatus.IN_SYNC);
        Witness witness = open(Witness.follow(server.port()));
        witness.awaitChecksum(source.sum().checksum());
        assertThat(witness.has("/foobar2")).isTrue();
        source.tell(SyncUpdate.deleted("/foobar", "3"));
        witness.awaitChecksum(source.sum().checksum());
        assertThat(witness.has("/foobar")).isFalse();
        assertThat(witness.has("/foobar2")).isTrue();
    }

    @Test
    void aThousandEntriesReachAHundredClients() {
        Source source = new Source();
        SyncServer server = serve(source);
        List<Witness> witnesses = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            witnesses.add(open(Witness.follow(server.port())));
        }
        for (int at = 0; at < 1000; at += 10) {
            source.tell(Source.entries(at, at + 10, 200));
        }
        source.status(SyncStatus.IN_SYNC);
        String checksum = source.sum().checksum();
        witnesses.forEach(witness -> witness.awaitChecksum(checksum));
        assertThat(witnesses).allMatch(witness -> witness.losses() == 0);
        assertThat(server.stats().topics().get(SyncServerSpec.FELIX).streaming())
                .isEqualTo(100);
    }

    @Test
    void manyEntriesReachTenClientsThatThrowThemAwayAndOneThatKeepsThem() throws Exception {
        Source source = new Source();
        SyncServer server = serve(source);
        for (int at = 0; at < MANY; at += 1000) {
            source.tell(Source.entries(at, at + 1000, 500));
        }
        source.status(SyncStatus.IN_SYNC);
        List<Thread> drains = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            RawClient client = open(RawClient.connect(server.port()).say(RawClient.hello()));
            Thread drain = new Thread(client::drainQuietly);
            drain.start();
            drains.add(drain);
        }
        Witness witness = open(Witness.follow(server.port()));
        witness.awaitChecksum(source.sum().checksum());
        assertThat(witness.updates()).isEqualTo(MANY);
        server.closeAsync(Duration.ZERO).block(LIMIT);
        for (Thread drain : drains) {
            drain.join();
        }
        assertThat(server.stats().ended(SyncEnd.SHUTDOWN)).isEqualTo(11);
    }

    @Test
    void aClientLeavesAServerThatSaysNothingForLongerThanItWaits() {
        Source source = new Source();
        SyncServer server = serve(
                source, settings -> settings.pingInterval(Duration.ofHours(1)).pongTimeout(Duration.ofHours(6)));
        source.status(SyncStatus.IN_SYNC);
        Witness witness = open(Witness.follow(SyncClientSpec.of("127.0.0.1:" + server.port())
                .withSettings(SyncClientSettings.DEFAULTS.withReadTimeout(Duration.ofSeconds(1)))));
        Eventually.holds(() -> witness.client().stats().lost(SyncLoss.SILENT) >= 1);
        Eventually.holds(() -> server.stats().accepted() >= 2);
        assertThat(server.stats().ended(SyncEnd.LEFT) + server.stats().ended(SyncEnd.BROKEN))
                .isPositive();
    }

    @Test
    void aClientThatMovesToAServerWithOtherDataDropsWhatIsStaleOnlyAtTheEndOfTheResync() {
        Source one = new Source();
        Source other = new Source();
        SyncServer first = serve(one);
        SyncServer second = serve(other);
        one.tell(Source.entries(0, 100, 50)).status(SyncStatus.IN_SYNC);
        other.tell(Source.entries(50, 150, 60)).status(SyncStatus.RESYNC);
        Witness witness = open(Witness.follow(SyncClientSpec.of("127.0.0.1:" + first.port())));
        witness.awaitChecksum(one.sum().checksum());
        Witness mover =
                open(Witness.follow(SyncClientSpec.of("127.0.0.1:" + first.port(), "127.0.0.1:" + second.port())));
        Eventually.holds(() -> mover.size() >= 100);
        first.closeAsync(Duration.ZERO).block(LIMIT);
        Eventually.holds(() -> mover.has(Source.key(149)));
        assertThat(mover.status()).isNotEqualTo(SyncStatus.IN_SYNC);
        if (mover.losses() > 0) {
            assertThat(mover.has(Source.key(0))).isTrue();
        }
        other.status(SyncStatus.IN_SYNC);
        mover.awaitChecksum(other.sum().checksum());
        assertThat(mover.size()).isEqualTo(100);
    }

    /** 20 of the list: batches of 1, 100 and 101, and readers in no, a little and a lot of delay. */
    @ParameterizedTest
    @CsvSource({"1, 500", "100, 12345", "101, 12345", "1000, 123456"})
    void readersOfEverySpeedEndWithTheSameSetAndTheSameLastRevision(int batch, int updates) throws Exception {
        Source source = new Source();
        SyncServer server = serve(source);
        List<Reader> readers = new ArrayList<>();
        for (int millis : new int[] {0, 0, 1, 10, 50, 100}) {
            readers.add(
                    open(new Reader(RawClient.connect(server.port(), 16 * 1024).say(RawClient.hello()), millis)));
        }
        Eventually.holds(() -> server.stats().streaming() == readers.size());
        for (int at = 0; at < updates; at += batch) {
            List<SyncUpdate> some = new ArrayList<>();
            for (int i = at; i < Math.min(updates, at + batch); i++) {
                some.add(SyncUpdate.changed(Source.key(i % 100), Values.of(i, 40), String.valueOf(i)));
            }
            source.tell(some);
        }
        source.status(SyncStatus.IN_SYNC);
        String expected = updates - 1 + " " + source.sum().checksum();
        for (Reader reader : readers) {
            assertThat(reader.outcome()).isEqualTo(expected);
        }
    }

    @Test
    void serversCanBeClientsOfServers() {
        Source source = new Source();
        SyncServer top = serve(source);
        Witness upstream = open(Witness.follow(top.port()));
        SyncServer middle = SyncServer.bind(SyncServerSpec.of("127.0.0.1", 0)
                        .withTopic(
                                SyncServerSpec.FELIX,
                                SyncClient.of(SyncClientSpec.of("127.0.0.1:" + top.port()))
                                        .events()))
                .block(LIMIT);
        servers.add(0, middle);
        Witness downstream = open(Witness.follow(middle.port()));
        source.tell(Source.entries(0, 3000, 100)).status(SyncStatus.IN_SYNC);
        downstream.awaitChecksum(source.sum().checksum());
        source.tell(SyncUpdate.deleted(Source.key(1), ""), SyncUpdate.deleted(Source.key(2), ""));
        downstream.awaitChecksum(source.sum().checksum());
        upstream.awaitChecksum(source.sum().checksum());
    }
}
