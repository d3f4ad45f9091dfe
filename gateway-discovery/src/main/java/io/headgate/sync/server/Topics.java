package io.headgate.sync.server;

import io.headgate.sync.internal.crumb.CrumbCache;
import io.headgate.sync.internal.crumb.CrumbSettings;
import io.headgate.sync.internal.crumb.Format;
import io.headgate.sync.internal.crumb.Frames;
import io.headgate.sync.internal.wire.Generation;
import io.headgate.sync.internal.wire.SyncEncoder;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;

/** What a server serves. */
final class Topics implements Disposable {

    private static final Logger LOG = LoggerFactory.getLogger(Topics.class);

    private final Map<String, Topic> byType = new TreeMap<>();

    private Topics() {}

    static Topics open(SyncServerSpec spec, Times times) {
        Topics topics = new Topics();
        Frames frames = Frames.of(SyncEncoder.server(Generation.TODAY));
        CrumbSettings settings = CrumbSettings.DEFAULTS
                .withRetained(spec.settings().resumeBytes(), spec.settings().resumeTime())
                .withPrefixSets(spec.settings().maxViews());
        spec.topics().forEach((type, events) -> {
            CrumbCache cache =
                    CrumbCache.follow(events, settings, frames, times.workers(), times.nanos(), times.memory());
            observe(type, cache, spec.observer());
            topics.byType.put(type, new Topic(cache));
        });
        return topics;
    }

    /** The listener is told by the one that has just published, so the newest crumb is the one that it is told of. */
    private static void observe(String type, CrumbCache cache, SyncServerObserver observer) {
        if (observer == SyncServerObserver.NONE) {
            return;
        }
        cache.onPublish(Format.PLAIN, () -> {
            try {
                observer.published(type, cache.newest().crumb().deltas().size());
            } catch (RuntimeException e) {
                LOG.warn("observer failed, which does no harm", e);
            }
        });
    }

    Map<String, Topic> byType() {
        return byType;
    }

    @Override
    public void dispose() {
        byType.values().forEach(Topic::dispose);
    }
}
