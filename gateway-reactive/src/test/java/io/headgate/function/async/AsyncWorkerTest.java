package io.headgate.function.async;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.CallStatus;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Fields;
import io.headgate.retry.Backoff;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AsyncWorkerTest {

    private static final Backoff LATE = new Backoff(Duration.ofMinutes(1), Duration.ofMinutes(1), 1);

    private final AsyncRig rig = new AsyncRig();

    @AfterEach
    void nothingIsLeft() {
        rig.close();
    }

    @Test
    void takesNoMoreCallsThanItHasRoomFor() {
        AsyncCalls calls = rig.start(AsyncSettings.builder().concurrency(2).build());
        for (int i = 0; i < 5; i++) {
            rig.call(calls);
        }
        assertThat(rig.invoker.runs).hasSize(2);
        assertThat(calls.running()).isEqualTo(2);
        assertThat(rig.memory.backlog().block().queued()).isEqualTo(3);

        for (int i = 1; i <= 5; i++) {
            rig.invoker.run(i).start().answer("");
            assertThat(calls.running()).isLessThanOrEqualTo(2);
        }
        assertThat(rig.memory.backlog().block()).isEqualTo(new CallStore.Backlog(0, 0, 0, null));
    }

    @Test
    void aProcessThatRunsNoCallsAcceptsThem() {
        AsyncCalls calls = rig.start(AsyncSettings.builder().concurrency(0).build());
        String id = rig.call(calls);
        rig.pass(60);
        assertThat(rig.invoker.runs).isEmpty();
        assertThat(rig.store.asked).doesNotContain("lease");

        rig.start();
        rig.invoker.run(1).start().answer("");
        assertThat(rig.status(id)).isEqualTo(CallStatus.SUCCESS);
    }

    @Test
    void findsCallsThatOthersHaveAccepted() {
        rig.start();
        AsyncCalls other = rig.start(AsyncSettings.builder().concurrency(0).build());
        rig.pass(60);
        rig.call(other);
        assertThat(rig.invoker.runs).isEmpty();
        rig.pass(2);
        assertThat(rig.invoker.runs).hasSize(1);
        rig.invoker.run(1).start().answer("");
    }

    @Test
    void anIdleWorkerAsksOncePerPoll() {
        rig.start();
        rig.store.asked.clear();
        rig.pass(60);

        assertThat(rig.store.asked).filteredOn("lease"::equals).hasSizeBetween(30, 40);
    }

    @Test
    void keepsItsLeaseWhileTheCallRuns() {
        rig.function("fn", Map.of());
        AsyncCalls calls = rig.start();
        rig.start();
        String id = rig.call(calls);
        rig.invoker.run(1).start();
        rig.pass(39);

        assertThat(rig.invoker.runs).hasSize(1);
        assertThat(rig.store.asked).filteredOn("renew"::equals).hasSize(3);
        rig.invoker.run(1).answer("");
        assertThat(rig.status(id)).isEqualTo(CallStatus.SUCCESS);
        rig.pass(300);
        assertThat(rig.store.asked).filteredOn("renew"::equals).hasSize(3);
    }

    @Test
    void givesACallUpWhenSomebodyElseHasIt() {
        AsyncCalls calls = rig.start();
        String id = rig.call(calls);
        rig.invoker.run(1).start();
        LeasedCall taken = rig.memory
                .lease(new LeaseRequest("thief", 1, rig.now().plusSeconds(31), Duration.ofSeconds(100), Set.of()))
                .block()
                .get(0);
        rig.pass(10);

        assertThat(rig.invoker.run(1).isCancelled).isTrue();
        assertThat(rig.told).contains("lost " + id);
        assertThat(calls.running()).isZero();
        CallEnd end = new CallEnd(CallStatus.SUCCESS, rig.now(), rig.now(), null, null, new byte[0]);
        assertThat(rig.memory.end(taken, end).block()).isTrue();
    }

    @Test
    void givesACallUpBeforeItsLeaseIsOver() {
        AsyncCalls calls = rig.start();
        String id = rig.call(calls);
        rig.invoker.run(1).start();
        rig.store.fails = "renew"::equals;
        rig.pass(19);
        assertThat(rig.invoker.run(1).isCancelled).isFalse();
        rig.pass(1);
        assertThat(rig.invoker.run(1).isCancelled).isTrue();
        assertThat(rig.told).contains("storeFailed renew", "lost " + id);
        rig.pass(9);
        assertThat(rig.invoker.runs).as("it is still leased").hasSize(1);
        rig.pass(2);
        assertThat(rig.invoker.runs).hasSize(2);
        assertThat(rig.record(id).attempts()).isEqualTo(2);
        rig.store.fails = operation -> false;
        rig.invoker.run(2).start().answer("");
    }

    @Test
    void aRenewalThatFailedIsRepeatedInTime() {
        AsyncCalls calls = rig.start();
        String id = rig.call(calls);
        rig.invoker.run(1).start();
        rig.store.fails = "renew"::equals;
        rig.pass(15);
        rig.store.fails = operation -> false;
        rig.pass(20);
        assertThat(rig.invoker.run(1).isCancelled).isFalse();
        rig.invoker.run(1).answer("");
        assertThat(rig.status(id)).isEqualTo(CallStatus.SUCCESS);
    }

    @Test
    void anEndIsRecordedWhenTheStoreIsBack() {
        AsyncCalls calls = rig.start();
        String id = rig.call(calls);
        rig.invoker.run(1).start();
        rig.store.fails = operation -> true;
        rig.invoker.run(1).answer("worth keeping");
        rig.pass(600);
        assertThat(rig.status(id)).isEqualTo(CallStatus.RUNNING);
        assertThat(rig.told).contains("storeFailed end");

        rig.store.fails = operation -> operation.equals("lease");
        rig.pass(6);
        assertThat(rig.status(id)).isEqualTo(CallStatus.SUCCESS);
        assertThat(rig.result(id)).isEqualTo("worth keeping");
        assertThat(rig.invoker.runs).hasSize(1);
    }

    @Test
    void anEndThatWasRecordedIsToldAlthoughTheAnswerWasLost() {
        AsyncCalls calls = rig.start();
        String id = rig.call(calls);
        rig.store.failsAfterwards = operation -> operation.startsWith("end");
        rig.invoker.run(1).start().answer("");
        rig.store.failsAfterwards = operation -> false;
        rig.pass(10);

        assertThat(rig.status(id)).isEqualTo(CallStatus.SUCCESS);
        assertThat(rig.told).contains("ended " + id + " SUCCESS").doesNotContain("lost " + id);
    }

    @Test
    void aFailureThatWasRecordedIsToldAlthoughTheAnswerWasLost() {
        AsyncCalls calls = rig.start(AsyncSettings.builder().retryBackoff(LATE).build());
        String id = rig.call(calls);
        rig.store.failsAfterwards = operation -> operation.startsWith("end");
        rig.invoker.run(1).start().fail(ErrorKind.FUNCTION_FAILED);
        rig.store.failsAfterwards = operation -> false;
        rig.pass(10);

        assertThat(rig.status(id)).isEqualTo(CallStatus.QUEUED);
        assertThat(rig.told).contains("ended " + id + " QUEUED").doesNotContain("lost " + id);
    }

    @Test
    void aCallThatWasGivenBackIsToldAlthoughTheAnswerWasLost() {
        AsyncCalls calls = rig.start(AsyncSettings.builder().busyBackoff(LATE).build());
        String id = rig.call(calls);
        rig.store.failsAfterwards = operation -> operation.equals("giveBack");
        rig.invoker.run(1).fail(ErrorKind.BUSY);
        rig.store.failsAfterwards = operation -> false;
        rig.pass(10);

        assertThat(rig.record(id).attempts()).isZero();
        assertThat(rig.told).contains("gaveBack " + id).doesNotContain("lost " + id);
    }

    @Test
    void anAttemptThatTheEndOfTheGatewayCutDoesNotCountWhateverTheRulesSay() {
        AsyncCalls calls = rig.start(AsyncSettings.builder()
                .maxAttempts(1)
                .retries(failure -> AsyncRetries.Verdict.NEVER)
                .build());
        String id = rig.call(calls);
        rig.invoker.run(1).start().fail(ErrorKind.STOPPED);

        assertThat(rig.status(id)).isEqualTo(CallStatus.QUEUED);
        assertThat(rig.record(id).attempts()).isZero();
        assertThat(rig.told).contains("gaveBack " + id);
        rig.passUntilRun(2);
        rig.invoker.run(2).start().fail(ErrorKind.FUNCTION_FAILED);
        assertThat(rig.status(id)).as("one that fails counts").isEqualTo(CallStatus.ERROR);
    }

    @Test
    void anEndThatSomebodyElseHasOvertakenIsNotRecorded() {
        AsyncCalls calls = rig.start();
        String id = rig.call(calls);
        rig.store.fails = operation -> operation.equals("renew") || operation.startsWith("end");
        rig.invoker.run(1).start().answer("first");
        rig.pass(31);
        rig.store.fails = operation -> false;
        rig.invoker.run(2).start().answer("second");
        rig.pass(10);

        assertThat(rig.result(id)).isEqualTo("second");
        assertThat(rig.told).filteredOn(("lost " + id)::equals).hasSize(1);
        assertThat(rig.told).filteredOn(told -> told.startsWith("ended")).hasSize(1);
    }

    @Test
    void anEndThatTheStoreDoesNotTakeDoesNotRunForEver() {
        AsyncCalls calls = rig.start();
        String id = rig.call(calls);
        rig.store.fails = operation -> operation.endsWith("with result");
        rig.invoker.run(1).start().answer("poison");
        rig.pass(40);

        assertThat(rig.status(id)).isEqualTo(CallStatus.ERROR);
        assertThat(rig.record(id).error()).contains("could not be recorded");
        assertThat(calls.running()).isZero();
    }

    @Test
    void letsAStoreRestThatFails() {
        AsyncCalls calls = rig.start();
        rig.store.fails = operation -> true;
        rig.pass(2);
        rig.store.asked.clear();
        rig.pass(300);
        assertThat(rig.store.asked).filteredOn("lease"::equals).hasSizeBetween(60, 100);
        assertThat(rig.told).contains("storeFailed lease");

        rig.store.fails = operation -> false;
        rig.call(calls);
        assertThat(rig.invoker.runs)
                .as("a call was recorded: the store is back")
                .hasSize(1);
        rig.invoker.run(1).start().answer("");
    }

    @Test
    void aStoreThatHangsIsDown() {
        AsyncCalls calls = rig.start();
        String id = rig.call(calls);
        rig.invoker.run(1).start();
        rig.store.hangs = operation -> true;
        rig.pass(20);
        assertThat(rig.invoker.run(1).isCancelled).isTrue();
        rig.store.hangs = operation -> false;
        rig.passUntilRun(2);
        rig.invoker.run(2).start().answer("");
        assertThat(rig.status(id)).isEqualTo(CallStatus.SUCCESS);
    }

    @Test
    void aCallThatWaitsTooLongForAnInstanceIsGivenBack() {
        AsyncCalls calls = rig.start();
        String id = rig.call(calls);
        rig.pass(Duration.ofMillis(9999));
        assertThat(rig.status(id)).isEqualTo(CallStatus.RUNNING);
        rig.pass(Duration.ofMillis(1));

        assertThat(rig.invoker.run(1).isCancelled).isTrue();
        assertThat(rig.status(id)).isEqualTo(CallStatus.QUEUED);
        assertThat(rig.record(id).attempts()).isZero();
        rig.passUntilRun(2);
        rig.invoker.run(2).start().answer("");
    }

    @Test
    void aCallWhoseInvokerSaysNothingTimesOut() {
        AsyncCalls calls = rig.start(AsyncSettings.builder().maxAttempts(1).build());
        String id = rig.call(calls);
        rig.pass(5);
        rig.invoker.run(1).start();
        rig.pass(39);
        assertThat(rig.status(id)).isEqualTo(CallStatus.RUNNING);
        rig.pass(1);

        assertThat(rig.status(id)).isEqualTo(CallStatus.TIMEOUT);
        assertThat(rig.invoker.run(1).isCancelled).isTrue();
    }

    @Test
    void theCallsOfAProcessThatWasKilledAreTakenOver() {
        LeasedCall killed = leasedByTheDead(1);
        rig.start();
        rig.pass(29);
        assertThat(rig.invoker.runs).isEmpty();
        rig.pass(1);
        rig.invoker.run(1).start().answer("");

        assertThat(rig.status(killed.call().id())).isEqualTo(CallStatus.SUCCESS);
        assertThat(rig.record(killed.call().id()).attempts()).isEqualTo(2);
    }

    @Test
    void aCallThatEndsItsGatewayEachTimeIsADeadLetter() {
        LeasedCall killed = leasedByTheDead(5);
        rig.start();
        rig.pass(30);

        assertThat(rig.invoker.runs).isEmpty();
        assertThat(rig.status(killed.call().id())).isEqualTo(CallStatus.ERROR);
        assertThat(rig.record(killed.call().id()).error()).startsWith("attempts: 5");
    }

    private LeasedCall leasedByTheDead(int times) {
        QueuedCall call = new QueuedCall(
                "dead",
                "app1",
                "fn",
                null,
                0,
                Fields.empty(),
                new byte[0],
                rig.now(),
                rig.now(),
                rig.now().plusSeconds(3600));
        rig.memory.add(call).block();
        LeasedCall leased = null;
        for (int i = times - 1; i >= 0; i--) {
            leased = rig.memory
                    .lease(new LeaseRequest("dead", 1, rig.now(), Duration.ofSeconds(i == 0 ? 30 : 0), Set.of()))
                    .block()
                    .get(0);
        }
        return leased;
    }

    @Test
    void closingLetsRunningCallsFinish() {
        AsyncCalls calls = rig.start(AsyncSettings.builder().concurrency(1).build());
        String id = rig.call(calls);
        String waits = rig.call(calls);
        rig.invoker.run(1).start();
        boolean[] closed = {false};
        calls.closeAsync().subscribe(none -> {}, error -> {}, () -> closed[0] = true);
        rig.pass(29);
        assertThat(closed[0]).isFalse();
        AtomicReference<Throwable> refusal = new AtomicReference<>();
        calls.accept(rig.invocation("fn", null, Fields.empty(), rig.body("in"))).subscribe(none -> {}, refusal::set);
        assertThat(refusal.get())
                .isInstanceOfSatisfying(
                        FunctionException.class,
                        error -> assertThat(error.kind()).isEqualTo(ErrorKind.BUSY));
        rig.invoker.run(1).answer("just in time");

        assertThat(closed[0]).isTrue();
        assertThat(rig.result(id)).isEqualTo("just in time");
        assertThat(rig.status(waits)).isEqualTo(CallStatus.QUEUED);
        assertThat(rig.invoker.runs).hasSize(1);
        assertThat(rig.time.pending()).isZero();
        assertThat(calls.closeAsync().block(Duration.ZERO)).isNull();
    }

    @Test
    void closingGivesBackWhatDoesNotFinish() {
        AsyncCalls calls = rig.start();
        AsyncCalls other = rig.start();
        String id = rig.call(calls);
        rig.invoker.run(1).start();
        boolean[] closed = {false};
        calls.closeAsync().subscribe(none -> {}, error -> {}, () -> closed[0] = true);
        rig.pass(30);

        assertThat(closed[0]).isTrue();
        assertThat(rig.invoker.run(1).isCancelled).isTrue();
        assertThat(rig.told).contains("gaveBack " + id);
        rig.pass(2);
        assertThat(rig.invoker.runs).as("others take it at once").hasSize(2);
        assertThat(rig.record(id).attempts()).isEqualTo(1);
        rig.invoker.run(2).start().answer("");
        assertThat(other.running()).isZero();
    }

    @Test
    void closingEndsAlthoughTheStoreIsDown() {
        AsyncCalls calls = rig.start();
        String id = rig.call(calls);
        rig.invoker.run(1).start();
        rig.store.fails = operation -> true;
        boolean[] closed = {false};
        calls.closeAsync().subscribe(none -> {}, error -> {}, () -> closed[0] = true);
        rig.pass(30 + 30);

        assertThat(closed[0]).isTrue();
        assertThat(rig.told).contains("lost " + id);
        assertThat(rig.time.pending()).isZero();
        rig.store.fails = operation -> false;
        rig.start();
        rig.pass(1);
        rig.invoker.run(2).start().answer("");
        assertThat(rig.status(id)).isEqualTo(CallStatus.SUCCESS);
    }

    @Test
    void callsThatAreTakenWhileItClosesAreGivenBack() {
        AsyncCalls calls = rig.start(AsyncSettings.builder().concurrency(1).build());
        String id = rig.call(calls);
        List<Runnable> closing = List.of(() -> calls.closeAsync().subscribe());
        rig.call(calls);
        rig.store.hangs = operation -> {
            if (operation.equals("lease")) {
                closing.forEach(Runnable::run);
            }
            return false;
        };
        rig.invoker.run(1).start().answer("");

        assertThat(rig.status(id)).isEqualTo(CallStatus.SUCCESS);
        assertThat(rig.invoker.runs).hasSize(1);
        assertThat(rig.told).anyMatch(told -> told.startsWith("gaveBack"));
        assertThat(rig.memory.backlog().block().queued()).isEqualTo(1);
        assertThat(rig.time.pending()).isZero();
    }

    @Test
    void forgetsCallsThatEndedLongAgo() {
        AsyncCalls calls = rig.start(
                AsyncSettings.builder().retention(Duration.ofMinutes(10)).build());
        String id = rig.call(calls);
        rig.invoker.run(1).start().answer("");
        rig.pass(9 * 60);
        assertThat(rig.status(id)).isEqualTo(CallStatus.SUCCESS);
        rig.pass(3 * 60);

        assertThat(rig.told).contains("forgot 1");
        assertThat(rig.memory
                        .calls(new CallStore.Filter("fn", null, null, null), null, 10)
                        .block()
                        .items())
                .isEmpty();
    }
}
