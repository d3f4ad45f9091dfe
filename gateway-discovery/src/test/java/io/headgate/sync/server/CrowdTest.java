package io.headgate.sync.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.sync.internal.wire.SyncMessage;
import io.headgate.sync.server.Visitor.Hello;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Too many clients, and the end of a server, in virtual time: the pace is exact, the sockets are real. */
class CrowdTest {

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final Feed feed = new Feed();
    private final Sinks.Many<Integer> limits = Sinks.many().unicast().onBackpressureBuffer();
    private final List<Visitor> visitors = new ArrayList<>();
    private final SyncServer server =
            bind(SyncServerSettings.builder().maxConnections(12).build());

    private SyncServer bind(SyncServerSettings settings) {
        SyncServerSpec spec = SyncServerSpec.of("127.0.0.1", 0)
                .withTopic("felix", feed.events())
                .withRandom(new FixedRandom(0.5)) // all jitter in the middle
                .withLimits(limits.asFlux())
                .withSettings(settings);
        return SyncServer.bind(spec, Times.of(time, ByteBufAllocator.DEFAULT)).block(Served.PATIENCE);
    }

    @AfterEach
    void nobodyIsLeft() {
        visitors.forEach(Visitor::close);
        server.closeAsync(Duration.ZERO).block(Served.PATIENCE);
        assertThat(server.stats().connections()).isZero();
        assertThat(server.stats().streaming()).isZero();
    }

    private void come(int count) {
        for (int i = 0; i < count; i++) {
            Visitor visitor = Visitor.greeting(server.port(), Hello.PLAIN.withRefusals());
            visitors.add(visitor);
            visitor.next(SyncMessage.ServerHello.class);
        }
    }

    private void awaitConnections(int count) {
        Awaitility.await()
                .atMost(Served.PATIENCE)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> server.stats().connections() == count);
    }

    private void advanceMillis(long millis) {
        time.advanceTimeBy(Duration.ofMillis(millis));
    }

    @Test
    void oneClientLeavesPerIntervalWhileThereAreTooMany() {
        come(15);
        advanceMillis(1049); // 1 s and half of a tenth more
        assertThat(server.stats().connections()).isEqualTo(15);
        advanceMillis(1);
        awaitConnections(14);
        advanceMillis(1050);
        awaitConnections(13);
        advanceMillis(10 * 1050);
        awaitConnections(12);
        assertThat(server.stats().shed()).isEqualTo(3);
        assertThat(server.stats().ended(SyncEnd.SHED)).isEqualTo(3);
    }

    @Test
    void theLimitCanBeChangedAndAStreamCanChangeIt() {
        come(4);
        assertThat(server.limit()).isEqualTo(12);
        limits.tryEmitNext(3).orThrow();
        assertThat(server.stats().limit()).isEqualTo(3);
        advanceMillis(1050);
        awaitConnections(3);
        server.limit(2);
        advanceMillis(1050);
        awaitConnections(2);
        limits.tryEmitNext(0).orThrow(); // refused, the last one stays
        assertThat(server.limit()).isEqualTo(2);
        limits.tryEmitNext(7).orThrow();
        assertThat(server.limit()).isEqualTo(7);
        assertThatThrownBy(() -> server.limit(0)).hasMessage("limit: 0 (expected: at least 1)");
    }

    @Test
    void clientsThatHaveSaidNothingYetCountAsWell() {
        server.limit(1);
        visitors.add(Visitor.connect(server.port()));
        visitors.add(Visitor.connect(server.port()));
        awaitConnections(2);
        advanceMillis(1050);
        awaitConnections(1);
    }

    @Test
    void whoLeavesIsToldWhy() {
        come(1);
        server.limit(1);
        come(1);
        advanceMillis(1050);
        awaitConnections(1);
        advanceMillis(5000);
        server.closeAsync(Duration.ZERO).block(Served.PATIENCE);
        List<String> reasons = new ArrayList<>();
        for (Visitor visitor : visitors) {
            reasons.add(visitor.untilClosed()
                    .received(SyncMessage.Refusal.class)
                    .get(0)
                    .reason());
        }
        assertThat(reasons).containsExactlyInAnyOrder("connections: 2 (expected: at most 1)", "shutdown");
    }

    @Test
    void aShutdownLetsOneClientGoPerSecondAtMost() {
        come(5);
        Disposable closing = server.closeAsync().subscribe();
        Awaitility.await().atMost(Served.PATIENCE).until(() -> !server.stats().listening());
        for (int left = 4; left >= 0; left--) {
            advanceMillis(999);
            assertThat(server.stats().connections()).isEqualTo(left + 1);
            advanceMillis(1);
            awaitConnections(left);
        }
        Awaitility.await().atMost(Served.PATIENCE).until(closing::isDisposed);
        assertThat(server.stats().ended(SyncEnd.SHUTDOWN)).isEqualTo(5);
    }

    @Test
    void aShutdownUsesNinetyFivePercentOfItsTime() {
        come(5);
        server.closeAsync(Duration.ofMillis(2500)).subscribe();
        Awaitility.await().atMost(Served.PATIENCE).until(() -> !server.stats().listening());
        advanceMillis(474);
        assertThat(server.stats().connections()).isEqualTo(5);
        advanceMillis(1);
        awaitConnections(4);
        advanceMillis(475);
        awaitConnections(3);
        server.closeAsync(Duration.ofMillis(200)).subscribe(); // the earlier end counts
        advanceMillis(64);
        awaitConnections(2);
        server.closeAsync(Duration.ofHours(1)).subscribe(); // no earlier end
        advanceMillis(64);
        awaitConnections(1);
        advanceMillis(64);
        awaitConnections(0);
    }

    @Test
    void aServerWithoutClientsIsDownAtOnce() {
        Mono<Void> closing = server.closeAsync();
        closing.block(Served.PATIENCE);
        assertThat(server.stats().listening()).isFalse();
    }

    @Test
    void aClosedServerTakesNobody() {
        server.unbind().block(Served.PATIENCE);
        assertThatThrownBy(() -> Visitor.connect(server.port())).hasMessageContaining("refused");
    }

    @Test
    void clientsThatAreConnectedGoOnAfterTheServerIsUnbound() {
        come(1);
        server.unbind().block(Served.PATIENCE);
        feed.put("/a", "1").inSync();
        assertThat(visitors.get(0).untilInSync().values()).containsEntry("/a", "1");
    }
}
