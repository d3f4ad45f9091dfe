package io.headgate.sync.internal.crumb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.VirtualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class CrumbCacheTest {

    private final VirtualClock clock = VirtualClock.install();
    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final TestPublisher<SyncEvent> source = TestPublisher.create();
    private final SimpleFrames frames = new SimpleFrames();
    private final CrumbCache cache = CrumbCache.follow(
            source.flux(),
            CrumbSettings.DEFAULTS.withPrefixSets(2),
            frames,
            clock,
            () -> clock.now(TimeUnit.NANOSECONDS),
            allocator);

    @AfterEach
    void nothingIsLeft() {
        cache.dispose();
        clock.close();
        allocator.assertNoLeaks();
        assertThat(clock.pending()).isZero();
        assertThat(cache.stats().bytesHeld()).isZero();
        source.assertCancelled();
    }

    private void tell(SyncUpdate... updates) {
        source.next(SyncEvent.Updates.of(updates));
    }

    private void tell(SyncStatus status) {
        source.next(new SyncEvent.Status(status));
    }

    private static Replica read(SnapshotReader reader, Format format) {
        return new Replica(format).takeAll(reader);
    }

    /** A client that has just come, as far as it gets at once. */
    private Replica fresh(Format format) {
        SnapshotReader reader = cache.snapshot(format);
        Replica replica = read(reader, format);
        assertThat(reader.isDone()).isTrue();
        reader.close();
        return replica;
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void aClientGetsTheSetAndThenWhatChanges(Format format) {
        tell(Entries.added("a", "1"), Entries.added("b", "2"));
        tell(SyncStatus.IN_SYNC);

        SnapshotReader reader = cache.snapshot(format);
        Replica replica = read(reader, format);
        CrumbCursor cursor = reader.cursor();
        reader.close();

        assertThat(replica.entries).isEqualTo(Entries.entries(cache));
        assertThat(replica.statuses).containsExactly(SyncStatus.IN_SYNC);
        assertThat(replica.position).isEqualTo(cache.newest().crumb().position());

        tell(Entries.added("c", "3"), SyncUpdate.deleted("a", "4"));
        replica.takeAll(cursor);

        assertThat(replica.entries.keySet()).containsExactly("b", "c");
        assertThat(replica.position).isEqualTo(cache.newest().crumb().position());
        cursor.close();
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void aClientThatComesBackGetsWhatItMissed(Format format) {
        tell(Entries.added("a", "1"));
        long known = cache.newest().crumb().position();
        tell(Entries.added("b", "2"));

        CrumbCursor cursor = Objects.requireNonNull(cache.resume(format, known));
        Replica replica = new Replica(format).takeAll(cursor);

        assertThat(replica.entries.keySet()).containsExactly("b");
        assertThat(cache.resume(format, known + 2)).isNull();
        assertThat(cache.resume(format, 0)).isNull();
        assertThat(cache.resume(format, -1)).isNull();
        cursor.close();
    }

    @Test
    void nothingIsToldOfAnEmptySet() {
        assertThat(fresh(Format.PLAIN).frames).isEmpty();
    }

    @Test
    void aFreshClientSeesExactlyWhatIsLeftOfTenThousandKeys() {
        List<SyncUpdate> added = new ArrayList<>();
        List<SyncUpdate> deleted = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            String key = "/calico/v1/config/key" + i;
            added.add(Entries.added(key, "" + i));
            if (i % 2 == 0) {
                deleted.add(SyncUpdate.deleted(key, "" + (10_000 + i)));
            }
        }
        SnapshotReader reader = cache.snapshot(Format.PLAIN);
        source.next(new SyncEvent.Updates(added));
        source.next(new SyncEvent.Updates(deleted));
        tell(SyncStatus.IN_SYNC);
        Replica early = Replica.plain().takeAll(reader);
        CrumbCursor cursor = reader.cursor();
        early.takeAll(cursor);
        Replica late = fresh(Format.PLAIN);

        assertThat(late.told).hasSize(5000).allMatch(update -> Integer.parseInt(update.revision()) % 2 == 1);
        assertThat(late.entries).isEqualTo(Entries.entries(cache)).isEqualTo(early.entries);
        assertThat(early.told).hasSize(15_000);
        reader.close();
        cursor.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16})
    void aSnapshotIsWhatTheChangesBeforeItMade(long seed) {
        Random random = new Random(seed);
        Replica all = Replica.plain();
        SnapshotReader first = cache.snapshot(Format.PLAIN);
        CrumbCursor cursor = first.cursor();
        first.close();
        for (int round = 0; round < 100; round++) {
            List<SyncUpdate> updates = new ArrayList<>();
            for (int i = random.nextInt(300); i >= 0; i--) {
                updates.add(Entries.random(random, 200, round));
            }
            source.next(new SyncEvent.Updates(updates));
            if (random.nextInt(5) == 0) {
                tell(SyncStatus.values()[random.nextInt(3)]);
            }
            if (random.nextInt(5) == 0) {
                Format format = Format.values()[random.nextInt(2)];
                Replica late = fresh(format);
                all.takeAll(cursor);
                assertThat(all.entries).isEqualTo(Entries.entries(cache));
                // a snapshot that was there may be older, but never by more than was asked for
                assertThat(late.position).isLessThanOrEqualTo(all.position);
            }
            clock.advance(Duration.ofMillis(random.nextInt(3000)));
        }
        clock.advance(Duration.ofSeconds(2));

        assertThat(fresh(Format.SNAPPY).entries).isEqualTo(all.takeAll(cursor).entries);
        cursor.close();
    }

    // - - - sharing

    @ParameterizedTest
    @EnumSource(Format.class)
    void manyWhoComeAtOnceShareOneSnapshot(Format format) {
        for (int i = 0; i < 1000; i++) {
            tell(Entries.added("k" + i, "" + i));
        }
        long before = frames.entriesEncoded.sum();
        List<SnapshotReader> readers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            readers.add(cache.snapshot(format));
        }
        for (SnapshotReader reader : readers) {
            assertThat(read(reader, format).entries).hasSize(1000);
            reader.close();
        }

        assertThat(frames.entriesEncoded.sum() - before).isEqualTo(1000);
        assertThat(cache.stats().snapshotsGenerated()).isEqualTo(1);
        assertThat(cache.stats().snapshotsReused()).isEqualTo(99);
        assertThat(cache.stats().snapshotRawBytes()).isPositive();
        if (format == Format.SNAPPY) {
            assertThat(cache.stats().snapshotCompressedBytes())
                    .isPositive()
                    .isLessThan(cache.stats().snapshotRawBytes());
        }
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void aSnapshotIsSharedUntilTooMuchHasChangedSince(Format format) {
        for (int i = 0; i < 100; i++) {
            tell(Entries.added("k" + i, "" + i));
        }
        fresh(format);
        for (int i = 0; i < 25; i++) {
            tell(Entries.changed("k" + i, "new " + i));
        }
        SnapshotReader reader = cache.snapshot(format);
        Replica replica = read(reader, format);
        CrumbCursor cursor = reader.cursor();

        assertThat(cache.stats().snapshotsGenerated()).isEqualTo(1);
        assertThat(replica.takeAll(cursor).entries).isEqualTo(Entries.entries(cache));

        tell(Entries.changed("k1", "once more"));
        assertThat(fresh(format).entries).isEqualTo(Entries.entries(cache));
        assertThat(cache.stats().snapshotsGenerated()).isEqualTo(2);
        reader.close();
        cursor.close();
    }

    @Test
    void aSnapshotThatNobodyAsksForIsDropped() {
        tell(Entries.added("a", "1"));
        int before = allocator.liveBuffers();
        fresh(Format.PLAIN);
        clock.advance(Duration.ofMillis(900));
        fresh(Format.PLAIN);
        clock.advance(Duration.ofMillis(900));
        assertThat(allocator.liveBuffers()).isEqualTo(before + 1);
        clock.advance(Duration.ofMillis(200));

        assertThat(allocator.liveBuffers()).isEqualTo(before);
        assertThat(cache.stats().snapshotsGenerated()).isEqualTo(1);
        fresh(Format.PLAIN);
        assertThat(cache.stats().snapshotsGenerated()).isEqualTo(2);
    }

    @Test
    void listenersAreToldOfCrumbsAndOfPiecesOfSnapshots() {
        AtomicInteger plain = new AtomicInteger();
        AtomicInteger snappy = new AtomicInteger();
        AtomicInteger pieces = new AtomicInteger();
        Disposable first = cache.onPublish(Format.PLAIN, plain::incrementAndGet);
        cache.onPublish(Format.SNAPPY, snappy::incrementAndGet);
        cache.onPublish(Format.PLAIN, () -> {
            throw new IllegalStateException("a listener that fails");
        });
        cache.onSnapshot(Format.SNAPPY, pieces::incrementAndGet);

        tell(Entries.added("a", "1"));
        tell(Entries.changed("a", "2"));
        assertThat(plain).hasValue(2);
        assertThat(snappy).hasValue(0);

        SnapshotReader reader = cache.snapshot(Format.SNAPPY);
        assertThat(pieces).hasPositiveValue();
        int before = snappy.get();
        first.dispose();
        tell(Entries.changed("a", "3"));
        assertThat(plain).hasValue(2);
        assertThat(snappy).hasValue(before + 1);
        reader.close();
    }

    @Test
    void timeAloneFreesWhatIsKeptForThoseWhoComeBack() {
        for (int i = 0; i < 2000; i++) {
            tell(Entries.added("key " + i, "" + i));
        }
        long before = cache.stats().bytesHeld();
        assertThat(before).isGreaterThan(80_000);
        clock.advance(Duration.ofSeconds(61));

        assertThat(cache.stats().bytesHeld()).isLessThan(before);
        assertThat(cache.resume(Format.PLAIN, 1)).isNull();
        assertThat(clock.pending()).isZero();
    }

    @Test
    void theStatsSayHowItIs() {
        tell(Entries.added("a", "1"), Entries.added("b", "2"));
        tell(SyncStatus.IN_SYNC);
        SnapshotReader reader = cache.snapshot(Format.PLAIN);
        CrumbCursor cursor = reader.cursor();
        tell(new SyncUpdate(
                "a", Entries.added("a", "").value(), "3", "", Duration.ZERO, io.headgate.sync.UpdateType.UPDATED));
        tell(SyncUpdate.deleted("b", "4"));
        source.next(new SyncEvent.Heard(Instant.ofEpochSecond(5)));
        Replica.plain().takeAll(cursor);
        CrumbStats stats = cache.stats();

        assertThat(stats.position()).isEqualTo(3);
        assertThat(stats.status()).isEqualTo(SyncStatus.IN_SYNC);
        assertThat(stats.size()).isEqualTo(1);
        assertThat(stats.updates()).isEqualTo(4);
        assertThat(stats.skipped()).isEqualTo(1);
        assertThat(stats.crumbs()).isEqualTo(3);
        assertThat(stats.ready()).isEqualTo(1);
        assertThat(stats.dry()).isEqualTo(1);
        assertThat(stats.heard()).isEqualTo(Instant.ofEpochSecond(5)).isEqualTo(cache.heard());
        assertThat(stats.oldestCursor()).isEqualTo(2); // what the snapshot keeps for the next client
        assertThat(stats.bytesHeld()).isPositive();
        assertThat(cache.id()).isNotZero();
        reader.close();
        cursor.close();
    }

    // - - - in this process

    @Test
    void aConsumerInThisProcessGetsTheSetAndThenWhatChanges() {
        tell(Entries.added("a", "1"), Entries.added("b", "2"));
        tell(SyncStatus.IN_SYNC);

        StepVerifier.create(cache.events())
                .assertNext(event -> assertThat(Entries.keys(((SyncEvent.Updates) event).updates()))
                        .containsExactly("a", "b"))
                .expectNext(new SyncEvent.Status(SyncStatus.IN_SYNC))
                .then(() -> tell(Entries.added("c", "3")))
                .expectNext(SyncEvent.Updates.of(Entries.added("c", "3")))
                .then(() -> source.next(new SyncEvent.Heard(Instant.EPOCH)))
                .expectNext(new SyncEvent.Heard(Instant.EPOCH))
                .then(() -> tell(SyncStatus.RESYNC))
                .expectNext(new SyncEvent.Status(SyncStatus.RESYNC))
                .then(cache::dispose)
                .verifyComplete();
    }

    @Test
    void aSlowConsumerGetsTheLastOfEachKey() {
        tell(Entries.added("a", "1"));
        StepVerifier.create(cache.events(), 1)
                .expectNextCount(1)
                .then(() -> {
                    for (int i = 0; i < 1000; i++) {
                        tell(Entries.changed("a", "" + i));
                    }
                })
                .thenRequest(10)
                .assertNext(event -> assertThat(((SyncEvent.Updates) event).updates())
                        .singleElement()
                        .extracting(SyncUpdate::revision)
                        .isEqualTo("999"))
                .thenCancel()
                .verify();
    }

    @Test
    void aCacheMayFollowAnother() {
        CrumbCache second = CrumbCache.follow(
                cache.events(),
                CrumbSettings.DEFAULTS,
                frames,
                clock,
                () -> clock.now(TimeUnit.NANOSECONDS),
                allocator);
        Random random = new Random(3);
        for (int i = 0; i < 2000; i++) {
            tell(Entries.random(random, 50, i));
        }
        tell(SyncStatus.IN_SYNC);

        assertThat(Entries.entries(second)).isEqualTo(Entries.entries(cache)).isNotEmpty();
        assertThat(second.newest().crumb().status()).isEqualTo(SyncStatus.IN_SYNC);
        second.dispose();
    }

    // - - - parts

    @Test
    void aPartHoldsTheKeysOfItsPrefixes() {
        tell(Entries.added("/a/1", "1"), Entries.added("/b/1", "2"), Entries.added("/c/1", "3"));
        tell(SyncStatus.IN_SYNC);
        CacheLease lease = Objects.requireNonNull(cache.part(List.of("/a/", "/c/", "/c/x")));
        CacheLease same = Objects.requireNonNull(cache.part(List.of("/c/", "/a/")));
        tell(Entries.added("/a/2", "4"), Entries.added("/b/2", "5"));
        source.next(new SyncEvent.Heard(Instant.EPOCH));
        CrumbCache part = lease.cache();

        assertThat(same.cache()).isSameAs(part).isNotSameAs(cache);
        assertThat(Entries.entries(part).keySet()).containsExactly("/a/1", "/a/2", "/c/1");
        assertThat(part.newest().crumb().status()).isEqualTo(SyncStatus.IN_SYNC);
        assertThat(part.heard()).isEqualTo(Instant.EPOCH);
        assertThat(part.id()).isNotEqualTo(cache.id());
        lease.close();
        lease.close();
        assertThat(part.isDisposed()).isFalse();
        same.close();
        assertThat(part.isDisposed()).isTrue();
        assertThat(cache.stats().parts()).isZero();
    }

    @Test
    void thereAreOnlySoManyParts() {
        CacheLease one = Objects.requireNonNull(cache.part(List.of("/a/")));
        CacheLease two = Objects.requireNonNull(cache.part(List.of("/b/")));

        assertThat(cache.part(List.of("/c/"))).isNull();
        assertThat(cache.stats().parts()).isEqualTo(2);
        one.close();
        CacheLease three = Objects.requireNonNull(cache.part(List.of("/c/")));
        assertThat(three.cache()).isNotSameAs(one.cache());
        two.close();
        three.close();
    }

    @Test
    void theEmptyPrefixIsTheWholeSet() {
        CacheLease lease = Objects.requireNonNull(cache.part(List.of("/a/", "")));
        lease.close();

        assertThat(lease.cache()).isSameAs(cache);
        assertThat(cache.isDisposed()).isFalse();
    }

    @Test
    void partsEndWithTheWhole() {
        CacheLease lease = Objects.requireNonNull(cache.part(List.of("/a/")));
        cache.dispose();

        assertThat(lease.cache().isDisposed()).isTrue();
        assertThatThrownBy(() -> cache.part(List.of("/a/"))).isInstanceOf(IllegalStateException.class);
        lease.close();
    }

    // - - - ends

    @Test
    void afterTheEndNobodyComes() {
        tell(Entries.added("a", "1"));
        SnapshotReader reader = cache.snapshot(Format.SNAPPY);
        CrumbCursor cursor = reader.cursor();
        cache.dispose();
        cache.dispose();

        StepVerifier.create(cache.ended()).verifyComplete();
        assertThatThrownBy(() -> cache.snapshot(Format.PLAIN)).isInstanceOf(IllegalStateException.class);
        assertThat(cache.resume(Format.PLAIN, 1)).isNull();
        assertThat(cursor.isEnded()).isTrue();
        assertThat(new Replica(Format.SNAPPY).takeAll(reader).entries).containsKey("a");
        reader.close();
        cursor.close();
    }
}
