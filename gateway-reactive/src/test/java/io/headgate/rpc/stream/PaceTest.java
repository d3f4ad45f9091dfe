package io.headgate.rpc.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.headgate.test.VirtualClock;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class PaceTest {

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private VirtualClock clock;
    private Pace pace;
    private long passed;

    @BeforeEach
    void begin() {
        clock = VirtualClock.install();
        pace = Pace.of(1000).withBurst(0).withTimer(clock, () -> clock.now(TimeUnit.NANOSECONDS));
    }

    @AfterEach
    void nothingIsLeft() {
        clock.close();
        assertThat(clock.pending()).isZero();
        allocator.assertNoLeaks();
    }

    private Flux<ByteBuf> buffers(int size, int count) {
        return Flux.range(0, count).map(i -> allocator.heapBuffer(size).writeZero(size));
    }

    private Disposable run(Flux<ByteBuf> stream) {
        return stream.subscribe(buffer -> {
            passed += buffer.readableBytes();
            buffer.release();
        });
    }

    @Test
    void theRateHoldsWhateverTheSizeOfBuffers() {
        for (int size : new int[] {1, 10, 100, 700}) {
            passed = 0;
            Disposable stream = run(buffers(size, 1_000_000).transform(pace));
            clock.advance(Duration.ofSeconds(7));
            assertThat(passed).as("buffers of %d", size).isBetween(7000L - size, 7000L + size + 1);
            stream.dispose();
            clock.advance(Duration.ofSeconds(7));
        }
    }

    @Test
    void aBurstPassesAtOnceAfterAPause() {
        Pace bursting = pace.withBurst(500).withTimer(clock, () -> clock.now(TimeUnit.NANOSECONDS));
        Disposable stream = run(buffers(100, 1000).transform(bursting));
        assertThat(passed).isEqualTo(600); // the burst, and the buffer that is owed
        clock.advance(Duration.ofSeconds(1));
        assertThat(passed).isEqualTo(1600);
        stream.dispose();
    }

    @Test
    void streamsShareThePace() {
        long[] each = new long[2];
        Disposable first = buffers(10, 10_000).transform(pace).subscribe(buffer -> {
            each[0] += buffer.readableBytes();
            buffer.release();
        });
        Disposable second = buffers(10, 10_000).transform(pace).subscribe(buffer -> {
            each[1] += buffer.readableBytes();
            buffer.release();
        });
        clock.advance(Duration.ofSeconds(10));
        assertThat(each[0] + each[1]).isBetween(9_980L, 10_040L);
        assertThat(each[0]).isBetween(4900L, 5100L);
        first.dispose();
        second.dispose();
    }

    @Test
    void demandIsKept() {
        StepVerifier.create(buffers(1, 100).transform(Pace.of(1 << 30)).doOnNext(ByteBuf::release), 0)
                .expectSubscription()
                .thenRequest(3)
                .expectNextCount(3)
                .thenRequest(97)
                .expectNextCount(97)
                .verifyComplete();
    }

    @Test
    void asksForOneBufferAtATime() {
        ScriptedBody body = ScriptedBody.create();
        Disposable stream = run(body.transform(pace));
        assertThat(body.requested()).isOne();
        body.emit(allocator.heapBuffer(100).writeZero(100));
        body.emit(allocator.heapBuffer(100).writeZero(100));
        assertThat(passed).isEqualTo(100);
        clock.advance(Duration.ofMillis(100));
        assertThat(passed).isEqualTo(200);
        assertThat(clock.pending()).isOne();
        stream.dispose();
        assertThat(clock.pending()).isZero();
        assertThat(body.cancels()).isOne();
    }

    @Test
    void aTimerThatIsGoneDoesNotHoldTheStream() {
        var gone = Schedulers.newSingle("gone");
        Pace slow = Pace.of(1)
                .withBurst(0)
                .withTimer(
                        Schedulers.fromExecutor(task -> {
                            throw new java.util.concurrent.RejectedExecutionException("gone");
                        }),
                        System::nanoTime);
        run(buffers(10, 5).transform(slow));
        assertThat(passed).isEqualTo(50);
        gone.dispose();
    }

    @Test
    void ratesThatAreNoneAreRefused() {
        assertThatThrownBy(() -> Pace.of(0)).hasMessage("bytesPerSecond: 0 (expected: 1..1099511627776)");
        assertThatThrownBy(() -> pace.withBurst(-1)).hasMessageStartingWith("bytes: -1");
    }
}
