package io.headgate.sync.internal.crumb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Clients on several threads that come, read, leave and come back while the writer writes. */
class CrumbStormTest {

    private static final int THREADS = 4;
    private static final int ROUNDS = 150;
    private static final int EVENTS = 3000;

    private final Scheduler scheduler = Schedulers.newParallel("crumbs", 3);
    private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);
    private final ExecutorService clients = Executors.newFixedThreadPool(THREADS);
    private final AtomicInteger halfWay = new AtomicInteger();
    private final CountDownLatch begun = new CountDownLatch(THREADS);
    private final CrumbCache cache = CrumbCache.follow(
            source(),
            CrumbSettings.DEFAULTS
                    .withSlabBytes(4096)
                    .withRetained(50_000, Duration.ofDays(1))
                    .withSnapshots(100, 0.1, Duration.ofMillis(1)),
            new SimpleFrames(),
            scheduler,
            allocator);

    @AfterEach
    void stop() {
        clients.shutdownNow();
        scheduler.dispose();
    }

    /** Changes among a thousand keys, for as long as clients are there, then the status that they wait for. */
    private Flux<SyncEvent> source() {
        Random random = new Random(5);
        AtomicInteger revision = new AtomicInteger();
        return Flux.<SyncEvent>generate(sink -> {
                    int now = revision.incrementAndGet();
                    if (now > EVENTS && halfWay.get() == THREADS) {
                        sink.next(new SyncEvent.Status(SyncStatus.IN_SYNC));
                        sink.complete();
                    } else {
                        sink.next(changes(random, now));
                    }
                })
                .concatWith(Flux.never())
                .subscribeOn(scheduler);
    }

    private static SyncEvent changes(Random random, int revision) {
        List<SyncUpdate> updates = new ArrayList<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
            updates.add(Entries.random(random, 1000, revision));
        }
        return new SyncEvent.Updates(updates);
    }

    @Test
    void whoStaysHasTheSetAndNothingIsLeft() throws Exception {
        List<Future<Replica>> last = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            last.add(clients.submit(client(i)));
        }
        for (Future<Replica> client : last) {
            Replica replica = client.get(60, TimeUnit.SECONDS);
            assertThat(replica.entries.equals(Entries.entries(cache))).isTrue();
            assertThat(replica.position).isEqualTo(cache.newest().crumb().position());
        }
        cache.dispose();

        await().atMost(30, TimeUnit.SECONDS).until(() -> cache.stats().bytesHeld() == 0);
        await().atMost(30, TimeUnit.SECONDS).until(this::nothingIsAllocated);
        assertThat(cache.stats().snapshotsReused()).isPositive();
        assertThat(cache.stats().oldestCursor()).isEqualTo(cache.stats().position());
    }

    private boolean nothingIsAllocated() {
        return allocator.metric().directArenas().stream().allMatch(arena -> arena.numActiveAllocations() == 0);
    }

    private Callable<Replica> client(int number) {
        return () -> {
            Random random = new Random(number);
            begun.countDown();
            begun.await();
            Replica resumable = null;
            for (int round = 0; round < ROUNDS; round++) {
                resumable = visit(random, resumable);
            }
            halfWay.incrementAndGet();
            return stay(random);
        };
    }

    /** Comes, reads some, and leaves at any point; comes back where it was when it can. */
    private Replica visit(Random random, Replica before) {
        Format format = before == null ? Format.values()[random.nextInt(2)] : Format.PLAIN;
        CrumbCursor cursor = before == null ? null : cache.resume(format, before.position);
        Replica replica = cursor == null ? new Replica(format) : before;
        if (cursor == null) {
            SnapshotReader reader = cache.snapshot(format);
            for (int i = random.nextInt(20); i > 0 && !reader.isDone(); i--) {
                replica.take(reader, 2000);
            }
            if (!reader.isDone()) {
                reader.close();
                return null;
            }
            cursor = reader.cursor();
            reader.close();
        }
        for (int i = random.nextInt(20); i > 0; i--) {
            replica.take(cursor, 1 + random.nextInt(5000));
        }
        cursor.close();
        return format == Format.PLAIN ? replica : null;
    }

    private Replica stay(Random random) {
        Format format = Format.values()[random.nextInt(2)];
        Replica replica = new Replica(format);
        SnapshotReader reader = cache.snapshot(format);
        while (!reader.isDone()) {
            replica.take(reader, 10_000);
            Thread.onSpinWait();
        }
        CrumbCursor cursor = reader.cursor();
        reader.close();
        while (replica.status() != SyncStatus.IN_SYNC) {
            if (!replica.take(cursor, 10_000)) {
                Thread.yield();
            }
        }
        cursor.close();
        return Objects.requireNonNull(replica);
    }
}
