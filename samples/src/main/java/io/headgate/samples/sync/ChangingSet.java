package io.headgate.samples.sync;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.source.SyncStore;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/** Entries in memory of which one changes each second, and one comes or goes, for those who have no set of their own. */
public final class ChangingSet implements AutoCloseable {

    private static final int ITEMS = 1000;
    private static final Duration PACE = Duration.ofSeconds(1);

    private final SyncStore store = SyncStore.create();
    private final Disposable changes;

    /**
     * Changes from now on.
     *
     * @param timer measures the seconds
     */
    public ChangingSet(Scheduler timer) {
        store.putAll(IntStream.range(0, ITEMS)
                .boxed()
                .collect(Collectors.toMap(
                        n -> String.format("/demo/item/%04d", n), n -> ByteString.copyFromUtf8("item " + n))));
        change(0);
        changes = Flux.interval(PACE, timer).onBackpressureDrop().subscribe(this::change);
    }

    private void change(long second) {
        store.putAll(Map.of("/demo/seconds", ByteString.copyFromUtf8(Long.toString(second))));
        if (second % 2 == 0) {
            store.put("/demo/even", ByteString.copyFromUtf8(Long.toString(second)));
        } else {
            store.delete("/demo/even");
        }
    }

    /**
     * The entries.
     *
     * @return a state stream
     */
    public Flux<SyncEvent> events() {
        return store.events();
    }

    /** Changes nothing more. */
    @Override
    public void close() {
        changes.dispose();
    }
}
