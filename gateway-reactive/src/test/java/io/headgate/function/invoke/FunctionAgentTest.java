package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.function.driver.InstanceFailure;
import io.headgate.function.invoke.AgentCase.Caller;
import io.headgate.function.invoke.InvocationEnd.Outcome;
import io.headgate.function.model.Annotations;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.BodyTooLargeException;
import io.headgate.http.Fields;
import io.headgate.test.ScriptedBody;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;

class FunctionAgentTest extends AgentTestBase {

    // ---- replies

    @Test
    void aReplyIsPassedOnAndTheInstanceTakesTheNextCall() {
        Caller caller = test.call();
        instance()
                .lastCall()
                .reply(200, Fields.of("x-a", "1"))
                .emit(chunk("hel"))
                .emit(chunk("lo"))
                .complete();

        assertThat(caller.reply.fields().get("x-a")).isEqualTo("1");
        assertThat(caller.read().text).hasToString("hello");
        assertThat(caller.read).isTrue();
        instanceIsKept();
        assertThat(test.log.events).containsExactly("queued", "cold", "COMPLETED", "queued", "warm", "COMPLETED");
    }

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
    void whatAFunctionSaysOfItsFailureIsHiddenAndTheInstanceKept() {
        Caller caller = test.call();
        instance().lastCall().reply(502, Fields.empty()).emit(chunk("secret")).complete();

        assertThat(kind(caller.error)).isEqualTo(ErrorKind.FUNCTION_FAILED);
        assertThat(caller.error).hasMessageNotContaining("secret").hasRootCauseMessage("secret");
        assertThat(test.log.last().outcome()).isEqualTo(Outcome.FAILED);
        instanceIsKept();
    }

    @Test
    void aFunctionThatGivesUpInTimeIsATimeoutAndTheInstanceKept() {
        Caller caller = test.call();
        instance().lastCall().reply(504, Fields.empty(), null);

        assertThat(kind(caller.error)).isEqualTo(ErrorKind.TIMED_OUT);
        assertThat(test.log.last().outcome()).isEqualTo(Outcome.TIMED_OUT);
        instanceIsKept();
    }

    @Test
    void anyOtherStatusCostsTheInstance() {
        Caller caller = test.call();
        ScriptedBody body = instance().lastCall().reply(431, Fields.empty());

        assertThat(kind(caller.error)).isEqualTo(ErrorKind.FUNCTION_FAILED);
        assertThat(body.end()).isEqualTo(ScriptedBody.End.DISCARDED);
        instanceIsGone();
    }

    @Test
    void aCallThatBreaksOffCostsTheInstanceUnlessTheDriverKnowsBetter() {
        Caller broken = test.call();
        instance().lastCall().fail(new IOException("reset"));
        assertThat(kind(broken.error)).isEqualTo(ErrorKind.FUNCTION_FAILED);
        assertThat(broken.error).hasMessageNotContaining("reset");
        instanceIsGone();

        Caller refused = test.call();
        ScriptedDriver.Running second = test.driver.instances().get(1);
        second.lastCall().fail(InstanceFailure.of(InstanceFailure.Reason.REQUEST_HEAD_TOO_LARGE, "too large", null));
        assertThat(kind(refused.error)).isEqualTo(ErrorKind.TOO_LARGE);
        assertThat(second.stops()).isZero();
    }

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

    @Test
    void noReplyAtAllCostsTheInstance() {
        Caller caller = test.call();
        instance().lastCall().nothing();
        assertThat(kind(caller.error)).isEqualTo(ErrorKind.FUNCTION_FAILED);
        instanceIsGone();
    }

    @Test
    void aHeaderBeyondTheBoundCostsTheInstance() {
        test.agent = test.builder(4)
                .settings(AgentSettings.DEFAULTS.withMaxReplyFieldBytes(10))
                .build();
        Caller caller = test.call();
        instance().lastCall().reply(200, Fields.of("x-long", "12345"));
        assertThat(kind(caller.error)).isEqualTo(ErrorKind.FUNCTION_FAILED);
        instanceIsGone();
    }

    @Test
    void aBodyBeyondTheBoundFailsTheCallAndTheInstanceIsKeptWhenItHasBeenHeardOut() {
        test.agent = test.builder(4)
                .settings(AgentSettings.DEFAULTS.withMaxReplyBytes(4))
                .build();
        Caller caller = test.call();
        ScriptedBody body = instance().lastCall().reply(200, Fields.empty());
        caller.read();
        body.emit(chunk("1234")).emit(chunk("5"));

        assertThat(kind(caller.cut)).isEqualTo(ErrorKind.FUNCTION_FAILED);
        assertThat(test.log.last().outcome()).isEqualTo(Outcome.FAILED);
        body.emit(chunk("6")).complete();
        assertThat(caller.text).hasToString("1234");
        instanceIsKept();
    }

    @Test
    void aReplyThatBreaksOffIsCutAndCostsTheInstance() {
        Caller caller = test.call();
        ScriptedBody body = instance().lastCall().reply(200, Fields.empty());
        caller.read();
        body.emit(chunk("1")).fail(new IOException("reset"));
        assertThat(caller.read).isFalse();
        assertThat(kind(caller.cut)).isEqualTo(ErrorKind.FUNCTION_FAILED);
        instanceIsGone();
    }

    @Test
    void aFunctionWritesAsFastAsItsReaderReads() {
        Caller caller = test.call();
        ScriptedBody body = instance().lastCall().reply(200, Fields.empty());
        body.emit(chunk("1")).emit(chunk("2")).complete();
        BaseSubscriber<ByteBuf> reader = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(1);
            }

            @Override
            protected void hookOnNext(ByteBuf buffer) {
                buffer.release();
            }
        };
        caller.reply.body().subscribe(reader);
        assertThat(body.requested()).isOne();
        assertThat(body.end()).isNull();
        reader.request(1);
        assertThat(body.end()).isEqualTo(ScriptedBody.End.COMPLETED);
        instanceIsKept();
    }

    @Test
    void aReplyIsReadOnce() {
        Caller caller = test.call();
        instance().lastCall().reply(200, Fields.empty()).emit(chunk("1")).complete();
        caller.read();
        caller.read();
        assertThat(caller.cut).isInstanceOf(IllegalStateException.class);
        assertThat(caller.text).hasToString("1");
        caller.reply.body().discard();
        instanceIsKept();
    }

    // ---- instances

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

    // ---- the end

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
