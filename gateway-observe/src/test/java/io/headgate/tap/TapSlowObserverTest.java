package io.headgate.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.tap.TapEvent.BodyData;
import io.headgate.tap.TapEvent.Dropped;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.tap.TapEvent.ResponseInit;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class TapSlowObserverTest {

    private final Tap tap = Taps.direct(new AtomicLong());
    private final ScriptedService next = ScriptedService.create();
    private final Service<HttpExchange, HttpReply> service =
            tap.stage(TapPoint.INBOUND).wrap(next);

    private static final TapRequest SMALL = Taps.EVERYTHING.withQueue(3);

    @Test
    void aStalledObserverMissesEventsButNoEnd() {
        Observer observer = Observer.of(tap, SMALL, 0);
        for (int i = 0; i < 5; i++) {
            service.call(TestExchange.get("/" + i)).subscribe();
        }
        next.calls().forEach(call -> call.reply(HttpReply.of(204)));
        assertThat(next.calls()).hasSize(5);
        assertThat(tap.stats()).isEqualTo(new TapStats(1, 0, 3, 0, 5, 2));
        observer.request(100);

        assertThat(observer.streams(RequestInit.class)).containsExactly(0L, 1L, 2L);
        assertThat(observer.streams(ResponseEnd.class)).containsExactly(0L, 1L, 2L);
        assertThat(observer.events(ResponseInit.class)).isEmpty();
        assertThat(observer.events().get(3)).isEqualTo(new Dropped(5, 2)); // in the place of what is missing
        assertThat(observer.events(Dropped.class)).hasSize(1);
    }

    @Test
    void whatIsDroppedLastIsReportedWhenThereIsRoom() {
        Observer observer = Observer.of(tap, SMALL, 0);
        for (int i = 0; i < 4; i++) {
            service.call(TestExchange.get("/" + i)).subscribe();
        }
        observer.request(3);
        assertThat(observer.events(Dropped.class)).isEmpty();
        observer.request(1);
        assertThat(observer.only(Dropped.class)).isEqualTo(new Dropped(1, 1));
        service.call(TestExchange.get("/4")).subscribe();
        observer.request(1);

        assertThat(observer.streams(RequestInit.class)).containsExactly(0L, 1L, 2L, 3L);
        observer.cancel();
    }

    @Test
    void whatFindsNoRoomDoesNotCountForTheLimit() {
        Observer observer =
                Observer.of(tap, TapRequest.of(2, TapMatch.EVERYTHING).withQueue(1), 0);
        for (int i = 0; i < 3; i++) {
            service.call(TestExchange.get("/" + i)).subscribe();
        }
        observer.request(100);
        service.call(TestExchange.get("/3")).subscribe();
        next.calls().forEach(call -> call.reply(HttpReply.of(204)));

        assertThat(observer.events(RequestInit.class))
                .extracting(RequestInit::target)
                .containsExactly("/0", "/3");
        assertThat(observer.streams(RequestInit.class)).containsExactly(0L, 1L);
        assertThat(observer.isCompleted()).isTrue();
    }

    @Test
    void demandIsHonoured() {
        Observer observer = Observer.of(tap, TapRequest.of(1, TapMatch.EVERYTHING), 0);
        service.call(TestExchange.get("/")).subscribe();
        next.onlyCall().reply(HttpReply.of(204));
        assertThat(observer.events()).isEmpty();
        observer.request(1);
        assertThat(observer.events()).hasSize(1);
        observer.request(1);
        assertThat(observer.events()).hasSize(2);
        assertThat(observer.isCompleted()).isFalse();
        observer.request(1);

        assertThat(observer.events()).hasSize(3);
        assertThat(observer.isCompleted()).isTrue();
    }

    @Test
    void bodiesThatWaitAreBoundedByBytes() {
        LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
        int piece = 1 << 19;
        Observer observer =
                Observer.of(tap, Taps.EVERYTHING.withQueue(1000).withBodyBytes(TapRequest.MOST_BODY_BYTES), 0);
        for (int i = 0; i < 8; i++) {
            service.call(TestExchange.get("/")).subscribe(reply -> reply.body().subscribe(ByteBuf::release));
            ScriptedBody body = next.calls().get(i).reply(200, Fields.empty());
            body.emit(allocator.heapBuffer(piece).writeZero(piece));
            body.emit(allocator.heapBuffer(piece).writeZero(piece));
            body.complete();
        }
        observer.request(Long.MAX_VALUE);

        long shown = observer.events(BodyData.class).stream()
                .mapToLong(data -> data.data().length)
                .sum();
        assertThat(shown).isGreaterThan(Tap.MOST_WAITING_BYTES - 2 * piece).isLessThanOrEqualTo(Tap.MOST_WAITING_BYTES);
        assertThat(observer.events(ResponseEnd.class))
                .hasSize(8)
                .allSatisfy(end -> assertThat(end.responseBytes()).isEqualTo(2 * piece));
        assertThat(observer.events(Dropped.class))
                .extracting(Dropped::exchanges)
                .containsOnly(0L);
        allocator.assertNoLeaks();
    }

    @Test
    void anObserverThatBlocksHoldsUpNobody() throws Exception {
        Tap own = Tap.create();
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        own.observe(TapRequest.of(3, TapMatch.EVERYTHING))
                .doOnNext(event -> {
                    blocked.countDown();
                    await(release);
                })
                .doOnComplete(ended::countDown)
                .subscribe();
        AtomicInteger answers = new AtomicInteger();
        Service<HttpExchange, HttpReply> answering =
                own.stage(TapPoint.INBOUND).wrap(exchange -> Mono.just(HttpReply.of(204)));
        answering.call(TestExchange.get("/")).subscribe(reply -> answers.incrementAndGet());
        await(blocked);
        answering.call(TestExchange.get("/")).subscribe(reply -> answers.incrementAndGet());
        answering.call(TestExchange.post("/", Body.empty())).subscribe(reply -> answers.incrementAndGet());
        assertThat(answers).hasValue(3);
        release.countDown();

        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(own.observations()).isEqualTo(List.of());
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
