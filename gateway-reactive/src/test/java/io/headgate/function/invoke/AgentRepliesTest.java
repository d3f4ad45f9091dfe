package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.driver.InstanceFailure;
import io.headgate.function.invoke.AgentCase.Caller;
import io.headgate.function.invoke.InvocationEnd.Outcome;
import io.headgate.function.model.ErrorKind;
import io.headgate.http.Fields;
import io.headgate.test.ScriptedBody;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/** What a function answers, and what the answer costs its instance. */
class AgentRepliesTest extends AgentTestBase {

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
}
