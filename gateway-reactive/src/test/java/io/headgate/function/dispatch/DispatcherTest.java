package io.headgate.function.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FnLimits;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who gets which slot when, and who gets none. */
class DispatcherTest extends DispatcherTestBase {

    @Test
    void theFirstCallIsColdAndTheNextOneIsNot() {
        Caller first = call(small);
        assertThat(first.waits()).isTrue();
        timers.advanceMillis(30);
        crew.succeed();
        assertThat(first.grant).isEqualTo(new Grant(true, 30_000_000));
        first.release();
        assertThat(call(small).grant).isSameAs(Grant.AT_ONCE);
    }

    @Test
    void theInstanceUsedLastIsUsedNext() {
        List<Caller> callers = calls(3, small);
        crew.succeed();
        crew.succeed();
        crew.succeed();
        callers.forEach(Caller::release);
        Worker last = callers.get(2).slot.instance();
        Caller next = call(small);
        assertThat(next.slot.instance()).isSameAs(last);
        assertThat(call(small).slot.instance()).isSameAs(callers.get(1).slot.instance());
    }

    @Test
    void aSlotIsGivenBackOnce() {
        Caller first = call(small);
        crew.succeed();
        first.release();
        Caller second = call(small);
        first.slot.release();
        first.slot.fail("late");
        Caller third = call(small);
        assertThat(second.slot.instance().calls).isEqualTo(1);
        assertThat(third.waits()).isTrue();
    }

    @Test
    void waitingCallsAreServedInTheirOrder() {
        Workload one = workload("one", 128, limits(0, 1, 10, Duration.ofDays(1), 1));
        List<Caller> callers = calls(4, one);
        crew.succeed();
        assertThat(crew.orders).isEmpty();
        for (Caller caller : callers) {
            assertThat(caller.holds()).isTrue();
            caller.release();
        }
    }

    @Test
    void aWaiterThatGivesBackAtOnceDoesNotFillTheStack() {
        Workload one = workload("one", 128, limits(0, 1, Integer.MAX_VALUE, Duration.ofDays(1), 1));
        int[] served = new int[1];
        for (int i = 0; i < 50_000; i++) {
            dispatcher.acquire(one, FOREVER, new Waiter<>() {
                @Override
                public void granted(Slot<Worker> slot, Grant grant) {
                    served[0]++;
                    slot.release();
                }

                @Override
                public void refused(io.headgate.function.model.FunctionException error) {
                    served[0] = -1;
                }
            });
        }
        crew.succeed();
        assertThat(served[0]).isEqualTo(50_000);
    }

    @Test
    void eachCallThatMustWaitStartsOneInstanceAsLongAsThereAreTokens() {
        List<Caller> callers = calls(6, small);
        assertThat(crew.orders).hasSize(4);
        assertThat(stats(small).claims()).isEqualTo(1);
        callers.get(5).cancel();
        callers.get(4).cancel();
        timers.advanceMillis(200);
        crew.succeed();
        crew.succeed();
        crew.succeed();
        crew.succeed();
        assertThat(stats(small).claims()).isZero();
        assertThat(callers.subList(0, 4)).allMatch(Caller::holds);
    }

    @Test
    void moreThanTheMachineHasIsRefusedAtOnce() {
        assertThat(call(workload("huge", 513, FnLimits.DEFAULTS)).error.kind()).isEqualTo(ErrorKind.IMPOSSIBLE);
        Workload hot = workload("hot", 128, new FnLimits(4001, 0, 9, 9, Duration.ofDays(1), 1));
        assertThat(call(hot).error).hasMessage("cpu-millis: 4001 (expected: at most 4000)");
    }

    @Test
    void cpuIsCountedAsMemoryIs() {
        Workload hot = workload("hot", 128, new FnLimits(3000, 0, 9, 9, Duration.ofDays(1), 1));
        calls(2, hot);
        assertThat(crew.orders).hasSize(1);
        assertThat(dispatcher.stats().cpuMillis()).isEqualTo(3000);
    }

    @Test
    void oneCallTooManyInTheQueueIsRefusedWith429() {
        Workload two = workload("two", 128, limits(0, 1, 2, Duration.ofDays(1), 1));
        calls(2, two);
        Caller third = call(two);
        assertThat(third.error.kind()).isEqualTo(ErrorKind.TOO_MANY_CALLS);
        assertThat(third.error.replyFields()).containsEntry("retry-after", "1");
        assertThat(third.error).hasMessage("calls of app/two that wait: 3 (expected: at most 2)");
    }

    @Test
    void aCallThatHasWaitedAsLongAsItMayIsRefusedWithTheTimeThatTheQueueTakes() {
        Workload slow = workload("slow", 128, limits(0, 1, 100, Duration.ofSeconds(5), 1));
        Caller running = call(slow);
        crew.succeed();
        List<Caller> waiting = calls(40, slow);
        for (int i = 0; i < 20; i++) { // four calls in a second
            timers.advanceMillis(249);
            Caller caller = running;
            running = waiting.remove(0);
            caller.release();
        }
        timers.advanceMillis(30);
        assertThat(waiting).hasSize(20).noneMatch(Caller::waits);
        assertThat(waiting.get(0).error.kind()).isEqualTo(ErrorKind.BUSY);
        assertThat(waiting.get(0).error).hasMessage("The call of app/slow has waited too long for a free instance");
        assertThat(Integer.parseInt(waiting.get(0).error.replyFields().get("retry-after")))
                .isBetween(4, 6);
    }

    @Test
    void aCallWaitsUntilItsDeadlineAndNotLonger() {
        Caller caller = Caller.of(dispatcher, small, timers.nanoTime() + 70_000_000, crew.faults);
        timers.advanceMillis(69);
        assertThat(caller.waits()).isTrue();
        timers.advanceMillis(1);
        assertThat(caller.error).hasMessage("The call of app/small has waited too long for an instance to start");
        assertThat(Caller.of(dispatcher, small, timers.nanoTime(), crew.faults)
                        .error
                        .kind())
                .isEqualTo(ErrorKind.BUSY);
        crew.succeed();
        assertThat(stats(small).idle()).isEqualTo(1);
    }

    @Test
    void aFailedLaunchFailsTheCallThatHasWaitedLongest() {
        Caller first = call(small);
        crew.fail();
        assertThat(first.error.kind()).isEqualTo(ErrorKind.START_FAILED);
        assertThat(crew.orders).isEmpty();
        Caller second = call(small);
        Caller third = call(small);
        crew.fail();
        assertThat(second.error).isNotNull();
        crew.succeed();
        assertThat(third.holds()).isTrue();
        assertThat(dispatcher.stats().memoryBytes()).isEqualTo(small.memoryBytes());
    }

    @Test
    void aFailedLaunchFailsNobodyWhenAnotherInstanceWillServe() {
        List<Caller> callers = calls(2, small);
        crew.succeed();
        crew.fail();
        assertThat(callers.get(1).waits()).isTrue();
        callers.get(0).release();
        assertThat(callers.get(1).holds()).isTrue();
    }

    @Test
    void anInstanceTakesAsManyCallsAsItMay() {
        Workload shared = workload("shared", 128, limits(0, 2, 99, Duration.ofDays(1), 3));
        List<Caller> callers = calls(7, shared);
        assertThat(crew.orders).hasSize(2);
        crew.succeed();
        crew.succeed();
        assertThat(callers.stream().filter(Caller::holds)).hasSize(6);
    }
}
