package io.headgate.sync.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.resolve.Endpoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ServerChoiceTest {

    private static final Endpoint A = Endpoint.of("10.0.0.1", 5473);
    private static final Endpoint B = Endpoint.of("10.0.0.2", 5473);
    private static final Endpoint NEAR = Endpoint.of("10.0.0.3", 5473).withLabels(Map.of("zone", "b"));
    private static final Endpoint NEAR_TOO = Endpoint.of("10.0.0.4", 5473).withLabels(Map.of("zone", "b"));

    private ServerChoice choice(long seed) {
        SyncClientSpec spec = SyncClientSpec.of("any").withLocal("zone", "b");
        return new ServerChoice(spec::isLocal, new SplittableRandom(seed));
    }

    @Test
    void eachServerHasItsTurnBeforeAnyHasAnotherAndNearOnesComeFirst() {
        Set<List<Endpoint>> orders = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            ServerChoice choice = choice(seed);
            choice.known(List.of(A, NEAR, B, NEAR_TOO));
            List<Endpoint> round = turns(choice, 4);
            assertThat(round.subList(0, 2)).containsExactlyInAnyOrder(NEAR, NEAR_TOO);
            assertThat(round.subList(2, 4)).containsExactlyInAnyOrder(A, B);
            assertThat(turns(choice, 4)).containsExactlyInAnyOrder(A, B, NEAR, NEAR_TOO);
            orders.add(round);
        }
        assertThat(orders).as("orders by lot").hasSize(4);
    }

    private static List<Endpoint> turns(ServerChoice choice, int count) {
        List<Endpoint> turns = new ArrayList<>();
        IntStream.range(0, count).forEach(turn -> turns.add(choice.next(0)));
        return turns;
    }

    @Test
    void aServerThatHasWorkedComesAfterAllOthers() {
        ServerChoice choice = choice(1);
        choice.known(List.of(A, NEAR, B));
        assertThat(choice.next(0)).isEqualTo(NEAR);
        choice.worked(NEAR);

        assertThat(turns(choice, 2)).containsExactlyInAnyOrder(A, B);
        assertThat(choice.next(0)).isEqualTo(NEAR);
    }

    @Test
    void aServerThatWantsToBeLeftAloneHasNoTurnUntilItsTimeIsOver() {
        ServerChoice choice = choice(1);
        choice.known(List.of(A));
        assertThat(choice.next(100)).isEqualTo(A);
        choice.leave(A, 100, 50);
        assertThat(choice.next(120)).isNull();
        assertThat(choice.again(A, 120)).isNull();
        assertThat(choice.left(120)).isEqualTo(30);

        choice.known(List.of(A, B));
        assertThat(turns(choice, 2)).hasSize(2);
        assertThat(choice.next(150)).isIn(A, B);
        assertThat(choice.left(150)).isEqualTo(ServerChoice.FOR_EVER);
    }

    @Test
    void serversComeAndGo() {
        ServerChoice choice = choice(1);
        assertThat(choice.next(0)).isNull();
        assertThat(choice.left(0)).isEqualTo(ServerChoice.FOR_EVER);
        choice.known(List.of(A));
        assertThat(choice.next(0)).isEqualTo(A);
        choice.known(List.of(A, B));
        assertThat(choice.next(0)).isEqualTo(B);
        choice.known(List.of(B));
        assertThat(choice.again(A, 0)).isNull();
        assertThat(choice.again(B, 0)).isEqualTo(B);
        assertThat(choice.size()).isOne();
    }
}
