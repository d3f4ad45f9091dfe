package io.headgate.mux.internal.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.mux.MuxSettings;
import io.headgate.mux.internal.Loop;
import io.headgate.mux.internal.Pool;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a connection to an upstream does without an exchange. */
class H1BackTest {

    private static final Duration IDLE = Duration.ofMillis(100);

    private final MockTicker clock = Ticker.newMockTicker();
    private final Dialled channel = new Dialled(clock);
    private final Pool pool = new Pool(
            new Loop(0, channel.eventLoop(), Duration.ofMillis(10)),
            MuxSettings.builder().idle(IDLE).build(),
            from -> {},
            2,
            1);

    /** Is not connected before it is told. */
    private static final class Dialled extends EmbeddedChannel {

        private boolean connected;

        Dialled(Ticker ticker) {
            super(EmbeddedChannel.builder().ticker(ticker));
        }

        @Override
        public boolean isActive() {
            return connected && super.isActive();
        }
    }

    private void idleFor(Duration time) {
        for (long millis = 0; millis < time.toMillis(); millis += 10) {
            clock.advance(10, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    @Test
    void connectionWithoutExchangesIsClosedAfterTheIdleTime() {
        channel.connected = true;
        H1Back.install(channel.pipeline(), pool);
        idleFor(IDLE);
        assertThat(channel.isOpen()).isTrue();
        idleFor(Duration.ofMillis(30)); // and the grain of the clock
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void connectionThatIsBeingDialledDoesNotIdle() {
        H1Back.install(channel.pipeline(), pool);
        idleFor(IDLE.multipliedBy(10));
        assertThat(channel.isOpen()).isTrue();
        channel.connected = true;
        channel.close();
    }
}
