package io.headgate.sync.server;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** A set that a test tells step by step, to one subscriber. */
public final class Feed {

    private final Sinks.Many<SyncEvent> sink = Sinks.many().unicast().onBackpressureBuffer();

    public Flux<SyncEvent> events() {
        return sink.asFlux();
    }

    public synchronized Feed tell(SyncEvent event) {
        sink.tryEmitNext(event).orThrow();
        return this;
    }

    public Feed put(String key, String value) {
        return tell(SyncEvent.Updates.of(SyncUpdate.added(key, ByteString.copyFromUtf8(value), "1")));
    }

    public Feed change(String key, String value) {
        return tell(SyncEvent.Updates.of(SyncUpdate.changed(key, ByteString.copyFromUtf8(value), "2")));
    }

    public Feed delete(String key) {
        return tell(SyncEvent.Updates.of(SyncUpdate.deleted(key, "3")));
    }

    public Feed heard(Instant at) {
        return tell(new SyncEvent.Heard(at));
    }

    public Feed status(SyncStatus status) {
        return tell(new SyncEvent.Status(status));
    }

    public Feed inSync() {
        return status(SyncStatus.IN_SYNC);
    }

    /** Many entries in events of a hundred. */
    public Feed putAll(int count, IntFunction<String> key, String value) {
        ByteString same = ByteString.copyFromUtf8(value);
        for (int from = 0; from < count; from += 100) {
            List<SyncUpdate> some = new ArrayList<>();
            for (int i = from; i < Math.min(count, from + 100); i++) {
                some.add(SyncUpdate.added(key.apply(i), same, "1"));
            }
            tell(new SyncEvent.Updates(some));
        }
        return this;
    }
}
