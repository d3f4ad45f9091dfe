package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.invoke.AgentCase.Caller;
import io.headgate.function.invoke.InvocationEnd.Outcome;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.test.ScriptedBody;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** What becomes of calls, starts and instances when an agent is closed. */
class AgentCloseTest extends AgentTestBase {

    @Test
    void anAgentIsClosedByWhoSubscribes() {
        Mono<Void> closing = test.agent.closeAsync();
        Caller caller = test.call();
        instance().lastCall().reply(200, Fields.empty(), null);
        assertThat(caller.reply).isNotNull();

        closing.subscribe().dispose(); // which changes nothing
        assertThat(kind(test.call().error)).isEqualTo(ErrorKind.BUSY);
        assertThat(test.driver.closes()).isOne();
        closing.block();
        assertThat(test.driver.closes()).isOne();
    }

    @Test
    void aClosedAgentRefusesWhoWaitsLetsCallsFinishAndLeavesNothing() {
        test.agent = test.builder(1).build();
        Caller runs = test.call();
        Caller waits = test.call();
        AtomicBoolean closed = new AtomicBoolean();
        test.agent.closeAsync().subscribe(null, null, () -> closed.set(true));

        assertThat(kind(waits.error)).isEqualTo(ErrorKind.BUSY);
        assertThat(kind(test.call().error)).isEqualTo(ErrorKind.BUSY);
        assertThat(closed).isFalse();
        instance().lastCall().reply(200, Fields.empty(), Body.of(chunk("done")));
        assertThat(runs.read().text).hasToString("done");
        assertThat(closed).isTrue();
        assertThat(instance().stops()).isOne();
        assertThat(test.driver.closes()).isOne();
        assertThat(test.clock.pending()).isZero();
    }

    @Test
    void aClosedAgentDoesNotWaitForEver() {
        test.agent = test.builder(1)
                .settings(AgentSettings.DEFAULTS.withCloseGrace(AgentCase.seconds(2)))
                .build();
        Caller runs = test.call();
        AtomicBoolean closed = new AtomicBoolean();
        test.agent.closeAsync().subscribe(null, null, () -> closed.set(true));
        test.clock.advance(AgentCase.seconds(2));
        assertThat(instance().stops()).isOne();
        assertThat(closed).isTrue();
        instance().lastCall().fail(new IOException("killed"));
        isCutAndNotTheFunctionsFault(runs.error);
    }

    private void isCutAndNotTheFunctionsFault(@Nullable Throwable error) {
        assertThat(kind(error)).isEqualTo(ErrorKind.STOPPED);
        FunctionException cut = (FunctionException) error;
        assertThat(cut.status()).isEqualTo(503);
        assertThat(cut.kind().blame()).isEqualTo(ErrorKind.Blame.SERVICE);
        assertThat(cut.replyFields()).containsEntry("retry-after", "1");
        assertThat(cut.traits()).as("nobody knows what it has done").isEmpty();
        assertThat(test.log.last().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(test.log.last().error()).isSameAs(error);
    }

    @Test
    void aReplyThatTheEndOfTheGraceCutsIsNotTheFunctionsFault() {
        Caller caller = test.call();
        ScriptedBody body = instance().lastCall().reply(200, Fields.empty());
        caller.read();
        body.emit(chunk("1"));
        test.agent.closeAsync(Duration.ZERO).subscribe();
        test.clock.advance(Duration.ofMillis(1));
        body.fail(new IOException("killed"));

        assertThat(caller.text).hasToString("1");
        isCutAndNotTheFunctionsFault(caller.cut);
    }

    @Test
    void aFunctionThatFailsBecauseItWasToldToEndIsNotAtFault() {
        Caller caller = test.call();
        test.agent.closeAsync(Duration.ZERO).subscribe();
        test.clock.advance(Duration.ofMillis(1));
        instance().lastCall().reply(502, Fields.empty(), null);
        isCutAndNotTheFunctionsFault(caller.error);
    }

    @Test
    void aFunctionThatStillAnswersAfterTheGraceHasAnswered() {
        Caller caller = test.call();
        test.agent.closeAsync(Duration.ZERO).subscribe();
        test.clock.advance(Duration.ofMillis(1));
        instance().lastCall().reply(200, Fields.empty(), null);
        assertThat(caller.reply).isNotNull();
        assertThat(test.log.last().outcome()).isEqualTo(Outcome.COMPLETED);
    }

    @Test
    void anInstanceThatEndsByItselfWhileTheAgentClosesIsTheFunctionsFault() {
        Caller caller = test.call();
        test.agent.closeAsync().subscribe();
        instance().die("exited with 1");
        instance().lastCall().fail(new IOException("reset"));
        assertThat(kind(caller.error)).isEqualTo(ErrorKind.FUNCTION_FAILED);
    }

    @Test
    void whatTheClientsBodyFailedWithStaysTheClientsWhenTheAgentCloses() {
        Caller caller = test.call();
        test.agent.closeAsync(Duration.ZERO).subscribe();
        test.clock.advance(Duration.ofMillis(1));
        instance().lastCall().fail(new FunctionException(ErrorKind.CALLER_LEFT, "left"));
        assertThat(kind(caller.error)).isEqualTo(ErrorKind.CALLER_LEFT);
    }

    @Test
    void aStartThatIsUnderWayWhenTheAgentIsClosedIsGivenUp() {
        test.driver.startByHand();
        Caller caller = test.call();
        AtomicBoolean closed = new AtomicBoolean();
        test.agent.closeAsync().subscribe(null, null, () -> closed.set(true));
        assertThat(kind(caller.error)).isEqualTo(ErrorKind.BUSY);
        assertThat(test.driver.starts().get(0).cancels()).isOne();
        assertThat(closed).isTrue();
    }
}
