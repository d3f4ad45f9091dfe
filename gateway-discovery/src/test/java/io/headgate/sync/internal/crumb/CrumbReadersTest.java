package io.headgate.sync.internal.crumb;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.test.VirtualClock;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.test.publisher.TestPublisher;

/** Readers that look at once, a millisecond later, and ten to a hundred milliseconds later. */
class CrumbReadersTest {

    private final VirtualClock clock = VirtualClock.install();
    private final TestPublisher<SyncEvent> source = TestPublisher.create();
    private final CrumbCache cache = CrumbCache.follow(
            source.flux(),
            CrumbSettings.DEFAULTS,
            new SimpleFrames(),
            clock,
            () -> clock.now(TimeUnit.NANOSECONDS),
            new UnpooledByteBufAllocator(true, true));
    private final Random random = new Random(20);

    @AfterEach
    void nothingIsLeft() {
        cache.dispose();
        clock.close();
        assertThat(cache.stats().bytesHeld()).isZero();
    }

    private final class Reader {

        final Replica replica;
        final CrumbCursor cursor;
        private final LongSupplier micros;
        private boolean waiting;

        Reader(Format format, LongSupplier micros) {
            SnapshotReader snapshot = cache.snapshot(format);
            this.replica = new Replica(format).takeAll(snapshot);
            this.cursor = snapshot.cursor();
            this.micros = micros;
            snapshot.close();
            cache.onPublish(format, this::told);
        }

        private void told() {
            if (!waiting) {
                waiting = true;
                clock.schedule(this::look, micros.getAsLong(), TimeUnit.MICROSECONDS);
            }
        }

        private void look() {
            waiting = false;
            replica.takeAll(cursor);
        }
    }

    @ParameterizedTest
    @CsvSource({"123, 1", "123, 100", "123, 101", "12345, 1", "12345, 100", "12345, 101", "123456, 1", "123456, 101"})
    void allEndWithTheSameSetAndTheSameLastRevision(int updates, int batch) {
        List<Reader> readers = List.of(
                new Reader(Format.PLAIN, () -> 0),
                new Reader(Format.PLAIN, () -> 1000),
                new Reader(Format.PLAIN, () -> 10_000 + random.nextInt(90_000)),
                new Reader(updates > 20_000 ? Format.PLAIN : Format.SNAPPY, () -> 10_000 + random.nextInt(90_000)));
        for (int from = 0; from < updates; from += batch) {
            source.next(batch(from, Math.min(updates, from + batch)));
            clock.advance(Duration.ofNanos(100_000L * batch));
        }
        source.next(new SyncEvent.Status(SyncStatus.IN_SYNC));
        clock.advance(Duration.ofMillis(200));

        for (Reader reader : readers) {
            assertThat(reader.replica.entries.equals(Entries.entries(cache))).isTrue();
            assertThat(reader.replica.lastRevision).isEqualTo("" + (updates - 1));
            assertThat(reader.replica.told.size()).isEqualTo(updates);
            assertThat(reader.replica.statuses).containsExactly(SyncStatus.IN_SYNC);
            assertThat(reader.replica.position)
                    .isEqualTo(cache.newest().crumb().position())
                    .isEqualTo(reader.cursor.position());
            reader.cursor.close();
        }
    }

    private SyncEvent batch(int from, int to) {
        List<SyncUpdate> updates = new ArrayList<>();
        for (int i = from; i < to; i++) {
            String key = "/key/" + random.nextInt(1000);
            updates.add(random.nextInt(10) == 0 ? SyncUpdate.deleted(key, "" + i) : Entries.changed(key, "" + i));
        }
        return new SyncEvent.Updates(updates);
    }
}
