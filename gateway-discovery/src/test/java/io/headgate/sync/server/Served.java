package io.headgate.sync.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.sync.server.Visitor.Hello;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

/** A server of a test with its feed, what its observer saw, and the clients that are closed with it. */
final class Served implements AutoCloseable, SyncServerObserver {

    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Feed feed = new Feed();
    private final Map<String, AtomicInteger> seen = new ConcurrentHashMap<>();
    private final List<Visitor> visitors = new ArrayList<>();
    private final SyncServer server;

    private Served(UnaryOperator<SyncServerSpec> with, Times times) {
        SyncServerSpec plain = SyncServerSpec.of("127.0.0.1", 0)
                .withTopic("felix", feed.events())
                .withObserver(this);
        server = SyncServer.bind(with.apply(plain), times).block(PATIENCE);
    }

    static Served of(UnaryOperator<SyncServerSpec> with) {
        return of(with, ByteBufAllocator.DEFAULT);
    }

    static Served of(UnaryOperator<SyncServerSpec> with, ByteBufAllocator memory) {
        return new Served(with, Times.of(Schedulers.parallel(), memory));
    }

    /** A server whose deadlines go by a clock of the test; it looks at them as often as by its own. */
    static Served by(LongSupplier nanos, UnaryOperator<SyncServerSpec> with, ByteBufAllocator memory) {
        Times real = Times.of(Schedulers.parallel(), memory);
        return new Served(with, new Times(nanos, real.wall(), real.timer(), real.workers(), memory));
    }

    static Served with(UnaryOperator<SyncServerSettings.Builder> settings) {
        return with(settings, ByteBufAllocator.DEFAULT);
    }

    static Served with(UnaryOperator<SyncServerSettings.Builder> settings, ByteBufAllocator memory) {
        return of(
                spec -> spec.withSettings(
                        settings.apply(SyncServerSettings.builder()).build()),
                memory);
    }

    SyncServer server() {
        return server;
    }

    Feed feed() {
        return feed;
    }

    int port() {
        return server.port();
    }

    SyncServerStats stats() {
        return server.stats();
    }

    Visitor visitor(Hello hello) {
        return keep(Visitor.greeting(port(), hello));
    }

    Visitor stranger() {
        return keep(Visitor.connect(port()));
    }

    Visitor keep(Visitor visitor) {
        visitors.add(visitor);
        return visitor;
    }

    /** Waits until a number of clients ended for a reason. */
    void awaitEnded(SyncEnd end, long count) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(stats().ends()).containsEntry(end, count));
    }

    /** Waits until so many clients are there: one that has connected is not before the server has taken it. */
    void awaitConnections(int count) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> stats().connections() == count);
    }

    /** Waits until the set has so many entries. */
    void awaitEntries(int count) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> stats().topics().get("felix").entries() == count);
    }

    int seen(String what) {
        AtomicInteger count = seen.get(what);
        return count == null ? 0 : count.get();
    }

    private void see(String what) {
        seen.computeIfAbsent(what, fresh -> new AtomicInteger()).incrementAndGet();
    }

    @Override
    public void accepted() {
        see("accepted");
    }

    @Override
    public void streaming(String type, boolean resumed, boolean compressed) {
        see("streaming " + type + (resumed ? " resumed" : "") + (compressed ? " compressed" : ""));
    }

    @Override
    public void snapshotSent(String type, Duration took) {
        see("snapshot");
    }

    @Override
    public void sending(String type, Duration behind, boolean waited) {
        see("sending");
    }

    @Override
    public void written(String type, Duration took, int bytes) {
        see("written");
    }

    @Override
    public void ponged(String type, Duration took) {
        see("ponged");
    }

    @Override
    public void graceUsed(String type) {
        see("grace");
    }

    @Override
    public void ended(@Nullable String type, SyncEnd end, Duration lasted) {
        see("ended " + type + " " + end);
    }

    /** Every gauge returns to zero. */
    @Override
    public void close() {
        visitors.forEach(Visitor::close);
        server.closeAsync(Duration.ZERO).block(PATIENCE);
        SyncServerStats last = stats();
        assertThat(last.listening()).isFalse();
        assertThat(last.connections()).isZero();
        assertThat(last.streaming()).isZero();
        assertThat(last.topics().values())
                .allMatch(topic -> topic.streaming() == 0)
                .allMatch(topic -> topic.views() == 0);
        assertThat(last.ends().values().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(last.accepted());
        assertThat(seen("accepted")).isEqualTo((int) last.accepted());
    }
}
