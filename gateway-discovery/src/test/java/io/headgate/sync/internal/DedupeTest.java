package io.headgate.sync.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncEvent.Heard;
import io.headgate.sync.SyncEvent.Status;
import io.headgate.sync.SyncEvent.Updates;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DedupeTest {

    private static final Status WAIT = new Status(SyncStatus.WAIT_FOR_DATASTORE);
    private static final Status RESYNC = new Status(SyncStatus.RESYNC);
    private static final Status IN_SYNC = new Status(SyncStatus.IN_SYNC);

    private final Dedupe dedupe = new Dedupe();

    @Test
    void updatesOfAWaitingKeyTakeItsPlace() {
        take(put("a", "1"), put("b", "1"), put("a", "2"));

        assertThat(all()).containsExactly(Updates.of(added("a", "2"), added("b", "1")));
        assertThat(dedupe.folded()).isEqualTo(1);
    }

    @Test
    void aKeyThatGoesBeforeItWasToldIsNotTold() {
        take(put("a", "1"), put("b", "1"), gone("a"));

        assertThat(all()).containsExactly(Updates.of(added("b", "1")));
        assertThat(dedupe.isEmpty()).isTrue();
    }

    @Test
    void whatAnUpdateIsDependsOnWhatWasTold() {
        take(changed("a", "1"));
        assertThat(all()).containsExactly(Updates.of(added("a", "1")));

        take(put("a", "2"));
        assertThat(all()).containsExactly(Updates.of(changed("a", "2")));

        take(gone("a"), put("a", "3"));
        assertThat(all()).containsExactly(Updates.of(changed("a", "3")));

        take(gone("a"));
        assertThat(all()).containsExactly(Updates.of(gone("a")));

        take(put("a", "4"));
        assertThat(all()).containsExactly(Updates.of(added("a", "4")));
    }

    @Test
    void anEntryWithoutAValueIsADeletionWhateverItsTypeSays() {
        take(put("a", "1"));
        all();
        take(new SyncUpdate("a", null, "7", "", Duration.ZERO, UpdateType.UPDATED));

        assertThat(all()).containsExactly(Updates.of(SyncUpdate.deleted("a", "7")));
    }

    @Test
    void aDeletionOfAKeyThatWasNeverToldIsPassedOnButNotInAnyNumber() {
        take(gone("a"));
        assertThat(all()).containsExactly(Updates.of(gone("a")));

        for (int i = 0; i < 3 * Dedupe.MAX_UNKNOWN; i++) {
            take(gone("k" + i), put("there", "" + i));
        }
        assertThat(dedupe.waiting()).isEqualTo(Dedupe.MAX_UNKNOWN + 1);

        take(put("k0", "1"), gone("more"));
        assertThat(dedupe.waiting()).isEqualTo(Dedupe.MAX_UNKNOWN + 2);
        assertThat(all()).hasSize(11);
        take(gone("later"));
        assertThat(all()).containsExactly(Updates.of(gone("later")));
    }

    @Test
    void batchesHoldAHundredAndEndAtAStatus() {
        IntStream.range(0, 250).forEach(i -> take(put("k" + i, "1")));
        dedupe.take(IN_SYNC);
        take(put("late", "1"));

        assertThat(all())
                .extracting(
                        event -> event instanceof Updates some ? some.updates().size() : -1)
                .containsExactly(100, 100, 50, -1, 1);
    }

    @Test
    void statusesKeepTheirPlaceAndNeighboursCollapse() {
        dedupe.take(RESYNC);
        take(put("a", "1"));
        dedupe.take(WAIT);
        dedupe.take(RESYNC);
        dedupe.take(IN_SYNC);
        dedupe.take(IN_SYNC);

        assertThat(all()).containsExactly(RESYNC, Updates.of(added("a", "1")), IN_SYNC);

        dedupe.take(IN_SYNC);
        dedupe.take(RESYNC);
        dedupe.take(IN_SYNC);
        assertThat(all()).isEmpty();
    }

    @Test
    void statusesThatLoseWhatStoodBetweenThemCollapse() {
        for (int i = 0; i < 1_000; i++) {
            take(put("a", "1"));
            dedupe.take(i % 2 == 0 ? RESYNC : IN_SYNC);
            take(gone("a"), put("b" + i, "1"));
            dedupe.take(i % 2 == 0 ? WAIT : RESYNC);
            take(gone("b" + i));
        }
        dedupe.take(IN_SYNC);

        assertThat(all()).containsExactly(IN_SYNC);
    }

    @Test
    void whatHasVanishedIsDeletedOnlyOnceTheSourceIsInSyncAgain() {
        take(put("a", "1"), put("b", "1"), put("c", "1"));
        dedupe.take(IN_SYNC);
        all();
        take(put("lost", "1"), put("a", "2"));

        dedupe.restart();
        assertThat(dedupe.isEmpty()).isTrue();
        dedupe.take(RESYNC);
        take(put("b", "2"), put("d", "1"));
        assertThat(all()).containsExactly(RESYNC, Updates.of(changed("b", "2"), added("d", "1")));

        dedupe.take(IN_SYNC);
        assertThat(all()).containsExactly(Updates.of(gone("a"), gone("c")), IN_SYNC);
    }

    @Test
    void restartsInARowKeepWhatWasToldBeforeTheFirst() {
        take(put("a", "1"), put("b", "1"), put("c", "1"));
        dedupe.take(IN_SYNC);
        all();

        dedupe.restart();
        dedupe.take(RESYNC);
        take(put("a", "2"), put("n", "1"));
        all();
        dedupe.restart();
        take(put("m", "1"));
        dedupe.restart();
        take(put("b", "2"));
        dedupe.take(IN_SYNC);

        List<SyncEvent> told = all();
        assertThat(told).hasSize(2).endsWith(IN_SYNC);
        assertThat(((Updates) told.get(0)).updates())
                .containsExactlyInAnyOrder(changed("b", "2"), gone("a"), gone("c"), gone("n"));
    }

    @Test
    void aRestartWithoutAChangeOfStatusStillDeletes() {
        take(put("a", "1"));
        dedupe.take(IN_SYNC);
        all();

        dedupe.restart();
        dedupe.take(IN_SYNC);

        assertThat(all()).containsExactly(Updates.of(gone("a")));
    }

    @Test
    void whatTheNewSourceDeletesItselfIsDeletedOnce() {
        take(put("a", "1"), put("b", "1"));
        dedupe.take(IN_SYNC);
        all();

        dedupe.restart();
        take(gone("a"));
        dedupe.take(IN_SYNC);

        assertThat(all()).containsExactly(Updates.of(gone("a"), gone("b")));
    }

    @Test
    void newsOfTheSourceFoldToTheNewestButDoNotRunAwayFromWhoeverIsBehind() {
        take(put("a", "1"));
        dedupe.take(heard(1));
        dedupe.take(heard(2));
        take(put("b", "1"));
        dedupe.take(heard(3));
        take(put("c", "1"));
        dedupe.take(heard(4));

        assertThat(all())
                .containsExactly(
                        Updates.of(added("a", "1")), heard(2), Updates.of(added("b", "1"), added("c", "1")), heard(4));
    }

    @Test
    void whoeverIsToldInAnyRhythmEndsWithTheSet() {
        for (int seed = 0; seed < 300; seed++) {
            new Model(new Random(seed)).run();
        }
    }

    /** A source that changes, restarts and flaps at random, and a consumer that is told at random. */
    private static final class Model {

        private final Random random;
        private final Dedupe dedupe = new Dedupe();
        private final Map<String, String> set = new TreeMap<>();
        private final Map<String, String> known = new TreeMap<>();
        private SyncStatus status = SyncStatus.WAIT_FOR_DATASTORE;

        Model(Random random) {
            this.random = random;
        }

        void run() {
            for (int step = 0; step < 400; step++) {
                int dice = random.nextInt(100);
                if (dice < 60) {
                    change();
                } else if (dice < 70) {
                    dedupe.take(new Status(SyncStatus.values()[random.nextInt(2)]));
                } else if (dice < 75) {
                    dedupe.take(heard(step));
                } else if (dice < 78) {
                    restart();
                } else {
                    tell();
                }
                assertThat(dedupe.waiting()).isLessThanOrEqualTo(40);
            }
            dedupe.take(IN_SYNC);
            while (!dedupe.isEmpty()) {
                tell();
            }
            assertThat(known).isEqualTo(set);
            assertThat(status).isEqualTo(SyncStatus.IN_SYNC);
        }

        private void change() {
            String key = "k" + random.nextInt(20);
            if (random.nextInt(3) == 0) {
                set.remove(key);
                dedupe.take(Updates.of(gone(key)));
            } else {
                String value = Integer.toString(random.nextInt());
                set.put(key, value);
                dedupe.take(Updates.of(put(key, value)));
            }
        }

        private void restart() {
            dedupe.restart();
            set.keySet().removeIf(key -> random.nextInt(3) == 0);
            List<SyncUpdate> all = new ArrayList<>();
            set.forEach((key, value) -> all.add(put(key, value)));
            dedupe.take(new Updates(all));
        }

        private void tell() {
            SyncEvent event = dedupe.next();
            if (event instanceof Status now) {
                assertThat(now.status()).isNotEqualTo(status);
                status = now.status();
            } else if (event instanceof Updates some) {
                assertThat(some.updates()).isNotEmpty();
                some.updates().forEach(this::know);
            }
        }

        private void know(SyncUpdate update) {
            ByteString value = update.value();
            if (value == null) {
                assertThat(update.type()).isEqualTo(UpdateType.DELETED);
                known.remove(update.key());
            } else {
                String before = known.put(update.key(), value.toStringUtf8());
                assertThat(update.type()).isEqualTo(before == null ? UpdateType.NEW : UpdateType.UPDATED);
            }
        }
    }

    private void take(SyncUpdate... updates) {
        dedupe.take(Updates.of(updates));
    }

    private List<SyncEvent> all() {
        List<SyncEvent> told = new ArrayList<>();
        for (SyncEvent event = dedupe.next(); event != null; event = dedupe.next()) {
            told.add(event);
        }
        return told;
    }

    private static SyncUpdate put(String key, String value) {
        return new SyncUpdate(key, ByteString.copyFromUtf8(value), "", "", Duration.ZERO, UpdateType.UNKNOWN);
    }

    private static SyncUpdate added(String key, String value) {
        return SyncUpdate.added(key, ByteString.copyFromUtf8(value), "");
    }

    private static SyncUpdate changed(String key, String value) {
        return SyncUpdate.changed(key, ByteString.copyFromUtf8(value), "");
    }

    private static SyncUpdate gone(String key) {
        return SyncUpdate.deleted(key, "");
    }

    private static Heard heard(int second) {
        return new Heard(Instant.ofEpochSecond(second));
    }
}
