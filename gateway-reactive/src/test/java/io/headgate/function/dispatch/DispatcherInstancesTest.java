package io.headgate.function.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FnLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How long instances live: evicted, frozen, dead, kept warm, closed. */
class DispatcherInstancesTest extends DispatcherTestBase {

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
    void aQueueEvictsNoneOfItsOwn() {
        with(settings.withFreezeAfter(Duration.ZERO));
        Workload half = workload("half", 256, FnLimits.DEFAULTS);
        List<Caller> first = calls(2, half);
        crew.succeed();
        crew.succeed();
        first.forEach(Caller::release);
        timers.advance(0);
        crew.succeed();
        crew.succeed();
        assertThat(stats(half).paused()).isEqualTo(2);

        List<Caller> callers = calls(3, half);
        timers.advanceMillis(1000);
        assertThat(stats(half).claims()).as("one more is wanted").isEqualTo(1);
        assertThat(crew.stops).isEmpty();
        crew.succeed();
        crew.succeed();
        callers.get(0).release();
        callers.get(1).release();
        assertThat(callers).allMatch(caller -> caller.grant != null);
        callers.get(2).release();
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
    void whoeverComesAfterClosingIsRefusedWhereABusyInstanceHasRoomAsWell() {
        Workload shared = workload("shared", 128, limits(0, 1, 9, Duration.ofDays(1), 2));
        Caller running = call(shared);
        crew.succeed();
        List<String> closed = new ArrayList<>();
        dispatcher.close(Duration.ofSeconds(10), () -> closed.add("closed"));
        assertThat(call(shared).error).hasMessage("The server stops");
        running.release();
        crew.succeed();
        assertThat(closed).containsExactly("closed");
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
