package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.function.invoke.AgentCase.Caller;
import io.headgate.function.model.Annotations;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.http.Fields;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How an instance starts and dies, and what it is told. */
class AgentInstancesTest extends AgentTestBase {

    @Test
    void callIdAndDeadlineAreThoseOfTheAgent() {
        Fields forged = Fields.of("fn-call-id", "forged", "FN-DEADLINE", "never", "x-a", "1");
        Invocation call = test.invocation();
        Caller caller = test.call(new Invocation(
                call.id(),
                call.type(),
                call.app(),
                call.fn(),
                null,
                forged,
                call.payload(),
                call.deadline(),
                call.watch()));

        Fields sent = instance().lastCall().fields();
        assertThat(sent.all("Fn-Call-Id")).containsExactly("call-1");
        assertThat(sent.all("Fn-Deadline")).containsExactly("2026-01-02T03:04:15Z");
        assertThat(sent.get("x-a")).isEqualTo("1");
        caller.leave();
    }

    @Test
    void theEnvironmentIsThatOfTheContract() {
        Caller caller = test.call();
        assertThat(instance().spec().environment())
                .containsAllEntriesOf(Map.of(
                        "COLOR",
                        "red",
                        "SIZE",
                        "2",
                        "FN_MEMORY",
                        "128",
                        "FN_TYPE",
                        "sync",
                        "FN_FN_ID",
                        "fn-1",
                        "FN_APP_ID",
                        "app-1",
                        "FN_FORMAT",
                        "http-stream",
                        "FN_APP_NAME",
                        "shop",
                        "FN_FN_NAME",
                        "one"))
                .containsKeys("FN_NAME", "FN_TMPSIZE")
                .doesNotContainKey("FN_LISTENER");
        caller.leave();
    }

    @Test
    void anImageThatNoDriverKnowsIsNotFound() {
        Caller caller = test.call(test.invocation(
                CallType.SYNC, AgentCase.fn("fn-2", "other", 10, Map.of(), Annotations.NONE), Deadline.NONE));
        assertThat(kind(caller.error)).isEqualTo(ErrorKind.IMAGE_NOT_FOUND);
    }

    @Test
    void aFailedStartFailsTheCallThatWaits() {
        test.driver.startByHand();
        Caller caller = test.call();
        test.driver.starts().get(0).fail(new IOException("no such file"));
        assertThat(kind(caller.error)).isEqualTo(ErrorKind.START_FAILED);
        assertThat(caller.error).hasMessageNotContaining("no such file");
    }

    @Test
    void anInstanceThatDiesGetsNoFurtherCall() {
        Caller first = test.call();
        ScriptedDriver.Running dead = instance();
        dead.lastCall().reply(200, Fields.empty(), null);
        assertThat(first.reply).isNotNull();
        dead.die("crashed");
        Caller second = test.call();
        assertThat(dead.calls()).hasSize(1);
        test.driver.instances().get(1).lastCall().reply(200, Fields.empty(), null);
        assertThat(second.reply).isNotNull();
    }
}
