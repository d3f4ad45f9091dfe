package io.headgate.mux.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TickerTest {

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Ticker ticker = new Ticker(channel.eventLoop(), Duration.ofMillis(10));

    TickerTest() {
        channel.freezeTime();
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private void advance() {
        channel.advanceTimeBy(10, TimeUnit.MILLISECONDS);
        channel.runPendingTasks();
        channel.runScheduledPendingTasks();
    }

    @Test
    void everybodyRegisteredIsAskedOncePerTick() {
        List<String> asked = new ArrayList<>();
        ticker.register(now -> asked.add("a"));
        ticker.register(now -> asked.add("b"));
        advance();
        assertThat(asked).containsExactlyInAnyOrder("a", "b");
        advance();
        assertThat(asked).hasSize(4);
    }

    @Test
    void registrationsMayEndAndBeginWithinATick() {
        List<String> asked = new ArrayList<>();
        List<Ticker.Registration> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int number = i;
            all.add(ticker.register(now -> {
                asked.add("old");
                all.forEach(Ticker.Registration::close);
                ticker.register(later -> asked.add("new"));
            }));
        }
        advance();
        assertThat(asked).containsOnlyOnce("old");
        asked.clear();
        advance();
        assertThat(asked).as("one timer, not two").containsExactly("new");
    }

    @Test
    void oneThatThrowsDoesNotStopTheOthers() {
        List<String> asked = new ArrayList<>();
        ticker.register(now -> asked.add("a"));
        ticker.register(now -> {
            throw new IllegalStateException("on purpose, to be logged");
        });
        advance();
        advance();
        assertThat(asked).containsExactly("a", "a");
    }

    @Test
    void clockStandsStillWhileNobodyIsRegistered() {
        Ticker.Registration registration = ticker.register(now -> {});
        registration.close();
        registration.close();
        advance();
        assertThat(channel.runScheduledPendingTasks()).isEqualTo(-1);
        ticker.register(now -> {});
        assertThat(channel.runScheduledPendingTasks()).isPositive();
    }

    @Test
    void timeoutIsOverBeyondItsGrain() {
        long now = ticker.now();
        assertThat(ticker.isOver(now - 20_000_000, Duration.ofMillis(10))).isFalse();
        assertThat(ticker.isOver(now - 20_000_001, Duration.ofMillis(10))).isTrue();
    }
}
