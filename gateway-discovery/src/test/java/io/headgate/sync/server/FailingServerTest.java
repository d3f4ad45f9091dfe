package io.headgate.sync.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.headgate.retry.Backoff;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.client.SyncClient;
import io.headgate.sync.client.SyncClientSettings;
import io.headgate.sync.client.SyncClientSpec;
import io.headgate.sync.client.SyncLoss;
import io.headgate.sync.internal.wire.SyncMessage;
import io.headgate.sync.server.Visitor.Hello;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.netty.resources.LoopResources;

/** A server that cannot go on with a set, or with a client: what it says, and what those who hear it have then. */
class FailingServerTest {

    private static final String LOST = "set: cannot be sent any further";
    private static final int LARGE = 2 * 1024 * 1024;

    private final ScarceAllocator memory = new ScarceAllocator();
    private final LoopResources loop = LoopResources.create("one", 1, true);
    private Served served;

    @AfterEach
    void nothingIsLeft() {
        served.close();
        loop.disposeLater(Duration.ZERO, Served.PATIENCE).block(Served.PATIENCE);
        Awaitility.await().atMost(Served.PATIENCE).untilAsserted(memory::assertNoLeaks);
    }

    /** Deadlines that are looked at often, and no ping that would have to be answered. */
    private void serve() {
        served = Served.with(settings -> settings.writeTimeout(Duration.ofSeconds(1)), memory);
    }

    /** As long as a value can be, which is more than a message can hold, and next to no memory. */
    private static ByteString endless() {
        ByteString all = ByteString.copyFrom(new byte[LARGE - 1]);
        ByteString some = ByteString.copyFrom(new byte[LARGE]);
        all = all.concat(some);
        while (some.size() < 1 << 30) {
            some = some.concat(some);
            all = all.concat(some);
        }
        return all;
    }

    private static SyncUpdate large(String key) {
        return SyncUpdate.added(key, ByteString.copyFrom(new byte[LARGE]), "1");
    }

    private void assertTold(Visitor visitor) {
        visitor.untilClosed();
        List<SyncMessage> all = visitor.received();
        assertThat(all.get(all.size() - 1)).isEqualTo(new SyncMessage.Refusal(LOST, Duration.ZERO));
        assertThat(visitor.received(SyncMessage.Refusal.class)).hasSize(1);
    }

    // ---- what cannot be encoded

    @Test
    void whoFollowsASetThatCannotBeEncodedAnyFurtherIsToldAndEnds() {
        serve();
        served.feed().put("/a", "1").inSync();
        List<Visitor> told = List.of(
                served.visitor(Hello.PLAIN.withRefusals()).untilInSync(),
                served.visitor(Hello.SNAPPY.withRefusals()).untilInSync(),
                served.visitor(Hello.PLAIN.withRefusals().withPrefixes("/a")).untilInSync(),
                served.visitor(Hello.SNAPPY.withRefusals().withPrefixes("/a")).untilInSync());
        Visitor old = served.visitor(Hello.PLAIN).untilInSync();

        served.feed().tell(SyncEvent.Updates.of(SyncUpdate.added("/bad", endless(), "1")));
        told.forEach(this::assertTold);
        assertThat(old.untilClosed().received(SyncMessage.Refusal.class)).isEmpty();
        assertThat(old.status()).isEqualTo(SyncStatus.WAIT_FOR_DATASTORE);
        assertThat(old.values()).containsOnlyKeys("/a");
        served.awaitEnded(SyncEnd.FAILED, 5);
        assertThat(served.seen("ended felix FAILED")).isEqualTo(5);
    }

