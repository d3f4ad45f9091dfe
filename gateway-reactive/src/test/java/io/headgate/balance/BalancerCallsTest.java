package io.headgate.balance;

import static io.headgate.balance.FakeEndpoints.endpoint;
import static io.headgate.balance.FakeEndpoints.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.balance.NoEndpointException.Reason;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Update;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What a balancer learns from the end of a call, and what it gets back then. */
class BalancerCallsTest extends BalancerTestBase {

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
}
