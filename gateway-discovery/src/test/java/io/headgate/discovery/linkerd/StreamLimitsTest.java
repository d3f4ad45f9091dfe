package io.headgate.discovery.linkerd;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;

class StreamLimitsTest {

    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    private final TestPublisher<String> stream = TestPublisher.create();

    @Test
    void aStreamAtItsLifetimeIsLeft() {
        StreamLimits limits = new StreamLimits(new ReceiveLimits(null, null, Duration.ofMinutes(1)), clock);
        StepVerifier.create(limits.on(stream.flux()))
                .then(() -> stream.next("state"))
                .expectNext("state")
                .then(() -> clock.advanceTimeBy(Duration.ofMinutes(1)))
                .expectErrorMessage("stream: at its limit (expected: opened again)")
                .verify();
        stream.assertCancelled();
        stream.assertNoSubscribers();
    }

    @Test
    void aStreamThatEndsEnds() {
        StreamLimits limits = new StreamLimits(new ReceiveLimits(null, null, Duration.ofMinutes(1)), clock);
        StepVerifier.create(limits.on(stream.flux())).then(stream::complete).verifyComplete();
    }
}
