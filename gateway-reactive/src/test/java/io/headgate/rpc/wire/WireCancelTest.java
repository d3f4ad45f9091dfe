package io.headgate.rpc.wire;

import static io.headgate.rpc.wire.WireCallTest.call;
import static io.headgate.rpc.wire.WireCallTest.failure;
import static io.headgate.rpc.wire.WireCallTest.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.publisher.TestPublisher;
import reactor.test.subscriber.TestSubscriber;

class WireCancelTest {

    @Test
    void cancellingACallCancelsItsHandler() {
        AtomicInteger cancelled = new AtomicInteger();
        Pair pair = Pair.of(request -> {
            request.body().discard();
            return Mono.<RpcReply>never().doOnCancel(cancelled::incrementAndGet);
        });
        Disposable call = pair.caller.call(call("e", Body.of(pair.utf8("x")))).subscribe();
        pair.run();
        assertThat(pair.callee.stats().incoming()).isEqualTo(1);
        call.dispose();
        call.dispose();
        pair.run();
        assertThat(cancelled).hasValue(1);
        pair.close();
    }

    @Test
    void cancellingTheBodyOfAReplyCancelsItsPublisher() {
        TestPublisher<ByteBuf> source = TestPublisher.create();
        Pair pair = Pair.of(request -> Mono.just(RpcReply.of(Content.JSON, Body.of(source))));
        RpcReply reply = result(pair, pair.caller.call(call("e", Body.empty())));
        Disposable consumer = reply.body().subscribe(ByteBuf::release);
        pair.run();
        source.next(pair.utf8("a"));
        pair.run();
        source.assertWasNotCancelled();
        consumer.dispose();
        pair.run();
        source.assertCancelled(1);
        pair.close();
    }

    @Test
    void discardingAReplyCancelsItsPublisher() {
        TestPublisher<ByteBuf> source = TestPublisher.create();
        Pair pair = Pair.of(request -> Mono.just(RpcReply.of(Content.JSON, Body.of(source))));
        RpcReply reply = result(pair, pair.caller.call(call("e", Body.empty())));
        source.next(pair.utf8("waits"));
        pair.run();
        reply.discard();
        pair.run();
        source.assertCancelled(1);
        pair.close();
    }

    @Test
    void aHandlerThatWantsNoMoreStopsTheRequestAndStillAnswers() {
        TestPublisher<ByteBuf> source = TestPublisher.create();
        Pair pair = Pair.of(request -> request.body()
                .take(2)
                .map(Pair::text)
                .collectList()
                .map(all -> RpcReply.of(Content.JSON, Body.utf8(all.toString()))));
        TestSubscriber<String> caller = TestSubscriber.create();
        pair.caller
                .call(call("e", Body.of(source)))
                .flatMap(reply -> reply.body().asString(100))
                .subscribe(caller);
        pair.run();
        source.next(pair.utf8("a"));
        pair.run();
        source.next(pair.utf8("b"));
        pair.run();
        source.assertCancelled(1);
        assertThat(caller.getReceivedOnNext()).containsExactly("[a, b]");
        pair.close();
    }

    @Test
    void aReplyThatEndsEndsTheRequest() {
        TestPublisher<ByteBuf> source = TestPublisher.create();
        List<Throwable> seen = new ArrayList<>();
        Pair pair = Pair.of(request -> {
            request.body().subscribe(ByteBuf::release, seen::add);
            return Mono.just(RpcReply.of(Content.JSON, Body.utf8("early")));
        });
        TestSubscriber<String> caller = TestSubscriber.create();
        pair.caller
                .call(call("e", Body.of(source)))
                .flatMap(reply -> reply.body().asString(100))
                .subscribe(caller);
        pair.run();
        assertThat(caller.getReceivedOnNext()).containsExactly("early");
        source.assertCancelled(1);
        assertThat(seen)
                .singleElement()
                .satisfies(
                        error -> assertThat(((RpcException) error).rpcStatus()).isEqualTo(RpcStatus.CANCELLED));
        pair.close();
    }

    @Test
    void aCallThatIsNeverMadeGivesItsBodyBack() {
        Pair pair = Pair.of(WireCallTest::echo);
        TestSubscriber<RpcReply> caller =
                TestSubscriber.builder().initialRequest(0).build();
        pair.caller.call(call("e", Body.of(pair.utf8("x")))).subscribe(caller);
        caller.cancel();
        pair.close();
    }

