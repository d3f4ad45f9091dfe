package io.headgate.rpc.stream;

import static io.headgate.rpc.stream.ProgressReport.State;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.http.Body;
import io.headgate.test.AllocationAssert;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.headgate.test.VirtualClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

class ProgressTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final ScriptedBody body = ScriptedBody.create();
    private final List<ProgressReport> reports = new ArrayList<>();
    private final List<Throwable> errors = new ArrayList<>();
    private VirtualClock clock;
    private Progress progress;
    private boolean completed;

    @BeforeEach
    void begin() {
        clock = VirtualClock.install();
        progress = Progress.create(clock, () -> clock.now(TimeUnit.NANOSECONDS));
    }

    @AfterEach
    void nothingIsLeft() {
        clock.close();
        assertThat(clock.pending()).isZero();
        allocator.assertNoLeaks();
    }

    private void look() {
        progress.reports(SECOND).subscribe(reports::add, errors::add, () -> completed = true);
    }

    private void send(int bytes) {
        body.emit(allocator.heapBuffer(bytes).writeZero(bytes));
    }

    private ProgressReport last() {
        return reports.get(reports.size() - 1);
    }

    @Test
    void reportsAtOnceThenEachPeriodAndAtTheEnd() {
        progress.expecting(4000);
        look();
        assertThat(last().state()).isEqualTo(State.WAITING);
        progress.apply(body).subscribe(ByteBuf::release);
        send(1000);
        clock.advance(SECOND);
        assertThat(last()).isEqualTo(new ProgressReport(State.RUNNING, 1000, 4000, SECOND, 1000));
        send(500);
        send(500);
        clock.advance(SECOND);
        assertThat(last()).isEqualTo(new ProgressReport(State.RUNNING, 2000, 4000, SECOND.multipliedBy(2), 1000));
        assertThat(last().share()).isEqualTo(0.5);
        clock.advance(SECOND);
        assertThat(last().rate()).isZero();
        send(2000);
        clock.advance(Duration.ofMillis(500));
        body.complete();
        assertThat(last().state()).isEqualTo(State.COMPLETE);
        assertThat(last().bytes()).isEqualTo(4000);
        assertThat(last().elapsed()).isEqualTo(Duration.ofMillis(3500));
        assertThat(last().rate()).isEqualTo(4000.0);
        assertThat(completed).isTrue();
        assertThat(reports).hasSize(5);
    }

    @Test
    void failsAsTheStreamDidAfterTheFinalFigure() {
        look();
        progress.apply(body).subscribe(ByteBuf::release, error -> {});
        send(7);
        RuntimeException broken = new IllegalStateException("broken");
        body.fail(broken);
        assertThat(last().state()).isEqualTo(State.FAILED);
        assertThat(last().bytes()).isEqualTo(7);
        assertThat(errors).containsExactly(broken);
    }

    @Test
    void aCancelledStreamIsOneThatEnded() {
        look();
        progress.apply(body).subscribe(ByteBuf::release).dispose();
        assertThat(last().state()).isEqualTo(State.CANCELLED);
        assertThat(completed).isTrue();
        assertThat(body.cancels()).isOne();
    }

    @Test
    void whoLooksAfterwardsSeesTheEnd() {
        progress.apply(body).subscribe(ByteBuf::release);
        send(9);
        body.complete();
        look();
        assertThat(last().bytes()).isEqualTo(9);
        assertThat(completed).isTrue();
        assertThat(progress.report().isLast()).isTrue();
    }

    @Test
    void aSlowReaderMissesReportsButNotTheLast() {
        BaseSubscriber<ProgressReport> slow = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                // asks later
            }

            @Override
            protected void hookOnNext(ProgressReport report) {
                reports.add(report);
            }

            @Override
            protected void hookOnComplete() {
                completed = true;
            }
        };
        progress.reports(SECOND).subscribe(slow);
        progress.apply(body).subscribe(ByteBuf::release);
        for (int i = 0; i < 5; i++) {
            send(10);
            clock.advance(SECOND);
        }
        slow.request(1);
        assertThat(last().bytes()).isEqualTo(50); // as of now, not of the tick
        clock.advance(SECOND);
        send(10);
        body.complete();
        assertThat(reports).hasSize(1);
        slow.request(1);
        assertThat(last().state()).isEqualTo(State.COMPLETE);
        assertThat(last().bytes()).isEqualTo(60);
        assertThat(completed).isTrue();
    }

    @Test
    void nobodyLooksAndNoTimerRuns() {
        progress.apply(body).subscribe(ByteBuf::release);
        send(10);
        assertThat(clock.pending()).isZero();
        var looking = progress.reports(SECOND).subscribe();
        assertThat(clock.pending()).isOne();
        looking.dispose();
        assertThat(clock.pending()).isZero();
        body.complete();
    }

    @Test
    void aBodySaysHowMuchIsExpectedAndStaysABody() {
        Body counted = progress.of(Body.of(allocator.utf8("abcdef")));
        assertThat(counted.length()).isEqualTo(6);
        look();
        assertThat(last().total()).isEqualTo(6);
        counted.subscribe(ByteBuf::release);
        assertThat(last().bytes()).isEqualTo(6);
        assertThat(last().state()).isEqualTo(State.COMPLETE);
    }

    @Test
    void aResumedStreamIsOne() {
        SeekableBody seekable = SeekableBody.of(
                        "v1",
                        10,
                        at -> Flux.just("0123456789".substring((int) at)).map(allocator::utf8))
                .with(progress);
        look();
        assertThat(last().total()).isEqualTo(10);
        seekable.shown(seekable.from(0), 0, false).subscribe(ByteBuf::release);
        assertThat(progress.report().bytes()).isEqualTo(10);
        assertThat(progress.report().state()).isEqualTo(State.RUNNING);
        seekable.shown(seekable.from(4), 4, false).subscribe(buffer -> {
            assertThat(progress.report().bytes()).isEqualTo(10);
            buffer.release();
        });
        seekable.subscribe(ByteBuf::release);
        assertThat(last().state()).isEqualTo(State.COMPLETE);
        assertThat(last().bytes()).isEqualTo(10);
    }

    @Test
    void isForOneStream() {
        progress.apply(body).subscribe(ByteBuf::release);
        Body second = Body.of(allocator.utf8("x"));
        assertThatThrownBy(() -> progress.of(second)).hasMessageContaining("one for each stream");
        second.discard();
        progress.apply(Flux.empty()).subscribe(buffer -> {}, errors::add);
        assertThat(errors).hasSize(1);
        body.complete();
    }

    @Test
    void aBufferCostsNoAllocation() {
        ByteBuf buffer = Unpooled.wrappedBuffer(new byte[100]);
        CoreSubscriber<ByteBuf> ignoring = new BaseSubscriber<>() {};
        ProgressSubscriber subscriber = new ProgressSubscriber(ignoring, progress, true);
        assertThat(AllocationAssert.bytesPerCall(() -> subscriber.onNext(buffer)))
                .isLessThan(1);
        assertThat(progress.report().state()).isEqualTo(State.WAITING);
    }

    @Test
    void saysItToPeople() {
        assertThat(new ProgressReport(State.RUNNING, 1536, 3072, Duration.ofMillis(2500), 512))
                .hasToString("1.5 KiB of 3.0 KiB, 50 %, 512 B/s, 2.5 s");
        assertThat(new ProgressReport(State.COMPLETE, 5L << 30, -1, Duration.ofSeconds(10), 0))
                .hasToString("5.0 GiB, 512.0 MiB/s, 10.0 s, complete");
    }
}
