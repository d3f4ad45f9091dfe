package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.function.dispatch.TimeoutPolicy;
import io.headgate.function.invoke.AgentCase.Caller;
import io.headgate.function.invoke.InvocationEnd.Outcome;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Fields;
import io.headgate.test.ScriptedBody;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Calls whose time is over, and callers that leave, at every point of a call. */
class UntimelyEndsTest extends AgentTestBase {

    // ---- time

    @Test
    void aFunctionThatDoesNotAnswerInTimeIsATimeoutAndCostsTheInstance() {
        Caller caller = test.call();
        test.clock.advance(AgentCase.seconds(10));
        assertThat(kind(caller.error)).isEqualTo(ErrorKind.TIMED_OUT);
        assertThat(instance().lastCall().cancels()).isOne();
        instanceIsGone();
    }

    @Test
    void aReplyThatDoesNotEndInTimeIsCut() {
        Caller caller = test.call();
        ScriptedBody body = instance().lastCall().reply(200, Fields.empty());
        caller.read();
        body.emit(chunk("1"));
        test.clock.advance(AgentCase.seconds(10));
        assertThat(kind(caller.cut)).isEqualTo(ErrorKind.TIMED_OUT);
        assertThat(body.end()).isEqualTo(ScriptedBody.End.CANCELLED);
        instanceIsGone();
    }

    @Test
    void aReplyThatNobodyReadsDoesNotKeepTheInstance() {
        Caller caller = test.call();
        ScriptedBody body = instance().lastCall().reply(200, Fields.empty());
        test.clock.advance(AgentCase.seconds(10));
        assertThat(body.end()).isEqualTo(ScriptedBody.End.DISCARDED);
        assertThat(kind(caller.read().cut)).isEqualTo(ErrorKind.TIMED_OUT);
        instanceIsGone();
    }

    @Test
    void waitingTakesNothingOfTheTimeOfTheRun() {
        test.driver.startByHand();
        Caller caller = test.call();
        test.clock.advance(AgentCase.seconds(4));
        ScriptedDriver.Running ready = test.driver.starts().get(0).ready();
        test.clock.advance(AgentCase.seconds(9));
        ready.lastCall().reply(200, Fields.empty(), null);
        assertThat(caller.reply).isNotNull();
    }

    @Test
    void aCallThatStartsAfterHalfOfItsTimeIsRefusedUnderThePolicyOfTheWholeCall() {
        test.agent = test.builder(4).timeouts(TimeoutPolicy.WHOLE_CALL).build();
        test.driver.startByHand();
        Caller late = test.call();
        test.clock.advance(Duration.ofMillis(5001));
        ScriptedDriver.Running ready = test.driver.starts().get(0).ready();
        assertThat(kind(late.error)).isEqualTo(ErrorKind.BUSY);
        assertThat(((FunctionException) late.error).replyFields()).containsKey("retry-after");
        assertThat(ready.calls()).isEmpty();
        assertThat(test.log.last().ran()).isFalse();
    }

    @Test
    void aCallWaitsForHalfOfItsTimeUnderThatPolicyAndRunsForTheRest() {
        test.agent = test.builder(1).timeouts(TimeoutPolicy.HALF_FOR_WAITING).build();
        Caller first = test.call();
        Caller waits = test.call();
        test.clock.advance(AgentCase.seconds(5));
        assertThat(kind(waits.error)).isEqualTo(ErrorKind.BUSY);
        test.clock.advance(AgentCase.seconds(5));
        assertThat(kind(first.error)).isEqualTo(ErrorKind.TIMED_OUT);
    }

    @Test
    void theDeadlineOfTheCallerEndsTheRunOfASynchronousCallButNotOfADetachedOne() {
        Caller sync = test.call(test.invocation(CallType.SYNC, AgentCase.FN, Deadline.after(AgentCase.seconds(3))));
        Caller detached =
                test.call(test.invocation(CallType.DETACHED, AgentCase.FN, Deadline.after(AgentCase.seconds(3))));
        test.clock.advance(AgentCase.seconds(4));
        assertThat(kind(sync.error)).isEqualTo(ErrorKind.TIMED_OUT);
        assertThat(detached.error).isNull();
        test.clock.advance(AgentCase.seconds(6));
        assertThat(kind(detached.error)).isEqualTo(ErrorKind.TIMED_OUT);
    }

