package io.headgate.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.http.Fields;
import io.headgate.http.HttpReply;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockingOperationError;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** The tools of the kit, apart from the contract. */
class KitTest {

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();

    @Test
    void leaksAreNamedWithTheirSite() {
        ByteBuf kept = allocator.utf8("abc");
        ByteBuf direct = allocator.directBuffer(16);
        ByteBuf composite = allocator.compositeBuffer().addComponent(true, allocator.heapBuffer(4));

        assertThat(allocator.liveBuffers()).isEqualTo(4);
        direct.release();
        composite.release();
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(allocator::assertNoLeaks)
                .withMessageStartingWith("buffers not released: 1 (expected: 0)\n3 bytes, refCnt 1, allocated at\n")
                .withMessageContaining("KitTest.leaksAreNamedWithTheirSite");
        kept.release();
        assertThatCode(allocator::assertNoLeaks).doesNotThrowAnyException();
    }

    @Test
    void slicesCountAsTheirBuffer() {
        ByteBuf buffer = allocator.utf8("abc");
        ByteBuf slice = buffer.retainedSlice(0, 1);
        buffer.release();

        assertThat(allocator.liveBuffers()).isOne();
        slice.release();
        assertThat(allocator.liveBuffers()).isZero();
    }

    @Test
    void allocationsAreCountedExactly() {
        Object[] sink = new Object[1];

        assertThat(AllocationAssert.bytesPerCall(() -> sink[0] = new byte[984])).isBetween(984.0, 1016.0);
        assertThat(AllocationAssert.bytesPerCall(() -> sink[0] = sink)).isZero();
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(
                        () -> AllocationAssert.assertNothingBeyond(() -> sink[0] = sink, () -> sink[0] = new Object()))
                .withMessage("bytes allocated per call: 16.0 (expected: 0.0)");
    }

    @Test
    void scriptedBodiesWaitForDemandAndCount() {
        ScriptedBody body = ScriptedBody.create();
        body.emit(allocator.utf8("a")).emit(allocator.utf8("b")).complete(Fields.of("t", "1"));

        StepVerifier.create(body, 0)
                .thenRequest(1)
                .consumeNextWith(ByteBuf::release)
                .then(() -> assertThat(body.end()).isNull())
                .thenRequest(1)
                .consumeNextWith(ByteBuf::release)
                .verifyComplete();
        StepVerifier.create(body.trailers()).expectNext(Fields.of("t", "1")).verifyComplete();
        StepVerifier.create(body).verifyError(IllegalStateException.class);
        assertThat(body.requested()).isEqualTo(2);
        assertThat(body.subscriptions()).isEqualTo(2);
        assertThat(body.end()).isEqualTo(ScriptedBody.End.COMPLETED);
    }

    @Test
    void scriptedBodiesReleaseWhatNobodyGets() {
        ScriptedBody discarded = ScriptedBody.create().emit(allocator.utf8("a"));
        discarded.discard();
        discarded.emit(allocator.utf8("late"));
        ScriptedBody cancelled = ScriptedBody.create().emit(allocator.utf8("b"));
        StepVerifier.create(cancelled, 0).thenCancel().verify();

        assertThat(discarded.end()).isEqualTo(ScriptedBody.End.DISCARDED);
        assertThat(discarded.discards()).isOne();
        assertThat(cancelled.cancels()).isOne();
        StepVerifier.create(cancelled.trailers()).verifyErrorMessage("body: CANCELLED");
        allocator.assertNoLeaks();
    }

    @Test
    void scriptedServicesCloseWhenTheLastCallIsOver() {
        ScriptedService service = ScriptedService.create();
        StepVerifier.create(service.call(TestExchange.get("/")))
                .then(() -> service.onlyCall().reply(HttpReply.of(204)))
                .expectNextCount(1)
                .verifyComplete();
        Disposable call = service.call(TestExchange.get("/")).subscribe();

        StepVerifier.create(service.closeAsync(Duration.ZERO))
                .expectSubscription()
                .then(call::dispose)
                .verifyComplete();
        assertThat(service.calls().get(1).cancels()).isOne();
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(service::onlyCall)
                .withMessage("calls of next: 2 (expected: 1)");
    }

    @Test
    void aScriptedReplyWithoutDemandIsDiscardedByTheCancel() {
        ScriptedService service = ScriptedService.create();
        List<ScriptedBody> bodies = new ArrayList<>();
        StepVerifier.create(service.call(TestExchange.get("/")), 0)
                .then(() -> bodies.add(service.onlyCall().reply(200, Fields.empty())))
                .thenCancel()
                .verify();

        assertThat(bodies.get(0).end()).isEqualTo(ScriptedBody.End.DISCARDED);
        assertThat(service.onlyCall().isInFlight()).isFalse();
    }

    @Test
    void virtualTimeRunsWhatIsDueAndCountsWhatIsNot() {
        try (VirtualClock clock = VirtualClock.install()) {
            List<Long> ticks = new ArrayList<>();
            Disposable every = Flux.interval(Duration.ofSeconds(1)).subscribe(ticks::add);
            Disposable once = Mono.delay(Duration.ofHours(1)).subscribe();
            clock.advance(Duration.ofSeconds(3));

            assertThat(ticks).containsExactly(0L, 1L, 2L);
            assertThat(clock.pending()).isEqualTo(2);
            every.dispose();
            once.dispose();
            assertThat(clock.pending()).isZero();
        }
        assertThat(Schedulers.parallel().toString()).doesNotContain("VirtualClock");
    }

    @Test
    void virtualTimeRunsTasksWithoutDelayAtOnceAndInOrder() {
        try (VirtualClock clock = VirtualClock.install()) {
            StepVerifier.create(Flux.range(0, 3)
                            .publishOn(Schedulers.boundedElastic())
                            .subscribeOn(Schedulers.single()))
                    .expectNext(0, 1, 2)
                    .verifyComplete();
            assertThat(clock.pending()).isZero();
        }
    }

    @Test
    void virtualTimeThatIsEndedTwiceLeavesTheRealSchedulersAtWork() {
        Schedulers.parallel(); // is there before, so it is what comes back
        VirtualClock clock = VirtualClock.install();
        clock.close();
        clock.close();
        StepVerifier.create(Mono.delay(Duration.ofMillis(1)))
                .expectNext(0L)
                .expectComplete()
                .verify(Duration.ofSeconds(10));
    }

    /** Without the guard that {@link TestSession} puts up, tests of event loops that block would pass. */
    @Test
    void blockingOnAThreadOfReactorFailsTheCall() {
        Mono<Void> blocking =
                Mono.<Void>fromRunnable(() -> LockSupport.parkNanos(1)).subscribeOn(Schedulers.parallel());
        assertThatThrownBy(blocking::block).hasRootCauseInstanceOf(BlockingOperationError.class);
    }
}