    @Test
    void theDeadlineTravelsAndEndsTheCallOnBothSides() {
        AtomicInteger cancelled = new AtomicInteger();
        List<Deadline> deadlines = new ArrayList<>();
        Pair pair = Pair.of(request -> {
            deadlines.add(request.deadline());
            return Mono.<RpcReply>never().doOnCancel(cancelled::incrementAndGet);
        });
        TestSubscriber<RpcReply> caller = TestSubscriber.create();
        pair.caller
                .call(call("slow", Body.empty()).withDeadline(Deadline.after(Duration.ofSeconds(60))))
                .subscribe(caller);
        pair.run();
        assertThat(deadlines.get(0).remainingNanos())
                .isBetween(
                        Duration.ofSeconds(1).toNanos(), Duration.ofSeconds(60).toNanos());
        pair.cut = true; // neither side waits for the other
        pair.pass(Duration.ofSeconds(1));
        assertThat(caller.isTerminated()).isFalse();
        pair.heartbeatsFor(Duration.ofSeconds(60));
        assertThat(((RpcException) caller.expectTerminalError()).rpcStatus()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
        assertThat(caller.expectTerminalError()).hasMessage("slow: its deadline has passed");
        assertThat(cancelled).hasValue(1);
        pair.end();
    }

    @Test
    void aCallWhoseDeadlineHasPassedIsNotMade() {
        Pair pair = Pair.of(WireCallTest::echo);
        RpcException failure = failure(
                pair, pair.caller.call(call("e", Body.of(pair.utf8("x"))).withDeadline(Deadline.after(Duration.ZERO))));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
        pair.close();
    }

    @Test
    void windowsAreWholeAfterThousandsOfCallsCancelledAtAnyPoint() {
        RpcSettings settings = RpcSettings.builder()
                .maxFrame(1024)
                .streamWindow(2048)
                .connectionWindow(8192)
                .maxElement(4096)
                .build();
        Random random = new Random(17);
        Pair pair = Pair.of(settings, request -> switch (random.nextInt(4)) {
            case 0 -> {
                request.body().discard();
                yield Mono.error(RpcException.of(RpcStatus.ABORTED, "no"));
            }
            case 1 ->
                request.body()
                        .take(random.nextInt(3))
                        .doOnNext(ByteBuf::release)
                        .then(Mono.just(RpcReply.of(Content.JSON, Body.utf8("short"))));
            case 2 -> Mono.just(RpcReply.of(request.content(), Body.of(request.body())));
            default ->
                Mono.just(RpcReply.of(
                        Content.OCTETS,
                        Body.of(request.body()
                                .doOnNext(buffer -> assertThat(buffer.refCnt()).isPositive()))));
        });
        List<Runnable> open = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            open.add(randomCall(pair, random));
            if (random.nextInt(3) == 0) {
                pair.step();
            }
            if (open.size() > 20) {
                open.remove(random.nextInt(open.size())).run();
            }
        }
        open.forEach(Runnable::run);
        pair.close();
    }

    /** Makes a call; the result cancels it wherever it is then. */
    private static Runnable randomCall(Pair pair, Random random) {
        Content content = random.nextBoolean() ? Content.JSON : Content.OCTETS;
        int size = random.nextInt(5) == 0 ? 5000 : random.nextInt(4000);
        Flux<ByteBuf> elements = Flux.range(0, random.nextInt(6))
                .map(i -> pair.allocator.buffer(size + 1).writeZero(size));
        TestSubscriber<ByteBuf> consumer =
                TestSubscriber.builder().initialRequest(random.nextInt(4)).build();
        Disposable.Swap unread = Disposables.swap();
        boolean takes = random.nextInt(4) > 0;
        Disposable call = pair.caller
                .call(RpcRequest.of("e", content, content, Body.of(elements)))
                .subscribe(
                        reply -> {
                            if (takes) {
                                reply.body().doOnNext(ByteBuf::release).subscribe(consumer);
                            } else {
                                unread.update(reply::discard);
                            }
                        },
                        error -> {});
        return () -> {
            call.dispose();
            consumer.cancel();
            unread.dispose();
        };
    }
}
