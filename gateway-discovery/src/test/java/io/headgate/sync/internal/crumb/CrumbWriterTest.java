package io.headgate.sync.internal.crumb;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import io.headgate.test.LeakTrackingAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pcollections.TreePMap;

class CrumbWriterTest {

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final AtomicLong held = new AtomicLong();
    private final AtomicLong now = new AtomicLong();
    private final SimpleFrames frames = new SimpleFrames();
    private final ByteLog log = new ByteLog(0, CrumbSettings.DEFAULTS, allocator, held);
    private final CrumbWriter writer = writer(CrumbSettings.DEFAULTS);
    private final Crumb start = writer.newest().crumb();
    private final CrumbCursor cursor = Objects.requireNonNull(log.open(0));
    private final Replica replica = Replica.plain();

    private CrumbWriter writer(CrumbSettings settings) {
        Picture nothing = new Picture(new Crumb(0, 0, SyncStatus.WAIT_FOR_DATASTORE, List.of()), TreePMap.empty());
        return new CrumbWriter(nothing, log, settings, frames, allocator, now::get);
    }

    @AfterEach
    void nothingIsLeft() {
        cursor.close();
        log.close();
        allocator.assertNoLeaks();
        assertThat(held).hasValue(0);
    }

    private void publish(SyncUpdate... updates) {
        List.of(updates).forEach(writer::update);
        writer.publish(() -> {});
        replica.takeAll(cursor);
    }

    private List<Crumb> crumbs() {
        List<Crumb> crumbs = new ArrayList<>();
        for (Crumb crumb = start.next(); crumb != null; crumb = crumb.next()) {
            crumbs.add(crumb);
        }
        return crumbs;
    }

    // - - - what would change nothing

    @ParameterizedTest(name = "after {0} {1} ttl {2}: {3} {4} ttl {5} is told: {6}")
    @CsvSource({
        // the same value
        "NEW, a, 0, UPDATED, a, 0, false",
        "UPDATED, a, 0, UPDATED, a, 0, false",
        "UNKNOWN, a, 0, UPDATED, a, 0, false",
        // another type says something, except updated after new
        "NEW, a, 0, NEW, a, 0, true",
        "UPDATED, a, 0, NEW, a, 0, true",
        "NEW, a, 0, UNKNOWN, a, 0, true",
        "UPDATED, a, 0, UNKNOWN, a, 0, true",
        "UNKNOWN, a, 0, UNKNOWN, a, 0, true",
        // another value, another life
        "NEW, a, 0, UPDATED, b, 0, true",
        "UPDATED, a, 0, UPDATED, b, 0, true",
        "NEW, a, 0, UPDATED, a, 5, true",
        "NEW, a, 5, UPDATED, a, 0, true",
        "NEW, a, 5, UPDATED, a, 5, false",
        // an empty value is a value
        "NEW, '', 0, UPDATED, '', 0, false",
        "NEW, a, 0, UPDATED, '', 0, true",
        "NEW, '', 0, UPDATED, , 0, true",
        // deletions are always told
        "NEW, a, 0, DELETED, , 0, true",
        "NEW, a, 0, UPDATED, , 0, true",
        "NEW, a, 0, NEW, , 0, true",
        "NEW, a, 0, UNKNOWN, , 0, true",
        "DELETED, , 0, DELETED, , 0, true",
        "UPDATED, , 0, UPDATED, , 0, true",
        // after one everything is
        "DELETED, , 0, NEW, a, 0, true",
        "DELETED, , 0, UPDATED, a, 0, true",
    })
    void whatWouldChangeNothingIsNotTold(
            UpdateType type1,
            @Nullable String value1,
            int ttl1,
            UpdateType type2,
            @Nullable String value2,
            int ttl2,
            boolean told) {
        publish(Entries.of("k", value1, "1", Duration.ofSeconds(ttl1), type1));
        publish(Entries.of("k", value2, "2", Duration.ofSeconds(ttl2), type2));

        assertThat(replica.told).hasSize(told ? 2 : 1);
        assertThat(writer.updates()).isEqualTo(2);
        assertThat(writer.told()).isEqualTo(told ? 2 : 1);
        assertThat(crumbs()).hasSize(told ? 2 : 1);
        assertThat(replica.entries).isEqualTo(writer.newest().entries());
    }

