package io.headgate.sync.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import io.headgate.sync.client.SyncClient;
import io.headgate.sync.client.SyncClientSpec;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import reactor.core.Disposable;

/** A client of ours that keeps the set, and looks whether the types of what it is told fit to what it has. */
final class Witness implements AutoCloseable {

    private final SyncClient client;
    private final SetSum sum = new SetSum();
    private final Set<String> keys = new HashSet<>();
    private final CopyOnWriteArrayList<String> wrong = new CopyOnWriteArrayList<>();
    private final Disposable subscription;
    private SyncStatus status = SyncStatus.WAIT_FOR_DATASTORE;
    private long updates;
    private long statuses;

    private Witness(SyncClientSpec spec) {
        client = SyncClient.of(spec);
        subscription = client.events().subscribe(this::take, error -> wrong.add("failed: " + error));
    }

    static Witness follow(int port) {
        return follow(SyncClientSpec.of("127.0.0.1:" + port));
    }

    static Witness follow(SyncClientSpec spec) {
        return new Witness(spec);
    }

    private synchronized void take(SyncEvent event) {
        if (event instanceof SyncEvent.Updates some) {
            updates += some.updates().size();
            some.updates().forEach(this::look);
            sum.apply(some.updates());
        } else if (event instanceof SyncEvent.Status now) {
            status = now.status();
            statuses++;
        }
    }

    private void look(SyncUpdate update) {
        boolean known = keys.contains(update.key());
        boolean fits = update.type() == (known ? UpdateType.UPDATED : UpdateType.NEW) || !update.isPresent();
        if (!fits) {
            wrong.add(update.key() + " is " + update.type() + ", known: " + known);
        }
        if (update.isPresent()) {
            keys.add(update.key());
        } else {
            keys.remove(update.key());
        }
    }

    /** Waits until the set is complete and this one. */
    void awaitChecksum(String checksum) {
        long[] seen = {-1};
        Eventually.holds(() -> hasNews(seen) && checksum().equals(checksum));
        assertThat(wrong).isEmpty();
    }

    /** So that the checksum, which takes a while, is made only when there is another one. */
    private synchronized boolean hasNews(long[] seen) {
        long now = updates + statuses;
        boolean news = now != seen[0];
        seen[0] = now;
        return news;
    }

    private synchronized String checksum() {
        return status == SyncStatus.IN_SYNC ? sum.checksum() : "";
    }

    synchronized boolean has(String key) {
        return sum.has(key);
    }

    synchronized SyncStatus status() {
        return status;
    }

    synchronized int size() {
        return sum.size();
    }

    /** Entries that were told, in total. */
    synchronized long updates() {
        return updates;
    }

    /** Connections that ended, in total. */
    long losses() {
        return client.stats().losses().values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    SyncClient client() {
        return client;
    }

    @Override
    public void close() {
        subscription.dispose();
    }
}
