package io.headgate.function.async;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.CallRecord;
import io.headgate.function.model.CallStatus;
import io.headgate.http.Fields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What every store of calls does as a queue: who gets which call when, and what a lease is worth. */
abstract class CallQueueContract extends CallStoreCase {

    @Test
    void keepsWhatIsAdded() {
        byte[] payload = {0, 1, -1, 127, -128};
        Fields fields = Fields.of("Content-Type", "text/plain", "X-Many", "a", "X-Many", "b", "x-empty", "");
        QueuedCall call = new QueuedCall("c1", "app", "fn", "trigger", 2, fields, payload, T0, at(5), T0.plus(MAX_AGE));
        get(store.add(call));

        assertThat(get(store.call("fn", "c1")))
                .isEqualTo(new CallRecord(
                        "c1", "app", "fn", "trigger", CallStatus.QUEUED, 0, T0, at(5), null, null, null));
        LeasedCall leased = leaseOne(at(5));
        assertThat(leased.call()).usingRecursiveComparison().isEqualTo(call);
        assertThat(leased.call().fields().all("x-many")).containsExactly("a", "b");
    }

    @Test
    void toAddTheSameCallAgainChangesNothing() {
        add("c1");
        LeasedCall leased = leaseOne(T0);
        add("c1");

        assertThat(lease(at(1), 10)).isEmpty();
        end(leased, CallStatus.SUCCESS, at(2));
        add("c1");
        assertThat(lease(at(3), 10)).isEmpty();
        assertThat(status("c1")).isEqualTo(CallStatus.SUCCESS);
    }

    @Test
    void leasesWhatIsDueAndNothingElse() {
        add("late", 0, T0, at(10));
        add("soon", 0, T0, at(5));

        assertThat(lease(at(4), 10)).isEmpty();
        assertThat(ids(lease(at(5), 10))).containsExactly("soon");
        assertThat(ids(lease(at(10), 10))).containsExactly("late");
    }

    @Test
    void leasesInTheOrderOfRanks() {
        add("c3", 0, at(2), at(2));
        add("c1", 0, at(0), at(0));
        add("c4", 1, at(3), at(3));
        add("c5", 2, at(4), at(4));
        add("c2", 0, at(0), at(0));

        assertThat(ids(lease(at(10), 2))).containsExactly("c5", "c4");
        assertThat(ids(lease(at(10), 10))).containsExactly("c1", "c2", "c3");
    }

    @Test
    void lowPrioritiesAreOvertakenForALimitedTimeOnly() {
        long headStart = QueuedCall.HEAD_START.toSeconds();
        add("low", 0, T0, T0);
        add("overtakes", 2, at(2 * headStart - 1), at(2 * headStart - 1));
        add("too-late", 2, at(2 * headStart + 1), at(2 * headStart + 1));

        assertThat(ids(lease(at(2 * headStart + 1), 10))).containsExactly("overtakes", "low", "too-late");
    }

    @Test
    void leasesNoCallsOfFunctionsThatHaveNoRoom() {
        add("c1");
        get(store.add(call("c2", "other", 0, T0, at(1))));
        get(store.add(call("c3", "third", 0, T0, at(2))));

        assertThat(get(store.nextDue(Set.of("fn")))).isEqualTo(at(1));
        assertThat(get(store.nextDue(Set.of("fn", "other")))).isEqualTo(at(2));
        assertThat(get(store.nextDue(Set.of("fn", "other", "third")))).isNull();
        assertThat(ids(get(store.lease(new LeaseRequest("w", 10, at(2), LEASE, Set.of("fn", "third"))))))
                .containsExactly("c2");
        assertThat(ids(lease(at(2), 10))).containsExactly("c1", "c3");
    }

    @Test
    void aLeaseHidesACallUntilItEnds() {
        add("c1");
        LeasedCall first = leaseOne(T0);
        assertThat(first.attempt()).isEqualTo(1);
        assertThat(first.until()).isEqualTo(T0.plus(LEASE));
        assertThat(status("c1")).isEqualTo(CallStatus.RUNNING);
        assertThat(get(store.call("fn", "c1")).startedAt()).isEqualTo(T0);

        assertThat(lease(at(29), 10)).isEmpty();
        LeasedCall second = leaseOne(at(30));
        assertThat(second.attempt()).isEqualTo(2);
        assertThat(second.lease()).isNotEqualTo(first.lease());
        assertThat(get(store.call("fn", "c1")).startedAt()).isEqualTo(at(30));
        assertThat(get(store.call("fn", "c1")).attempts()).isEqualTo(2);
    }

    @Test
    void aRenewedLeaseEndsLater() {
        add("c1");
        LeasedCall leased = leaseOne(T0);

        assertThat(get(store.renew(leased, at(50)))).isTrue();
        assertThat(get(store.nextDue(Set.of()))).isEqualTo(at(50));
        assertThat(lease(at(49), 10)).isEmpty();
        assertThat(get(store.renew(leased, at(60))))
                .as("renewed again under the same name")
                .isTrue();
        assertThat(get(store.renew(leased, at(120)))).isTrue();
        assertThat(lease(at(119), 10)).isEmpty();
        assertThat(leaseOne(at(120)).attempt()).isEqualTo(2);
    }

