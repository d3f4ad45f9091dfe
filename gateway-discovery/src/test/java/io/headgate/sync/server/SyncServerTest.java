package io.headgate.sync.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.sync.SyncStatus;
import io.headgate.sync.UpdateType;
import io.headgate.sync.internal.wire.SyncMessage;
import io.headgate.sync.server.Visitor.Hello;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients are sent: hello, snapshot, status, deltas. */
class SyncServerTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Feed feed = new Feed();
    private SyncServer server = bind(SyncServerSpec.of("127.0.0.1", 0).withTopic("felix", feed.events()));

    private static SyncServer bind(SyncServerSpec spec) {
        return SyncServer.bind(spec).block(PATIENCE);
    }

    @AfterEach
    void nothingIsLeft() {
        server.closeAsync(Duration.ZERO).block(PATIENCE);
        assertThat(server.stats().connections()).isZero();
        assertThat(server.stats().streaming()).isZero();
        assertThat(server.stats().topics().values()).allMatch(topic -> topic.streaming() == 0);
    }

    private Visitor visitor(Hello hello) {
        return Visitor.greeting(server.port(), hello);
    }

    private static Hello hello(boolean snappy) {
        return snappy ? Hello.SNAPPY : Hello.PLAIN;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientGetsTheSnapshotThenTheStatusThenWhatChanges(boolean snappy) {
        feed.put("/a", "1").change("/b", "2").inSync();
        try (Visitor visitor = visitor(hello(snappy))) {
            visitor.untilInSync();
            assertThat(visitor.serverHello().syncerType()).isEqualTo("felix");
            assertThat(visitor.serverHello().nodeResourceUpdates()).isTrue();
            assertThat(visitor.serverHello().resumed()).isFalse();
            assertThat(visitor.values()).isEqualTo(Map.of("/a", "1", "/b", "2"));
            feed.change("/a", "3").put("/c", "4").delete("/b");
            visitor.until(seen -> !seen.entries().containsKey("/b"));
            assertThat(visitor.values()).isEqualTo(Map.of("/a", "3", "/c", "4"));
            assertThat(visitor.received(SyncMessage.Status.class)).hasSize(1);
        }
    }
}
