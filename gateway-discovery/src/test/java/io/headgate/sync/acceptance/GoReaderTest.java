package io.headgate.sync.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.acceptance.GoPeer.Structs;
import io.headgate.sync.server.SyncEnd;
import io.headgate.sync.server.SyncServer;
import io.headgate.sync.server.SyncServerSettings;
import io.headgate.sync.server.SyncServerSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients in Go at our server. */
@Timeout(120)
class GoReaderTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int ENTRIES = 3000;

    private final Source source = new Source();
    private SyncServer server;

    @BeforeEach
    void open() {
        server = SyncServer.bind(SyncServerSpec.of("127.0.0.1", 0)
                        .withTopic(SyncServerSpec.FELIX, source.events())
                        .withSettings(SyncServerSettings.builder()
                                .pingInterval(Duration.ofMillis(50))
                                .pongTimeout(Duration.ofSeconds(20))
                                .policyKeysRequired(false)
                                .build()))
                .block(LIMIT);
    }

    @AfterEach
    void close() {
        server.closeAsync(Duration.ZERO).block(LIMIT);
        assertThat(server.stats().connections()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"V325, ''", "TODAY, ''", "TODAY, -restart", "TODAY, -snappy"})
    void getTheSnapshotAndAllThatChangesBehindIt(Structs structs, String flag) throws Exception {
        source.tell(Source.entries(0, ENTRIES, 700)).status(SyncStatus.IN_SYNC);
        Eventually.holds(() -> server.stats().topics().get(SyncServerSpec.FELIX).entries() == ENTRIES);
        String address = "127.0.0.1:" + server.port();
        String[] arguments = flag.isEmpty()
                ? new String[] {"read", "-addr", address}
                : new String[] {"read", "-addr", address, flag};
        try (GoPeer reader = GoPeer.start(structs, arguments)) {
            String atFirst = reader.await("status 2");
            assertThat(atFirst).contains(source.sum().toString()).contains("types=0/" + ENTRIES + "/0/0 wrong=0");
            reader.await("ping");
            source.tell(changes());
            source.tell(SyncUpdate.added("/end", ByteString.copyFromUtf8("end"), "9"));
            String atLast = reader.await("end");
            assertThat(atLast).as("%s", reader.lines()).contains(source.sum().toString());
            // How often it restarts is for the server to say; without compression it need not.
            boolean restarted = reader.lines().contains("restart \"snappy\"");
            assertThat(restarted).isEqualTo(flag.equals("-snappy"));
        }
        Eventually.holds(() -> server.stats().connections() == 0);
    }

    /** A message that they have not registered would be another error than the end of the connection. */
    @Test
    void areToldNothingThatTheyDoNotKnowWhenTheyAreRefused() throws Exception {
        try (GoPeer reader = GoPeer.start(
                Structs.TODAY, "read", "-addr", "127.0.0.1:" + server.port(), "-syncer", "nobody-knows-it")) {
            assertThat(reader.await("error")).isIn("error EOF", "error unexpected EOF");
        }
        await().untilAsserted(() -> assertThat(server.stats().ended(SyncEnd.UNKNOWN_TYPE))
                .isEqualTo(1)); // counted once both know of the end
    }

    private static List<SyncUpdate> changes() {
        List<SyncUpdate> changes = new ArrayList<>();
        for (int number = 0; number < ENTRIES; number++) {
            if (number % 3 == 0) {
                changes.add(SyncUpdate.deleted(Source.key(number), "d" + number));
            } else if (number % 5 == 0) {
                changes.add(SyncUpdate.changed(Source.key(number), Values.of(-number, 50), "c" + number));
            }
        }
        changes.addAll(Source.entries(ENTRIES, ENTRIES + 500, 300));
        changes.add(SyncUpdate.deleted("/never/there", "1"));
        return changes;
    }
}
