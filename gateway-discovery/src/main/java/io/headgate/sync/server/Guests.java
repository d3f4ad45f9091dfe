package io.headgate.sync.server;

import io.headgate.sync.internal.wire.Generation;
import io.headgate.sync.internal.wire.SyncEncoder;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The clients of one server: who is there, and what has become of those who were. Any thread. */
final class Guests {

    private static final Logger LOG = LoggerFactory.getLogger(Guests.class);
    private static final long LONGEST_TICK = Duration.ofSeconds(1).toNanos();
    private static final long SHORTEST_TICK = Duration.ofMillis(1).toNanos();
    private static final int LOOKS = 10; // in the shortest time that is measured

    private final SyncServerSpec spec;
    private final Times times;
    private final Map<String, Topic> topics;
    private final SyncEncoder encoder = SyncEncoder.server(Generation.TODAY);
    private final long tick;
    private final Map<EventLoop, Desk> desks = new ConcurrentHashMap<>();
    private final Set<Guest> present = ConcurrentHashMap.newKeySet();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger streaming = new AtomicInteger();
    private final AtomicLong connectionIds;
    private final LongAdder accepted = new LongAdder();
    private final LongAdder graceUsed = new LongAdder();
    private final LongAdder resumed = new LongAdder();
    private final LongAdder bytesWritten = new LongAdder();
    private final Map<SyncEnd, LongAdder> ends = new EnumMap<>(SyncEnd.class);
    private volatile boolean closed;
    private volatile @Nullable Runnable last;

    Guests(SyncServerSpec spec, Times times, Map<String, Topic> topics) {
        this.spec = spec;
        this.times = times;
        this.topics = Map.copyOf(topics);
        this.tick = tick(spec.settings());
        this.connectionIds = new AtomicLong(spec.random().nextLong() << 32);
        for (SyncEnd end : SyncEnd.values()) {
            ends.put(end, new LongAdder());
        }
    }

    private static long tick(SyncServerSettings settings) {
        long shortest = LONGEST_TICK * LOOKS;
        for (Duration time : new Duration[] {
            settings.handshakeTimeout(),
            settings.pingInterval(),
            settings.pongTimeout(),
            settings.writeTimeout(),
            settings.maxFallBehind(),
            settings.snapshotTimeout()
        }) {
            shortest = Math.min(shortest, time.toNanos());
        }
        return Math.max(SHORTEST_TICK, shortest / LOOKS);
    }

    SyncServerSpec spec() {
        return spec;
    }

    Map<String, Topic> topics() {
        return topics;
    }

    SyncEncoder encoder() {
        return encoder;
    }

    long now() {
        return times.nanos().getAsLong();
    }

    Instant wall() {
        return times.wall().instant();
    }

    long nextConnectionId() {
        return connectionIds.incrementAndGet();
    }

    // ---- coming and going

    /** Somebody has come. Called on the event loop of the channel. */
    Guest enter(ChannelHandlerContext ctx) {
        EventLoop loop = ctx.channel().eventLoop();
        Desk desk = desks.computeIfAbsent(loop, fresh -> new Desk(fresh, tick));
        Guest guest = new Guest(this, ctx, desk);
        accepted.increment();
        count.incrementAndGet();
        present.add(guest);
        observe(SyncServerObserver::accepted);
        if (closed) {
            guest.leave(SyncEnd.SHUTDOWN, "shutdown");
        }
        return guest;
    }

    void welcomed(String type, boolean again, boolean snappy) {
        streaming.incrementAndGet();
        if (again) {
            resumed.increment();
        }
        observe(observer -> observer.streaming(type, again, snappy));
    }

    void gone(Guest guest, @Nullable String type, SyncEnd end, Duration lasted) {
        present.remove(guest);
        counter(end).increment();
        if (type != null) {
            streaming.decrementAndGet();
        }
        observe(observer -> observer.ended(type, end, lasted));
        if (count.decrementAndGet() == 0) {
            runWhenGone();
        }
    }

    private LongAdder counter(SyncEnd end) {
        return Objects.requireNonNull(ends.get(end));
    }

    /** Somebody is to go, and does not count among those who could be asked to any more. */
    void leaving(Guest guest) {
        present.remove(guest);
    }

    /** Those who are there, but for those who are to go. */
    int staying() {
        return present.size();
    }

    /** Any of those who stay, which it does no more; null when nobody is there. */
    @Nullable Guest drawn() {
        int size = present.size();
        if (size == 0) {
            return null;
        }
        int lot = spec.random().nextInt(size);
        Guest chosen = null;
        Iterator<Guest> all = present.iterator();
        for (int i = 0; i <= lot && all.hasNext(); i++) {
            chosen = all.next();
        }
        if (chosen != null) {
            present.remove(chosen);
        }
        return chosen;
    }

    int count() {
        return count.get();
    }

    /** All are to go at once, and whoever comes after them. */
    void closeAll() {
        closed = true;
        present.forEach(guest -> guest.leave(SyncEnd.SHUTDOWN, "shutdown"));
    }

    /** Nobody can come any more. Runs something when the last one has gone, perhaps more than once. */
    void whenGone(Runnable task) {
        last = task;
        runWhenGone();
    }

    private void runWhenGone() {
        Runnable task = last;
        if (task != null && count.get() == 0) {
            task.run();
        }
    }

    // ---- what they do

    void graceUsed(String type) {
        graceUsed.increment();
        observe(observer -> observer.graceUsed(type));
    }

    void written(int bytes) {
        bytesWritten.add(bytes);
    }

    boolean isObserved() {
        return spec.observer() != SyncServerObserver.NONE;
    }

    void observe(Consumer<SyncServerObserver> event) {
        if (isObserved()) {
            try {
                event.accept(spec.observer());
            } catch (RuntimeException e) {
                LOG.warn("observer failed, which does no harm", e);
            }
        }
    }

    SyncServerStats stats(boolean listening, int limit) {
        Map<SyncEnd, Long> counts = new EnumMap<>(SyncEnd.class);
        ends.forEach((end, number) -> {
            if (number.sum() > 0) {
                counts.put(end, number.sum());
            }
        });
        Map<String, SyncServerStats.Topic> each = new TreeMap<>();
        topics.forEach((type, topic) -> each.put(type, topic.stats()));
        return new SyncServerStats(
                listening,
                count.get(),
                streaming.get(),
                limit,
                accepted.sum(),
                counter(SyncEnd.SHED).sum(),
                graceUsed.sum(),
                resumed.sum(),
                bytesWritten.sum(),
                counts,
                each);
    }
}
