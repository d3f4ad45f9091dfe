package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.invoke.AgentCase.Caller;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** A test of an agent with a scripted driver: after it all came back. */
abstract class AgentTestBase {

    final AgentCase test = new AgentCase();

    @AfterEach
    void everythingCameBack() {
        test.verify();
        test.close();
    }

    ScriptedDriver.Running instance() {
        return test.driver.onlyInstance();
    }

    ByteBuf chunk(String text) {
        return test.allocator.utf8(text);
    }

    static @Nullable ErrorKind kind(@Nullable Throwable error) {
        return error instanceof FunctionException known ? known.kind() : null;
    }

    void instanceIsKept() {
        assertThat(instance().stops()).isZero();
        Caller next = test.call();
        assertThat(instance().calls()).hasSize(2);
        instance().lastCall().reply(200, Fields.empty(), null);
        assertThat(next.reply).isNotNull();
    }

    void instanceIsGone() {
        assertThat(instance().stops()).isOne();
        assertThat(instance().calls()).hasSize(1);
    }
}
