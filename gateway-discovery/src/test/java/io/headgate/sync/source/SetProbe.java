package io.headgate.sync.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/** Follows a set and keeps what it knows, and the statuses it was told. Checks that types fit to what was told before. */
final class SetProbe extends BaseSubscriber<SyncEvent> {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    // guarded by this
    private final Map<String, SyncUpdate> set = new TreeMap<>();
    private final List<SyncStatus> statuses = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();
    private int updates;
    private @Nullable Instant heard;
    private @Nullable Throwable failure;

    private SetProbe() {}

    static SetProbe on(Flux<SyncEvent> events) {
        SetProbe probe = new SetProbe();
        events.subscribe(probe);
        return probe;
    }

    @Override
    protected synchronized void hookOnNext(SyncEvent event) {
        if (event instanceof SyncEvent.Updates some) {
            some.updates().forEach(this::update);
        } else if (event instanceof SyncEvent.Status status) {
            statuses.add(status.status());
        } else if (event instanceof SyncEvent.Heard at) {
            heard = at.at();
        }
    }

    private void update(SyncUpdate update) {
        updates++;
        SyncUpdate before = update.isPresent() ? set.put(update.key(), update) : set.remove(update.key());
        UpdateType expected =
                !update.isPresent() ? UpdateType.DELETED : before == null ? UpdateType.NEW : UpdateType.UPDATED;
        if (update.type() != expected) {
            wrong.add(update.key() + ": " + update.type() + " (expected: " + expected + ")");
        }
    }

    @Override
    protected synchronized void hookOnError(Throwable error) {
        failure = error;
    }

    synchronized Map<String, String> set() {
        Map<String, String> values = new TreeMap<>();
        set.forEach((key, update) -> values.put(key, update.value().toStringUtf8()));
        return values;
    }

    synchronized SyncUpdate entry(String key) {
        return set.get(key);
    }

    synchronized List<SyncStatus> statuses() {
        return List.copyOf(statuses);
    }

    synchronized SyncStatus status() {
        return statuses.isEmpty() ? SyncStatus.WAIT_FOR_DATASTORE : statuses.get(statuses.size() - 1);
    }

    synchronized int updates() {
        return updates;
    }

    synchronized @Nullable Instant heard() {
        return heard;
    }

    synchronized @Nullable Throwable failure() {
        return failure;
    }

    void awaitThat(Predicate<SetProbe> condition) {
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> condition.test(this));
    }

    void awaitSet(Map<String, String> expected) {
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> {
                    assertThat(status()).isEqualTo(SyncStatus.IN_SYNC);
                    assertThat(set()).isEqualTo(new TreeMap<>(expected));
                });
        assertThat(mistakes()).isEmpty();
    }

    synchronized List<String> mistakes() {
        return List.copyOf(wrong);
    }

    static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
