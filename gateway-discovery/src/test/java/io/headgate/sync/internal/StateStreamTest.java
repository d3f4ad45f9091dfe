package io.headgate.sync.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncEvent.Status;
import io.headgate.sync.SyncEvent.Updates;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class StateStreamTest {

    private static final Status IN_SYNC = new Status(SyncStatus.IN_SYNC);

    private final TestPublisher<SyncEvent> source = TestPublisher.create();
    private final Flux<SyncEvent> stream = source.flux().transform(StateStream.conflate());

    @Test
    void foldsWhatThereIsNoDemandFor() {
        StepVerifier.create(stream, 1)
                .then(() -> source.next(Updates.of(put("a", "1"))))
                .expectNext(Updates.of(put("a", "1")))
                .then(() -> source.next(Updates.of(put("b", "1")))
                        .next(IN_SYNC)
                        .next(Updates.of(put("b", "2"), put("c", "1")))
                        .next(Updates.of(SyncUpdate.deleted("c", ""))))
                .thenRequest(1)
                .expectNext(Updates.of(put("b", "2")))
                .thenRequest(5)
                .expectNext(IN_SYNC)
                .thenCancel()
                .verify(Duration.ofSeconds(10));
        source.assertWasRequested();
        source.assertCancelled();
    }

    @Test
    void completesOnceAllIsTold() {
        StepVerifier.create(stream, 0)
                .then(() -> source.next(Updates.of(put("a", "1")), IN_SYNC).complete())
                .thenRequest(1)
                .expectNext(Updates.of(put("a", "1")))
                .thenRequest(1)
                .expectNext(IN_SYNC)
                .verifyComplete();
    }

    @Test
    void anErrorOvertakesWhatWaits() {
        StepVerifier.create(stream, 0)
                .then(() -> source.next(IN_SYNC).error(new IllegalStateException("refused")))
                .verifyErrorMessage("refused");
    }

    @Test
    void aSubscriberThatCancelsWhileItIsToldHearsNoMore() {
        AtomicInteger told = new AtomicInteger();
        stream.subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnNext(SyncEvent event) {
                told.incrementAndGet();
                cancel();
            }
        });

        source.next(Updates.of(put("a", "1"))).next(IN_SYNC);

        assertThat(told).hasValue(1);
        source.assertCancelled();
    }

    @Test
    void aCancelWhileTheSourceTellsAtOnceEndsTheSource() {
        Flux<SyncEvent> endless = Flux.<SyncEvent>generate(sink -> sink.next(IN_SYNC));

        StepVerifier.create(endless.transform(StateStream.conflate()).take(1))
                .expectNext(IN_SYNC)
                .verifyComplete();
    }

    @Test
    void aSubscriberThatThrowsIsCutAndNobodyElse() {
        AtomicReference<Throwable> failed = new AtomicReference<>();
        stream.subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                request(1);
            }

            @Override
            protected void hookOnNext(SyncEvent event) {
                throw new IllegalStateException("broken");
            }

            @Override
            protected void hookOnError(Throwable error) {
                failed.set(error);
            }
        });

        source.next(IN_SYNC);

        assertThat(failed.get()).hasMessage("broken");
        source.assertCancelled();
    }

    @Test
    void aSourceThatThrowsFailsTheStream() {
        StepVerifier.create(StateStream.of(outlet -> {
                    throw new IllegalStateException("no source");
                }))
                .verifyErrorMessage("no source");
    }

    @Test
    void manyThreadsPutInAndEveryKeyEndsAtItsLastValue() throws InterruptedException {
        int threads = 4;
        int rounds = 20_000;
        AtomicReference<Outlet> in = new AtomicReference<>();
        Map<String, String> known = new HashMap<>();
        CountDownLatch completed = new CountDownLatch(1);
        StateStream.of(outlet -> {
                    in.set(outlet);
                    return () -> {};
                })
                .publishOn(Schedulers.parallel(), 1)
                .doOnComplete(completed::countDown)
                .subscribe(event -> ((Updates) event)
                        .updates()
                        .forEach(
                                update -> known.put(update.key(), update.value().toStringUtf8())));

        Flux.range(0, threads)
                .parallel(threads)
                .runOn(Schedulers.boundedElastic())
                .doOnNext(thread -> {
                    for (int i = 1; i <= rounds; i++) {
                        in.get().take(Updates.of(put(thread + "-" + i % 50, Integer.toString(i))));
                    }
                })
                .sequential()
                .blockLast();
        in.get().complete();
        completed.await();

        assertThat(known).hasSize(threads * 50);
        assertThat(known)
                .allSatisfy((key, value) -> assertThat(Integer.parseInt(value)).isGreaterThan(rounds - 50));
    }

    private static SyncUpdate put(String key, String value) {
        return SyncUpdate.added(key, ByteString.copyFromUtf8(value), "");
    }
}
