package io.headgate.sync.client;

import static org.awaitility.Awaitility.await;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/** Keeps what a stream has told, and the set that this makes. */
final class EventProbe extends BaseSubscriber<SyncEvent> {

    private final List<String> log = new CopyOnWriteArrayList<>();
    private final List<SyncEvent> events = new CopyOnWriteArrayList<>();
    private final Map<String, String> set = new TreeMap<>();
    private final long demand;
    private volatile Throwable failure;

    private EventProbe(long demand) {
        this.demand = demand;
    }

    static EventProbe on(Flux<SyncEvent> events) {
        return on(events, Long.MAX_VALUE);
    }

    static EventProbe on(Flux<SyncEvent> events, long demand) {
        EventProbe probe = new EventProbe(demand);
        events.subscribe(probe);
        return probe;
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        if (demand > 0) {
            subscription.request(demand);
        }
    }

    @Override
    protected void hookOnNext(SyncEvent event) {
        if (event instanceof SyncEvent.Updates some) {
            some.updates().forEach(this::update);
        } else if (event instanceof SyncEvent.Status status) {
            log.add(status.status().toString());
        } else if (event instanceof SyncEvent.Heard heard) {
            log.add("heard " + heard.at());
        }
        events.add(event);
    }

    private void update(SyncUpdate update) {
        synchronized (set) {
            if (update.isPresent()) {
                set.put(update.key(), update.value().toStringUtf8());
            } else {
                set.remove(update.key());
            }
        }
        log.add(update.type() + " " + update.key()
                + (update.isPresent() ? "=" + update.value().toStringUtf8() : ""));
    }

    @Override
    protected void hookOnError(Throwable thrown) {
        failure = thrown;
    }

    /** One line for each update and each status. */
    List<String> log() {
        return log;
    }

    int events() {
        return events.size();
    }

    Map<String, String> set() {
        synchronized (set) {
            return new TreeMap<>(set);
        }
    }

    Throwable failure() {
        return failure;
    }

    EventProbe awaitLine(String line) {
        return awaitLog(lines -> lines.contains(line));
    }

    EventProbe awaitLog(Predicate<List<String>> holds) {
        await().until(() -> holds.test(log));
        return this;
    }

    /** Waits until the last status is this. */
    EventProbe awaitStatus(SyncStatus status) {
        return awaitLog(lines -> lines.stream()
                .filter(line -> line.equals("IN_SYNC") || line.equals("RESYNC") || line.startsWith("WAIT"))
                .reduce("", (before, after) -> after)
                .equals(status.toString()));
    }
}
