package io.headgate.balance;

import static io.headgate.balance.FakeEndpoints.endpoint;
import static io.headgate.balance.FakeEndpoints.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.Deadline;
import io.headgate.Service.Status;
import io.headgate.Trait;
import io.headgate.balance.NoEndpointException.Reason;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import io.headgate.http.RequestHead;
import io.headgate.mux.DeadlineException;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.VirtualClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class BalancerTest {

    private final VirtualClock clock = VirtualClock.install();
    private final FakeEndpoints endpoints = new FakeEndpoints();
    private final Sinks.Many<Update<Endpoint>> updates = Sinks.many().unicast().onBackpressureBuffer();
    private final SplittableRandom random = new SplittableRandom(1);
    private Balancer balancer = create(BalancerSettings.DEFAULTS);

    @AfterEach
    void close() {
        clock.close();
    }

    private Balancer create(BalancerSettings settings) {
        return Balancer.create(
                updates.asFlux(), endpoints, settings, clock, () -> clock.now(TimeUnit.NANOSECONDS), random::nextLong);
    }

    private void recreate(UnaryOperator<BalancerSettings> change) {
        balancer.closeAsync(Duration.ZERO).block();
        Sinks.Many<Update<Endpoint>> fresh = Sinks.many().unicast().onBackpressureBuffer();
        balancer = Balancer.create(
                fresh.asFlux(),
                endpoints,
                change.apply(BalancerSettings.DEFAULTS),
                clock,
                () -> clock.now(TimeUnit.NANOSECONDS),
                random::nextLong);
        other = fresh;
    }

    private Sinks.Many<Update<Endpoint>> other = updates;

    private void tell(Update<Endpoint> update) {
        other.tryEmitNext(update).orThrow();
    }

    private void reset(int... ports) {
        tell(new Update.Reset<>(
                IntStream.of(ports).mapToObj(FakeEndpoints::endpoint).toList()));
    }

    private void remove(int port, Departure departure) {
        tell(new Update.Remove<>(List.of(endpoint(port)), departure));
    }

    private Outcome call() {
        return call(get());
    }

    private Outcome call(HttpExchange exchange) {
        Outcome outcome = new Outcome();
        balancer.call(exchange).subscribe(outcome);
        return outcome;
    }

    /** What became of a call. */
    private static final class Outcome extends BaseSubscriber<HttpReply> {
        final List<HttpReply> replies = new ArrayList<>();
        Throwable failure;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(1);
        }

        @Override
        protected void hookOnNext(HttpReply reply) {
            replies.add(reply);
        }

        @Override
        protected void hookOnError(Throwable error) {
            failure = error;
        }

        boolean isOpen() {
            return replies.isEmpty() && failure == null;
        }

        void assertReason(Reason reason, int status) {
            assertThat(failure).isInstanceOfSatisfying(NoEndpointException.class, e -> {
                assertThat(e.reason()).isEqualTo(reason);
                assertThat(e.status()).isEqualTo(status);
                assertThat(e.is(Trait.RETRYABLE)).isTrue();
                assertThat(e.is(Trait.REJECTED)).isTrue();
                assertThat(e.getStackTrace()).isEmpty();
            });
        }
    }

    // ---- endpoints

    @Test
    void equalEndpointKeepsItsService() {
        reset(1, 2);
        reset(2, 1);
        tell(new Update.Upsert<>(List.of(endpoint(1))));
        assertThat(endpoints.made).hasSize(2);
        assertThat(balancer.stats().endpoints()).isEqualTo(2);
        assertThat(balancer.stats().resets()).isEqualTo(2);
        assertThat(balancer.stats().upserts()).isEqualTo(1);
    }

    @Test
    void newWeightAndLabelsKeepTheService() {
        reset(1);
        tell(new Update.Upsert<>(List.of(endpoint(1).withWeight(5).withLabels(Map.of("zone", "a")))));
        tell(new Update.Upsert<>(List.of(endpoint(1).withWeight(0))));
        assertThat(endpoints.made).hasSize(1);
        assertThat(endpoints.at(1).closed).isEmpty();
        call();
        assertThat(endpoints.at(1).calls).hasSize(1);
    }

    @Test
    void anotherProtocolIsAnotherServiceAndTheOldOneDrains() {
        reset(1);
        FakeEndpoints.Fake old = endpoints.at(1);
        Outcome outcome = call();
        tell(new Update.Upsert<>(List.of(endpoint(1).withProtocol(Protocol.HTTP_2))));
        assertThat(endpoints.made).hasSize(2);
        assertThat(old.closed).isEmpty();
        call();
        assertThat(old.calls).hasSize(1);
        assertThat(endpoints.at(1).calls).hasSize(1);
        old.only().answer();
        assertThat(outcome.replies).hasSize(1);
        assertThat(old.closed).hasSize(1);
        assertThat(balancer.stats().endpoints()).isEqualTo(1);
    }

    @Test
    void drainedEndpointGetsNoCallsAndIsClosedAfterItsLastOne() {
        reset(1, 2);
        for (int i = 0; i < 20; i++) {
            call();
        }
        FakeEndpoints.Fake leaving = endpoints.at(1);
        int before = leaving.calls.size();
        assertThat(before).isPositive();
        remove(1, Departure.DRAIN);
        for (int i = 0; i < 20; i++) {
            call();
        }
        assertThat(leaving.calls).hasSize(before);
        assertThat(leaving.closed).isEmpty();
        leaving.calls.forEach(FakeEndpoints.Call::answer);
        assertThat(leaving.closed).hasSize(1);
        assertThat(leaving.closed.get(0)).isGreaterThan(Duration.ofMinutes(1));
    }

    @Test
    void drainThatTakesTooLongIsCut() {
        reset(1);
        call();
        remove(1, Departure.DRAIN);
        clock.advance(Duration.ofMinutes(2).minusMillis(1));
        assertThat(endpoints.at(1).closed).isEmpty();
        clock.advance(Duration.ofMillis(1));
        assertThat(endpoints.at(1).closed).hasSize(1);
    }

    @Test
    void droppedEndpointIsClosedAtOnce() {
        reset(1);
        call();
        remove(1, Departure.DROP);
        assertThat(endpoints.at(1).closed).containsExactly(Duration.ZERO);
        assertThat(balancer.stats().removals()).isEqualTo(1);
    }

    @Test
    void absentNameHasNoEndpoints() {
        reset(1, 2);
        tell(new Update.Absent<>());
        assertThat(balancer.stats().endpoints()).isZero();
        assertThat(endpoints.at(1).closed).hasSize(1);
        assertThat(call().isOpen()).isTrue();
        assertThat(balancer.stats().waiting()).isEqualTo(1);
    }

    @Test
    void removalOfAStrangerChangesNothing() {
        reset(1);
        remove(2, Departure.DROP);
        assertThat(balancer.stats().endpoints()).isEqualTo(1);
    }

    @Test
    void endpointThatComesBackHasANewService() {
        reset(1);
        FakeEndpoints.Fake old = endpoints.at(1);
        call();
        remove(1, Departure.DRAIN);
        reset(1);
        assertThat(endpoints.at(1)).isNotSameAs(old);
        call();
        assertThat(endpoints.at(1).calls).hasSize(1);
        assertThat(old.calls).hasSize(1);
    }

    @Test
    void lastSetStaysWhenTheResolutionEnds() {
        reset(1);
        other.tryEmitComplete();
        call();
        assertThat(endpoints.at(1).calls).hasSize(1);
        assertThat(balancer.status()).isEqualTo(Status.OPEN);
    }

    @Test
    void lastSetStaysWhenTheResolutionFails() {
        reset(1);
        other.tryEmitError(new IllegalStateException("refused"));
        call();
        assertThat(endpoints.at(1).calls).hasSize(1);
    }

    @Test
    void callsFailWithTheResolutionThatFailedWithoutAnEndpoint() {
        Outcome waiting = call();
        IllegalStateException cause = new IllegalStateException("refused");
        other.tryEmitError(cause);
        waiting.assertReason(Reason.UNRESOLVED, 503);
        assertThat(waiting.failure).hasCause(cause);
        Outcome late = call();
        late.assertReason(Reason.UNRESOLVED, 503);
        assertThat(balancer.status()).isEqualTo(Status.BUSY);
    }

    // ---- those who wait

    @Test
    void callsWaitInOrderForTheFirstEndpoint() {
        List<HttpExchange> sent = List.of(get(), get(), get());
        sent.forEach(this::call);
        assertThat(balancer.stats().waiting()).isEqualTo(3);
        reset(1);
        assertThat(endpoints.at(1).calls).extracting(call -> call.exchange).containsExactlyElementsOf(sent);
        assertThat(balancer.stats().waiting()).isZero();
        assertThat(balancer.stats().waited()).isEqualTo(3);
    }

    @Test
    void callIsMadeWhenAnotherOneEndsAndItsEndpointHasRoom() {
        reset(1);
        call();
        endpoints.at(1).status = Status.BUSY;
        Outcome waiting = call();
        assertThat(endpoints.at(1).calls).hasSize(1);
        endpoints.at(1).status = Status.OPEN;
        endpoints.at(1).calls.get(0).answer();
        assertThat(endpoints.at(1).calls).hasSize(2);
        endpoints.at(1).calls.get(1).answer();
        assertThat(waiting.replies).hasSize(1);
    }

    @Test
    void endpointThatBecomesReadyIsFoundByTheNextTick() {
        reset(1);
        endpoints.at(1).status = Status.BUSY;
        call();
        endpoints.at(1).status = Status.OPEN;
        assertThat(endpoints.at(1).calls).isEmpty();
        clock.advance(Duration.ofMillis(100));
        assertThat(endpoints.at(1).calls).hasSize(1);
        clock.advance(Duration.ofMillis(100));
        assertThat(clock.pending()).isZero();
    }

    @Test
    void fullQueueRefuses() {
        recreate(settings -> settings.withQueue(2));
        call();
        call();
        call().assertReason(Reason.QUEUE_FULL, 503);
        assertThat(balancer.stats().waiting()).isEqualTo(2);
        assertThat(balancer.stats().refused()).isEqualTo(1);
    }

    @Test
    void cancelledCallFreesItsPlace() {
        recreate(settings -> settings.withQueue(1));
        Outcome first = call();
        first.cancel();
        assertThat(balancer.stats().waiting()).isZero();
        Outcome second = call();
        assertThat(second.isOpen()).isTrue();
        reset(1);
        assertThat(endpoints.at(1).calls).hasSize(1);
        assertThat(first.replies).isEmpty();
    }

    @Test
    void callWhoseDeadlineComesWhileItWaitsFails() {
        Outcome late = call(get().withDeadline(Deadline.after(Duration.ZERO)));
        assertThat(late.failure).isInstanceOf(DeadlineException.class);
        Outcome waiting = call(get().withDeadline(new Deadline(System.nanoTime() + 1_000_000)));
        Outcome patient = call();
        await().until(() -> {
            clock.advance(Duration.ofMillis(100));
            return !waiting.isOpen();
        });
        assertThat(waiting.failure).isInstanceOf(DeadlineException.class);
        assertThat(patient.isOpen()).isTrue();
        assertThat(balancer.stats().waiting()).isEqualTo(1);
    }

    @Test
    void gateShutsAfterTheFailfastTimeAndOpensWithTheFirstEndpoint() {
        Outcome first = call();
        clock.advance(Duration.ofMillis(2999));
        Outcome second = call();
        assertThat(first.isOpen()).isTrue();
        assertThat(balancer.status()).isEqualTo(Status.OPEN);
        clock.advance(Duration.ofMillis(1));
        first.assertReason(Reason.WAITED_IN_VAIN, 504);
        second.assertReason(Reason.WAITED_IN_VAIN, 504);
        assertThat(balancer.status()).isEqualTo(Status.BUSY);
        call().assertReason(Reason.GATE_SHUT, 503);
        assertThat(balancer.stats().isShut()).isTrue();
        reset(1);
        assertThat(balancer.status()).isEqualTo(Status.OPEN);
        call();
        assertThat(endpoints.at(1).calls).hasSize(1);
        assertThat(balancer.stats().timesShut()).isEqualTo(1);
        assertThat(balancer.stats().timesOpened()).isEqualTo(1);
        clock.advance(Duration.ofSeconds(1));
        assertThat(clock.pending()).isZero();
    }

    @Test
    void gateOpensWhenAnUnreadyEndpointRecoversWithoutTraffic() {
        reset(1);
        endpoints.at(1).status = Status.BUSY;
        call();
        clock.advance(Duration.ofSeconds(4));
        assertThat(balancer.status()).isEqualTo(Status.BUSY);
        endpoints.at(1).status = Status.OPEN;
        clock.advance(Duration.ofMillis(100));
        assertThat(balancer.status()).isEqualTo(Status.OPEN);
        assertThat(clock.pending()).isZero();
    }

    @Test
    void clockOfTheGateStartsAnewWheneverSomebodyIsServed() {
        reset(1);
        call();
        endpoints.at(1).status = Status.BUSY;
        call();
        Outcome second = call();
        clock.advance(Duration.ofMillis(2900));
        endpoints.at(1).status = Status.OPEN;
        FakeEndpoints.Fake fake = endpoints.at(1);
        // One more is served, and finds the endpoint busy again.
        recordBusyAfter(fake);
        clock.advance(Duration.ofMillis(2900));
        assertThat(second.isOpen()).isTrue();
        clock.advance(Duration.ofMillis(200));
        second.assertReason(Reason.WAITED_IN_VAIN, 504);
    }

    private static void recordBusyAfter(FakeEndpoints.Fake fake) {
        FakeEndpoints.Call first = fake.calls.get(0);
        fake.status = Status.OPEN;
        first.reply.asMono().subscribe();
        fake.busyAfterNext = true;
        first.answer();
    }

    @Test
    void endpointsOfTheLastResortAreForWhenNobodyElseIsReady() {
        tell(new Update.Reset<>(List.of(endpoint(1), endpoint(2).withWeight(0))));
        for (int i = 0; i < 50; i++) {
            call();
        }
        assertThat(endpoints.at(2).calls).isEmpty();
        endpoints.at(1).status = Status.BUSY;
        call();
        assertThat(endpoints.at(2).calls).hasSize(1);
    }

    // ---- failures

    private int callsOfTheFirst(HttpReply itsReply) {
        reset(1, 2);
        for (int i = 0; i < 200; i++) {
            clock.advance(Duration.ofMillis(5));
            Outcome outcome = call();
            for (FakeEndpoints.Call made : endpoints.calls()) {
                boolean first = endpoints.at(1).calls.contains(made);
                made.reply.tryEmitValue(first ? itsReply : HttpReply.of(200));
            }
            assertThat(outcome.replies).hasSize(1);
        }
        return endpoints.at(1).calls.size();
    }

    @Test
    void endpointThatFailsFastDoesNotAttractCalls() {
        assertThat(callsOfTheFirst(HttpReply.of(503))).isBetween(1, 3);
    }

    @Test
    void refusalThatIsTheFaultOfClientsIsNoFailure() {
        assertThat(callsOfTheFirst(HttpReply.of(404))).isBetween(20, 180);
    }

    @Test
    void failureInTheTrailersCountsToo() {
        reset(1, 2);
        HttpExchange grpc = get().withHead(new RequestHead(
                "POST", "http", "test.example", "/a.B/c", Fields.of("content-type", "application/grpc")));
        for (int i = 0; i < 200; i++) {
            clock.advance(Duration.ofMillis(5));
            int before = endpoints.at(1).calls.size();
            Outcome outcome = call(grpc);
            boolean first = endpoints.at(1).calls.size() > before;
            List<FakeEndpoints.Call> made = endpoints.at(first ? 1 : 2).calls;
            made.get(made.size() - 1)
                    .reply
                    .tryEmitValue(HttpReply.of(
                            200,
                            Fields.of("content-type", "application/grpc"),
                            Body.of(
                                    Flux.just(Unpooled.copiedBuffer("x", StandardCharsets.US_ASCII)),
                                    Body.UNKNOWN_LENGTH,
                                    Mono.just(Fields.of("grpc-status", first ? "14" : "0")))));
            outcome.replies.get(0).body().asString(10).block();
        }
        assertThat(endpoints.at(1).calls).hasSizeBetween(1, 3);
        assertThat(balancer.stats().openCalls()).isZero();
    }

    // ---- what a call holds

    @Test
    void everyEndGivesThePlaceBack() {
        reset(1);
        Outcome cancelledBefore = call();
        Outcome failed = call();
        Outcome empty = call();
        Outcome cancelledMid = call();
        Outcome whole = call();
        assertThat(balancer.stats().openCalls()).isEqualTo(5);
        List<FakeEndpoints.Call> calls = endpoints.at(1).calls;
        cancelledBefore.cancel();
        assertThat(calls.get(0).cancelled).hasValue(1);
        calls.get(1).reply.tryEmitError(new RefusedException(400, "no"));
        assertThat(failed.failure).isInstanceOf(RefusedException.class);
        calls.get(2).reply.tryEmitEmpty();
        assertThat(empty.replies).isEmpty();
        assertThat(balancer.stats().openCalls()).isEqualTo(2);

        Sinks.Many<ByteBuf> cut = Sinks.many().unicast().onBackpressureBuffer();
        calls.get(3).reply.tryEmitValue(HttpReply.of(200, Fields.empty(), Body.of(cut.asFlux())));
        assertThat(balancer.stats().openCalls()).isEqualTo(2);
        cancelledMid.replies.get(0).body().subscribe().dispose();
        assertThat(balancer.stats().openCalls()).isEqualTo(1);

        calls.get(4).reply.tryEmitValue(HttpReply.of(200, Fields.empty(), Body.utf8("hello")));
        assertThat(balancer.stats().openCalls()).isEqualTo(1);
        assertThat(whole.replies.get(0).body().asString(10).block()).isEqualTo("hello");
        assertThat(balancer.stats().openCalls()).isZero();
    }

    @Test
    void discardedReplyGivesThePlaceBack() {
        reset(1);
        Outcome outcome = call();
        endpoints.at(1).only().reply.tryEmitValue(HttpReply.of(200, Fields.empty(), Body.utf8("hello")));
        outcome.replies.get(0).discard();
        assertThat(balancer.stats().openCalls()).isZero();
    }

    @Test
    void bodyOfARefusedCallIsReleased() {
        LeakTrackingAllocator memory = LeakTrackingAllocator.create();
        recreate(settings -> settings.withQueue(1));
        Outcome waiting = call(get().withBody(Body.of(memory.utf8("waits"))));
        call(get().withBody(Body.of(memory.utf8("is refused")))).assertReason(Reason.QUEUE_FULL, 503);
        assertThat(memory.liveBuffers()).isEqualTo(1);
        waiting.cancel();
        memory.assertNoLeaks();
    }

    @Test
    void serviceThatThrowsFailsItsCallOnly() {
        balancer.closeAsync(Duration.ZERO).block();
        Balancer throwing = Balancer.create(
                Flux.just(new Update.Reset<>(List.of(endpoint(1)))),
                target -> exchange -> {
                    throw new IllegalStateException("broken");
                },
                BalancerSettings.DEFAULTS);
        Outcome outcome = new Outcome();
        throwing.call(get()).subscribe(outcome);
        assertThat(outcome.failure).hasMessage("broken");
        assertThat(throwing.stats().openCalls()).isZero();
    }

    @Test
    void endpointWhoseServiceCannotBeMadeIsLeftOut() {
        Balancer half = Balancer.create(
                Flux.just(new Update.Reset<>(List.of(endpoint(1), endpoint(2)))),
                target -> {
                    if (target.address().getPort() == 1) {
                        throw new IllegalArgumentException("no such protocol");
                    }
                    return endpoints.create(target);
                },
                BalancerSettings.DEFAULTS);
        assertThat(half.stats().endpoints()).isEqualTo(1);
    }

    // ---- close

    @Test
    void closeRefusesWaitsForCallsAndClosesAllEndpoints() {
        reset(1, 2);
        Outcome open = call();
        FakeEndpoints.Fake busy =
                endpoints.calls().size() == 1 && endpoints.at(1).calls.size() == 1 ? endpoints.at(1) : endpoints.at(2);
        List<String> done = new ArrayList<>();
        balancer.closeAsync(Duration.ofSeconds(10)).subscribe(nothing -> {}, error -> {}, () -> done.add("closed"));
        call().assertReason(Reason.CLOSED, 503);
        assertThat(balancer.status()).isEqualTo(Status.CLOSED);
        assertThat(done).isEmpty();
        busy.only().answer();
        assertThat(open.replies).hasSize(1);
        assertThat(done).containsExactly("closed");
        assertThat(endpoints.made).allSatisfy(fake -> assertThat(fake.closed).hasSize(1));
        assertThat(other.currentSubscriberCount()).isZero();
        assertThat(clock.pending()).isZero();
    }

    @Test
    void closeFailsThoseWhoWait() {
        Outcome waiting = call();
        balancer.closeAsync(Duration.ofSeconds(10)).block();
        waiting.assertReason(Reason.CLOSED, 503);
        assertThat(clock.pending()).isZero();
    }

    @Test
    void closeCutsADrainThatHasALongerGrace() {
        reset(1);
        call();
        remove(1, Departure.DRAIN);
        balancer.closeAsync(Duration.ZERO).block();
        assertThat(endpoints.at(1).closed).contains(Duration.ZERO);
    }
}
