package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.invoke.AgentCase.Caller;
import io.headgate.function.model.ErrorKind;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.test.ScriptedBody;
import org.junit.jupiter.api.Test;

/** A call that the instance did not listen to goes to another one. */
class UnheardCallsTest extends AgentTestBase {

    @Test
    void aCallThatNobodyListensToGoesToAnotherInstance() {
        Caller caller = test.call();
        ScriptedDriver.Running gone = instance();
        gone.lastCall().refuse();

        assertThat(gone.stops()).isOne();
        ScriptedDriver.Running other = test.driver.instances().get(1);
        assertThat(other.lastCall().input().asString(99).block()).isEqualTo("payload");
        other.lastCall().reply(200, Fields.empty(), Body.of(chunk("done")));
        assertThat(caller.read().text).hasToString("done");
        assertThat(other.stops()).isZero();
        assertThat(test.log.events).containsExactly("queued", "cold", "COMPLETED");
        assertThat(test.log.last().ran()).isTrue();
    }

    @Test
    void aStreamedBodyGoesToAnotherInstanceAsLongAsNothingOfItWasAskedFor() {
        ScriptedBody body = ScriptedBody.create();
        Invocation call = test.invocation();
        call.payload().discard();
        Caller caller = test.call(new Invocation(
                call.id(),
                call.type(),
                call.app(),
                call.fn(),
                null,
                call.fields(),
                body,
                call.deadline(),
                call.watch()));
        instance().lastCall().refuse();

        ScriptedDriver.Running other = test.driver.instances().get(1);
        assertThat(other.lastCall().input()).isSameAs(body);
        assertThat(body.end()).isNull();
        other.lastCall().reply(200, Fields.empty(), null);
        assertThat(caller.reply).isNotNull();
    }

    @Test
    void aCallIsSentToThreeInstancesAtMost() {
        Caller caller = test.call();
        for (int i = 0; i < 3; i++) {
            assertThat(test.driver.instances()).hasSize(i + 1);
            test.driver.instances().get(i).lastCall().refuse();
        }
        assertThat(kind(caller.error)).isEqualTo(ErrorKind.FUNCTION_FAILED);
        assertThat(test.driver.instances())
                .hasSize(3)
                .allSatisfy(each -> assertThat(each.stops()).isOne());
        assertThat(test.log.events).containsExactly("queued", "cold", "FAILED");
    }

    @Test
    void aCallerMayLeaveWhileItsCallWaitsForAnotherInstance() {
        Caller caller = test.call();
        test.driver.startByHand();
        instance().lastCall().refuse();
        caller.leave();

        assertThat(test.log.events).containsExactly("queued", "cold", "CANCELLED");
        assertThat(test.log.last().ran())
                .as("so that whoever counts what runs is right")
                .isTrue();
        test.driver.starts().get(1).ready();
        assertThat(test.driver.instances().get(1).calls()).isEmpty();
    }

    @Test
    void theTimeOfTheFunctionBeginsAnewOnAnotherInstance() {
        Caller caller = test.call();
        test.clock.advance(AgentCase.seconds(9));
        instance().lastCall().refuse();
        test.clock.advance(AgentCase.seconds(9));
        assertThat(caller.error).isNull();
        test.clock.advance(AgentCase.seconds(1));
        assertThat(kind(caller.error)).isEqualTo(ErrorKind.TIMED_OUT);
        assertThat(test.driver.instances().get(1).lastCall().cancels()).isOne();
    }

    @Test
    void aCallThatNobodyListensToIsRefusedWhenTheAgentCloses() {
        Caller caller = test.call();
        test.agent.closeAsync().subscribe();
        instance().lastCall().refuse();
        assertThat(kind(caller.error)).isEqualTo(ErrorKind.BUSY);
        assertThat(test.log.events).containsExactly("queued", "cold", "BUSY");
        assertThat(test.driver.closes()).isOne();
    }
}
