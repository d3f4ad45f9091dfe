package io.headgate.sync.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.sync.acceptance.GoPeer.Structs;
import io.headgate.sync.client.SyncClientSettings;
import io.headgate.sync.client.SyncClientSpec;
import io.headgate.sync.client.SyncFeature;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client at servers in Go: programs that run, and what such programs said when they were recorded. */
@Timeout(120)
class GoWriterTest {

    private static SyncClientSpec spec(int port, Structs structs) {
        SyncClientSpec spec = SyncClientSpec.of("127.0.0.1:" + port);
        return structs == Structs.TODAY
                ? spec
                : spec.withSettings(SyncClientSettings.DEFAULTS.withFeatures(Set.<SyncFeature>of()));
    }

    @ParameterizedTest
    @CsvSource({"V325, ''", "TODAY, ''", "TODAY, -restart", "TODAY, -snappy"})
    void aServerInGoIsFollowedAndWhatItsNextSnapshotLacksIsDeleted(Structs structs, String flag) throws Exception {
        String[] arguments = flag.isEmpty() ? new String[] {"serve"} : new String[] {"serve", flag, "-batch", "500"};
        try (GoPeer server = GoPeer.start(structs, arguments)) {
            int port = Integer.parseInt(server.await("listening").split(" ")[1]);
            try (Witness witness = Witness.follow(spec(port, structs))) {
                for (int round = 0; round < 3; round++) {
                    assertThat(server.await("client hello")).contains("headgate");
                    server.await("pong");
                    String told = server.await("told");
                    witness.awaitChecksum(GoPeer.value(told, "checksum"));
                    assertThat(witness.size()).isEqualTo(Integer.parseInt(GoPeer.value(told, "entries")));
                    assertThat(witness.losses()).isEqualTo(round);
                    server.tell("next");
                }
            }
            boolean acknowledged = server.lines().contains("ack");
            assertThat(acknowledged).isEqualTo(!flag.isEmpty());
        }
    }

    /** The checksum is the one that the recorded program printed. */
    @ParameterizedTest
    @ValueSource(strings = {"v325-session", "today-session", "today-restart-session", "today-snappy-session"})
    void whatAServerInGoHasSaidIsFollowed(String name) throws Exception {
        Structs structs = name.startsWith("v325") ? Structs.V325 : Structs.TODAY;
        try (Replay server = Replay.of(GoPeer.recorded("/sync/go/" + name + ".hex"));
                Witness witness = Witness.follow(spec(server.port(), structs))) {
            witness.awaitChecksum("7fb60fc4c4cd9b41ef6104b2b37f469f8763f215e34f383077cbe3d5b9440eb1");
            assertThat(witness.size()).isEqualTo(46);
        }
    }
}