    @Test
    void whoComesToASetThatCannotBeEncodedIsToldAtOnce() {
        serve();
        served.feed().put("/a", "1").inSync();
        served.awaitEntries(1);
        served.feed().tell(SyncEvent.Updates.of(SyncUpdate.added("/bad", endless(), "1")));
        Awaitility.await().atMost(Served.PATIENCE).until(() -> !served.stats().isReady());

        Visitor late = served.visitor(Hello.SNAPPY.withRefusals());
        assertTold(late);
        assertThat(late.received()).hasSize(1); // not even a hello
        Visitor some = served.visitor(Hello.PLAIN.withRefusals().withPrefixes("/a"));
        assertTold(some);
        served.awaitEnded(SyncEnd.FAILED, 2);
        assertThat(served.stats().streaming()).isZero();
    }

    @Test
    void whoFollowsInTheSameProcessLearnsThatNothingComesAnyMore() {
        serve();
        served.feed().put("/a", "1").inSync();
        List<SyncEvent> events = new CopyOnWriteArrayList<>();
        Disposable following = served.server().events("felix").subscribe(events::add);
        Awaitility.await()
                .atMost(Served.PATIENCE)
                .until(() -> events.contains(new SyncEvent.Status(SyncStatus.IN_SYNC)));

        served.feed().tell(SyncEvent.Updates.of(SyncUpdate.added("/bad", endless(), "1")));
        Awaitility.await()
                .atMost(Served.PATIENCE)
                .until(() -> events.get(events.size() - 1).equals(new SyncEvent.Status(SyncStatus.WAIT_FOR_DATASTORE)));
        following.dispose();
    }

    @Test
    void aClientOfOursKeepsWhatItHasAndSaysWhatItWasTold() {
        serve();
        served.feed().put("/a", "1").inSync();
        SyncClient client = SyncClient.of(SyncClientSpec.of("127.0.0.1:" + served.port())
                .withSettings(SyncClientSettings.DEFAULTS.withBackoff(
                        Backoff.exponential(Duration.ofMillis(10), Duration.ofMillis(50)))));
        List<SyncEvent> events = new CopyOnWriteArrayList<>();
        Disposable following = client.events().subscribe(events::add);
        Awaitility.await().atMost(Served.PATIENCE).until(() -> client.stats().isInSync());

        served.feed().tell(SyncEvent.Updates.of(SyncUpdate.added("/bad", endless(), "1")));
        Awaitility.await().atMost(Served.PATIENCE).until(() -> client.stats().lost(SyncLoss.REFUSED) > 2);
        assertThat(client.stats().lastReason()).isEqualTo(LOST);
        assertThat(client.stats().losses()).containsOnlyKeys(SyncLoss.REFUSED);
        assertThat(events.stream().filter(SyncEvent.Updates.class::isInstance)).hasSize(1); // nothing was taken back
        following.dispose();
        assertThat(served.stats().ends()).containsKey(SyncEnd.FAILED);
    }

    // ---- what cannot be compressed

    @Test
    void whoReadsItCompressedIsToldAndEndsWhenASetCannotBeCompressedAnyFurther() {
        serve();
        served.feed().put("/a", "1").inSync();
        Visitor snappy = served.visitor(Hello.SNAPPY.withRefusals()).untilInSync();
        Visitor old = served.visitor(Hello.SNAPPY).untilInSync();
        Visitor plain = served.visitor(Hello.PLAIN.withRefusals()).untilInSync();

        memory.refuseGrowing(capacity -> capacity > LARGE);
        served.feed().tell(SyncEvent.Updates.of(large("/b")));
        assertTold(snappy);
        assertThat(old.untilClosed().received(SyncMessage.Refusal.class)).isEmpty();
        served.awaitEnded(SyncEnd.FAILED, 2);
        assertThat(snappy.values()).containsOnlyKeys("/a");
        plain.until(seen -> seen.entries().containsKey("/b"));

        Visitor again = served.visitor(Hello.SNAPPY.withRefusals()).untilInSync();
        assertThat(again.values()).containsOnlyKeys("/a", "/b");
        assertThat(again.received(SyncMessage.DecoderRestart.class)).isEmpty(); // it gets plain bytes
        assertThat(served.stats().ends()).containsOnlyKeys(SyncEnd.FAILED);
    }

