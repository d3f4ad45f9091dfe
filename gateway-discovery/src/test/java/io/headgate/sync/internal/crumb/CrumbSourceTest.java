package io.headgate.sync.internal.crumb;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/** A cache whose worker runs when the test lets it. */
class CrumbSourceTest {

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Scheduler scheduler = Schedulers.fromExecutor(tasks::add);
    private final AtomicLong requested = new AtomicLong();
    private final SimpleFrames frames = new SimpleFrames();
    private final TestPublisher<SyncEvent> source =
            TestPublisher.createNoncompliant(TestPublisher.Violation.REQUEST_OVERFLOW);
    private CrumbCache cache;
    private int told;

    @BeforeEach
    void follow() {
        cache = CrumbCache.follow(
                source.flux().doOnRequest(requested::addAndGet),
                CrumbSettings.DEFAULTS.withRetained(Long.MAX_VALUE, Duration.ofDays(1)),
                frames,
                scheduler,
                () -> 0,
                allocator);
    }

    @AfterEach
    void nothingIsLeft() {
        cache.dispose();
        run();
        scheduler.dispose();
        allocator.assertNoLeaks();
    }

    private void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private void tell(int events) {
        for (int i = 0; i < events; i++) {
            source.next(SyncEvent.Updates.of(Entries.changed("k", "" + ++told)));
        }
    }

    private List<Integer> crumbs() {
        CrumbCursor cursor = Objects.requireNonNull(cache.resume(Format.PLAIN, 1));
        Replica replica = Replica.plain().takeAll(cursor);
        cursor.close();
        return replica.frameSizes;
    }

    @Test
    void theSourceIsAskedForTwoBatches() {
        assertThat(requested).hasValue(200);
        tell(150);
        assertThat(requested).hasValue(200);
        run();
        assertThat(requested).hasValue(300);
        tell(50);
        run();
        assertThat(requested).hasValue(400);
    }

    @Test
    void aBatchIsWhatIsThereUpToABound() {
        tell(1);
        run();
        tell(7);
        run();
        tell(150);
        assertThat(tasks).hasSize(1);
        run();

        assertThat(crumbs()).containsExactly(7, 100, 50);
    }

    @Test
    void statusesStayBehindTheUpdatesBeforeThem() {
        tell(1);
        run();
        CrumbCursor cursor = Objects.requireNonNull(cache.resume(Format.PLAIN, 1));
        tell(99);
        source.next(new SyncEvent.Status(SyncStatus.RESYNC));
        tell(20);
        source.next(new SyncEvent.Status(SyncStatus.IN_SYNC));
        run();
        Replica replica = Replica.plain().takeAll(cursor);
        cursor.close();

        assertThat(replica.frames).containsExactly("K0", "S2", "K0", "S3");
        assertThat(replica.statuses).containsExactly(SyncStatus.RESYNC, SyncStatus.IN_SYNC);
    }

    @Test
    void aSourceThatFailsLeavesTheSetAndAStatusThatSaysSo() {
        source.next(SyncEvent.Updates.of(Entries.added("a", "1")));
        source.next(new SyncEvent.Status(SyncStatus.IN_SYNC));
        source.error(new IllegalStateException("broken"));
        run();

        assertThat(cache.newest().entries()).containsKey("a");
        assertThat(cache.newest().crumb().status()).isEqualTo(SyncStatus.WAIT_FOR_DATASTORE);
        StepVerifier.create(cache.ended()).verifyErrorMessage("broken");
    }

    @Test
    void aSourceThatEndsLeavesTheSetToo() {
        source.next(SyncEvent.Updates.of(Entries.added("a", "1")));
        source.next(new SyncEvent.Status(SyncStatus.IN_SYNC));
        source.complete();
        run();

        assertThat(cache.newest().entries()).containsKey("a");
        assertThat(cache.newest().crumb().status()).isEqualTo(SyncStatus.WAIT_FOR_DATASTORE);
        StepVerifier.create(cache.ended()).verifyComplete();
    }

    @Test
    void aSourceThatTellsMoreThanWasAskedForIsLeft() {
        tell(300);
        run();

        source.assertCancelled();
        StepVerifier.create(cache.ended())
                .verifyErrorSatisfies(failure -> assertThat(failure)
                        .hasMessage("source: more events than were asked for (expected: at most 200)"));
        assertThat(cache.newest().entries()).hasSize(1);
    }

    @Test
    void whatCannotBeEncodedEndsTheFollowingAndNothingElse() {
        cache.dispose();
        run();
        cache = CrumbCache.follow(
                source.flux(), CrumbSettings.DEFAULTS, new BrokenFrames(), scheduler, () -> 0, allocator);
        source.next(SyncEvent.Updates.of(Entries.added("good", "1")));
        run();
        source.next(SyncEvent.Updates.of(Entries.added("bad", "2")));
        run();

        StepVerifier.create(cache.ended()).verifyErrorMessage("bad");
        assertThat(cache.newest().entries()).containsOnlyKeys("good");
        SnapshotReader reader = cache.snapshot(Format.PLAIN);
        run();
        assertThat(Replica.plain().takeAll(reader).entries).containsOnlyKeys("good");
        reader.close();
    }

    @Test
    void aSnapshotThatCannotBeMadeIsGivenUp() {
        cache.dispose();
        run();
        cache = CrumbCache.follow(
                source.flux(), CrumbSettings.DEFAULTS, new BrokenFrames(), scheduler, () -> 0, allocator);
        source.next(SyncEvent.Updates.of(Entries.added("good", "1"), Entries.added("bad", "2")));
        run();
        source.next(SyncEvent.Updates.of(SyncUpdate.deleted("good", "3")));
        run();
        SnapshotReader reader = cache.snapshot(Format.SNAPPY);
        run();

        assertThat(reader.take(1000)).isNull();
        assertThat(reader.isAborted()).isTrue();
        assertThat(reader.isDone()).isFalse();
        reader.close();
    }

    private static final class BrokenFrames implements Frames {

        private final SimpleFrames frames = new SimpleFrames();

        @Override
        public void kvs(List<SyncUpdate> updates, long position, ByteBuf out) {
            if (updates.get(0).key().equals("bad")) {
                throw new IllegalArgumentException("bad");
            }
            frames.kvs(updates, position, out);
        }

        @Override
        public void status(SyncStatus status, long position, ByteBuf out) {
            frames.status(status, position, out);
        }
    }

    @Test
    void readersSeeASnapshotGrowAndAreLeftAloneWhenTheCacheEnds() {
        List<SyncUpdate> many = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            many.add(Entries.added("k" + i, "" + i));
        }
        source.next(new SyncEvent.Updates(many));
        run();
        SnapshotReader reader = cache.snapshot(Format.PLAIN);
        Replica replica = Replica.plain();
        assertThat(replica.takeAll(reader).told).isEmpty();
        Objects.requireNonNull(tasks.poll()).run();
        assertThat(replica.takeAll(reader).told.size()).isEqualTo(1000);
        Objects.requireNonNull(tasks.poll()).run();
        assertThat(replica.takeAll(reader).told.size()).isEqualTo(2000);
        cache.dispose();
        run();

        assertThat(replica.takeAll(reader).told.size()).isLessThan(5000);
        assertThat(reader.isDone()).isFalse();
        reader.close();
    }
}
