package io.headgate.rpc.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MailboxTest {

    private final DefaultEventLoop loop = new DefaultEventLoop();
    private final List<String> done = new ArrayList<>();
    private final Mailbox mailbox =
            new Mailbox(() -> done.add("before"), () -> done.add("after"), () -> done.add("ended"));

    @AfterEach
    void end() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void whatIsLeftEarlyWaitsForTheEventLoop() {
        mailbox.post(() -> done.add("one"));
        mailbox.post(() -> done.add("two"));
        assertThat(done).isEmpty();
        loop.submit(() -> mailbox.attach(loop)).syncUninterruptibly();
        assertThat(done).containsExactly("before", "one", "two", "after");
    }

    @Test
    void oneThatFailsDoesNotStopTheOthers() {
        mailbox.post(() -> {
            throw new IllegalStateException("on purpose");
        });
        mailbox.post(() -> done.add("two"));
        loop.submit(() -> mailbox.attach(loop)).syncUninterruptibly();
        assertThat(done).containsExactly("before", "two", "after");
    }

    /** Reactor lets it through, so it comes from whatever is called in a task. */
    @Test
    void anErrorOfTheMachineDoesNotStopThoseThatCome() {
        mailbox.post(() -> {
            throw new NoClassDefFoundError("on purpose");
        });
        mailbox.post(() -> done.add("two"));
        loop.submit(() -> mailbox.attach(loop)).awaitUninterruptibly();
        mailbox.post(() -> done.add("three"));
        loop.submit(() -> {}).syncUninterruptibly();
        assertThat(done).containsExactly("before", "two", "after", "before", "three", "after");
    }

    @Test
    void whoLeavesATaskForAnEventLoopThatHasEndedRunsItAndWhatItLeaves() {
        loop.submit(() -> mailbox.attach(loop)).syncUninterruptibly();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        mailbox.post(() -> {
            mailbox.post(() -> done.add("inner"));
            done.add("outer");
        });
        assertThat(done).containsExactly("ended", "before", "outer", "inner", "after");
    }
}
