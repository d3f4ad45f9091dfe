package io.headgate.function.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.App;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DispatcherTest {

    private static final long FOREVER = Long.MAX_VALUE;
    private static final App APP = App.named("app");

    private final ManualTimers timers = new ManualTimers();
    private final MachineBudget budget = MachineBudget.of(512, 4);
    private final ManualCrew crew = new ManualCrew(budget);
    private final DispatchSettings settings = DispatchSettings.of(budget).withFreezeAfter(null);
    private Dispatcher<Worker> dispatcher = with(settings);

    private final Workload small = workload("small", 128, FnLimits.DEFAULTS);
    private final Workload other = workload("other", 128, FnLimits.DEFAULTS);
    private final Workload large = workload("large", 512, FnLimits.DEFAULTS);

    @AfterEach
    void nothingIsOutOfPlace() {
        crew.faults.assertNone();
    }

    private Dispatcher<Worker> with(DispatchSettings changed) {
        dispatcher = Dispatcher.create(changed, crew, timers, DispatchObserver.NONE);
        return dispatcher;
    }

    private static Workload workload(String name, int memoryMb, FnLimits limits) {
        Fn fn = Fn.of("a", name, "image");
        return Workload.of(
                APP,
                new Fn(
                        name,
                        "a",
                        name,
                        "image",
                        memoryMb,
                        30,
                        30,
                        fn.config(),
                        fn.annotations(),
                        fn.createdAt(),
                        fn.updatedAt()),
                limits);
    }

    private static FnLimits limits(int min, int max, int maxWaiting, Duration maxWait, int concurrency) {
        return new FnLimits(0, min, max, maxWaiting, maxWait, concurrency);
    }

    private Caller call(Workload workload) {
        return Caller.of(dispatcher, workload, FOREVER, crew.faults);
    }

    private List<Caller> calls(int count, Workload workload) {
        List<Caller> callers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            callers.add(call(workload));
        }
        return callers;
    }

    private DispatchStats.QueueStats stats(Workload workload) {
        return dispatcher.stats().queues().stream()
                .filter(queue -> queue.workload().equals(workload))
                .findFirst()
                .orElseThrow();
    }

    private Caller warm(Workload workload) {
        Caller caller = call(workload);
        crew.succeed();
        caller.release();
        return caller;
    }

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
    void idleInstancesMakeRoomTheOldestFirst() {
        Worker first = warm(small).slot.instance();
        Workload second = workload("second", 256, FnLimits.DEFAULTS);
        timers.advanceMillis(10);
        warm(second);
        Caller caller = call(workload("third", 256, FnLimits.DEFAULTS));
        assertThat(crew.stops).containsExactly(first + ": makes room for app/third");
        assertThat(caller.waits()).isTrue();
        crew.succeed();
        crew.succeed();
        assertThat(caller.holds()).isTrue();
        assertThat(dispatcher.stats().evictions()).isEqualTo(1);
    }

    @Test
    void nobodyIsEvictedWhenThatIsNotEnough() {
        warm(small);
        Caller busy = call(other);
        crew.succeed();
        Caller waiting = call(large);
        assertThat(crew.orders).isEmpty();
        busy.release();
        assertThat(crew.orders).hasSize(2);
        crew.succeed();
        assertThat(waiting.waits()).isTrue();
        crew.succeed();
        crew.succeed();
        assertThat(waiting.holds()).isTrue();
    }

    @Test
    void smallerLaunchesPassALargeOneForAWhileOnly() {
        Caller busy = call(small);
        crew.succeed();
        Caller blocked = call(large);
        timers.advanceMillis(400);
        Caller passes = call(other);
        crew.succeed();
        assertThat(passes.holds()).isTrue();
        timers.advanceMillis(200);
        Caller kept = call(workload("late", 128, FnLimits.DEFAULTS));
        assertThat(crew.orders).isEmpty();
        busy.release();
        passes.release();
        crew.succeed();
        crew.succeed();
        crew.succeed();
        assertThat(blocked.holds()).isTrue();
        assertThat(kept.waits()).isTrue();
        blocked.release();
        crew.succeed();
        crew.succeed();
        assertThat(kept.holds()).isTrue();
    }

    @Test
    void aQueueThatIsNeverIdleYieldsToOneThatHasNothing() {
        Workload greedy = workload("greedy", 512, FnLimits.DEFAULTS);
        Caller running = call(greedy);
        crew.succeed();
        List<Caller> more = calls(20, greedy);
        Caller poor = call(small);
        for (int i = 0; i < 4; i++) {
            timers.advanceMillis(100);
            Caller next = more.remove(0);
            running.release();
            assertThat(next.holds()).isTrue();
            running = next;
        }
        timers.advanceMillis(200);
        running.release();
        assertThat(crew.stops).containsExactly("app/greedy#0: makes room for app/small");
        crew.succeed();
        crew.succeed();
        assertThat(poor.holds()).isTrue();
        assertThat(more).allMatch(Caller::waits);
        poor.release();
        crew.succeed();
        crew.succeed();
        assertThat(more.get(0).holds()).isTrue();
    }

    @Test
    void idleInstancesAreStoppedAfterTheirTimeAndFrozenBefore() {
        with(settings.withFreezeAfter(Duration.ofMillis(50)));
        Worker worker = warm(small).slot.instance();
        timers.advanceMillis(49);
        call(small).release();
        timers.advanceMillis(49);
        assertThat(crew.orders).isEmpty();
        timers.advanceMillis(1);
        assertThat(crew.orders).hasToString("[freeze " + worker + "]");
        crew.succeed();
        assertThat(stats(small).paused()).isEqualTo(1);
        timers.advanceMillis(29_949);
        assertThat(crew.orders).isEmpty();
        timers.advanceMillis(1);
        assertThat(crew.stops).containsExactly(worker + ": idle for PT30S");
    }

    @Test
    void anInstanceIsFrozenAgainAsSoonAfterEachCall() {
        with(settings.withFreezeAfter(Duration.ofMillis(50)));
        Worker worker = warm(small).slot.instance();
        for (int i = 0; i < 3; i++) {
            timers.advanceMillis(50);
            assertThat(crew.orders).hasToString("[freeze " + worker + "]");
            crew.succeed();
            Caller caller = call(small);
            assertThat(crew.orders).hasToString("[unfreeze " + worker + "]");
            crew.succeed();
            caller.release();
        }
        timers.advanceMillis(50);
        crew.succeed();
        timers.advanceMillis(29_950);
        assertThat(crew.stops).containsExactly(worker + ": idle for PT30S");
    }

    @Test
    void aFrozenInstanceGoesOnForTheNextCall() {
        with(settings.withFreezeAfter(Duration.ZERO));
        warm(small);
        timers.advance(0);
        Caller early = call(small);
        crew.succeed(); // is frozen only now
        assertThat(crew.orders).hasToString("[unfreeze app/small#0]");
        assertThat(early.waits()).isTrue();
        crew.succeed();
        assertThat(early.holds()).isTrue();
        assertThat(early.grant.cold()).isFalse();
    }

    @Test
    void anInstanceThatCannotBeFrozenOrUnfrozenCostsNoCall() {
        with(settings.withFreezeAfter(Duration.ZERO));
        warm(small);
        timers.advance(0);
        crew.fail();
        assertThat(crew.stops)
                .containsExactly(
                        "app/small#0: could not be frozen: java.lang.IllegalStateException: cannot freeze app/small#0");
        crew.succeed();
        warm(small);
        timers.advance(0);
        crew.succeed();
        Caller caller = call(small);
        timers.advanceMillis(5000); // no answer
        assertThat(crew.stops).hasSize(2);
        crew.orders.remove(0).succeed(); // too late
        assertThat(crew.orders).hasToString("[stop app/small#1, launch app/small]");
        crew.succeed();
        crew.succeed();
        assertThat(caller.holds()).isTrue();
        assertThat(caller.slot.instance().number).isEqualTo(2);
    }

    @Test
    void aDeadInstanceGetsNoCallAndTheNextOneIsStarted() {
        Caller caller = call(small);
        crew.succeed();
        Worker dead = caller.slot.instance();
        Caller next = Caller.of(dispatcher, small, FOREVER, crew.faults);
        crew.orders.clear();
        dead.ended = true;
        dispatcher.ended(dead, "exit 1");
        dispatcher.ended(dead, "exit 1");
        caller.release();
        assertThat(next.waits()).isTrue();
        assertThat(crew.stops).containsExactly(dead + ": exit 1");
    }

    @Test
    void anInstanceThatFailsACallEndsAfterItsOtherCalls() {
        Workload shared = workload("shared", 512, limits(0, 1, 9, Duration.ofDays(1), 2));
        List<Caller> callers = calls(3, shared);
        crew.succeed();
        callers.get(0).fail();
        assertThat(crew.orders).isEmpty();
        assertThat(callers.get(2).waits()).isTrue();
        callers.get(1).release();
        crew.succeed();
        crew.succeed();
        assertThat(callers.get(2).holds()).isTrue();
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

    @Test
    void theLeastNumberOfInstancesIsKeptWarm() {
        Workload warm = workload("warm", 128, limits(2, 3, 99, Duration.ofDays(1), 1));
        dispatcher.warm(warm);
        crew.succeed();
        crew.succeed();
        List<Caller> callers = calls(3, warm);
        crew.succeed();
        callers.forEach(Caller::release);
        assertThat(callers.get(0).grant).isSameAs(Grant.AT_ONCE);
        timers.advanceMillis(600_000);
        assertThat(crew.orders).hasSize(1);
        crew.succeed();
        call(workload("huge", 512, FnLimits.DEFAULTS));
        assertThat(crew.orders).isEmpty();
        dispatcher.ended(crew.workers.get(0), "crashed");
        assertThat(crew.orders).hasToString("[stop " + crew.workers.get(0) + ", launch app/warm]");
        dispatcher.forget("warm");
        crew.succeed();
        crew.succeed();
        timers.advanceMillis(31_000);
        assertThat(crew.orders).hasSize(2);
    }

    @Test
    void aWarmInstanceThatDoesNotStartIsTriedAgainLessAndLessOften() {
        dispatcher.warm(workload("broken", 128, limits(1, 3, 99, Duration.ofDays(1), 1)));
        long[] waits = {200, 400, 800, 1600};
        for (long wait : waits) {
            crew.fail();
            timers.advanceMillis(wait - 1);
            assertThat(crew.orders).isEmpty();
            timers.advanceMillis(1);
            assertThat(crew.orders).hasSize(1);
        }
    }

    @Test
    void anotherConfigurationGetsInstancesOfItsOwn() {
        Workload before = workload("fn", 128, limits(1, 9, 9, Duration.ofDays(1), 1));
        dispatcher.warm(before);
        crew.succeed();
        Workload after = workload("fn", 256, limits(1, 9, 9, Duration.ofDays(1), 1));
        Caller caller = call(after);
        crew.succeed();
        assertThat(caller.slot.instance().workload.memoryBytes()).isEqualTo(after.memoryBytes());
        timers.advanceMillis(60_000);
        assertThat(crew.stops).containsExactly("app/fn#0: idle for PT30S");
    }

    @Test
    void aQueueIsForgottenAnHourAfterItsLastInstance() {
        warm(small);
        timers.advanceMillis(30_000);
        crew.succeed();
        timers.advanceMillis(3_599_999);
        assertThat(dispatcher.stats().queues()).hasSize(1);
        timers.advanceMillis(1);
        assertThat(dispatcher.stats().queues()).isEmpty();
        warm(small);
        assertThat(timers.size()).isEqualTo(3);
    }

    @Test
    void closingRefusesWhoWaitsAndLetsCallsEnd() {
        warm(other);
        Workload one = workload("one", 128, limits(0, 1, 9, Duration.ofDays(1), 1));
        List<Caller> callers = calls(2, one);
        crew.succeed();
        List<String> closed = new ArrayList<>();
        dispatcher.close(Duration.ofSeconds(10), () -> closed.add("first"));
        dispatcher.close(Duration.ofSeconds(10), () -> closed.add("second"));
        assertThat(callers.get(1).error.kind()).isEqualTo(ErrorKind.BUSY);
        assertThat(call(small).error).hasMessage("The server stops");
        while (!crew.orders.isEmpty()) {
            crew.succeed();
        }
        assertThat(closed).isEmpty();
        callers.get(0).release();
        crew.succeed();
        assertThat(closed).containsExactly("first", "second");
        assertThat(dispatcher.stats().memoryBytes()).isZero();
        assertThat(timers.size()).isZero();
    }

    @Test
    void nothingIsTriedAgainAfterClosing() {
        dispatcher.warm(workload("kept", 128, limits(1, 1, 9, Duration.ofDays(1), 1)));
        crew.fail();
        assertThat(timers.size()).isEqualTo(2); // to try again, and to forget the queue
        List<String> closed = new ArrayList<>();
        dispatcher.close(Duration.ofSeconds(10), () -> closed.add("closed"));
        assertThat(closed).containsExactly("closed");
        assertThat(timers.size()).isZero();
    }

    @Test
    void closingCancelsLaunchesAndAtTheEndStopsBusyInstances() {
        Caller running = call(small);
        crew.succeed();
        call(other);
        List<String> closed = new ArrayList<>();
        dispatcher.close(Duration.ofSeconds(10), () -> closed.add("closed"));
        assertThat(crew.orders.get(0).cancelled).isTrue();
        crew.fail();
        timers.advanceMillis(10_000);
        assertThat(crew.stops).containsExactly("app/small#0: the server stops, and its time is over");
        crew.succeed();
        assertThat(closed).containsExactly("closed");
        running.release();
    }
}
