package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.local.LocalDriver;
import io.headgate.function.invoke.AgentCase.Caller;
import io.headgate.function.model.Annotations;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.test.ScriptedBody;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** Functions whose instances take several calls at once. */
class SharedInstancesTest extends AgentTestBase {

    private static final Duration LONG = Duration.ofSeconds(30);

    private static Fn shared(String image, int concurrency, int maxInstances) {
        Annotations limits = new Annotations(Map.of(
                "headgate.io/concurrency", Integer.toString(concurrency),
                "headgate.io/max-instances", Integer.toString(maxInstances)));
        return AgentCase.fn("fn-1", image, 10, Map.of(), limits);
    }

    private Caller callShared() {
        return test.call(sharedCall());
    }

    private Invocation sharedCall() {
        test.driver.mostAtOnce(2);
        return test.invocation(CallType.SYNC, shared("scripted:one", 2, 9), Deadline.NONE);
    }

    private ScriptedDriver.Running instance(int number) {
        return test.driver.instances().get(number);
    }

    @Test
    void theSecondCallGoesToTheInstanceThatRunsTheFirstAndTheThirdToAnother() {
        Caller first = callShared();
        Caller second = callShared();
        assertThat(instance().calls()).hasSize(2);
        Caller third = callShared();
        assertThat(test.driver.instances()).hasSize(2);
        assertThat(instance(1).calls()).hasSize(1);

        instance(0).calls().get(1).reply(200, Fields.empty(), null);
        assertThat(second.reply).isNotNull();
        assertThat(first.reply).isNull();
        Caller fourth = callShared();
        instance(0).calls().get(0).reply(200, Fields.empty(), null);
        instance(1).calls().forEach(call -> call.reply(200, Fields.empty(), null));
        instance(0).calls().forEach(call -> call.reply(200, Fields.empty(), null));
        assertThat(List.of(first, third, fourth)).allMatch(caller -> caller.reply != null);
    }

    @Test
    void aCallThatIsLateCostsTheInstanceButNotTheOtherCallsThatItRuns() {
        Caller late = callShared();
        test.clock.advance(AgentCase.seconds(5));
        Caller other = callShared();
        ScriptedBody body = instance().calls().get(1).reply(200, Fields.empty());
        other.read();
        test.clock.advance(AgentCase.seconds(5));

        assertThat(kind(late.error)).isEqualTo(ErrorKind.TIMED_OUT);
        assertThat(instance(0).stops()).as("it has a call still").isZero();
        Caller next = callShared();
        assertThat(instance(0).calls()).as("takes no more").hasSize(2);
        body.emit(chunk("done")).complete();
        assertThat(other.text).hasToString("done");
        assertThat(other.read).isTrue();
        assertThat(instance(0).stops()).isOne();
        instance(1).lastCall().reply(200, Fields.empty(), null);
        assertThat(next.reply).isNotNull();
    }

    @Test
    void aCallerThatLeavesCostsTheInstanceButNotTheOtherCallsThatItRuns() {
        Caller leaves = callShared();
        Caller other = callShared();
        leaves.leave();
        assertThat(instance().stops()).isZero();
        instance().calls().get(1).reply(200, Fields.empty(), null);
        assertThat(other.reply).isNotNull();
        assertThat(instance().stops()).isOne();
    }

    @Test
    void aFunctionThatThrowsKeepsItsInstanceForTheOthers() {
        Caller broken = callShared();
        Caller other = callShared();
        instance().calls().get(0).reply(502, Fields.empty(), null);
        assertThat(kind(broken.error)).isEqualTo(ErrorKind.FUNCTION_FAILED);
        Caller next = callShared();
        assertThat(instance().calls()).hasSize(3);
        instance().calls().forEach(call -> call.reply(200, Fields.empty(), null));
        assertThat(other.reply).isNotNull();
        assertThat(next.reply).isNotNull();
        assertThat(instance().stops()).isZero();
    }

    @Test
    void whatIsPrintedWhileSeveralCallsRunBelongsToNoneOfThem() {
        StringBuilder first = new StringBuilder();
        StringBuilder second = new StringBuilder();
        test.call(sharedCall().withWatch(printsTo(first)));
        print("alone ");
        test.call(sharedCall().withWatch(printsTo(second)));
        print("both ");
        instance().calls().get(0).reply(200, Fields.empty(), null);
        print("left ");
        instance().calls().get(1).reply(200, Fields.empty(), null);
        print("nobody ");
        assertThat(first).hasToString("alone ");
        assertThat(second).hasToString("left ");
    }

    private static InvocationWatch printsTo(StringBuilder text) {
        return new InvocationWatch() {
            @Override
            public void printed(ByteBuf bytes) {
                text.append(bytes.toString(StandardCharsets.UTF_8));
            }
        };
    }

    private void print(String text) {
        ByteBuf bytes = chunk(text);
        instance().spec().output().print(bytes);
        bytes.release();
    }

    /** Each of the first three calls waits for the other two, so that they must run at once; from then on never more than three do. */
    @Test
    void anInstanceOfThisProcessRunsThreeCallsAtOnceAndNotFour() {
        AtomicInteger instances = new AtomicInteger();
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Sinks.Empty<Void> three = Sinks.empty();
        LocalDriver driver = LocalDriver.builder()
                .image("three", spec -> {
                    instances.incrementAndGet();
                    return Mono.just(request -> {
                        if (most.accumulateAndGet(running.incrementAndGet(), Math::max) == 3) {
                            three.tryEmitEmpty();
                        }
                        return request.body()
                                .asString(100)
                                .delayUntil(text -> three.asMono())
                                .publishOn(Schedulers.boundedElastic())
                                .map(text -> {
                                    running.decrementAndGet();
                                    return new InstanceReply(200, Fields.empty(), Body.of(chunk(text)));
                                });
                    });
                })
                .build();
        FunctionAgent agent = FunctionAgent.builder(
                        DispatchSettings.of(MachineBudget.of(512, 8)).withFreezeAfter(null))
                .driver(driver)
                .timers(AgentCase.timers(test.clock))
                .build();
        Fn fn = shared("three", 3, 1);
        Long answered = Flux.range(0, 300)
                .flatMap(i -> agent.invoke(test.invocation(CallType.SYNC, fn, Deadline.NONE)), 30)
                .flatMap(reply -> reply.body().asString(100))
                .filter("payload"::equals)
                .count()
                .block(LONG);
        assertThat(answered).isEqualTo(300);
        assertThat(most).hasValue(3);
        assertThat(instances).hasValue(1);
        assertThat(agent.stats().queues()).allMatch(queue -> queue.busy() + queue.waiting() == 0);
        agent.closeAsync().block(LONG);
        assertThat(agent.stats().memoryBytes()).isZero();
    }
}