    @Test
    void whatIsNotToldKeepsTheOldRevision() {
        SyncUpdate first = Entries.added("k", "1");

        publish(first);
        publish(new SyncUpdate("k", first.value(), "2", "77", Duration.ZERO, UpdateType.UPDATED));

        assertThat(writer.newest().entries().get("k")).isEqualTo(first);
    }

    @Test
    void entriesAreKeptAsNewAndToldAsTheyCame() {
        publish(
                Entries.added("k", "1"),
                Entries.changed("k", "2"),
                Entries.of("l", "x", "3", Duration.ZERO, UpdateType.UNKNOWN));

        assertThat(writer.newest().entries().values())
                .extracting(SyncUpdate::type)
                .containsOnly(UpdateType.NEW);
        assertThat(replica.told)
                .extracting(SyncUpdate::type)
                .containsExactly(UpdateType.NEW, UpdateType.UPDATED, UpdateType.UNKNOWN);
    }

    @Test
    void aDeletionIsToldForKeysThatWereNeverThere() {
        publish(SyncUpdate.deleted("nobody", "1"));
        publish(SyncUpdate.deleted("nobody", "2"));

        assertThat(replica.told).extracting(SyncUpdate::revision).containsExactly("1", "2");
        assertThat(replica.told).extracting(SyncUpdate::type).containsOnly(UpdateType.DELETED);
        assertThat(writer.newest().entries()).isEmpty();
    }

    @Test
    void anUpdateWithoutAValueIsADeletionInBothPlaces() {
        publish(Entries.added("k", "1"));
        publish(Entries.of("k", null, "2", Duration.ZERO, UpdateType.UPDATED));

        assertThat(writer.newest().entries()).isEmpty();
        assertThat(replica.told.get(1)).isEqualTo(SyncUpdate.deleted("k", "2"));
    }

    @Test
    void aDeletionWithAValueIsADeletionInBothPlaces() {
        publish(Entries.added("k", "1"));
        publish(Entries.of("k", "left over", "2", Duration.ZERO, UpdateType.DELETED));

        assertThat(writer.newest().entries()).isEmpty();
        assertThat(replica.told.get(1)).isEqualTo(SyncUpdate.deleted("k", "2"));
    }

    @Test
    void deletingAKeyLeavesTheOneThatItBegins() {
        publish(Entries.added("foobar", "1"), Entries.added("foobar2", "2"));
        publish(SyncUpdate.deleted("foobar", "3"));

        assertThat(writer.newest().entries().keySet()).containsExactly("foobar2");
        assertThat(replica.entries.keySet()).containsExactly("foobar2");
    }

    // - - - crumbs

    @ParameterizedTest
    @ValueSource(ints = {1, 99, 100, 101, 123, 200, 1000, 12_345})
    void aBatchIsCutIntoCrumbsOfAHundred(int updates) {
        for (int i = 0; i < updates; i++) {
            writer.update(Entries.changed("k" + i % 7, "" + i));
        }
        writer.status(SyncStatus.IN_SYNC);
        List<Long> published = new ArrayList<>();
        writer.publish(() -> published.add(writer.newest().crumb().position()));

        int expected = (updates + 99) / 100;
        assertThat(crumbs()).hasSize(expected);
        assertThat(published).hasSize(expected).isSorted().endsWith((long) expected);
        assertThat(crumbs()).allSatisfy(crumb -> assertThat(crumb.deltas()).hasSizeBetween(1, 100));
        assertThat(crumbs().stream().mapToInt(crumb -> crumb.deltas().size()).sum())
                .isEqualTo(updates);
        assertThat(replica.takeAll(cursor).lastRevision).isEqualTo("" + (updates - 1));
    }

    @Test
    void inSyncNeverOvertakesUpdates() {
        writer.status(SyncStatus.IN_SYNC);
        for (int i = 0; i < 250; i++) {
            writer.update(Entries.added("k" + i, "" + i));
        }
        writer.publish(() -> {});

        assertThat(crumbs())
                .extracting(Crumb::status)
                .containsExactly(SyncStatus.WAIT_FOR_DATASTORE, SyncStatus.WAIT_FOR_DATASTORE, SyncStatus.IN_SYNC);
        replica.takeAll(cursor);
        assertThat(replica.statuses).containsExactly(SyncStatus.IN_SYNC);
        assertThat(replica.told).hasSize(250);
    }

