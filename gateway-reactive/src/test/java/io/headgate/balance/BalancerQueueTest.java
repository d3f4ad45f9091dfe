package io.headgate.balance;

import static io.headgate.balance.FakeEndpoints.endpoint;
import static io.headgate.balance.FakeEndpoints.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.Deadline;
import io.headgate.Service.Status;
import io.headgate.balance.NoEndpointException.Reason;
import io.headgate.http.HttpExchange;
import io.headgate.mux.DeadlineException;
import io.headgate.resolve.Update;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Calls wait for an endpoint that is ready, and not for ever. */
class BalancerQueueTest extends BalancerTestBase {

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
}
