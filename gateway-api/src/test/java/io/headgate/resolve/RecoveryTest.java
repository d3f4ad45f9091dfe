package io.headgate.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.resolve.Update.Absent;
import io.headgate.resolve.Update.Departure;
import io.headgate.resolve.Update.Remove;
import io.headgate.resolve.Update.Reset;
import io.headgate.resolve.Update.Upsert;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

class RecoveryTest {

    private static final Endpoint A = Endpoint.of("10.0.0.1", 80);
    private static final Endpoint B = Endpoint.of("10.0.0.2", 80);

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final List<Sinks.Many<Update<Endpoint>>> attempts = new ArrayList<>();
    private final List<Update<Endpoint>> told = new ArrayList<>();
    private final List<String> observed = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();

    private final Recovery recovery = Recovery.create()
            .withJitter(0)
            .withScheduler(time)
            .withFinal(IllegalArgumentException.class::isInstance)
            .withObserver(new Observed());

    @Test
    void theFirstUpsertOfEachAttemptIsTheWholeState() {
        subscribe();
        emit(new Upsert<>(List.of(A)));
        emit(new Upsert<>(List.of(B)));
        lose();
        time.advanceTimeBy(Recovery.FIRST_BACKOFF);
        emit(new Upsert<>(List.of(B)));

        assertThat(told).containsExactly(new Reset<>(List.of(A)), new Upsert<>(List.of(B)), new Reset<>(List.of(B)));
    }

    @Test
    void aRemovalBeforeTheStateIsIgnored() {
        subscribe();
        emit(new Remove<>(List.of(A), Departure.DROP));
        emit(new Absent<>());
        emit(new Remove<>(List.of(A), Departure.DROP));

        assertThat(told).containsExactly(new Absent<>(), new Remove<>(List.of(A), Departure.DROP));
    }

    @Test
    void theBackoffDoublesUpToItsEndAndStartsOverOnceEstablished() {
        subscribe();
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            waits.add(loseAndWait());
        }
        assertThat(waits).containsExactly(100L, 200L, 400L, 800L, 1600L, 3200L, 6400L, 10_000L, 10_000L);

        emit(new Reset<>(List.of(A)));
        assertThat(loseAndWait()).isEqualTo(100);
    }

    @Test
    void jitterStaysWithinItsBounds() {
        Disposable running = recovery.withJitter(1)
                .withBackoff(Duration.ofSeconds(1), Duration.ofSeconds(3))
                .updates("orders", attempt())
                .subscribe();
        for (int i = 0; i < 50; i++) {
            assertThat(loseAndWait()).isBetween(1000L, 3000L);
        }
        running.dispose();
    }

    @Test
    void theEndOfAnAttemptCountsAsALoss() {
        subscribe();
        emit(new Reset<>(List.of(A)));
        last().tryEmitComplete();
        time.advanceTimeBy(Recovery.FIRST_BACKOFF);

        assertThat(attempts).hasSize(2);
        assertThat(observed).endsWith("away orders LostStreamException");
    }

    @Test
    void aFinalErrorIsPassedOn() {
        subscribe();
        last().tryEmitError(new IllegalArgumentException("no such name"));

        assertThat(failures).hasExactlyElementsOfTypes(IllegalArgumentException.class);
        assertThat(observed).containsExactly("left orders");
    }

    @Test
    void theObserverIsTold() {
        Disposable running = subscribe();
        emit(new Reset<>(List.of(A)));
        lose();
        time.advanceTimeBy(Duration.ofSeconds(1));
        emit(new Reset<>(List.of(A)));
        running.dispose();

        assertThat(observed)
                .containsExactly("current orders", "away orders IOException", "current orders", "left orders");
    }

    @Test
    void cancelEndsTheAttemptOrTheWait() {
        Disposable first = subscribe();
        first.dispose();
        assertThat(last().currentSubscriberCount()).isZero();

        Disposable second = subscribe();
        lose();
        second.dispose();
        time.advanceTimeBy(Duration.ofMinutes(1));
        assertThat(attempts).hasSize(2);
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> recovery.withJitter(2)).hasMessage("jitter: 2.0 (expected: 0 to 1)");
        assertThatThrownBy(() -> recovery.withBackoff(Duration.ZERO, Duration.ZERO))
                .hasMessage("backoff: PT0S to PT0S (expected: above zero, not falling)");
    }

    private Disposable subscribe() {
        return recovery.updates("orders", attempt()).subscribe(told::add, failures::add);
    }

    private Flux<Update<Endpoint>> attempt() {
        return Flux.defer(() -> {
            attempts.add(Sinks.many().unicast().onBackpressureBuffer());
            return last().asFlux();
        });
    }

    private Sinks.Many<Update<Endpoint>> last() {
        return attempts.get(attempts.size() - 1);
    }

    private void emit(Update<Endpoint> update) {
        last().tryEmitNext(update).orThrow();
    }

    private void lose() {
        last().tryEmitError(new IOException("gone")).orThrow();
    }

    /** How many milliseconds pass between a loss and the next attempt. */
    private long loseAndWait() {
        int before = attempts.size();
        lose();
        long waited = 0;
        while (attempts.size() == before) {
            time.advanceTimeBy(Duration.ofMillis(1));
            waited++;
        }
        return waited;
    }

    private final class Observed implements SourceObserver {

        @Override
        public void current(String name) {
            observed.add("current " + name);
        }

        @Override
        public void away(String name, Throwable cause) {
            observed.add("away " + name + " "
                    + Objects.requireNonNull(cause).getClass().getSimpleName());
        }

        @Override
        public void left(String name) {
            observed.add("left " + name);
        }
    }
}