    @Test
    void ofSeveralStatusesInOneBatchTheLastIsTold() {
        writer.status(SyncStatus.RESYNC);
        writer.update(Entries.added("a", "1"));
        writer.status(SyncStatus.IN_SYNC);
        writer.status(SyncStatus.RESYNC);
        publish(Entries.added("b", "2"));

        assertThat(replica.statuses).containsExactly(SyncStatus.RESYNC);
        assertThat(crumbs()).hasSize(1);
    }

    @Test
    void aCrumbMayHoldNothingButAStatus() {
        writer.status(SyncStatus.IN_SYNC);
        publish();

        assertThat(crumbs()).singleElement().satisfies(crumb -> {
            assertThat(crumb.deltas()).isEmpty();
            assertThat(crumb.status()).isEqualTo(SyncStatus.IN_SYNC);
        });
        assertThat(replica.frameSizes).isEmpty();
        assertThat(replica.position).isEqualTo(1);
    }

    @Test
    void aStatusThatHoldsAlreadyMakesNoCrumb() {
        writer.status(SyncStatus.WAIT_FOR_DATASTORE);
        publish();

        assertThat(crumbs()).isEmpty();
        assertThat(writer.crumbs()).isZero();
    }

    @Test
    void theStatusComesWithTheLastCrumbEvenWhenItsUpdatesChangeNothing() {
        publish(Entries.added("a", "1"));
        writer.status(SyncStatus.IN_SYNC);
        publish(new SyncUpdate("a", Entries.added("a", "1").value(), "2", "", Duration.ZERO, UpdateType.UPDATED));

        assertThat(crumbs()).hasSize(2);
        assertThat(crumbs().get(1).deltas()).isEmpty();
        assertThat(replica.statuses).containsExactly(SyncStatus.IN_SYNC);
    }

    @Test
    void aPositionIsToldByTheLastFrameOfACrumbAlone() {
        writer.status(SyncStatus.IN_SYNC);
        publish(Entries.added("a", "1"));
        publish(Entries.added("b", "2"));

        assertThat(replica.frames).containsExactly("K0", "S1", "K2");
    }

    @Test
    void aCrumbIsCutWhereItsFrameWouldBecomeTooLarge() {
        CrumbWriter small = writer(CrumbSettings.DEFAULTS.withFrameBytes(1000));
        for (int i = 0; i < 10; i++) {
            small.update(SyncUpdate.added("k" + i, ByteString.copyFrom(new byte[i == 5 ? 5000 : 300]), "" + i));
        }
        small.publish(() -> {});
        replica.takeAll(cursor);

        assertThat(replica.frameSizes).containsExactly(2, 2, 1, 1, 2, 2);
        assertThat(replica.entries).hasSize(10);
    }

    @Test
    void everyUpdateIsEncodedOnceHoweverManyRead() {
        List<CrumbCursor> cursors = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            cursors.add(Objects.requireNonNull(log.open(0)));
        }
        for (int i = 0; i < 500; i++) {
            publish(Entries.changed("k" + i, "" + i));
        }
        cursors.forEach(each -> {
            assertThat(Replica.plain().takeAll(each).entries).hasSize(500);
            each.close();
        });

        assertThat(frames.entriesEncoded.sum()).isEqualTo(500);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void thePictureIsWhatTheChangesMakeOfIt(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            int size = random.nextInt(20);
            for (int i = 0; i < size; i++) {
                writer.update(Entries.random(random, 30, round));
            }
            if (random.nextInt(4) == 0) {
                writer.status(SyncStatus.values()[random.nextInt(3)]);
            }
            writer.publish(() -> {});
            if (random.nextInt(3) == 0) {
                replica.takeAll(cursor);
                assertThat(replica.entries).isEqualTo(writer.newest().entries());
                assertThat(replica.status()).isEqualTo(writer.newest().crumb().status());
                assertThat(replica.position).isEqualTo(writer.newest().crumb().position());
            }
        }
    }
}
