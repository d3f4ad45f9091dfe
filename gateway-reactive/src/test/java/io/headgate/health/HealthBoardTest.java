package io.headgate.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.health.HealthBoard.Entry;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.TlsName;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HealthBoardTest {

    private static final HealthRules RULES = new HealthRules(2, 3, false, 0);

    private final Map<Integer, Entry> entries = new LinkedHashMap<>();
    private final List<String> roster = new ArrayList<>();
    private final List<Boolean> panics = new ArrayList<>();

    private final HealthBoard.Roster recording = new HealthBoard.Roster() {
        @Override
        public void joined(Entry entry) {
            entries.put(entry.endpoint().address().getPort(), entry);
            roster.add("joined " + entry.endpoint().address().getPort());
        }

        @Override
        public void changed(Entry entry) {
            roster.add("changed " + entry.endpoint().address().getPort());
        }

        @Override
        public void left(Entry entry) {
            roster.add("left " + entry.endpoint().address().getPort());
        }
    };

    private HealthBoard board(HealthRules rules) {
        return new HealthBoard(rules, recording, panics::add);
    }

    private static Endpoint endpoint(int port) {
        return Endpoint.of("127.0.0.1", port);
    }

    private static Update<Endpoint> reset(int... ports) {
        return new Update.Reset<>(
                IntStream.of(ports).mapToObj(HealthBoardTest::endpoint).toList());
    }

    private static Update<Endpoint> upsert(Endpoint... endpoints) {
        return new Update.Upsert<>(List.of(endpoints));
    }

    private static Update<Endpoint> remove(Departure departure, int port) {
        return new Update.Remove<>(List.of(endpoint(port)), departure);
    }

    private void find(HealthBoard board, int port, boolean healthy, int times) {
        for (int i = 0; i < times; i++) {
            board.found(entries.get(port), healthy);
        }
    }

    @Test
    void tellsNothingBeforeTheSourceDoes() {
        assertThat(board(RULES).next()).isNull();
    }

    @Test
    void endpointsAreWellUntilTheyAreFoundNotToBe() {
        HealthBoard board = board(RULES);
        board.apply(reset(1, 2));
        assertThat(board.next())
                .isInstanceOfSatisfying(
                        Update.Reset.class,
                        told -> assertThat(told.members()).containsExactlyInAnyOrder(endpoint(1), endpoint(2)));
        assertThat(board.next()).isNull();
        find(board, 1, false, 2);
        assertThat(board.next()).as("after two of three").isNull();
        find(board, 1, false, 1);

        assertThat(board.next()).isEqualTo(remove(Departure.DRAIN, 1));
    }

    @Test
    void aSuccessInBetweenBeginsTheCountAnew() {
        HealthBoard board = board(RULES);
        board.apply(reset(1));
        board.next();
        find(board, 1, false, 2);
        find(board, 1, true, 1);
        find(board, 1, false, 2);

        assertThat(board.next()).isNull();
    }

    @Test
    void comesBackAfterSoManySuccesses() {
        HealthBoard board = board(RULES);
        board.apply(reset(1));
        board.next();
        find(board, 1, false, 3);
        board.next();
        find(board, 1, true, 1);
        assertThat(board.next()).isNull();
        find(board, 1, true, 1);

        assertThat(board.next()).isEqualTo(upsert(endpoint(1)));
    }

    @Test
    void whatComesAndGoesBeforeItIsTakenIsNotTold() {
        HealthBoard board = board(RULES);
        board.apply(reset(1, 2));
        board.next();
        find(board, 1, false, 3);
        find(board, 1, true, 2);
        board.apply(upsert(endpoint(3)));
        board.apply(remove(Departure.DROP, 3));

        assertThat(board.next()).isNull();
    }

    @Test
    void checkedFirstWaitsForTheFirstThatIsWell() {
        HealthBoard board = board(new HealthRules(2, 3, true, 0.5));
        board.apply(reset(1, 2, 3));
        assertThat(board.next()).isNull();
        find(board, 1, false, 1);
        assertThat(board.next()).isNull();
        find(board, 2, true, 1);
        assertThat(board.next()).isEqualTo(reset(2));
        find(board, 3, true, 1);

        assertThat(board.next()).isEqualTo(upsert(endpoint(3)));
    }

    @Test
    void checkedFirstTellsAnEmptySetWhenNoneIsWell() {
        HealthBoard board = board(new HealthRules(2, 3, true, 0));
        board.apply(reset(1, 2));
        find(board, 1, false, 1);
        assertThat(board.next()).isNull();
        find(board, 2, false, 1);

        assertThat(board.next()).isEqualTo(reset());
    }

    @Test
    void passesWhatTheSourceSays() {
        HealthBoard board = board(RULES);
        board.apply(reset(1, 2));
        board.next();
        board.apply(remove(Departure.DROP, 1));
        assertThat(board.next()).isEqualTo(remove(Departure.DROP, 1));
        board.apply(reset(3));
        assertThat(board.next()).isEqualTo(upsert(endpoint(3)));
        assertThat(board.next()).isEqualTo(remove(Departure.DRAIN, 2));
        board.apply(new Update.Absent<>());
        assertThat(board.next()).isEqualTo(new Update.Absent<>());
        board.apply(new Update.Absent<>());
        assertThat(board.next()).isNull();
        board.apply(upsert(endpoint(4)));

        assertThat(board.next()).isEqualTo(reset(4));
        assertThat(roster)
                .containsExactly("joined 1", "joined 2", "left 1", "left 2", "joined 3", "left 3", "joined 4");
    }

    @Test
    void newMetadataKeepsTheHealth() {
        HealthBoard board = board(RULES);
        board.apply(reset(1, 2));
        board.next();
        find(board, 1, false, 3);
        board.next();
        board.apply(upsert(endpoint(1).withWeight(5), endpoint(2).withWeight(5)));

        assertThat(board.next()).isEqualTo(upsert(endpoint(2).withWeight(5)));
        assertThat(board.next()).isNull();
        assertThat(roster).containsExactly("joined 1", "joined 2");
    }

    @Test
    void anotherWayToAskBeginsTheChecksAnew() {
        HealthBoard board = board(RULES);
        board.apply(reset(1));
        board.apply(upsert(endpoint(1).withTls(TlsName.dns("a"))));

        assertThat(roster).containsExactly("joined 1", "changed 1");
    }

    @Test
    void whatIsKnownIsNotToldAgain() {
        HealthBoard board = board(RULES);
        board.apply(reset(1));
        board.next();
        board.apply(reset(1));
        board.apply(upsert(endpoint(1)));
        board.apply(remove(Departure.DROP, 9));

        assertThat(board.next()).isNull();
    }

    @Test
    void withTooFewThatAreWellAllAreUsed() {
        HealthBoard board = board(new HealthRules(1, 1, false, 0.5));
        board.apply(reset(1, 2, 3, 4));
        board.next();
        find(board, 1, false, 1);
        find(board, 2, false, 1);
        assertThat(((Update.Remove<Endpoint>) board.next()).members()).hasSize(2);
        find(board, 3, false, 1);
        assertThat(panics).containsExactly(true);
        assertThat(((Update.Upsert<Endpoint>) board.next()).members())
                .as("3 did not leave before all were used")
                .containsExactlyInAnyOrder(endpoint(1), endpoint(2));
        find(board, 1, true, 1);

        assertThat(panics).containsExactly(true, false);
        assertThat(((Update.Remove<Endpoint>) board.next()).members())
                .containsExactlyInAnyOrder(endpoint(2), endpoint(3));
    }

    @Test
    void panicIsOverWhenTheUnwellHaveLeft() {
        HealthBoard board = board(new HealthRules(1, 1, false, 0.5));
        board.apply(reset(1, 2, 3));
        find(board, 1, false, 1);
        find(board, 2, false, 1);
        board.next();
        board.apply(remove(Departure.DRAIN, 2));

        assertThat(panics).containsExactly(true, false);
        assertThat(((Update.Remove<Endpoint>) board.next()).members())
                .containsExactlyInAnyOrder(endpoint(1), endpoint(2));
    }
}
