package io.headgate.benchmarks.sync;

import io.headgate.benchmarks.Report;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.client.SyncClient;
import io.headgate.sync.client.SyncClientSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/** E6: a consumer that asks for nothing while everything changes many times. Client and server are in this process. */
record SlowConsumer(Report report) {

    private static final int BATCH = 1000;

    void run(int keys, int updates) {
        report.title("E6: a consumer that is slower than what changes");
        report.head(
                "keys",
                "updates sent",
                "most keys waiting",
                "live heap MiB once all keys wait",
                "live heap MiB after all updates",
                "entries told then",
                "s to tell them");
        try (Feed feed = Feed.open(Workload.set(keys), Feed.QUIET)) {
            SyncClient client = SyncClient.of(SyncClientSpec.of("127.0.0.1:" + feed.port()));
            Consumer consumer = new Consumer();
            client.events().subscribe(consumer);
            await(() -> client.stats().updates() >= keys);
            long before = Usage.liveHeap();
            int most = 0;
            int sent = 0;
            List<SyncUpdate> some = new ArrayList<>();
            while (sent < updates) {
                some.clear();
                for (int i = 0; i < BATCH; i++, sent++) {
                    some.add(Workload.stamped(sent % keys, sent));
                }
                feed.publish(some);
                most = Math.max(most, client.stats().waiting());
            }
            int all = sent;
            await(() -> client.stats().updates() >= keys + all);
            most = Math.max(most, client.stats().waiting());
            long after = Usage.liveHeap();
            long begun = System.nanoTime();
            consumer.request(Long.MAX_VALUE);
            await(consumer.inSync::get);
            report.row(
                    keys,
                    all,
                    most,
                    before >> 20,
                    after >> 20,
                    consumer.entries.get(),
                    (System.nanoTime() - begun) / 1e9);
            consumer.cancel();
        }
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(Condition condition) {
        while (!condition.holds()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static final class Consumer extends BaseSubscriber<SyncEvent> {

        private final AtomicLong entries = new AtomicLong();
        private final AtomicBoolean inSync = new AtomicBoolean();

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            // Asks for nothing.
        }

        @Override
        protected void hookOnNext(SyncEvent event) {
            if (event instanceof SyncEvent.Updates some) {
                entries.addAndGet(some.updates().size());
            } else if (event instanceof SyncEvent.Status now && now.status() == SyncStatus.IN_SYNC) {
                inSync.set(true);
            }
        }
    }
}
