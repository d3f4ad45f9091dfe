package io.headgate.benchmarks;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.crumb.CrumbCache;
import io.headgate.sync.internal.crumb.CrumbCursor;
import io.headgate.sync.internal.crumb.CrumbSettings;
import io.headgate.sync.internal.crumb.Format;
import io.headgate.sync.internal.crumb.Frames;
import io.headgate.sync.internal.crumb.SnapshotReader;
import io.headgate.sync.internal.wire.Generation;
import io.headgate.sync.internal.wire.SyncEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Schedulers;

/**
 * What a sync server does for a change, whatever the number of clients: encode it, publish it, and let a client take it. Each
 * figure is for one entry, key and value of 620 bytes, of a set of 10,000, by one thread.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SyncCacheBenchmark {

    private static final int KEYS = 10_000;
    private static final int ENTRIES = 1000;

    /** Updates of one crumb. */
    @Param({"1", "100"})
    public int batch;

    private final Frames frames = Frames.of(SyncEncoder.server(Generation.TODAY));
    private final List<SyncEvent> events = new ArrayList<>();
    private final List<List<SyncUpdate>> batches = new ArrayList<>();
    private final ByteBuf scratch = PooledByteBufAllocator.DEFAULT.directBuffer(1 << 20);
    private @Nullable FluxSink<SyncEvent> source;
    private @Nullable CrumbCache cache;
    private @Nullable CrumbCursor cursor;
    private int next;

    /** A set that is there, and changes of it: two rounds, so that none of them is the same as the one before. */
    @Setup(Level.Trial)
    public void fill() {
        Random random = new Random(1);
        Flux<SyncEvent> set = Flux.create(sink -> source = sink);
        cache = CrumbCache.follow(
                set,
                CrumbSettings.DEFAULTS.withRetained(1 << 20, Duration.ofMinutes(1)),
                frames,
                Schedulers.immediate(),
                PooledByteBufAllocator.DEFAULT);
        for (int i = 0; i < 2 * KEYS; i += batch) {
            List<SyncUpdate> updates = new ArrayList<>();
            for (int j = i; j < i + batch; j++) {
                updates.add(update(j % KEYS, random));
            }
            batches.add(updates);
            events.add(new SyncEvent.Updates(updates));
        }
        events.forEach(Objects.requireNonNull(source)::next);
        SnapshotReader reader = cache.snapshot(Format.PLAIN);
        cursor = reader.cursor();
        reader.close();
    }

    private static SyncUpdate update(int key, Random random) {
        byte[] value = new byte[507];
        random.nextBytes(value);
        String name = "/calico/resources/v3/projectcalico.org/workloadendpoints/" + "n".repeat(50) + 1_000_000 + key;
        return SyncUpdate.changed(name, ByteString.copyFrom(value), "" + random.nextInt(1 << 30));
    }

    /** Ends the set. */
    @TearDown(Level.Trial)
    public void end() {
        if (cursor != null) {
            cursor.close();
        }
        if (cache != null) {
            cache.dispose();
        }
        scratch.release();
    }

    /**
     * The encoder alone.
     *
     * @return bytes of the frames
     */
    @Benchmark
    @OperationsPerInvocation(ENTRIES)
    public int encode() {
        int bytes = 0;
        for (int i = 0; i < ENTRIES / batch; i++) {
            scratch.clear();
            frames.kvs(batches.get(turn()), i, scratch);
            bytes += scratch.readableBytes();
        }
        return bytes;
    }

    /**
     * From the source to the log, for no client.
     *
     * @return the position
     */
    @Benchmark
    @OperationsPerInvocation(ENTRIES)
    public long publish() {
        skip();
        return tell();
    }

    /**
     * From the source to the slice that a client writes, one after each crumb.
     *
     * @return bytes that were taken
     */
    @Benchmark
    @OperationsPerInvocation(ENTRIES)
    public int publishAndTake() {
        int bytes = 0;
        for (int i = 0; i < ENTRIES / batch; i++) {
            publishOne();
            bytes += take(64 * 1024);
        }
        return bytes;
    }

    /**
     * The same for a client that lags, and takes many crumbs at once.
     *
     * @return bytes that were taken
     */
    @Benchmark
    @OperationsPerInvocation(ENTRIES)
    public int publishAndTakeLate() {
        tell();
        return skip();
    }

    private long tell() {
        for (int i = 0; i < ENTRIES / batch; i++) {
            publishOne();
        }
        return cache == null ? 0 : cache.newest().crumb().position();
    }

    private void publishOne() {
        if (source != null) {
            source.next(events.get(turn()));
        }
    }

    private int turn() {
        next = next + 1 == events.size() ? 0 : next + 1;
        return next;
    }

    private int skip() {
        int bytes = 0;
        for (int taken = take(Integer.MAX_VALUE); taken > 0; taken = take(Integer.MAX_VALUE)) {
            bytes += taken;
        }
        return bytes;
    }

    private int take(int most) {
        ByteBuf taken = cursor == null ? null : cursor.take(most);
        if (taken == null) {
            return 0;
        }
        int bytes = taken.readableBytes();
        taken.release();
        return bytes;
    }
}