    @Test
    void aClientOfOursGoesOnUncompressed() {
        serve();
        served.feed().put("/a", "1").inSync();
        SyncClient client = SyncClient.of(SyncClientSpec.of("127.0.0.1:" + served.port())
                .withSettings(SyncClientSettings.DEFAULTS.withBackoff(
                        Backoff.exponential(Duration.ofMillis(10), Duration.ofMillis(50)))));
        List<SyncEvent> events = new CopyOnWriteArrayList<>();
        Disposable following = client.events().subscribe(events::add);
        Awaitility.await().atMost(Served.PATIENCE).until(() -> client.stats().isInSync());

        memory.refuseGrowing(capacity -> capacity > LARGE);
        served.feed().tell(SyncEvent.Updates.of(large("/b")));
        Awaitility.await()
                .atMost(Served.PATIENCE)
                .until(() -> client.stats().isInSync() && client.stats().connected() == 2);
        assertThat(client.stats().lost(SyncLoss.REFUSED)).isEqualTo(1);
        assertThat(client.stats().lastReason()).isEqualTo(LOST);
        served.feed().put("/c", "1");
        Awaitility.await()
                .atMost(Served.PATIENCE)
                .until(() -> events.stream()
                        .anyMatch(event -> event instanceof SyncEvent.Updates some
                                && some.updates().get(0).key().equals("/c")));
        assertThat(served.seen("streaming felix compressed")).isEqualTo(1);
        assertThat(served.seen("streaming felix") + served.seen("streaming felix resumed"))
                .isEqualTo(1);
        following.dispose();
    }

    // ---- a snapshot that cannot be made

    @Test
    void aSnapshotThatCannotBeMadeEndsWithAWordAndTheNextOneMayGoWell() {
        serve();
        served.feed().putAll(1000, i -> "/a/" + i, "1").inSync();
        served.feed().tell(SyncEvent.Updates.of(large("/b")));
        served.awaitEntries(1001);

        memory.refuseFixed(capacity -> capacity > LARGE);
        Visitor visitor = served.visitor(Hello.PLAIN.withRefusals());
        assertTold(visitor);
        assertThat(visitor.entries()).hasSize(1000);
        assertThat(visitor.status()).isEqualTo(SyncStatus.WAIT_FOR_DATASTORE);
        served.awaitEnded(SyncEnd.FAILED, 1);

        memory.refuseFixed(capacity -> false);
        assertThat(served.visitor(Hello.PLAIN).untilInSync().entries()).hasSize(1001);
    }

    // ---- one client

    /** Fails once when told to. */
    private static final class BrokenRandom implements RandomGenerator {

        private final AtomicBoolean armed = new AtomicBoolean();

        @Override
        public long nextLong() {
            if (armed.getAndSet(false)) {
                throw new IllegalStateException("no chance");
            }
            return 0;
        }
    }

    @Test
    void aClientThatCannotBeServedEndsAndTheDeadlinesOfOthersStay() {
        BrokenRandom random = new BrokenRandom();
        served = Served.of(
                spec -> spec.withLoops(loop)
                        .withRandom(random)
                        .withSettings(SyncServerSettings.builder()
                                .pingInterval(Duration.ofMillis(200))
                                .handshakeTimeout(Duration.ofSeconds(1))
                                .build()),
                memory);
        served.feed().put("/a", "1").inSync();
        Visitor broken = served.visitor(Hello.PLAIN.withRefusals()).untilInSync();
        broken.until(seen -> !seen.received(SyncMessage.Ping.class).isEmpty());
        random.armed.set(true); // the next ping cannot be planned
        broken.untilClosed();
        assertThat(broken.received(SyncMessage.Refusal.class))
                .containsExactly(new SyncMessage.Refusal("internal error", Duration.ZERO));
        served.awaitEnded(SyncEnd.FAILED, 1);

        served.stranger().untilClosed();
        served.awaitEnded(SyncEnd.NO_HELLO, 1);
    }
}
