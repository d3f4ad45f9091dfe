package io.headgate.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service.Status;
import io.headgate.balance.NoEndpointException.Reason;
import io.headgate.resolve.Update.Departure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of calls and endpoints when a balancer is closed. */
class BalancerCloseTest extends BalancerTestBase {

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
