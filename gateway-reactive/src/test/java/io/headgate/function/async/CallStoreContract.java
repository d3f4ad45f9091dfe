package io.headgate.function.async;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.async.CallStore.Backlog;
import io.headgate.function.async.CallStore.Filter;
import io.headgate.function.model.CallRecord;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.Page;
import io.headgate.http.Fields;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every store of calls keeps, besides being a queue. A test class extends it and opens an empty store for each check. */
public abstract class CallStoreContract extends CallQueueContract {

    @Test
    void anEndIsKeptWithResultAndLog() {
        add("c1");
        assertThat(get(store.result("fn", "c1"))).isNull();
        assertThat(get(store.log("fn", "c1"))).isEmpty();
        CallResult result = new CallResult(202, Fields.of("X-A", "1", "x-a", "2"), new byte[] {0, -1, 5});
        CallEnd end = new CallEnd(CallStatus.SUCCESS, at(3), at(3), null, result, bytes("said\u00e9"));
        assertThat(get(store.end(leaseOne(at(1)), end))).isTrue();

        assertThat(get(store.call("fn", "c1")))
                .isEqualTo(
                        new CallRecord("c1", "app", "fn", null, CallStatus.SUCCESS, 1, T0, at(3), at(1), at(3), null));
        assertThat(get(store.result("fn", "c1"))).usingRecursiveComparison().isEqualTo(result);
        assertThat(get(store.log("fn", "c1"))).isEqualTo(bytes("said\u00e9"));
        assertThat(lease(at(100_000), 10)).isEmpty();
        assertThat(get(store.nextDue(Set.of()))).isNull();
    }

    @Test
    void aCallMayBeTriedAgain() {
        add("c1");
        CallEnd again = new CallEnd(CallStatus.QUEUED, at(3), at(9), "broke", null, bytes("one"));
        assertThat(get(store.end(leaseOne(at(1)), again))).isTrue();

        assertThat(get(store.call("fn", "c1")))
                .isEqualTo(
                        new CallRecord("c1", "app", "fn", null, CallStatus.QUEUED, 1, T0, at(9), at(1), null, "broke"));
        assertThat(get(store.log("fn", "c1"))).isEqualTo(bytes("one"));
        assertThat(lease(at(8), 10)).isEmpty();
        LeasedCall second = leaseOne(at(9));
        assertThat(second.attempt()).isEqualTo(2);
        CallEnd well = new CallEnd(CallStatus.SUCCESS, at(10), at(10), null, answer("ok"), bytes("two"));
        assertThat(get(store.end(second, well))).isTrue();
        assertThat(get(store.call("fn", "c1")).error()).isNull();
        assertThat(get(store.log("fn", "c1"))).isEqualTo(bytes("two"));
    }

    @Test
    void aCallThatWaitsCanBeCalledOff() {
        add("waits");
        add("runs", 0, at(1), at(1));
        add("lost", 0, at(2), at(2));
        assertThat(get(store.cancel("fn", "waits", at(3)))).isTrue();
        List<LeasedCall> leased = lease(at(4), 10);
        assertThat(ids(leased)).containsExactly("runs", "lost");

        assertThat(status("waits")).isEqualTo(CallStatus.CANCELLED);
        assertThat(get(store.call("fn", "waits")).completedAt()).isEqualTo(at(3));
        assertThat(get(store.cancel("fn", "waits", at(5)))).as("again").isFalse();
        assertThat(get(store.cancel("fn", "runs", at(5)))).as("it runs").isFalse();
        assertThat(end(leased.get(0), CallStatus.SUCCESS, at(6))).isTrue();
        assertThat(get(store.cancel("fn", "runs", at(7)))).as("it has ended").isFalse();
        assertThat(get(store.cancel("fn", "lost", at(34))))
                .as("its lease is over")
                .isTrue();
        assertThat(end(leased.get(1), CallStatus.SUCCESS, at(35))).isFalse();
        assertThat(lease(at(1000), 10)).isEmpty();
    }

    @Test
    void aDeadLetterCanBeRevivedAnyNumberOfTimes() {
        add("c1");
        assertThat(get(store.revive("fn", "c1", T0))).as("it waits").isFalse();
        end(leaseOne(T0), CallStatus.TIMEOUT, at(1));
        assertThat(get(store.revive("fn", "c1", at(5000)))).isTrue();

        CallRecord revived = get(store.call("fn", "c1"));
        assertThat(revived.status()).isEqualTo(CallStatus.QUEUED);
        assertThat(revived.attempts()).isZero();
        assertThat(revived.createdAt()).isEqualTo(T0);
        assertThat(revived.dueAt()).isEqualTo(at(5000));
        assertThat(revived.completedAt()).isNull();
        LeasedCall second = leaseOne(at(5000));
        assertThat(second.attempt()).isEqualTo(1);
        assertThat(second.call().expiresAt()).isEqualTo(at(5000).plus(MAX_AGE));
        assertThat(get(store.revive("fn", "c1", at(5001)))).as("it runs").isFalse();
        end(second, CallStatus.ERROR, at(5002));
        assertThat(get(store.revive("fn", "c1", at(9000)))).isTrue();
        LeasedCall third = leaseOne(at(9000));
        assertThat(third.call().expiresAt()).isEqualTo(at(9000).plus(MAX_AGE));
        end(third, CallStatus.SUCCESS, at(9001));
        assertThat(get(store.revive("fn", "c1", at(9002)))).as("it went well").isFalse();
    }

