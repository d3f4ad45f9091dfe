package io.headgate.sync.source;

import static io.headgate.sync.source.SetProbe.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncEvent.Heard;
import io.headgate.sync.SyncEvent.Status;
import io.headgate.sync.SyncEvent.Updates;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class SyncStoreTest {

    private static final Status IN_SYNC = new Status(SyncStatus.IN_SYNC);

    private final SyncStore store = SyncStore.create();

    @Test
    void aStreamBeginsWithTheWholeSet() {
        store.put("a", bytes("1"));
        store.put("b", bytes(""));
        store.put("a", bytes("2"), Duration.ofSeconds(9));

        SetProbe probe = SetProbe.on(store.events());

        probe.awaitSet(Map.of("a", "2", "b", ""));
        assertThat(probe.entry("a"))
                .isEqualTo(new SyncUpdate("a", bytes("2"), "3", "", Duration.ofSeconds(9), UpdateType.NEW));
        assertThat(probe.statuses()).containsExactly(SyncStatus.IN_SYNC);
    }

    @Test
    void changesReachEverySubscriberAtItsOwnPace() {
        SetProbe fast = SetProbe.on(store.events());
        StepVerifier.create(store.events(), 1)
                .expectNext(IN_SYNC)
                .then(() -> {
                    store.put("a", bytes("1"));
                    store.put("b", bytes("1"));
                    store.put("a", bytes("2"));
                    assertThat(fast.set()).isEqualTo(Map.of("a", "2", "b", "1"));
                    assertThat(fast.updates()).isEqualTo(3);
                })
                .thenRequest(1)
                .expectNext(Updates.of(SyncUpdate.added("a", bytes("2"), "3"), SyncUpdate.added("b", bytes("1"), "2")))
                .thenCancel()
                .verify(Duration.ofSeconds(10));
        assertThat(store.subscribers()).isEqualTo(1);
        assertThat(fast.mistakes()).isEmpty();
    }

    @Test
    void aDeletionOfWhatIsNotThereTellsNothing() {
        store.put("a", bytes("1"));
        SetProbe probe = SetProbe.on(store.events());

        assertThat(store.delete("b")).isFalse();
        assertThat(store.delete("a")).isTrue();

        probe.awaitSet(Map.of());
        assertThat(probe.updates()).isEqualTo(2);
        assertThat(store.get("a")).isNull();
        assertThat(store.size()).isZero();
    }

    @Test
    void replacingAllTellsOnlyWhatDiffers() {
        store.putAll(Map.of("a", bytes("1"), "b", bytes("1"), "c", bytes("1")));
        SetProbe probe = SetProbe.on(store.events());

        store.replaceAll(Map.of("a", bytes("1"), "b", bytes("2"), "d", bytes("1")));

        probe.awaitSet(Map.of("a", "1", "b", "2", "d", "1"));
        assertThat(probe.updates()).isEqualTo(3 + 3);
        assertThat(probe.entry("d").revision()).isEqualTo("2");

        store.replaceAll(Map.of("a", bytes("1"), "b", bytes("2"), "d", bytes("1")));
        assertThat(probe.updates()).isEqualTo(3 + 3);
    }

    @Test
    void statusesAreToldBetweenTheChangesTheyStandBetween() {
        store.status(SyncStatus.RESYNC);
        StepVerifier.create(store.events())
                .expectNext(new Status(SyncStatus.RESYNC))
                .then(() -> store.put("a", bytes("1")))
                .expectNext(Updates.of(SyncUpdate.added("a", bytes("1"), "1")))
                .then(() -> store.status(SyncStatus.IN_SYNC))
                .expectNext(IN_SYNC)
                .then(() -> store.status(SyncStatus.IN_SYNC))
                .then(() -> store.heard(Instant.EPOCH))
                .expectNext(new Heard(Instant.EPOCH))
                .thenCancel()
                .verify(Duration.ofSeconds(10));

        assertThat(SetProbe.on(store.events()).heard()).isEqualTo(Instant.EPOCH);
    }

    @Test
    void aSubscriberThatChangesTheStoreWhileItIsToldDoesNotHang() {
        SetProbe probe = SetProbe.on(store.events().doOnNext(event -> {
            if (event instanceof Updates && store.get("b") == null) {
                store.put("b", bytes("1"));
            }
        }));

        store.put("a", bytes("1"));

        probe.awaitSet(Map.of("a", "1", "b", "1"));
    }

    @Test
    void writersAndSubscribersThatComeAndGoEndWithTheSet() {
        List<SetProbe> probes = IntStream.range(0, 4)
                .mapToObj(number -> SetProbe.on(store.events()))
                .toList();
        Flux.range(0, 4)
                .parallel(4)
                .runOn(Schedulers.boundedElastic())
                .doOnNext(writer -> {
                    for (int i = 0; i < 5_000; i++) {
                        String key = "k" + ThreadLocalRandom.current().nextInt(100);
                        if (i % 3 == 0) {
                            store.delete(key);
                        } else {
                            store.put(key, bytes(writer + "-" + i));
                        }
                        if (i % 500 == 0) {
                            SetProbe.on(store.events()).cancel();
                        }
                    }
                })
                .sequential()
                .blockLast();

        SetProbe late = SetProbe.on(store.events());
        assertThat(late.set()).hasSize(store.size());
        probes.forEach(probe -> probe.awaitSet(late.set()));
        assertThat(store.subscribers()).isEqualTo(5);
    }

    @Test
    void aFilterTakesAwayValuesThatAreNotValid() {
        StepVerifier.create(store.events().transform(SyncFilters.validating(this::isNumber, refused -> {})), 1)
                .expectNext(IN_SYNC)
                .then(() -> store.put("a", bytes("one")))
                .then(() -> store.put("b", bytes("2")))
                .thenRequest(1)
                .expectNext(Updates.of(
                        new SyncUpdate("a", null, "1", "", Duration.ZERO, UpdateType.NEW),
                        SyncUpdate.added("b", bytes("2"), "2")))
                .thenCancel()
                .verify(Duration.ofSeconds(10));
    }

    private boolean isNumber(SyncUpdate update) {
        return Integer.parseInt(update.value().toStringUtf8()) >= 0;
    }

    @Test
    void whatIsNotUnderAPrefixIsLeftOutWithoutUsingUpDemand() {
        Flux<SyncEvent> events = store.events().transform(SyncFilters.under("/a/", "/b"));
        StepVerifier.create(events, 1)
                .expectNext(IN_SYNC)
                .thenRequest(1)
                .then(() -> store.put("/c", bytes("1")))
                .then(() -> store.put("/ab", bytes("1")))
                .then(() -> store.put("/bb", bytes("1")))
                .expectNext(Updates.of(SyncUpdate.added("/bb", bytes("1"), "3")))
                .thenCancel()
                .verify(Duration.ofSeconds(10));
        assertThat(store.subscribers()).isZero();
    }
}
