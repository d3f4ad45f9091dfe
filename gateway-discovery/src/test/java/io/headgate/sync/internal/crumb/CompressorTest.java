package io.headgate.sync.internal.crumb;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.sync.SyncStatus;
import io.headgate.test.LeakTrackingAllocator;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pcollections.TreePMap;

class CompressorTest {

    private static final CrumbSettings SETTINGS =
            CrumbSettings.DEFAULTS.withSlabBytes(1000).withRetained(5000, Duration.ofDays(1));

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final AtomicLong held = new AtomicLong();
    private final AtomicInteger compressed = new AtomicInteger();
    private final ByteLog log = new ByteLog(0, SETTINGS, allocator, held);
    private final CrumbWriter writer = new CrumbWriter(
            new Picture(new Crumb(0, 0, SyncStatus.WAIT_FOR_DATASTORE, List.of()), TreePMap.empty()),
            log,
            SETTINGS,
            new SimpleFrames(),
            allocator,
            () -> 0);
    private final Compressor compressor = new Compressor(log, SETTINGS, allocator, held);

    @AfterEach
    void nothingIsLeft() {
        compressor.close();
        log.close();
        allocator.assertNoLeaks();
        assertThat(held).hasValue(0);
    }

    private void publish(int crumbs) {
        for (int i = 0; i < crumbs; i++) {
            long number = log.position() + 1;
            writer.update(Entries.changed("k" + number % 50, "" + number));
            writer.publish(() -> {});
        }
        run();
    }

    private void run() {
        if (compressor.knock()) {
            compressor.run(compressed::incrementAndGet, 0);
        }
    }

    private CrumbCursor open(long after) {
        return Objects.requireNonNull(compressor.open(after));
    }

    private static Replica read(CrumbCursor cursor) {
        return new Replica(Format.SNAPPY).takeAll(cursor);
    }

    @Test
    void nothingIsCompressedWhileNobodyWantsIt() {
        publish(20);

        assertThat(compressed).hasValue(0);
        assertThat(compressor.knock()).isFalse();
        assertThat(compressor.slowest()).isEqualTo(20);
    }

    @Test
    void everyCrumbIsCompressedOnceForAll() {
        CrumbCursor one = open(0);
        CrumbCursor other = open(0);
        publish(30);

        assertThat(compressed).hasValue(30);
        assertThat(read(one).told).hasSize(30);
        assertThat(read(other).told).hasSize(30);
        assertThat(compressor.looks(true)).isPositive();
        one.close();
        other.close();
    }

    @Test
    void whoComesLaterFindsWhatTheLogKept() {
        publish(20);
        CrumbCursor cursor = open(5);
        assertThat(cursor.take(1)).isNull(); // it is still to be made
        run();
        Replica replica = read(cursor);

        assertThat(replica.told).hasSize(15);
        assertThat(replica.position).isEqualTo(20);
        cursor.close();
    }

    @Test
    void itStopsWithTheLastCursorAndGoesOnWithoutDoingAnythingTwice() {
        CrumbCursor first = open(0);
        publish(10);
        first.close();
        publish(1); // it sees now that nobody is there
        publish(9);
        assertThat(compressed).hasValue(11);

        CrumbCursor second = open(3);
        run();
        assertThat(compressed).hasValue(20);
        assertThat(read(second).told).hasSize(17);
        second.close();
    }

    @Test
    void itBeginsAnewWhenWhatItMissedIsGone() {
        CrumbCursor first = open(0);
        publish(10);
        first.close();
        publish(2000);

        assertThat(compressor.open(10)).isNull();
        long known = log.position() - 3;
        CrumbCursor second = open(known);
        run();
        assertThat(read(second).told).hasSize(3);
        second.close();
    }

    @Test
    void itHoldsNothingOfThePlainLogWhileItIsIdle() {
        CrumbCursor cursor = open(0);
        publish(10);
        assertThat(log.hasCursors()).isTrue();
        cursor.close();
        publish(1);

        assertThat(log.hasCursors()).isFalse();
    }

    @Test
    void aCursorMayBeOpenedBehindACrumbThatIsNotCompressedYet() {
        CrumbCursor first = open(0);
        writer.update(Entries.added("a", "1"));
        writer.publish(() -> {});
        CrumbCursor ahead = open(1);
        publish(1);

        assertThat(read(ahead).frames).containsExactly("K2");
        assertThat(read(first).frames).containsExactly("K1", "K2");
        ahead.close();
        first.close();
    }

    @Test
    void afterTheEndNobodyBegins() {
        compressor.close();

        assertThat(compressor.open(0)).isNull();
        assertThat(compressor.knock()).isFalse();
        assertThat(compressor.isClosed()).isTrue();
    }
}
