package io.headgate.rpc.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Demand passes one to one, and a cancellation once. */
class FlowTest {

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final Streams.Handlers handlers = new Streams.Handlers();
    private final Streams streams = RpcClients.create()
            .withAllocator(allocator)
            .client(
                    Streams.class,
                    Endpoints.builder()
                            .add(Streams.class, handlers)
                            .allocator(allocator)
                            .build());

    @AfterEach
    void everyBufferIsReleased() {
        allocator.assertNoLeaks();
    }

    @Test
    void handlerIsAskedForWhatItsCallerAsksFor() {
        List<Long> demand = new ArrayList<>();
        handlers.out = Flux.range(1, 100).doOnRequest(demand::add);

        StepVerifier.create(streams.out(), 0)
                .then(() -> assertThat(demand).isEmpty())
                .thenRequest(2)
                .expectNext(1, 2)
                .thenRequest(1)
                .expectNext(3)
                .thenCancel()
                .verify();

        assertThat(demand).containsExactly(2L, 1L);
    }

    @Test
    void callerIsAskedForWhatTheHandlerAsksFor() {
        List<Long> demand = new ArrayList<>();
        AtomicInteger cancelled = new AtomicInteger();
        Flux<Integer> numbers = Flux.range(1, 100).doOnRequest(demand::add).doOnCancel(cancelled::incrementAndGet);
        handlers.in = values -> values.take(3, true).map(String::valueOf).reduce(String::concat);

        StepVerifier.create(streams.in(numbers)).expectNext("123").verifyComplete();
        StepVerifier.create(streams.behind("0", numbers)).expectNext("0123").verifyComplete();

        assertThat(demand).containsExactly(3L, 3L);
        assertThat(cancelled).hasValue(2);
    }

    @Test
    void cancelReachesTheHandlerOnce() {
        AtomicInteger cancelled = new AtomicInteger();
        handlers.one = Mono.<String>never().doOnCancel(cancelled::incrementAndGet);
        handlers.out = Flux.<Integer>never().doOnCancel(cancelled::incrementAndGet);

        StepVerifier.create(streams.one())
                .then(() -> assertThat(cancelled).hasValue(0))
                .thenCancel()
                .verify();
        assertThat(cancelled).hasValue(1);
        StepVerifier.create(streams.out())
                .then(() -> assertThat(cancelled).hasValue(1))
                .thenCancel()
                .verify();
        assertThat(cancelled).hasValue(2);
    }

    @Test
    void cancelReachesBothDirectionsOnce() {
        AtomicInteger in = new AtomicInteger();
        AtomicInteger out = new AtomicInteger();
        handlers.both = values -> values.doOnCancel(out::incrementAndGet);

        StepVerifier.create(
                        streams.both(Flux.range(1, 2).concatWith(Flux.never()).doOnCancel(in::incrementAndGet)))
                .expectNext(1, 2)
                .thenCancel()
                .verify();

        assertThat(out).hasValue(1);
        assertThat(in).hasValue(1);
    }

    @Test
    void cancelledSubscriberHearsNothingMore() {
        AtomicReference<Subscription> subscription = new AtomicReference<>();
        List<Object> heard = new ArrayList<>();
        handlers.out = Flux.range(1, 10);
        streams.out().subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription given) {
                subscription.set(given);
                given.request(Long.MAX_VALUE);
            }

            @Override
            protected void hookOnNext(Integer value) {
                heard.add(value);
                if (value == 3) {
                    subscription.get().cancel();
                }
            }
        });

        assertThat(heard).containsExactly(1, 2, 3);
    }

    @Test
    void callThatIsCancelledBeforeItIsAskedForAnythingIsNotMade() {
        AtomicInteger calls = new AtomicInteger();
        handlers.one = Mono.fromRunnable(calls::incrementAndGet);

        StepVerifier.create(streams.one(), 0).thenCancel().verify();

        assertThat(calls).hasValue(0);
    }

    @Test
    void elementsPassWhileTheOtherDirectionIsOpen() {
        handlers.both = values -> values.map(value -> value * 10).take(3);

        StepVerifier.create(streams.both(Flux.just(0, 1, 2).concatWith(Flux.never())))
                .expectNext(0, 10, 20)
                .verifyComplete();
    }

    @Test
    void manyThreadsCallAtOnce() {
        handlers.both = values -> values.publishOn(Schedulers.parallel(), 4).map(value -> value + 1);
        handlers.in = values -> values.publishOn(Schedulers.parallel(), 4)
                .reduce(0, Integer::sum)
                .map(String::valueOf);

        Flux<Object> calls = Flux.range(0, 100)
                .flatMap(
                        i -> i % 2 == 0
                                ? streams.both(Flux.range(i, 20)).reduce(0, Integer::sum)
                                : streams.behind("", Flux.range(i, 20).subscribeOn(Schedulers.parallel())),
                        32)
                .collectList()
                .flatMapMany(Flux::fromIterable);

        StepVerifier.create(calls.map(sum -> Integer.parseInt(sum.toString())).reduce(0L, Long::sum))
                .expectNext(Flux.range(0, 100)
                        .map(i -> 20L * i + 190 + (i % 2 == 0 ? 20 : 0))
                        .reduce(0L, Long::sum)
                        .block())
                .expectComplete()
                .verify(Duration.ofSeconds(20));
    }

    @Test
    void cancelsThatRaceWithElementsLoseNothing() {
        handlers.rawOut = Flux.range(0, 100).map(i -> allocator.utf8("x")).doOnDiscard(ByteBuf.class, ByteBuf::release);
        AtomicInteger taken = new AtomicInteger();
        for (int i = 0; i < 100; i++) {
            Disposable call = streams.rawOut()
                    .subscribeOn(Schedulers.parallel())
                    .doOnNext(buffer -> taken.incrementAndGet())
                    .subscribe(ByteBuf::release);
            int until = taken.get() + i % 50;
            await().pollInterval(Duration.ofNanos(1)).until(() -> taken.get() >= until || call.isDisposed());
            call.dispose();
        }
        await().untilAsserted(allocator::assertNoLeaks);
    }
}
