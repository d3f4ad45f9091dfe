package io.headgate.sync.acceptance;

import io.headgate.sync.SyncStatus;
import io.headgate.sync.internal.wire.SyncMessage;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/** Reads at a pace until the set is complete. */
final class Reader implements AutoCloseable {

    /** So many pauses are as good as more. */
    private static final int PAUSES = 20;

    private final RawClient client;
    private final CompletableFuture<String> outcome;

    Reader(RawClient client, int pauseMillis) {
        this.client = client;
        outcome = CompletableFuture.supplyAsync(() -> read(pauseMillis), task -> new Thread(task).start());
    }

    private String read(int pauseMillis) {
        SetSum sum = new SetSum();
        String revision = "none";
        int pauses = 0;
        try {
            for (SyncMessage message = client.hear(); message != null; message = client.hear()) {
                if (message instanceof SyncMessage.Kvs kvs && !kvs.updates().isEmpty()) {
                    sum.apply(kvs.updates());
                    revision = kvs.updates().get(kvs.updates().size() - 1).revision();
                    if (pauseMillis > 0 && pauses++ < PAUSES) {
                        LockSupport.parkNanos(pauseMillis * 1_000_000L);
                    }
                } else if (message instanceof SyncMessage.Status status && status.status() == SyncStatus.IN_SYNC) {
                    return revision + " " + sum.checksum();
                }
            }
            return "cut";
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The last revision and the checksum, or why there are none. */
    String outcome() {
        return outcome.join();
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
