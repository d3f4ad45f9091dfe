package io.headgate.sync.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.sync.server.ConnectionTarget.Fleet;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

class ConnectionTargetTest {

    private static final ConnectionTarget OLD = new ConnectionTarget(11, 101, 1);

    @ParameterizedTest
    @CsvSource({"1,10,101", "0,10,101", "10,10,11", "10,500,67", "2,500,101", "5,100,31", "5,200,61", "2,2147483647,101"
    })
    void theTargetIsThatOfTheOrigin(int servers, int nodes, int expected) {
        assertThat(OLD.of(new Fleet(servers, nodes))).isEqualTo(expected);
    }

    @Test
    void eachTopicCountsAsAConnectionOfEachNode() {
        assertThat(new ConnectionTarget(1, 10_000, 4).of(new Fleet(5, 200))).isEqualTo(4 * 61);
        assertThat(ConnectionTarget.DEFAULTS.of(new Fleet(5, 200))).isEqualTo(400);
        assertThat(ConnectionTarget.DEFAULTS.of(new Fleet(3, 2000))).isEqualTo(4804);
    }

    @Test
    void boundsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> new ConnectionTarget(5, 4, 1)).hasMessageContaining("lower: 5, upper: 4");
        assertThatThrownBy(() -> new ConnectionTarget(0, 4, 1)).hasMessageContaining("expected: 1 <= lower");
        assertThatThrownBy(() -> new ConnectionTarget(1, 4, 0)).hasMessageContaining("syncers: 0");
        assertThatThrownBy(() -> new Fleet(-1, 4)).hasMessageContaining("servers: -1");
    }

    @Test
    void anEqualTargetIsNotToldAgainAndAFailedLookMeansTheUpperBound() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        Queue<Mono<Fleet>> looks = new ArrayDeque<>(List.of(
                Mono.just(new Fleet(5, 100)),
                Mono.just(new Fleet(5, 101)), // the same after the division
                Mono.error(new IllegalStateException("no answer")),
                Mono.empty(),
                Mono.just(new Fleet(5, 200))));
        StepVerifier.create(OLD.over(
                        Mono.defer(looks::remove), ConnectionTarget.DEFAULT_INTERVAL, time, new FixedRandom(0.5)))
                .expectNext(31)
                .then(() -> time.advanceTimeBy(Duration.ofMillis(31_499)))
                .then(() -> assertThat(looks).hasSize(4))
                .then(() -> time.advanceTimeBy(Duration.ofMillis(1)))
                .then(() -> assertThat(looks).hasSize(3))
                .then(() -> time.advanceTimeBy(Duration.ofMillis(31_500)))
                .expectNext(101)
                .then(() -> time.advanceTimeBy(Duration.ofMillis(63_000)))
                .expectNext(61)
                .thenCancel()
                .verify(Duration.ofSeconds(10));
    }
}
