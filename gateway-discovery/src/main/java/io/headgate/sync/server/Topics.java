package io.headgate.sync.server;

import io.headgate.sync.internal.crumb.CrumbCache;
import io.headgate.sync.internal.crumb.CrumbSettings;
import io.headgate.sync.internal.crumb.Frames;
import io.headgate.sync.internal.wire.Generation;
import io.headgate.sync.internal.wire.SyncEncoder;
import io.netty.buffer.ByteBufAllocator;
import java.util.Map;
import java.util.TreeMap;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** What a server serves, and the threads that prepare it: apart from event loops and from whatever else the process does. */
final class Topics implements Disposable {

    private static final int MOST_THREADS = 4;

    private final Map<String, Topic> byType = new TreeMap<>();
    private final Scheduler workers;

    private Topics(int count) {
        int threads = Math.min(MOST_THREADS, 2 * count);
        workers = Schedulers.newParallel("headgate-sync", Math.max(1, threads), true);
    }

    static Topics open(SyncServerSpec spec) {
        Topics topics = new Topics(spec.topics().size());
        Frames frames = new SyncFrames(SyncEncoder.server(Generation.TODAY));
        spec.topics().forEach((type, events) -> {
            CrumbCache cache = CrumbCache.follow(
                    events, CrumbSettings.DEFAULTS, frames, topics.workers, ByteBufAllocator.DEFAULT);
            topics.byType.put(type, new Topic(cache));
        });
        return topics;
    }

    Map<String, Topic> byType() {
        return byType;
    }

    @Override
    public void dispose() {
        byType.values().forEach(Topic::dispose);
        workers.disposeGracefully().subscribe();
    }
}
