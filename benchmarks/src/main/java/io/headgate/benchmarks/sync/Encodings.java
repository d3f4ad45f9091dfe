package io.headgate.benchmarks.sync;

import io.headgate.benchmarks.Report;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.crumb.CrumbCache;
import io.headgate.sync.internal.crumb.CrumbCursor;
import io.headgate.sync.internal.crumb.CrumbSettings;
import io.headgate.sync.internal.crumb.Format;
import io.headgate.sync.internal.crumb.Frames;
import io.headgate.sync.internal.wire.Generation;
import io.headgate.sync.internal.wire.SyncEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import reactor.core.publisher.Sinks;
import reactor.core.publisher.Sinks.EmitFailureHandler;
import reactor.core.scheduler.Schedulers;

/** E1: what is encoded for an update, however many clients there are. Counted in front of the encoder, without sockets. */
final class Encodings {

    private static final int UPDATES = 2000;

    private Encodings() {}

    static void run(Report report, boolean quick) {
        report.title("E1: bytes that are encoded for an update");
        report.head(
                "entries per crumb",
                "clients",
                "B of key and value",
                "B on the wire to one client",
                "B encoded in all",
                "B encoded, share of a client");
        for (int burst : new int[] {1, 10, 100}) {
            for (int clients : quick ? new int[] {1, 100} : new int[] {1, 10, 100, 1000}) {
                measure(report, burst, clients);
            }
        }
    }

    private static void measure(Report report, int burst, int clients) {
        AtomicLong encoded = new AtomicLong();
        Sinks.Many<SyncEvent> events = Sinks.many().unicast().onBackpressureBuffer();
        CrumbCache cache = CrumbCache.follow(
                events.asFlux(),
                CrumbSettings.DEFAULTS,
                counting(encoded),
                Schedulers.boundedElastic(),
                PooledByteBufAllocator.DEFAULT);
        publish(events, cache, new SyncEvent.Status(SyncStatus.IN_SYNC));
        List<CrumbCursor> cursors = Stream.generate(
                        () -> cache.resume(Format.PLAIN, cache.newest().crumb().position()))
                .limit(clients)
                .map(Objects::requireNonNull)
                .toList();
        encoded.set(0);
        for (int at = 0; at < UPDATES; at += burst) {
            List<SyncUpdate> updates = new ArrayList<>();
            for (int i = 0; i < burst; i++) {
                updates.add(Workload.stamped((at + i) % 1000, at));
            }
            publish(events, cache, new SyncEvent.Updates(updates));
        }
        long taken = cursors.stream().mapToLong(Encodings::drain).sum();
        report.row(
                burst,
                clients,
                Workload.KEY + Workload.VALUE,
                (double) taken / clients / UPDATES,
                encoded.get() / (double) UPDATES,
                encoded.get() / (double) UPDATES / clients);
        cursors.forEach(CrumbCursor::close);
        cache.dispose();
    }

    private static void publish(Sinks.Many<SyncEvent> events, CrumbCache cache, SyncEvent event) {
        long before = cache.newest().crumb().position();
        events.emitNext(event, EmitFailureHandler.FAIL_FAST);
        while (cache.newest().crumb().position() == before) {
            Thread.onSpinWait();
        }
    }

    private static long drain(CrumbCursor cursor) {
        long bytes = 0;
        for (ByteBuf slice = cursor.take(1 << 20); slice != null; slice = cursor.take(1 << 20)) {
            bytes += slice.readableBytes();
            slice.release();
        }
        return bytes;
    }

    private static Frames counting(AtomicLong encoded) {
        Frames frames = Frames.of(SyncEncoder.server(Generation.TODAY));
        return new Frames() {
            @Override
            public void kvs(List<SyncUpdate> updates, long position, ByteBuf out) {
                int before = out.writerIndex();
                frames.kvs(updates, position, out);
                encoded.addAndGet(out.writerIndex() - before);
            }

            @Override
            public void status(SyncStatus status, long position, ByteBuf out) {
                int before = out.writerIndex();
                frames.status(status, position, out);
                encoded.addAndGet(out.writerIndex() - before);
            }
        };
    }
}
