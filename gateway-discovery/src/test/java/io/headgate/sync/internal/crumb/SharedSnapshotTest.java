package io.headgate.sync.internal.crumb;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.wire.SnappyWriter;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.pcollections.TreePMap;

class SharedSnapshotTest {

    private static final CrumbSettings SETTINGS =
            CrumbSettings.DEFAULTS.withSnapshots(10, 0.25, CrumbSettings.DEFAULTS.snapshotIdle());

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final AtomicLong held = new AtomicLong();
    private final SimpleFrames frames = new SimpleFrames();
    private final ByteLog log = new ByteLog(7, SETTINGS, allocator, held);

    @AfterEach
    void nothingIsLeft() {
        log.close();
        allocator.assertNoLeaks();
        assertThat(held).hasValue(0);
        assertThat(log.hasCursors()).isFalse();
    }

    private SharedSnapshot snapshot(int entries, SyncStatus status, Format format) {
        TreePMap<String, SyncUpdate> set = TreePMap.empty();
        for (int i = 0; i < entries; i++) {
            SyncUpdate entry = Entries.added("/key/%05d".formatted(i), "" + i);
            set = set.plus(entry.key(), entry);
        }
        return snapshot(set, status, format);
    }

    private SharedSnapshot snapshot(TreePMap<String, SyncUpdate> set, SyncStatus status, Format format) {
        return new SharedSnapshot(
                new Picture(new Crumb(7, 0, status, List.of()), set),
                Objects.requireNonNull(log.open(7)),
                frames,
                allocator,
                SETTINGS,
                format == Format.PLAIN ? null : new SnappyWriter(),
                held);
    }

    private static SnapshotReader join(SharedSnapshot snapshot) {
        return Objects.requireNonNull(snapshot.join());
    }

    private static void makeAll(SharedSnapshot snapshot) {
        boolean more = true;
        while (more) {
            more = snapshot.step();
        }
    }

    @ParameterizedTest
    @CsvSource({"0, IN_SYNC", "1, IN_SYNC", "9, RESYNC", "10, IN_SYNC", "11, WAIT_FOR_DATASTORE", "95, IN_SYNC"})
    void aReaderGetsAllEntriesThenTheStatusAndThePosition(int entries, SyncStatus status) {
        for (Format format : Format.values()) {
            SharedSnapshot snapshot = snapshot(entries, status, format);
            SnapshotReader reader = join(snapshot);
            makeAll(snapshot);
            Replica replica = new Replica(format).takeAll(reader);

            assertThat(replica.told).hasSize(entries);
            assertThat(replica.frameSizes).allSatisfy(size -> assertThat(size).isBetween(1, 10));
            assertThat(replica.status()).isEqualTo(status);
            assertThat(replica.position).isEqualTo(7);
            assertThat(replica.frames.stream().filter(frame -> !frame.endsWith("0")))
                    .hasSize(1);
            assertThat(reader.isDone()).isTrue();
            assertThat(reader.status()).isEqualTo(status);
            assertThat(reader.position()).isEqualTo(7);
            reader.close();
            snapshot.retire();
        }
    }