    @Test
    void aLeaseThatIsOverCountsUntilSomebodyTakesTheCall() {
        add("c1");
        LeasedCall leased = leaseOne(T0);

        assertThat(get(store.renew(leased, at(130)))).as("nobody has taken it").isTrue();
        LeasedCall second = leaseOne(at(130));
        assertThat(end(second, CallStatus.SUCCESS, at(300))).isTrue();
        assertThat(status("c1")).isEqualTo(CallStatus.SUCCESS);
    }

    @Test
    void whatIsSaidUnderALostLeaseHasNoEffect() {
        add("c1");
        LeasedCall lost = leaseOne(T0);
        LeasedCall held = leaseOne(at(30));
        CallRecord before = get(store.call("fn", "c1"));

        assertThat(get(store.renew(lost, at(1000)))).isFalse();
        assertThat(get(store.giveBack(lost, at(31), "late"))).isFalse();
        assertThat(end(lost, CallStatus.SUCCESS, at(31))).isFalse();
        assertThat(get(store.call("fn", "c1"))).isEqualTo(before);
        assertThat(get(store.result("fn", "c1"))).isNull();
        assertThat(get(store.nextDue(Set.of()))).isEqualTo(at(60));

        assertThat(end(held, CallStatus.ERROR, at(40))).isTrue();
        assertThat(end(held, CallStatus.SUCCESS, at(41)))
                .as("a lease ends with the attempt")
                .isFalse();
        assertThat(get(store.renew(held, at(100)))).isFalse();
        assertThat(get(store.giveBack(held, at(100), null))).isFalse();
        assertThat(status("c1")).isEqualTo(CallStatus.ERROR);
    }

    @Test
    void whatIsGivenBackWasNotTried() {
        add("c1");
        assertThat(get(store.giveBack(leaseOne(T0), at(7), "busy"))).isTrue();

        CallRecord record = get(store.call("fn", "c1"));
        assertThat(record.status()).isEqualTo(CallStatus.QUEUED);
        assertThat(record.attempts()).isZero();
        assertThat(record.dueAt()).isEqualTo(at(7));
        assertThat(record.completedAt()).isNull();
        assertThat(record.error()).isEqualTo("busy");
        assertThat(lease(at(6), 10)).isEmpty();
        LeasedCall again = leaseOne(at(7));
        assertThat(again.attempt()).isEqualTo(1);
        assertThat(get(store.giveBack(again, at(8), null))).isTrue();
        assertThat(get(store.call("fn", "c1")).error()).as("kept").isEqualTo("busy");
    }

    @Test
    void handsOutWhatHasExpiredSoThatItsEndIsRecorded() {
        add("c1");

        LeasedCall expired = leaseOne(T0.plus(MAX_AGE).plusSeconds(1));
        assertThat(expired.call().expiresAt()).isEqualTo(T0.plus(MAX_AGE));
        assertThat(end(expired, CallStatus.ERROR, at(100))).isTrue();
    }

    @Test
    void saysWhenSomethingIsToBeDone() {
        assertThat(get(store.nextDue(Set.of()))).isNull();
        add("c1", 0, T0, at(10));
        add("c2", 0, T0, at(20));
        assertThat(get(store.nextDue(Set.of()))).isEqualTo(at(10));
        leaseOne(at(10));
        assertThat(get(store.nextDue(Set.of()))).isEqualTo(at(20));
        leaseOne(at(20));
        assertThat(get(store.nextDue(Set.of()))).as("a lease ends").isEqualTo(at(40));
    }

    @Test
    void eachCallIsTakenByOneWorkerAlone() {
        int calls = 60;
        for (int i = 0; i < calls; i++) {
            add("c" + (100 + i), i % 3, at(i % 7), at(i % 7));
        }

        List<LeasedCall> taken = new ArrayList<>(Objects.requireNonNull(Flux.range(0, 8)
                .flatMap(worker -> drain("w" + worker).subscribeOn(Schedulers.boundedElastic()), 8)
                .collectList()
                .block(Duration.ofSeconds(20))));
        taken.addAll(lease(at(10), calls)); // those whose rows others held just then
        assertThat(ids(taken)).doesNotHaveDuplicates().hasSize(calls);
        assertThat(taken).extracting(LeasedCall::lease).doesNotHaveDuplicates();
        assertThat(taken).allMatch(call -> call.attempt() == 1);
    }

    private Flux<LeasedCall> drain(String worker) {
        return Mono.defer(() -> store.lease(new LeaseRequest(worker, 4, at(10), LEASE, Set.of())))
                .repeat(30)
                .flatMapIterable(calls -> calls);
    }
}
