package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.invoke.AgentCase.Caller;
import io.headgate.function.invoke.InvocationEnd.Outcome;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Fields;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens between the moment at which a call has an instance and the one at which the instance has the call. */
class CallRacesTest {

    private final AgentCase test = new AgentCase();

    @AfterEach
    void everythingCameBack() {
        test.verify();
        test.close();
    }

    @Test
    void aCallerThatLeavesWhileItsCallIsSentDoesNotHaveADeadInstanceCalled() {
        test.call();
        test.driver.onlyInstance().lastCall().reply(200, Fields.empty(), null);
        Caller caller = new Caller();
        test.driver.whenCalled(caller::leave);
        test.agent.invoke(test.invocation()).subscribe(caller);

        assertThat(test.log.last().outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(test.driver.onlyInstance().lastCall().cancels()).isOne();
        assertThat(test.driver.onlyInstance().stops()).isOne();
    }

    @Test
    void aDriverThatThrowsFailsTheCallAndCostsTheInstance() {
        test.driver.whenCalled(() -> {
            throw new AssertionError("made by the test");
        });
        Caller caller = test.call();

        assertThat(((FunctionException) caller.error).kind()).isEqualTo(ErrorKind.FUNCTION_FAILED);
        assertThat(test.log.last().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(test.driver.onlyInstance().stops()).isOne();
    }

    @Test
    void aCallerThatLeavesADriverThatThrowsHasLeft() {
        Caller caller = new Caller();
        test.driver.whenCalled(() -> {
            caller.leave();
            throw new AssertionError("made by the test");
        });
        test.agent.invoke(test.invocation()).subscribe(caller);

        assertThat(caller.error).isNull();
        assertThat(test.log.last().outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(test.driver.onlyInstance().stops()).isOne();
    }
}
