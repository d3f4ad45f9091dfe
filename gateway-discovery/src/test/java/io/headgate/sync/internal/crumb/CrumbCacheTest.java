package io.headgate.sync.internal.crumb;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.VirtualClock;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.test.publisher.TestPublisher;

class CrumbCacheTest {

    private final VirtualClock clock = VirtualClock.install();
    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final TestPublisher<SyncEvent> source = TestPublisher.create();
    private final CrumbCache cache =
            CrumbCache.follow(source.flux(), CrumbSettings.DEFAULTS, new SimpleFrames(), clock, () -> clock.now(TimeUnit.NANOSECONDS), allocator);

    @AfterEach
    void nothingIsLeft() {
        cache.dispose();
        clock.close();
        allocator.assertNoLeaks();
        assertThat(clock.pending()).isZero();
        assertThat(cache.stats().bytesHeld()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void aClientGetsTheSetAndThenWhatChanges(Format format) {
        source.next(SyncEvent.Updates.of(added("a", "1"), added("b", "2")));
        source.next(new SyncEvent.Status(SyncStatus.IN_SYNC));

        SnapshotReader reader = cache.snapshot(format);
        Replica replica = new Replica(format).takeAll(reader);
        CrumbCursor cursor = reader.cursor();

        assertThat(reader.isDone()).isTrue();
        assertThat(replica.entries).isEqualTo(cache.newest().entries());
        assertThat(replica.statuses).containsExactly(SyncStatus.IN_SYNC);
        assertThat(replica.position).isEqualTo(cache.newest().crumb().position());

        source.next(SyncEvent.Updates.of(added("c", "3"), SyncUpdate.deleted("a", "4")));
        replica.takeAll(cursor);

        assertThat(replica.entries.keySet()).containsExactly("b", "c");
        assertThat(replica.position).isEqualTo(cache.newest().crumb().position());
        reader.close();
        cursor.close();
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void aClientThatComesBackGetsWhatItMissed(Format format) {
        source.next(SyncEvent.Updates.of(added("a", "1")));
        long known = cache.newest().crumb().position();
        source.next(SyncEvent.Updates.of(added("b", "2")));

        CrumbCursor cursor = Objects.requireNonNull(cache.resume(format, known));
        Replica replica = new Replica(format).takeAll(cursor);

        assertThat(replica.entries.keySet()).containsExactly("b");
        assertThat(cache.resume(format, known + 2)).isNull();
        cursor.close();
    }

    @Test
    void nothingIsToldOfAnEmptySet() {
        SnapshotReader reader = cache.snapshot(Format.PLAIN);

        assertThat(reader.take(1000)).isNull();
        assertThat(reader.isDone()).isTrue();
        reader.close();
    }

    private static SyncUpdate added(String key, String revision) {
        return SyncUpdate.added(key, ByteString.copyFromUtf8("value of " + key), revision);
    }
}