    @Test
    void aCallThatWasCalledOffIsNoDeadLetter() {
        add("c1");
        get(store.cancel("fn", "c1", T0));

        assertThat(get(store.revive("fn", "c1", at(1)))).isFalse();
    }

    @Test
    void saysWhichCallIsNotThere() {
        add("c1");

        for (String[] fnAndCall : new String[][] {{"fn", "c2"}, {"other", "c1"}}) {
            String fn = fnAndCall[0];
            String id = fnAndCall[1];
            assertNotFound(store.call(fn, id), id);
            assertNotFound(store.result(fn, id), id);
            assertNotFound(store.log(fn, id), id);
            assertNotFound(store.cancel(fn, id, T0), id);
            assertNotFound(store.revive(fn, id, T0), id);
        }
    }

    @Test
    void listsTheNewestFirst() {
        for (int i = 1; i <= 5; i++) {
            add("c" + i, 0, at(i), at(i));
        }
        get(store.add(call("c9", "other", 0, T0, T0)));

        Page<CallRecord> first = list(new Filter("fn", null, null, null), null, 2);
        assertThat(first.items()).extracting(CallRecord::id).containsExactly("c5", "c4");
        Page<CallRecord> second = list(new Filter("fn", null, null, null), first.next(), 2);
        assertThat(second.items()).extracting(CallRecord::id).containsExactly("c3", "c2");
        Page<CallRecord> third = list(new Filter("fn", null, null, null), second.next(), 2);
        assertThat(third.items()).extracting(CallRecord::id).containsExactly("c1");
        assertThat(third.next()).isNull();
        assertThat(list(new Filter("nobody", null, null, null), null, 2).items())
                .isEmpty();
    }

    @Test
    void listsByStateAndTime() {
        for (int i = 1; i <= 5; i++) {
            add("c" + i, 0, at(i), at(i));
        }
        List<LeasedCall> leased = lease(at(5), 3);
        end(leased.get(1), CallStatus.ERROR, at(6));

        assertThat(listed(CallStatus.RUNNING, null, null)).containsExactly("c3", "c1");
        assertThat(listed(CallStatus.ERROR, null, null)).containsExactly("c2");
        assertThat(listed(CallStatus.QUEUED, null, null)).containsExactly("c5", "c4");
        assertThat(listed(null, at(2), at(4))).containsExactly("c3", "c2");
        assertThat(listed(CallStatus.QUEUED, at(5), null)).containsExactly("c5");
    }

    @Test
    void forgetsWhatHasEndedLongAgo() {
        for (int i = 1; i <= 6; i++) {
            add("c" + i, 0, at(i), at(i));
        }
        List<LeasedCall> leased = lease(at(6), 4);
        end(leased.get(0), CallStatus.SUCCESS, at(10));
        end(leased.get(1), CallStatus.ERROR, at(11));
        end(leased.get(2), CallStatus.SUCCESS, at(20));
        get(store.cancel("fn", "c6", at(12)));

        assertThat(get(store.forget(at(20), 2))).isEqualTo(2);
        assertThat(listed(null, null, null)).containsExactly("c6", "c5", "c4", "c3");
        assertThat(get(store.forget(at(20), 2))).isEqualTo(1);
        assertThat(get(store.forget(at(20), 2))).as("one ended just then").isZero();
        assertThat(listed(null, null, null)).containsExactly("c5", "c4", "c3");
        assertThat(end(leased.get(3), CallStatus.SUCCESS, at(21))).isTrue();
        assertNotFound(store.result("fn", "c1"), "c1");
    }

    @Test
    void countsTheCallsOfAFunctionThatHaveNotEnded() {
        assertThat(get(store.open("fn", 5))).isZero();
        add("c1");
        add("c2");
        add("c2");
        add("c3");
        assertThat(get(store.open("fn", 5))).isEqualTo(3);
        assertThat(get(store.open("fn", 2))).as("no further").isEqualTo(2);
        assertThat(get(store.open("other", 2))).isZero();

        List<LeasedCall> leased = lease(T0, 2);
        assertThat(get(store.open("fn", 5))).as("running ones count").isEqualTo(3);
        end(leased.get(0), CallStatus.ERROR, T0);
        end(leased.get(1), CallStatus.SUCCESS, T0);
        get(store.cancel("fn", "c3", T0));
        assertThat(get(store.open("fn", 5))).isZero();
        get(store.revive("fn", "c1", T0));
        assertThat(get(store.open("fn", 5))).isEqualTo(1);
    }

    @Test
    void countsWhatIsToBeDone() {
        assertThat(get(store.backlog())).isEqualTo(new Backlog(0, 0, 0, null));
        for (int i = 1; i <= 6; i++) {
            add("c" + i, 0, at(i), at(i));
        }
        List<LeasedCall> leased = lease(at(6), 4);
        end(leased.get(0), CallStatus.ERROR, at(10));
        end(leased.get(1), CallStatus.TIMEOUT, at(10));
        end(leased.get(2), CallStatus.SUCCESS, at(10));

        assertThat(get(store.backlog())).isEqualTo(new Backlog(2, 1, 2, at(5)));
    }
}