    // ---- callers that leave

    @Test
    void aCallerThatLeavesWhileItWaitsLeavesNothing() {
        test.agent = test.builder(1).build();
        Caller first = test.call();
        Caller second = test.call();
        second.leave();
        assertThat(test.log.last().outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(test.log.last().ran()).isFalse();
        instance().lastCall().reply(200, Fields.empty(), null);
        assertThat(first.reply).isNotNull();
        assertThat(instance().calls()).hasSize(1);
    }

    @Test
    void aCallerThatLeavesWhileAnInstanceStartsLeavesItForTheNext() {
        test.driver.startByHand();
        Caller caller = test.call();
        caller.leave();
        ScriptedDriver.Running ready = test.driver.starts().get(0).ready();
        assertThat(ready.calls()).isEmpty();
        Caller next = test.call();
        ready.lastCall().reply(200, Fields.empty(), null);
        assertThat(next.reply).isNotNull();
    }

    @Test
    void aCallerThatLeavesWhenItsCallIsAboutToBeSentLeavesTheInstanceAsItWas() {
        Caller[] caller = {new Caller()};
        Invocation call = test.invocation().withWatch(new InvocationWatch() {
            @Override
            public void started(boolean cold, long waitedNanos) {
                caller[0].leave();
            }
        });
        test.agent.invoke(call).subscribe(caller[0]);
        assertThat(instance().calls()).isEmpty();
        assertThat(instance().stops()).isZero();
        assertThat(test.log.events).containsExactly("queued", "cold", "CANCELLED");
    }

    @Test
    void aCallerThatLeavesBeforeTheReplyCostsTheInstance() {
        Caller caller = test.call();
        caller.leave();
        caller.leave();
        assertThat(instance().lastCall().cancels()).isOne();
        assertThat(test.log.events).containsExactly("queued", "cold", "CANCELLED");
        instanceIsGone();
    }

    @Test
    void aReplyThatNobodyWantsIsReadToItsEndForTheInstance() {
        Caller caller = test.call();
        ScriptedBody body = instance().lastCall().reply(200, Fields.empty());
        caller.reply.body().discard();
        assertThat(test.log.last().outcome()).isEqualTo(Outcome.CANCELLED);
        body.emit(chunk("1")).complete();
        instanceIsKept();
    }

    @Test
    void aCallerThatLeavesInTheMiddleOfTheReplyCostsNothingWhenItEndsInTime() {
        Caller caller = test.call();
        ScriptedBody body = instance().lastCall().reply(200, Fields.empty());
        caller.read();
        body.emit(chunk("1"));
        caller.leaveBody();
        body.emit(chunk("2")).complete();
        assertThat(caller.text).hasToString("1");
        assertThat(test.log.last().outcome()).isEqualTo(Outcome.CANCELLED);
        instanceIsKept();
    }

    @Test
    void aReplyThatGoesOnForNobodyIsCutWhenItsTimeIsOver() {
        Caller caller = test.call();
        ScriptedBody body = instance().lastCall().reply(200, Fields.empty());
        caller.read().leaveBody();
        test.clock.advance(AgentCase.seconds(10));
        assertThat(body.end()).isEqualTo(ScriptedBody.End.CANCELLED);
        instanceIsGone();
    }

    @Test
    void aCallerThatLeavesWhileTheWordsOfAFailureAreReadIsCancelled() {
        Caller caller = test.call();
        ScriptedBody body = instance().lastCall().reply(502, Fields.empty());
        caller.leave();
        body.emit(chunk("words")).complete();
        assertThat(caller.error).isNull();
        assertThat(test.log.events).containsExactly("queued", "cold", "CANCELLED");
        instanceIsKept();
    }

    @Test
    void aCallerThatLeavesAfterTheEndChangesNothing() {
        Caller caller = test.call();
        instance().lastCall().reply(200, Fields.empty()).emit(chunk("1")).complete();
        caller.read().leaveBody();
        caller.leave();
        assertThat(test.log.events).containsExactly("queued", "cold", "COMPLETED");
        instanceIsKept();
    }
}
