package io.headgate.sync.internal.crumb;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import io.headgate.sync.internal.gob.GobLimits;
import io.headgate.sync.internal.wire.Generation;
import io.headgate.sync.internal.wire.SyncDecoder;
import io.headgate.sync.internal.wire.SyncEncoder;
import io.headgate.sync.internal.wire.SyncMessage;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Schedulers;
import reactor.test.publisher.TestPublisher;

/** The frames of the protocol itself, read by its decoder. */
class CrumbWireTest {

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final SyncEncoder encoder = SyncEncoder.server(Generation.TODAY);
    private final TestPublisher<SyncEvent> source = TestPublisher.create();
    private final CrumbCache cache = CrumbCache.follow(
            source.flux(), CrumbSettings.DEFAULTS, Frames.of(encoder), Schedulers.immediate(), () -> 0, allocator);

    @AfterEach
    void nothingIsLeft() {
        cache.dispose();
        allocator.assertNoLeaks();
    }

    @Test
    void aClientDecodesTheSnapshotAndWhatChanges() {
        List<SyncUpdate> entries = new ArrayList<>();
        for (int i = 0; i < 2500; i++) {
            entries.add(Entries.added("/calico/v1/config/" + i, "" + i));
        }
        source.next(new SyncEvent.Updates(entries));
        source.next(new SyncEvent.Status(SyncStatus.IN_SYNC));
        ByteBuf stream = Unpooled.buffer().writeBytes(encoder.preamble());
        SharedSnapshot snapshot = new SharedSnapshot(
                cache.newest(),
                Objects.requireNonNull(
                        cache.resume(Format.PLAIN, cache.newest().crumb().position())),
                Frames.of(encoder),
                allocator,
                CrumbSettings.DEFAULTS,
                null,
                new AtomicLong());
        SnapshotReader reader = Objects.requireNonNull(snapshot.join());
        while (snapshot.step()) {
            continue;
        }
        snapshot.retire();
        for (ByteBuf some = reader.take(100_000); some != null; some = reader.take(100_000)) {
            stream.writeBytes(some);
            some.release();
        }
        source.next(SyncEvent.Updates.of(
                Entries.changed("/calico/v1/config/1", "x"), SyncUpdate.deleted("/calico/v1/config/2", "y")));
        CrumbCursor cursor = reader.cursor();
        ByteBuf change = Objects.requireNonNull(cursor.take(100_000));
        stream.writeBytes(change);
        change.release();
        reader.close();
        cursor.close();

        List<SyncMessage> messages = messages(stream);
        assertThat(messages).hasSize(5);
        assertThat(messages.get(3)).isEqualTo(new SyncMessage.Status(SyncStatus.IN_SYNC, 26));
        assertThat(((SyncMessage.Kvs) messages.get(4)).position()).isEqualTo(27);
        assertThat(folded(messages)).isEqualTo(new TreeMap<>(Entries.entries(cache)));
    }

    private static List<SyncMessage> messages(ByteBuf stream) {
        SyncDecoder decoder = SyncDecoder.client(GobLimits.CLIENT);
        List<SyncMessage> messages = new ArrayList<>();
        for (SyncMessage message = decoder.decode(stream); message != null; message = decoder.decode(stream)) {
            messages.add(message);
        }
        return messages;
    }

    private static TreeMap<String, SyncUpdate> folded(List<SyncMessage> messages) {
        TreeMap<String, SyncUpdate> entries = new TreeMap<>();
        for (SyncMessage message : messages) {
            if (message instanceof SyncMessage.Kvs kvs) {
                kvs.updates().forEach(update -> {
                    if (update.isPresent()) {
                        entries.put(update.key(), update.withType(UpdateType.NEW));
                    } else {
                        entries.remove(update.key());
                    }
                });
            }
        }
        return entries;
    }
}
