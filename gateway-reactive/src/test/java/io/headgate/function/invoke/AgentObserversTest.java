package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.invoke.AgentCase.Caller;
import io.headgate.function.invoke.InvocationEnd.Outcome;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.BodyTooLargeException;
import io.headgate.http.Fields;
import io.headgate.test.ScriptedBody;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What observers and watches hear of a call. */
class AgentObserversTest extends AgentTestBase {

    @Test
    void theTimeOfEachPhaseIsTold() {
        test.driver.startByHand();
        Caller caller = test.call();
        test.clock.advance(Duration.ofMillis(30));
        ScriptedDriver.Running ready = test.driver.starts().get(0).ready();
        test.clock.advance(Duration.ofMillis(50));
        ScriptedBody body = ready.lastCall().reply(200, Fields.empty());
        caller.read();
        test.clock.advance(Duration.ofMillis(7));
        body.complete();

        InvocationEnd end = test.log.last();
        assertThat(end.outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(end.cold()).isTrue();
        assertThat(end.waitedNanos()).isEqualTo(Duration.ofMillis(30).toNanos());
        assertThat(end.ranNanos()).isEqualTo(Duration.ofMillis(57).toNanos());
    }

    @Test
    void whatAFunctionPrintsGoesToTheCallThatRuns() {
        StringBuilder printed = new StringBuilder();
        Caller caller = test.call(test.invocation().withWatch(new InvocationWatch() {
            @Override
            public void printed(ByteBuf bytes) {
                printed.append(bytes.toString(StandardCharsets.UTF_8));
            }
        }));
        print("during");
        instance().lastCall().reply(200, Fields.empty(), null);
        print("after");
        assertThat(caller.reply).isNotNull();
        assertThat(printed).hasToString("during");
    }

    @Test
    void whoeverIsToHearAllHasRepliesWaitForOutput() {
        test.call();
        assertThat(instance().lastCall().outputFirst()).isFalse();
        instance().lastCall().reply(200, Fields.empty(), null);
        test.call(test.invocation().withWatch(new InvocationWatch() {
            @Override
            public boolean hearsAll() {
                return true;
            }
        }));
        assertThat(instance().lastCall().outputFirst()).isTrue();
        instance().lastCall().reply(200, Fields.empty(), null);
        Caller unheard = test.call(test.invocation().withWatch(new InvocationWatch() {
            @Override
            public boolean hearsAll() {
                throw new IllegalStateException("made by the test");
            }
        }));
        assertThat(instance().lastCall().outputFirst()).isFalse();
        instance().lastCall().reply(200, Fields.empty(), null);
        assertThat(unheard.reply).isNotNull();
    }

    private void print(String text) {
        ByteBuf bytes = chunk(text);
        instance().spec().output().print(bytes);
        bytes.release();
    }

    @Test
    void observersThatThrowBreakNothing() {
        test.agent = test.builder(1).observer(new Throwing(test.log)).build();
        Caller caller = test.call(test.invocation().withWatch(new InvocationWatch() {
            @Override
            public void started(boolean cold, long waitedNanos) {
                throw new IllegalStateException("made by the test");
            }
        }));
        instance().lastCall().reply(200, Fields.empty(), null);
        assertThat(caller.reply).isNotNull();
    }

    private record Throwing(AgentCase.Log log) implements InvocationObserver {

        @Override
        public void queued(Invocation call) {
            log.queued(call);
            throw new IllegalStateException("made by the test");
        }

        @Override
        public void started(Invocation call, boolean cold, long waitedNanos) {
            throw new IllegalStateException("made by the test");
        }

        @Override
        public void ended(Invocation call, InvocationEnd end) {
            log.ended(call, end);
            throw new IllegalStateException("made by the test");
        }
    }

    @Test
    void aCallThatWasDroppedIsToldAsOneThatHasEnded() {
        Invocation call = test.invocation();
        call.payload().discard();
        test.agent.dropped(call, null);
        assertThat(test.log.events).containsExactly("queued", "CANCELLED");
        assertThat(test.log.last().ran()).isFalse();

        test.agent.dropped(call, new FunctionException(ErrorKind.CALLER_LEFT, "left"));
        assertThat(test.log.last().outcome()).isEqualTo(Outcome.CANCELLED);
        test.agent.dropped(call, new BodyTooLargeException(4));
        assertThat(test.log.last().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(kind(test.log.last().error()))
                .as("the caller's fault, not ours")
                .isEqualTo(ErrorKind.TOO_LARGE);
        assertThat(test.driver.starts()).isEmpty();
    }
}