    @Test
    void ofAnEmptySetThatIsWaitedForThereIsNothingToTell() {
        SharedSnapshot snapshot = snapshot(0, SyncStatus.WAIT_FOR_DATASTORE, Format.PLAIN);
        SnapshotReader reader = join(snapshot);

        assertThat(snapshot.step()).isFalse();
        assertThat(reader.take(100)).isNull();
        assertThat(reader.isDone()).isTrue();
        reader.close();
        snapshot.retire();
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void readersFollowWhileItIsMade(Format format) {
        SharedSnapshot snapshot = snapshot(95, SyncStatus.IN_SYNC, format);
        List<SnapshotReader> readers = new ArrayList<>();
        List<Replica> replicas = new ArrayList<>();
        boolean more = true;
        while (more) {
            readers.add(join(snapshot));
            replicas.add(new Replica(format));
            more = snapshot.step();
            for (int i = 0; i < readers.size(); i++) {
                replicas.get(i).take(readers.get(i), 7 + i * 100); // some read faster than it is made, some slower
                assertThat(readers.get(i).isDone() && more).isFalse();
            }
        }

        for (int i = 0; i < readers.size(); i++) {
            replicas.get(i).takeAll(readers.get(i));
            assertThat(replicas.get(i).told).hasSize(95);
            assertThat(replicas.get(i).status()).isEqualTo(SyncStatus.IN_SYNC);
            assertThat(readers.get(i).isDone()).isTrue();
            readers.get(i).close();
        }
        assertThat(frames.entriesEncoded.sum()).isEqualTo(95);
        snapshot.retire();
    }

    @Test
    void bytesAreCutAsTheReaderLikes() {
        SharedSnapshot snapshot = snapshot(30, SyncStatus.IN_SYNC, Format.PLAIN);
        SnapshotReader reader = join(snapshot);
        makeAll(snapshot);
        Replica replica = Replica.plain();
        while (replica.take(reader, 1)) {
            assertThat(replica.told.size()).isLessThanOrEqualTo(30);
        }

        assertThat(replica.told).hasSize(30);
        reader.close();
        snapshot.retire();
    }

    @Test
    void whatAllHaveReadGoesOnceNobodyMayJoin() {
        SharedSnapshot snapshot = snapshot(100, SyncStatus.WAIT_FOR_DATASTORE, Format.PLAIN);
        SnapshotReader fast = join(snapshot);
        SnapshotReader slow = join(snapshot);
        makeAll(snapshot);
        Replica.plain().takeAll(fast);

        assertThat(allocator.liveBuffers()).isEqualTo(10);
        snapshot.retire();
        assertThat(allocator.liveBuffers()).isEqualTo(10);
        for (int left = 10; left > 0; left--) {
            Replica.plain().read(slow.take(Integer.MAX_VALUE));
            assertThat(allocator.liveBuffers()).isEqualTo(left);
        }
        assertThat(snapshot.join()).isNull();
        slow.close();
        assertThat(allocator.liveBuffers()).isEqualTo(1);
        fast.close();
        assertThat(allocator.liveBuffers()).isZero();
    }

    @Test
    void whenAllReadersHaveLeftNoMoreIsMade() {
        SharedSnapshot snapshot = snapshot(100, SyncStatus.IN_SYNC, Format.SNAPPY);
        SnapshotReader one = join(snapshot);
        SnapshotReader other = join(snapshot);
        assertThat(snapshot.step()).isTrue();
        one.close();
        assertThat(snapshot.step()).isTrue();
        other.close();
        other.close();

        assertThat(snapshot.step()).isFalse();
        assertThat(snapshot.step()).isFalse();
        assertThat(frames.entriesEncoded.sum()).isEqualTo(20);
        assertThat(allocator.liveBuffers()).isZero();
        assertThat(snapshot.join()).isNull();
        assertThat(snapshot.isComplete()).isFalse();
    }

    @Test
    void whatIsAbandonedStaysWithThoseWhoReadIt() {
        SharedSnapshot snapshot = snapshot(100, SyncStatus.IN_SYNC, Format.PLAIN);
        SnapshotReader reader = join(snapshot);
        snapshot.step();
        snapshot.abort();
        Replica replica = Replica.plain().takeAll(reader);

        assertThat(replica.told).hasSize(10);
        assertThat(reader.isDone()).isFalse();
        assertThat(reader.isAborted()).isTrue();
        reader.close();
    }

    @Test
    void theCursorOfAReaderStandsBehindThePictureHoweverLongItTakes() {
        SharedSnapshot snapshot = snapshot(20, SyncStatus.IN_SYNC, Format.PLAIN);
        SnapshotReader reader = join(snapshot);
        makeAll(snapshot);
        snapshot.retire();
        for (int i = 0; i < 100; i++) {
            log.append(Unpooled.wrappedBuffer(new byte[10_000]), i);
        }
        log.trim(Long.MAX_VALUE);
        CrumbCursor cursor = reader.cursor();

        assertThat(cursor.position()).isEqualTo(7);
        Objects.requireNonNull(cursor.take(1)).release();
        assertThat(cursor.position()).isEqualTo(8);
        reader.close();
        Objects.requireNonNull(cursor.take(1)).release();
        cursor.close();
    }

    @Test
    void aCursorThatNobodyAskedForIsGivenBackWithTheReader() {
        SharedSnapshot snapshot = snapshot(20, SyncStatus.IN_SYNC, Format.PLAIN);
        SnapshotReader reader = join(snapshot);
        snapshot.abort();

        assertThat(log.hasCursors()).isTrue();
        reader.close();
        assertThat(log.hasCursors()).isFalse();
        assertThat(reader.take(100)).isNull();
    }

    @Test
    void largeValuesMakeFramesOfFewerEntries() {
        TreePMap<String, SyncUpdate> set = TreePMap.empty();
        for (int i = 0; i < 10; i++) {
            set = set.plus("k" + i, SyncUpdate.added("k" + i, ByteString.copyFrom(new byte[600_000]), "" + i));
        }
        SharedSnapshot snapshot = snapshot(set, SyncStatus.IN_SYNC, Format.PLAIN);
        SnapshotReader reader = join(snapshot);
        makeAll(snapshot);

        Replica replica = Replica.plain();
        while (replica.take(reader, 1_000_000)) {
            continue;
        }
        assertThat(replica.frameSizes).containsExactly(2, 2, 2, 2, 2);
        reader.close();
        snapshot.retire();
    }
}
