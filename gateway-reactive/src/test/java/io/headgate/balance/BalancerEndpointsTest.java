package io.headgate.balance;

import static io.headgate.balance.FakeEndpoints.endpoint;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service.Status;
import io.headgate.balance.NoEndpointException.Reason;
import io.headgate.resolve.Protocol;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A balancer follows the resolution of its name. */
class BalancerEndpointsTest extends BalancerTestBase {

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
}
