package io.headgate.function.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.headgate.function.async.CallStore.Backlog;
import io.headgate.function.async.CallStore.Filter;
import io.headgate.function.model.CallRecord;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.function.model.Page;
import io.headgate.http.Fields;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What every store of calls keeps. A test class extends it and opens an empty store for each check. */
public abstract class CallStoreContract {

    private static final Instant T0 = Instant.parse("2026-11-21T18:00:00Z");
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration MAX_AGE = Duration.ofHours(6);
    private static final byte[] NOTHING = {};

    private CallStore store;

    /** An empty store. */
    protected abstract CallStore open();

    @BeforeEach
    void openStore() {
        store = open();
    }

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
    void handsOutWhatHasExpiredSoThatItsEndIsRecorded() {
        add("c1");

        LeasedCall expired = leaseOne(T0.plus(MAX_AGE).plusSeconds(1));
        assertThat(expired.call().expiresAt()).isEqualTo(T0.plus(MAX_AGE));
        assertThat(end(expired, CallStatus.ERROR, at(100))).isTrue();
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

    private void add(String id) {
        add(id, 0, T0, T0);
    }

    private void add(String id, int priority, Instant created, Instant due) {
        get(store.add(call(id, "fn", priority, created, due)));
    }

    private static QueuedCall call(String id, String fn, int priority, Instant created, Instant due) {
        return new QueuedCall(
                id, "app", fn, null, priority, Fields.empty(), bytes("in"), created, due, created.plus(MAX_AGE));
    }

    private List<LeasedCall> lease(Instant now, int max) {
        return get(store.lease(new LeaseRequest("worker", max, now, LEASE, Set.of())));
    }

    private LeasedCall leaseOne(Instant now) {
        List<LeasedCall> calls = lease(now, 1);
        assertThat(calls).hasSize(1);
        return calls.get(0);
    }

    private boolean end(LeasedCall call, CallStatus status, Instant at) {
        @Nullable CallResult result = status == CallStatus.SUCCESS ? answer("ok") : null;
        return get(store.end(call, new CallEnd(status, at, at, result == null ? "broke" : null, result, NOTHING)));
    }

    private static CallResult answer(String text) {
        return new CallResult(200, Fields.empty(), bytes(text));
    }

    private CallStatus status(String id) {
        return get(store.call("fn", id)).status();
    }

    private List<String> listed(@Nullable CallStatus status, @Nullable Instant from, @Nullable Instant to) {
        return list(new Filter("fn", status, from, to), null, 100).items().stream()
                .map(CallRecord::id)
                .toList();
    }

    private Page<CallRecord> list(Filter filter, @Nullable String after, int size) {
        return get(store.calls(filter, after, size));
    }

    private static List<String> ids(List<LeasedCall> calls) {
        return calls.stream().map(call -> call.call().id()).toList();
    }

    private static void assertNotFound(Mono<?> answer, String id) {
        assertThatExceptionOfType(FunctionException.class)
                .isThrownBy(() -> get(answer))
                .withMessageContaining(id)
                .asInstanceOf(type(FunctionException.class))
                .extracting(FunctionException::kind)
                .isEqualTo(ErrorKind.NOT_FOUND);
    }

    private static <T> T get(Mono<T> answer) {
        return answer.block(Duration.ofSeconds(20));
    }

    private static Instant at(long seconds) {
        return T0.plusSeconds(seconds);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
